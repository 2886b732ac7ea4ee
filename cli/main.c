/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "lib/cleanup.h"
#include "lib/quote.h"

static const struct dc_command *const commands[] = {
  &dc_command_analyze, &dc_command_collect, &dc_command_plan,
  &dc_command_image,   &dc_command_run,     &dc_command_stop,
  &dc_command_verify,  &dc_command_doctor,  &dc_command_version,
};

int
dc_usage (enum dc_exit *status, struct dc_error *err, const char *fmt, ...)
{
  char text[sizeof err->text];
  va_list args;

  *status = DC_EXIT_USAGE;
  va_start (args, fmt);
  (void) vsnprintf (text, sizeof text, fmt, args);
  va_end (args);
  return dc_fail (err, DC_ERR_INVALID, "%s", text);
}

int
dc_command_options (const struct dc_command *command, int argc, char **argv,
                    void *target, int *first, enum dc_exit *status,
                    struct dc_error *err)
{
  if (dc_options_parse (command->options, argc, argv, target, first, err) == 0)
    return 0;
  *status = DC_EXIT_USAGE;
  return -1;
}

static int
print_help (void)
{
  int status = printf ("usage: decant COMMAND [OPTION...] [ARGUMENT...]\n\n"
                       "Pour a workload from one vessel into another.\n\n"
                       "commands:\n");
  for (size_t i = 0; i < DC_COUNT (commands); i++)
    status |= printf ("  %-10s %s\n", commands[i]->name, commands[i]->summary);
  status |= printf ("\n'decant COMMAND --help' says more; "
                    "the manual page is decant(1).\n");
  return status < 0 ? -1 : 0;
}

static int
print_command_help (const struct dc_command *command)
{
  int status = printf ("usage: decant %s [OPTION...] %s\n\n%s.\n",
                       command->name, command->operands, command->summary);
  if (command->options[0].name != NULL)
    status |= printf ("\noptions:\n") | dc_options_print (command->options);
  status |= printf ("\nThe manual page is decant-%s(1).\n", command->name);
  return status < 0 ? -1 : 0;
}

static const struct dc_command *
find_command (const char *name)
{
  for (size_t i = 0; i < DC_COUNT (commands); i++)
    if (strcmp (commands[i]->name, name) == 0)
      return commands[i];
  return NULL;
}

static bool
wants_help (int argc, char *const *argv)
{
  for (int i = 1; i < argc && strcmp (argv[i], "--") != 0; i++)
    if (strcmp (argv[i], "--help") == 0 || strcmp (argv[i], "-h") == 0)
      return true;
  return false;
}

/* The command, or NULL after *STATUS and perhaps ERR are set. */
static int
dispatch (int argc, char **argv, struct dc_terminal *terminal,
          enum dc_exit *status, struct dc_error *err)
{
  if (argc < 2)
    return dc_usage (status, err,
                     "no command given; 'decant --help' lists them");
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0 ||
      strcmp (argv[1], "help") == 0)
    return print_help () == 0 ? 0 : dc_fail_errno (err, "cannot write");
  const char *name = strcmp (argv[1], "--version") == 0 ? "version" : argv[1];
  const struct dc_command *command = find_command (name);
  if (command == NULL)
    return dc_usage (status, err,
                     "unknown command '%s'; 'decant --help' lists them",
                     dc_quote (argv[1]).text);
  if (wants_help (argc - 1, argv + 1))
    return print_command_help (command) == 0
               ? 0
               : dc_fail_errno (err, "cannot write");
  return command->run (argc - 1, argv + 1, terminal, status, err);
}

/* Results must have arrived: a full disk is a failure. */
static int
close_results (struct dc_error *err)
{
  const bool has_failed = ferror (stdout) != 0;

  if (fclose (stdout) != 0)
    return dc_fail_errno (err, "cannot write the results");
  return has_failed ? dc_fail (err, DC_ERR_SYSTEM, "cannot write the results")
                    : 0;
}

/* Whoever read our results has seen enough, as in `decant ... | head -1`. */
static bool
has_no_reader (const struct dc_error *err)
{
  struct pollfd results = { .fd = STDOUT_FILENO, .events = POLLOUT };

  return err->sys_errno == EPIPE && poll (&results, 1, 0) == 1 &&
         (results.revents & POLLERR) != 0;
}

int
main (int argc, char **argv)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_terminal terminal;
  enum dc_exit status = DC_EXIT_DONE;

  if (dc_terminal_open (&terminal, &err) < 0) {
    (void) fprintf (stderr, "decant: %s\n", err.text);
    return DC_EXIT_FAILED;
  }
  int result = dispatch (argc, argv, &terminal, &status, &err);
  if (result == 0)
    result = close_results (&err);
  dc_terminal_clear (&terminal);
  if (result == 0)
    return (int) status;
  if (!has_no_reader (&err))
    dc_terminal_error (&terminal, err.text);
  if (err.code == DC_ERR_CANCELLED)
    return DC_EXIT_INTERRUPTED;
  if (err.code == DC_ERR_APPLIANCE)
    return DC_EXIT_APPLIANCE;
  return status == DC_EXIT_DONE ? DC_EXIT_FAILED : (int) status;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/fleetprocess.h"
#include "lib/file.h"
#include "lib/json.h"

/* What our own process needs of the environment, besides what dc_run() gives:
 * where state and scratch lie, and how the appliance is run.
 */
static const char *const pass_env[] = {
  "HOME",
  "TMPDIR",
  "DECANT_STATE_DIR",
  "XDG_STATE_HOME",
  "XDG_RUNTIME_DIR",
  "LIBGUESTFS_BACKEND",
  "LIBGUESTFS_BACKEND_SETTINGS",
  "LIBGUESTFS_MEMSIZE",
  "LIBGUESTFS_PATH",
  NULL,
};

static const char *const backends[] = {
  [DC_BACKEND_AUTO] = "--backend=auto",
  [DC_BACKEND_APPLIANCE] = "--backend=appliance",
  [DC_BACKEND_OWN] = "--backend=own",
};

static int
add_all (struct dc_words *argv, const char *const *words, size_t count,
         struct dc_error *err)
{
  for (size_t i = 0; i < count; i++)
    if (dc_words_add (argv, words[i], err) < 0)
      return -1;
  return 0;
}

static int
make_argv (const struct dc_fleetprocess *process, const struct dc_fleet *fleet,
           const char *program, struct dc_words *argv, struct dc_error *err)
{
  const enum dc_backend backend =
      process->how == DC_FLEET_ASK ? DC_BACKEND_OWN : fleet->backend;
  const char *const first[] = { program, "analyze", "--json", "--quiet",
                                backends[backend] };
  const char *const together[] = { "--together" };

  if (add_all (argv, first, DC_COUNT (first), err) < 0 ||
      add_all (argv, together, process->how == DC_FLEET_TOGETHER ? 1 : 0, err) <
          0 ||
      add_all (argv, (const char *const *) fleet->options->items,
               fleet->options->count, err) < 0 ||
      dc_words_add (argv, "--", err) < 0)
    return -1;
  for (size_t i = 0; i < process->count; i++)
    if (dc_words_add (argv, fleet->sources[process->guests[i]], err) < 0)
      return -1;
  return 0;
}

int
dc_fleetprocess_start (struct dc_fleetprocess *process,
                       const struct dc_fleet *fleet, const char *program,
                       struct dc_error *err)
{
  AUTO_WORDS struct dc_words argv = { NULL, 0 };

  if (make_argv (process, fleet, program, &argv, err) < 0)
    return -1;
  process->output_fd = dc_file_spool (err);
  if (process->output_fd < 0)
    return -1;
  const struct dc_run run = {
    .argv = (const char *const *) argv.items,
    .pass_env = pass_env,
    .stdout_fd = process->output_fd,
    .exit_status = &process->exit_status,
  };
  if (dc_child_start (&run, &process->child, err) < 0)
    return -1;
  process->end_fd =
      (int) syscall (SYS_pidfd_open, dc_child_pid (process->child), 0);
  return process->end_fd >= 0
             ? 0
             : dc_fail_errno (err, "cannot wait for a process");
}

/* "decant: cannot read ..." of a process's stderr is how its error ends. */
static char *
reason_of (const char *text)
{
  static const char prefix[] = "decant: ";
  const char *said = strstr (text, prefix);

  return strdup (said != NULL ? said + sizeof prefix - 1 : text);
}

int
dc_fleetprocess_wait (struct dc_fleetprocess *process,
                      const struct dc_report *report, struct dc_error *err)
{
  struct dc_error how = { .code = DC_OK };

  const int status = dc_child_wait (process->child, report, &how);
  if (status == 0 && process->exit_status == 0)
    return 0;
  if (status < 0 && how.code == DC_ERR_CANCELLED) {
    *err = how;
    return -1;
  }
  if (status == 0)
    (void) dc_child_has_ended (process->child, &how); /* it has */
  process->reason = reason_of (how.text);
  return process->reason != NULL
             ? 0
             : dc_fail_errno (err, "cannot keep why a guest failed");
}

/* Is LINE the profile of a guest?  Then it is at *FD. */
static int
keep_profile (const char *line, size_t size, int *fd, struct dc_error *err)
{
  json_auto_t *json = NULL;
  struct dc_error broken;

  if (dc_json_parse (line, size, "profile", &json, &broken) < 0 ||
      json_object_get (json, "error") != NULL)
    return 0;
  AUTO_CLOSE int spool = dc_file_spool (err);
  if (spool < 0 || dc_file_write (spool, line, size, err) < 0)
    return -1;
  *fd = DC_TAKE_FD (spool);
  return 0;
}

static void
close_file (FILE **file)
{
  if (*file != NULL)
    (void) fclose (*file); /* only read */
}
#define AUTO_FILE __attribute__ ((__cleanup__ (close_file)))

int
dc_fleetprocess_split (struct dc_fleetprocess *process, int *fds,
                       struct dc_error *err)
{
  AUTO_FREE char *line = NULL;
  size_t room = 0;
  int status = 0;

  for (size_t i = 0; i < process->count; i++)
    fds[i] = -1;
  AUTO_FILE FILE *file = fdopen (process->output_fd, "r");
  if (file == NULL)
    return dc_fail_errno (err, "cannot read profiles");
  process->output_fd = -1; /* it is the file's now */
  rewind (file);
  for (size_t i = 0; i < process->count && status == 0; i++) {
    const ssize_t size = getline (&line, &room, file);
    if (size <= 0)
      break;
    status = keep_profile (line, (size_t) size, &fds[i], err);
  }
  for (size_t i = 0; i < process->count && status < 0; i++)
    if (fds[i] >= 0)
      (void) close (DC_TAKE_FD (fds[i]));
  return status;
}

void
dc_fleetprocess_release (struct dc_fleetprocess *process)
{
  dc_child_free (DC_TAKE (process->child));
  if (process->end_fd >= 0)
    (void) close (DC_TAKE_FD (process->end_fd));
  if (process->output_fd >= 0)
    (void) close (DC_TAKE_FD (process->output_fd)); /* read, or not wanted */
  free (DC_TAKE (process->reason));
  process->exit_status = 0;
}

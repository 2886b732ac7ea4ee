/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_CLI_COMMAND_H
#define DC_CLI_COMMAND_H

/* command: what main() and the commands owe each other.
 *
 * A command fills a struct from its options, calls the layers below, prints
 * results to stdout, and returns 0 or -1 with the error that main() prints.
 * It prints no error itself.
 */

#include "cli/option.h"
#include "cli/terminal.h"
#include "lib/error.h"

/* Exit codes of every command. */
enum dc_exit {
  DC_EXIT_DONE = 0,
  DC_EXIT_FAILED = 1,
  DC_EXIT_USAGE = 2,
  DC_EXIT_BELOW = 3,     /* done, but below what was asked */
  DC_EXIT_APPLIANCE = 4, /* failed: only the appliance can read the guest, and
                            the user ruled it out */
  DC_EXIT_INTERRUPTED = 130,
};

struct dc_command {
  const char *name;
  const char *operands; /* "SOURCE..." for the usage line */
  const char *summary;  /* one line, no full stop */
  const struct dc_option *options;
  /* ARGV[0] is the command's name.  *STATUS is DC_EXIT_DONE at the call and
   * becomes another one where success is not plain.  A mistake in the usage
   * is reported by dc_usage().
   */
  int (*run) (int argc, char **argv, struct dc_terminal *terminal,
              enum dc_exit *status, struct dc_error *err);
};

extern const struct dc_command dc_command_analyze;
extern const struct dc_command dc_command_collect;
extern const struct dc_command dc_command_doctor;
extern const struct dc_command dc_command_image;
extern const struct dc_command dc_command_plan;
extern const struct dc_command dc_command_run;
extern const struct dc_command dc_command_stop;
extern const struct dc_command dc_command_verify;
extern const struct dc_command dc_command_version;

/* Like dc_fail(), and *STATUS becomes DC_EXIT_USAGE. */
int dc_usage (enum dc_exit *status, struct dc_error *err, const char *fmt, ...)
    __attribute__ ((__format__ (__printf__, 3, 4)));

/* Parse COMMAND's options; -1 is a mistake in the usage. */
int dc_command_options (const struct dc_command *command, int argc, char **argv,
                        void *target, int *first, enum dc_exit *status,
                        struct dc_error *err);

#endif

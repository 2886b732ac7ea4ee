/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>

#include "cli/command.h"
#include "runtime/runner.h"

static const struct dc_option options[] = {
  DC_OPTION_END,
};

static int
run (int argc, char **argv, struct dc_terminal *terminal, enum dc_exit *status,
     struct dc_error *err)
{
  int first = 0;

  if (dc_command_options (&dc_command_stop, argc, argv, NULL, &first, status,
                          err) < 0)
    return -1;
  if (first == argc)
    return dc_usage (status, err, "stop needs the name of a container");
  for (int i = first; i < argc; i++) {
    if (dc_container_stop (argv[i], &terminal->report, err) < 0)
      return -1;
    if (printf ("%s stopped\n", argv[i]) < 0)
      return dc_fail_errno (err, "cannot write");
  }
  return 0;
}

const struct dc_command dc_command_stop = {
  .name = "stop",
  .operands = "NAME...",
  .summary = "Stop containers that 'run' started, in order, and remove them",
  .options = options,
  .run = run,
};

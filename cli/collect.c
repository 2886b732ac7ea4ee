/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>

#include "cli/command.h"
#include "templates/collect.h"

static const struct dc_option options[] = {
  DC_OPTION_END,
};

static int
run (int argc, char **argv, struct dc_terminal *terminal, enum dc_exit *status,
     struct dc_error *err)
{
  int first = 0;

  (void) terminal; /* nothing to say */
  if (dc_command_options (&dc_command_collect, argc, argv, NULL, &first, status,
                          err) < 0)
    return -1;
  if (first < argc)
    return dc_usage (status, err, "collect takes no argument");
  return fwrite (dc_collect_script, 1, dc_collect_script_size, stdout) ==
                 dc_collect_script_size
             ? 0
             : dc_fail_errno (err, "cannot write");
}

const struct dc_command dc_command_collect = {
  .name = "collect",
  .operands = "",
  .summary = "Print a script that records what a live host does",
  .options = options,
  .run = run,
};

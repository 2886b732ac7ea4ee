/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>

#include "cli/command.h"
#include "runtime/runner.h"

struct stop_options {
  bool removes_volumes;
};

static const struct dc_option options[] = {
  { .name = "volumes",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct stop_options, removes_volumes),
    .help = "remove their volumes too, with all that is in them" },
  DC_OPTION_END,
};

static int
run (int argc, char **argv, struct dc_terminal *terminal, enum dc_exit *status,
     struct dc_error *err)
{
  struct stop_options opts = { .removes_volumes = false };
  int first = 0;

  if (dc_command_options (&dc_command_stop, argc, argv, &opts, &first, status,
                          err) < 0)
    return -1;
  if (first == argc)
    return dc_usage (status, err, "stop needs the name of a container");
  const enum dc_volumes_fate volumes =
      opts.removes_volumes ? DC_VOLUMES_GO : DC_VOLUMES_STAY;
  for (int i = first; i < argc; i++) {
    if (dc_container_stop (argv[i], volumes, &terminal->report, err) < 0)
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/wait.h>

#include "lib/status.h"

int
dc_status_exit (int wait_status)
{
  return WIFEXITED (wait_status) ? WEXITSTATUS (wait_status) : -1;
}

int
dc_status_fail (int wait_status, const char *name, struct dc_error *err)
{
  if (WIFEXITED (wait_status))
    return dc_fail (err, DC_ERR_TOOL, "%s exited with status %d", name,
                    WEXITSTATUS (wait_status));
  const int signal = WTERMSIG (wait_status);
  return dc_fail (err, DC_ERR_TOOL, "%s was killed by signal %d (%s)", name,
                  signal, strsignal (signal));
}

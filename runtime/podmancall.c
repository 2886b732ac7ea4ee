/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <time.h>

#include "lib/run.h"
#include "runtime/podmancall.h"

#define LIST_TRIES 20
#define LIST_PAUSE_NS 250000000 /* five seconds together */

const char *const dc_podman_env[] = {
  "CONTAINERS_CONF",
  "DBUS_SESSION_BUS_ADDRESS",
  "HOME",
  "LOGNAME",
  "TMPDIR",
  "USER",
  "XDG_CONFIG_HOME",
  "XDG_DATA_HOME",
  "XDG_RUNTIME_DIR",
  NULL,
};

int
dc_podman (const char *const *argv, struct dc_buffer *answer,
           const struct dc_report *report, struct dc_error *err)
{
  const struct dc_run run = {
    .argv = argv,
    .pass_env = dc_podman_env,
    .out = answer,
    .timeout_ms = DC_PODMAN_TIMEOUT_MS,
  };

  return dc_run (&run, report, err);
}

int
dc_podman_list (const char *const *argv, struct dc_buffer *answer,
                const struct dc_report *report, struct dc_error *err)
{
  const struct timespec pause = { .tv_nsec = LIST_PAUSE_NS };
  const size_t before = answer->size;

  for (int tries = 1;; tries++) {
    if (dc_podman (argv, answer, report, err) == 0)
      return 0;
    if (err->code != DC_ERR_TOOL || tries == LIST_TRIES)
      return -1;
    answer->size = before; /* what it printed until then is no answer */
    (void) nanosleep (&pause, NULL); /* early is harmless */
  }
}

void
dc_podman_first_line (struct dc_buffer *answer)
{
  if (answer->data == NULL)
    return;
  answer->size = strcspn (answer->data, "\n");
  answer->data[answer->size] = '\0';
}

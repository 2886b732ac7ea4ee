/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_INIT_UPSTARTEVENT_H
#define DC_ANALYZER_INIT_UPSTARTEVENT_H

/* upstartevent: does what a job of upstart waits for happen at boot?
 *
 *   start on (local-filesystems and net-device-up IFACE!=lo) or runlevel [23]
 *
 * Events of jobs (started, starting, stopped, stopping) happen when the job
 * starts; those of the boot happen; all others do not.
 *
 * Source: init(5) of upstart 1.12, "Event definition"; upstart-events(7).
 */

#include <stdbool.h>

#include "lib/words.h"

#define DC_UPSTART_START_MAX ((size_t) 64 * 1024) /* bytes of an expression */
#define DC_UPSTART_DEPTH_MAX 32 /* brackets; what is deeper does not happen */

struct dc_upstart_events {
  const char *runlevel;    /* "2" */
  struct dc_words started; /* jobs */
};

bool dc_upstart_happens (const struct dc_upstart_events *events,
                         const char *expression);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_CLI_FLEETPROCESS_H
#define DC_CLI_FLEETPROCESS_H

/* fleetprocess: one of the processes that a fleet runs (fleet.h). */

#include "cli/fleet.h"
#include "lib/run.h"

enum dc_fleet_how {
  DC_FLEET_ALONE, /* as the user wants it */
  DC_FLEET_ASK,
  DC_FLEET_TOGETHER,
};

/* All zeros, and -1 for the descriptors: it does not run. */
struct dc_fleetprocess {
  enum dc_fleet_how how;
  size_t guests[DC_FLEET_GROUP_MAX]; /* numbers of sources */
  size_t count;
  struct dc_child *child;
  int end_fd;      /* readable when it has ended; -1 */
  int output_fd;   /* what it printed; -1 */
  int exit_status; /* when it has ended by itself, else 0 */
  char *reason;    /* when it has failed */
};

/* Start PROGRAM for the guests that PROCESS is told.  DC_ERR_SYSTEM. */
int dc_fleetprocess_start (struct dc_fleetprocess *process,
                           const struct dc_fleet *fleet, const char *program,
                           struct dc_error *err);
/* It has ended: learn how.  DC_ERR_CANCELLED, DC_ERR_SYSTEM. */
int dc_fleetprocess_wait (struct dc_fleetprocess *process,
                          const struct dc_report *report, struct dc_error *err);
/* Of one that has read its guests together: for each a descriptor of its
 * profile, the caller's, or -1 where there is none.  DC_ERR_SYSTEM.
 */
int dc_fleetprocess_split (struct dc_fleetprocess *process, int *fds,
                           struct dc_error *err);
/* Stop it if it runs. */
void dc_fleetprocess_release (struct dc_fleetprocess *process);

#endif

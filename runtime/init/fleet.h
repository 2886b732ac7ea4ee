/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_FLEET_H
#define DC_INIT_FLEET_H

/* fleet: all services of the plan as PID 1 sees them.
 *
 * Forward: each is started as soon as those before it have.  Then it runs
 * until the end begins: on request, when an essential service failed, or when
 * no service has anything left to do.  Backward: each is told to stop as soon
 * as those after it have.
 */

#include <poll.h>
#include <sys/types.h>

#include "runtime/init/order.h"
#include "runtime/init/plan.h"

struct di_fleet {
  const struct di_plan *plan;
  enum di_standing standings[DI_SERVICE_MAX];
  pid_t keepers[DI_SERVICE_MAX];  /* 0: none */
  int report_fds[DI_SERVICE_MAX]; /* -1: none */
  bool is_told[DI_SERVICE_MAX];   /* to stop */
  bool is_ending;
  int status; /* to exit with */
};

void di_fleet_begin (struct di_fleet *fleet, const struct di_plan *plan);
/* Begin the end; STATUS is the one to exit with. */
void di_fleet_stop (struct di_fleet *fleet, int status);
/* Process PID, a child of ours, has ended. */
void di_fleet_child_ended (struct di_fleet *fleet, pid_t pid, int status);
/* Read what the keepers say. */
void di_fleet_listen (struct di_fleet *fleet);
/* Start and stop whose turn it is. */
void di_fleet_go_on (struct di_fleet *fleet);
/* Is every service over? */
bool di_fleet_is_over (const struct di_fleet *fleet);

#endif

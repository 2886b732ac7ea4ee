/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_ORDER_H
#define DC_INIT_ORDER_H

/* order: which service may start or stop now.  Pure: it looks at the plan and
 * at how the services stand, and does nothing.
 *
 *   DOWN -> WAITING -> STARTING -> UP, IDLE -> ENDED, FAILED
 *                         |  ^        |
 *                         v  |        v
 *                        TRIED     LEAVING -> STOPPING -> STOPPED, FAILED
 *
 * Whatever is down is WAITING again once it is ordered to start.
 *
 * Source: systemd.unit(5), Before=, After=, Requires=.
 */

#include "runtime/init/plan.h"

enum di_standing {
  DI_DOWN,     /* not started so far; an order or a trigger may */
  DI_WAITING,  /* for others to start, or to stop */
  DI_STARTING, /* for the first time */
  DI_TRIED,    /* the first start failed, its keeper tries again */
  DI_UP,
  DI_IDLE,     /* up without a process, and nothing to wait for */
  DI_LEAVING,  /* to be stopped as soon as those after it have */
  DI_STOPPING, /* told to */
  DI_STOPPED,  /* by an order, to be started again by another */
  DI_ENDED,    /* by itself, and well; or a condition was not true */
  DI_FAILED,
};

enum di_turn { DI_TURN_WAIT, DI_TURN_GO, DI_TURN_NEVER };

/* May the waiting service INDEX start?  Standings are by index.  NEVER: one
 * that it needs failed; *NEEDED is that one.
 */
enum di_turn di_order_start (const struct di_plan *plan,
                             const enum di_standing *standings, size_t index,
                             size_t *needed);
/* May the leaving service INDEX stop: is nobody still to stop before it? */
bool di_order_may_stop (const struct di_plan *plan,
                        const enum di_standing *standings, size_t index);
/* Is it down, whatever the reason? */
bool di_order_is_over (enum di_standing standing);
/* Is nothing left to wait for, in all of them? */
bool di_order_is_idle (const struct di_plan *plan,
                       const enum di_standing *standings);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_ORDER_H
#define DC_INIT_ORDER_H

/* order: which service may start or stop now.  Pure: it looks at the plan and
 * at how the services stand, and does nothing.
 *
 * Source: systemd.unit(5), Before=, After=, Requires=.
 */

#include "runtime/init/plan.h"

enum di_standing {
  DI_WAITING,  /* for others to start */
  DI_STARTING, /* for the first time */
  DI_TRIED,    /* the first start failed, its keeper tries again */
  DI_UP,
  DI_IDLE,   /* up without a process, and nothing to wait for */
  DI_ENDED,  /* for good, and well; or never started */
  DI_FAILED, /* for good */
};

enum di_turn { DI_TURN_WAIT, DI_TURN_GO, DI_TURN_NEVER };

/* May the waiting service INDEX start?  Standings are by index.  NEVER: one
 * that it needs failed; *NEEDED is that one.
 */
enum di_turn di_order_start (const struct di_plan *plan,
                             const enum di_standing *standings, size_t index,
                             size_t *needed);
/* May it stop: has all ended that started after it? */
bool di_order_may_stop (const struct di_plan *plan,
                        const enum di_standing *standings, size_t index);
/* Is its life over? */
bool di_order_is_over (enum di_standing standing);
/* Is nothing left to wait for, in all of them? */
bool di_order_is_idle (const struct di_plan *plan,
                       const enum di_standing *standings);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_FLEET_H
#define DC_INIT_FLEET_H

/* fleet: all services of the plan as PID 1 sees them.
 *
 * Forward: each is started as soon as those before it have.  Then it runs
 * until the end begins: on request, when an essential service failed, or when
 * no service has anything left to do and no trigger could start one.
 * Backward: each is told to stop as soon as those after it have.  Meanwhile
 * orders start and stop services, with what is tied to them.
 *
 * Source: systemd.unit(5) and "Mapping of unit properties to their inverses"
 * there; systemctl(1), start, stop, restart, reload.
 */

#include <sys/types.h>

#include "runtime/init/manager.h"
#include "runtime/init/order.h"
#include "runtime/init/plan.h"
#include "runtime/init/record.h"
#include "runtime/init/socket.h"
#include "runtime/init/watch.h"

/* In the words of systemctl(1). */
enum di_order {
  DI_ORDER_START,
  DI_ORDER_STOP,
  DI_ORDER_RESTART,
  DI_ORDER_TRY_RESTART, /* only if it is not down */
  DI_ORDER_RELOAD,
  DI_ORDER_RELOAD_OR_RESTART, /* restart what cannot be reloaded */
  DI_ORDER_TRY_RELOAD_OR_RESTART,
};

/* What comes after a stop. */
enum di_aim {
  DI_AIM_DOWN,
  DI_AIM_HELD, /* down, and expected to be started again by an order */
  DI_AIM_AGAIN,
};

/* What became of the last reload. */
enum di_reload {
  DI_RELOAD_NONE,
  DI_RELOAD_RUNS,
  DI_RELOAD_DONE,
  DI_RELOAD_FAILED
};

#define DI_NO_CAUSE SIZE_MAX

struct di_fleet {
  const struct di_plan *plan;
  enum di_standing standings[DI_SERVICE_MAX];
  struct di_record *records; /* by service */
  struct di_manager *manager;
  pid_t keepers[DI_SERVICE_MAX];   /* 0: none */
  uint64_t begun[DI_SERVICE_MAX];  /* keepers so far */
  int report_fds[DI_SERVICE_MAX];  /* -1: none */
  bool has_spoken[DI_SERVICE_MAX]; /* the keeper's last word */
  enum di_aim aims[DI_SERVICE_MAX];
  enum di_reload reloads[DI_SERVICE_MAX];
  size_t causes[DI_SERVICE_MAX];    /* whose end started it, or DI_NO_CAUSE */
  const struct di_sockets *sockets; /* NULL: none */
  struct di_fire fires[DI_SERVICE_MAX]; /* what is to start it */
  size_t trigger_count; /* sockets, timers, paths: with any, it goes on */
  bool is_ending;
  int status; /* to exit with */
};

/* 0, or -1 with ERR. */
int di_fleet_begin (struct di_fleet *fleet, const struct di_plan *plan,
                    struct di_error *err);
/* Begin the end; STATUS is the one to exit with. */
void di_fleet_stop (struct di_fleet *fleet, int status);
/* Do ORDER with SERVICE and what is tied to it; di_fleet_go_on() starts and
 * stops them.  False, and nothing is done: the end has begun, or what is to be
 * reloaded is not up or cannot be.
 */
bool di_fleet_order (struct di_fleet *fleet, size_t service,
                     enum di_order order);
/* Reload all that are up and can be. */
void di_fleet_reload (struct di_fleet *fleet);
/* Has SERVICE a way to be reloaded? */
bool di_fleet_can_reload (const struct di_fleet *fleet, size_t service);
/* Process PID, a child of ours, has ended. */
void di_fleet_child_ended (struct di_fleet *fleet, pid_t pid, int status);
/* Add what the keepers say it with, then read what they say. */
void di_fleet_watch (const struct di_fleet *fleet, struct di_watch *watch);
void di_fleet_listen (struct di_fleet *fleet);
/* Start and stop whose turn it is. */
void di_fleet_go_on (struct di_fleet *fleet);
/* Is every service down, and its keeper gone? */
bool di_fleet_is_over (const struct di_fleet *fleet);

/* tie.c: what an order or an end means for SERVICE and for the others. */
void di_tie_start (struct di_fleet *fleet, size_t service);
void di_tie_stop (struct di_fleet *fleet, size_t service, enum di_aim aim);
void di_tie_ended (struct di_fleet *fleet, size_t service, bool has_failed);
/* Start what must be up because another is; true: something changed. */
bool di_tie_uphold (struct di_fleet *fleet);

#endif

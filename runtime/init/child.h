/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_CHILD_H
#define DC_INIT_CHILD_H

/* child: what a new process does to itself before it becomes the command.
 *
 * Each step is 0, or -1 with ERR: then the command is not run.  What a
 * container seldom allows and a service can do without (a higher limit, a
 * better priority) is told and done without instead.  The order of the steps
 * is in spawn.c.
 *
 * Source: systemd.exec(5); where that is silent, measured on systemd 252.
 */

#include "runtime/init/spawn.h"

struct di_child {
  const struct di_spawn *spawn;
  int news_fd; /* to the parent, closed by exec */
};

/* A step of a child. */
typedef int di_step (const struct di_child *child, struct di_error *err);

/* Let the parent say what ERR says, which is no failure. */
void di_child_tell (const struct di_child *child, const struct di_error *err);

/* stream.c */
di_step di_take_streams;

/* passing.c: the last, because it may close what others opened. */
di_step di_take_sockets;

/* schedule.c: nice value, processors and what else ranks it. */
di_step di_take_schedule;

/* isolate.c: name spaces and mounts of its own, where we may make them. */
di_step di_isolate;
di_step di_enter_root;

/* privilege.c.  Capabilities are bound before the user is changed, raised
 * after; what is to be inherited must be so before, too, where the user is
 * not changed.
 */
di_step di_bind_capabilities;
di_step di_raise_capabilities;
di_step di_renounce_privileges; /* no_new_privs, also where filters need it */

/* Does this process have CAP_SYS_ADMIN? */
bool di_is_administrator (void);

/* filter.c: the last, because a filter may deny whatever comes behind it. */
di_step di_load_filters;

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_LAUNCH_H
#define DC_LIB_LAUNCH_H

/* launch: what a child does between fork and exec, made ready before.
 *
 *   dc_launch_new()      path, argv, environment, limits, Landlock ruleset
 *   fork
 *     child:  dc_launch_exec()     only async-signal-safe calls
 *     parent: dc_launch_confirm()  returns when exec succeeded or failed
 *
 * For lib/run.c only.  Source: signal-safety(7), execve(2), close_range(2).
 */

#include "lib/cleanup.h"
#include "lib/error.h"
#include "lib/run.h"

/* What the child gets as 0, 1 and 2; borrowed. */
struct dc_launch_stdio {
  int fds[3];
};

struct dc_launch;

/* RUN must outlive it.  DC_ERR_NOTFOUND: no such program, or no such path in
 * the jail.
 */
int dc_launch_new (const struct dc_run *run,
                   const struct dc_launch_stdio *stdio, struct dc_launch **out,
                   struct dc_error *err);
/* In the child, all signals blocked. */
void dc_launch_exec (const struct dc_launch *launch)
    __attribute__ ((__noreturn__));
/* In the parent, once.  0: the program runs.  -1 with ERR: the child could
 * not start it and has ended.
 */
int dc_launch_confirm (struct dc_launch *launch, struct dc_error *err);
void dc_launch_free (struct dc_launch *launch);
DC_DEFINE_AUTO (dc_launch)

#endif

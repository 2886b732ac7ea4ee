/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_PROCS_H
#define DC_INIT_PROCS_H

/* procs: the processes below us, from /proc.
 *
 * The keeper of a service is a child subreaper, so whatever the service
 * starts, daemons that left their parent and session included, stays its
 * descendant until it ends.  No cgroup is needed, and a container has none
 * to write to.
 *
 * Source: proc_pid_stat(5), PR_SET_CHILD_SUBREAPER(2const).
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Have we any child, dead or alive? */
bool di_has_children (void);

/* Our children that are alive: their number, one of them in *CHILD.  -1 when
 * there is no /proc of our own PID namespace.
 */
int di_children (pid_t *child);

/* Is PID alive and below us? */
bool di_is_descendant (pid_t pid);

/* Send SIGNAL to every process below us, again until a
 * pass finds no new one, and wake the stopped ones.  Without a usable /proc
 * nothing is sent: -1.
 */
int di_kill_descendants (int signal);

#endif

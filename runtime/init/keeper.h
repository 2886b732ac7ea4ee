/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_KEEPER_H
#define DC_INIT_KEEPER_H

/* keeper: the process of ours that a service lives below, one each.
 *
 *   PID 1 ----+---- keeper of nginx ----+---- nginx: master ---- nginx: worker
 *             |     (child subreaper)   +---- what daemonized itself
 *             +---- keeper of redis ...
 *
 * Orphans of a service fall to its keeper instead of to PID 1, so it always
 * knows whose they are.  A keeper runs the same program, shares its memory
 * until written, and is stopped with SIGTERM.
 *
 * Source: PR_SET_CHILD_SUBREAPER(2const), PR_SET_PDEATHSIG(2const).
 */

#include <sys/types.h>

#include "runtime/init/plan.h"

/* Fork the keeper of SERVICE, which starts it: its process, or -1 after
 * saying why not.  *REPORT_FD gets its struct di_report's.
 */
pid_t di_keeper_start (const struct di_service *service, int *report_fd);

#endif

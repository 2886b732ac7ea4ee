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
 * until written, and is stopped with SIGTERM; other orders come as a signal
 * with a value, because they queue and need no descriptor.
 *
 * Source: PR_SET_CHILD_SUBREAPER(2const), PR_SET_PDEATHSIG(2const),
 * sigqueue(3), signalfd(2).
 */

#include <sys/types.h>

#include "runtime/init/manager.h"
#include "runtime/init/plan.h"
#include "runtime/init/record.h"
#include "runtime/init/socket.h"

struct di_keeping {
  const struct di_service *service;
  struct di_record *record; /* NULL: nobody wants to know */
  const struct di_manager *manager;
  /* The service whose end started it, and its record; NULL: none. */
  const char *cause;
  const struct di_record *cause_record;
  const struct di_passing *passing; /* what its main command gets */
};

/* Fork a keeper, which starts its service: its process, or -1 after saying
 * why not.  *REPORT_FD gets its struct di_report's.
 */
pid_t di_keeper_start (const struct di_keeping *keeping, int *report_fd);

enum di_keeper_order {
  DI_KEEPER_RELOAD,
  DI_KEEPER_KILL, /* VALUE: enum di_target << 8 | signal */
};
/* Tell KEEPER; false: it cannot be told.  VALUE is up to 65535. */
bool di_keeper_order (pid_t keeper, enum di_keeper_order order, int value);

#endif

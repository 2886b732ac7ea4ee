/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_WORKER_H
#define DC_LIB_WORKER_H

/* worker: the side of a confined worker that lives in the fork.
 *
 * For lib/confine.c only, which is the other side.
 */

#include <sys/types.h>

#include "lib/confine.h"

struct dc_worker_start {
  const struct dc_confine *confine;
  dc_work *work;
  void *arg;
  pid_t parent;  /* who forked */
  int frame_fd;  /* the pipe to the parent, lib/frame.h */
  int stderr_fd; /* what becomes 2 */
};

/* In the fork, all signals blocked. */
void dc_worker_main (const struct dc_worker_start *start)
    __attribute__ ((__noreturn__));

#endif

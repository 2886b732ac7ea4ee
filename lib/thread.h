/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_THREAD_H
#define DC_LIB_THREAD_H

/* thread: a worker inside this process.
 *
 * Signals stay with the thread that waits for them (dc_report's cancel_fd is
 * a signalfd): a worker, and every thread a library starts from it, has all
 * of them blocked.
 *
 * Source: pthread_create(3), pthread_sigmask(3).
 */

#include <pthread.h>

#include "lib/error.h"

/* Start RUN (SELF) in a new thread, which the caller joins.  Return 0 with
 * *THREAD, or -1: DC_ERR_SYSTEM.
 */
int dc_thread_start (pthread_t *thread, void *(*run) (void *self), void *self,
                     struct dc_error *err);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <signal.h>

#include "lib/thread.h"

int
dc_thread_start (pthread_t *thread, void *(*run) (void *self), void *self,
                 struct dc_error *err)
{
  sigset_t all, before;

  /* Neither can fail: the sets and the operation are valid. */
  (void) sigfillset (&all);
  (void) pthread_sigmask (SIG_SETMASK, &all, &before);
  const int status = pthread_create (thread, NULL, run, self);
  (void) pthread_sigmask (SIG_SETMASK, &before, NULL);

  if (status > 0) {
    errno = status;
    return dc_fail_errno (err, "cannot start a thread");
  }
  return 0;
}

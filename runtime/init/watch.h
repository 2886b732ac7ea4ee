/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_WATCH_H
#define DC_INIT_WATCH_H

/* watch: what PID 1 waits for, put together anew for each wait.
 *
 * Each part of PID 1 has two functions: one adds its descriptors and its next
 * time, the other, after the wait, acts upon those that are ready.
 */

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "runtime/init/text.h"

#define DI_WATCH_MAX 1024 /* descriptors */

struct di_watch {
  struct pollfd fds[DI_WATCH_MAX];
  size_t count;
  int64_t deadline_ms; /* of di_now_ms(); DI_NEVER */
};

/* Empty it. */
void di_watch_begin (struct di_watch *watch);
/* Wait for EVENTS of FD too; -1 is none.  What does not fit is not heard. */
void di_watch_add (struct di_watch *watch, int fd, short events);
/* Wait until TIME_MS at most. */
void di_watch_until (struct di_watch *watch, int64_t time_ms);
/* Wait. */
void di_watch_wait (struct di_watch *watch);
/* Did anything happen to FD? */
bool di_watch_is_ready (const struct di_watch *watch, int fd);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "runtime/init/watch.h"

#define WAIT_MAX_MS 60000 /* poll takes an int; early is harmless */

void
di_watch_begin (struct di_watch *watch)
{
  watch->count = 0;
  watch->deadline_ms = DI_NEVER;
}

void
di_watch_add (struct di_watch *watch, int fd, short events)
{
  if (fd >= 0 && watch->count < DI_WATCH_MAX)
    watch->fds[watch->count++] = (struct pollfd){ .fd = fd, .events = events };
}

void
di_watch_until (struct di_watch *watch, int64_t time_ms)
{
  if (time_ms < watch->deadline_ms)
    watch->deadline_ms = time_ms;
}

void
di_watch_wait (struct di_watch *watch)
{
  int timeout_ms = -1;

  if (watch->deadline_ms != DI_NEVER) {
    const int64_t left_ms = watch->deadline_ms - di_now_ms ();
    timeout_ms = left_ms <= 0            ? 0
                 : left_ms > WAIT_MAX_MS ? WAIT_MAX_MS
                                         : (int) left_ms;
  }
  if (poll (watch->fds, watch->count, timeout_ms) < 0) {
    if (errno != EINTR)
      di_say (NULL, "cannot wait: ", strerror (errno), NULL);
    for (size_t i = 0; i < watch->count; i++)
      watch->fds[i].revents = 0;
  }
}

bool
di_watch_is_ready (const struct di_watch *watch, int fd)
{
  for (size_t i = 0; i < watch->count && fd >= 0; i++) {
    if (watch->fds[i].fd == fd)
      return watch->fds[i].revents != 0;
  }
  return false;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "analyzer/appliance/launchwatch.h"
#include "lib/thread.h"

#define TICK_MS 250
#define GRACE_MS 10000 /* for libguestfs to notice and clean up */

struct dc_launchwatch {
  pthread_t thread;
  int out_fd;
  atomic_llong deadline_ms; /* 0: none */
  atomic_bool is_done, has_timed_out, is_reader_gone;
};

static long long
now_ms (void)
{
  struct timespec now;

  (void) clock_gettime (CLOCK_MONOTONIC, &now); /* fails for no clock only */
  return (long long) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Wait a tick.  Has the reader closed its end? */
static bool
tick (int out_fd)
{
  struct pollfd out = { .fd = out_fd, .events = 0 };

  return poll (&out, 1, TICK_MS) > 0 && (out.revents & POLLERR) != 0;
}

static void
wait_a_tick (void)
{
  (void) poll (NULL, 0, TICK_MS); /* cut short by a signal: no harm */
}

/* Is it over, or did what was too late fail by now? */
static bool
is_settled (struct dc_launchwatch *watch, bool is_gone)
{
  return atomic_load (&watch->is_done) ||
         (!is_gone && atomic_load (&watch->deadline_ms) == 0);
}

/* Stop what libguestfs has started.  If it takes that badly, everything. */
static void
stop_all (struct dc_launchwatch *watch, bool is_gone)
{
  const long long start = now_ms ();

  while (!is_settled (watch, is_gone)) {
    (void) kill (0, now_ms () - start < GRACE_MS ? SIGTERM : SIGKILL);
    for (int i = 0; i < 8 && !is_settled (watch, is_gone); i++)
      wait_a_tick ();
  }
}

static void *
run (void *self)
{
  struct dc_launchwatch *watch = self;

  while (!atomic_load (&watch->is_done)) {
    const bool is_gone = tick (watch->out_fd);
    const long long deadline = atomic_load (&watch->deadline_ms);
    const bool is_late = deadline > 0 && now_ms () > deadline;
    if (!is_gone && !is_late)
      continue;
    atomic_store (is_gone ? &watch->is_reader_gone : &watch->has_timed_out,
                  true);
    stop_all (watch, is_gone);
  }
  return NULL;
}

/* For our own SIGTERM to pass by; unlike SIG_IGN programs do not inherit it. */
static void
pass_by (int number)
{
  (void) number;
}

int
dc_launchwatch_start (int out_fd, struct dc_launchwatch **out,
                      struct dc_error *err)
{
  const struct sigaction action = { .sa_handler = pass_by,
                                    .sa_flags = SA_RESTART };

  AUTO_FREE struct dc_launchwatch *watch = calloc (1, sizeof *watch);
  if (watch == NULL)
    return dc_fail_errno (err, "cannot watch the appliance");
  watch->out_fd = out_fd;
  if (sigaction (SIGTERM, &action, NULL) < 0)
    return dc_fail_errno (err, "cannot watch the appliance");
  if (dc_thread_start (&watch->thread, run, watch, err) < 0)
    return -1;
  *out = DC_TAKE (watch);
  return 0;
}

void
dc_launchwatch_allow (struct dc_launchwatch *watch, unsigned timeout_s)
{
  const long long deadline = now_ms () + (long long) timeout_s * 1000;

  atomic_store (&watch->deadline_ms, timeout_s == 0 ? 0 : deadline);
}

int
dc_launchwatch_has_timed_out (struct dc_launchwatch *watch)
{
  return atomic_load (&watch->has_timed_out);
}

/* Asks again: a write may have failed before the thread looked. */
int
dc_launchwatch_is_reader_gone (const struct dc_launchwatch *watch)
{
  struct pollfd out = { .fd = watch->out_fd, .events = 0 };

  return atomic_load (&watch->is_reader_gone) ||
         (poll (&out, 1, 0) > 0 && (out.revents & POLLERR) != 0);
}

void
dc_launchwatch_free (struct dc_launchwatch *watch)
{
  if (watch == NULL)
    return;
  atomic_store (&watch->is_done, true);
  (void) pthread_join (watch->thread, NULL); /* it is there */
  free (watch);
}

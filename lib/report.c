/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "lib/report.h"

#define PROGRESS_EVERY_MS 100

const struct dc_report dc_report_silent = { .cancel_fd = -1 };

static void say (const struct dc_report *report, enum dc_level level,
                 const char *fmt, va_list args)
    __attribute__ ((__format__ (__printf__, 3, 0)));

static void
say (const struct dc_report *report, enum dc_level level, const char *fmt,
     va_list args)
{
  char text[1024];

  if (report->message == NULL)
    return;
  (void) vsnprintf (text, sizeof text, fmt, args); /* cut at the end if long */
  report->message (report->self, level, text);
}

void
dc_warn (const struct dc_report *report, const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  say (report, DC_WARNING, fmt, args);
  va_end (args);
}

void
dc_info (const struct dc_report *report, const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  say (report, DC_INFO, fmt, args);
  va_end (args);
}

void
dc_debug (const struct dc_report *report, const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  say (report, DC_DEBUG, fmt, args);
  va_end (args);
}

int
dc_report_is_cancelled (const struct dc_report *report)
{
  struct pollfd ready = { .fd = report->cancel_fd, .events = POLLIN };

  return report->cancel_fd >= 0 && poll (&ready, 1, 0) == 1;
}

static uint64_t
now_ms (void)
{
  struct timespec now;

  (void) clock_gettime (CLOCK_MONOTONIC, &now); /* cannot fail: a fixed clock */
  return (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
}

static void
tell (struct dc_progress *progress)
{
  const struct dc_report *report = progress->report;

  if (report->progress != NULL)
    report->progress (report->self, progress->what, progress->done,
                      progress->total);
}

void
dc_progress_begin (struct dc_progress *progress, const struct dc_report *report,
                   const char *what, uint64_t total)
{
  *progress = (struct dc_progress){
    .report = report, .what = what, .total = total, .last_ms = now_ms ()
  };
  tell (progress);
}

void
dc_progress_add (struct dc_progress *progress, uint64_t more)
{
  progress->done += more;
  const uint64_t now = now_ms ();
  if (now - progress->last_ms < PROGRESS_EVERY_MS)
    return;
  progress->last_ms = now;
  tell (progress);
}

void
dc_progress_end (struct dc_progress *progress)
{
  tell (progress);
}

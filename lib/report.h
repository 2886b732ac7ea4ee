/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_REPORT_H
#define DC_LIB_REPORT_H

/* report: how the library speaks to its caller, and hears from it.
 *
 * Library code never prints.  It calls a report that the command line (or a
 * confined worker, which forwards to its parent) filled in.
 */

#include <stdint.h>

enum dc_level {
  DC_WARNING, /* ends with what we do about it: "..., skipping" */
  DC_INFO,
  DC_DEBUG,
};

struct dc_report {
  /* TEXT is one line without a newline, free of control characters. */
  void (*message) (void *self, enum dc_level level, const char *text);
  /* DONE of TOTAL bytes (or things, if WHAT says so); TOTAL 0: unknown.
   * Called at most some ten times a second by the sender.
   */
  void (*progress) (void *self, const char *what, uint64_t done,
                    uint64_t total);
  void *self;
  /* Readable once the user wants to stop (a signalfd), -1: never.  Whoever
   * waits, waits on it too, and then fails with DC_ERR_CANCELLED.
   */
  int cancel_fd;
};

/* A report that says nothing; for tests and for helpers without a listener. */
extern const struct dc_report dc_report_silent;

void dc_warn (const struct dc_report *report, const char *fmt, ...)
    __attribute__ ((__format__ (__printf__, 2, 3)));
void dc_info (const struct dc_report *report, const char *fmt, ...)
    __attribute__ ((__format__ (__printf__, 2, 3)));
void dc_debug (const struct dc_report *report, const char *fmt, ...)
    __attribute__ ((__format__ (__printf__, 2, 3)));

/* Has the user asked to stop?  Asks without waiting. */
int dc_report_is_cancelled (const struct dc_report *report);

/* Progress of one activity, thinned to what a reader can see. */
struct dc_progress {
  const struct dc_report *report;
  const char *what; /* borrowed: "reading" */
  uint64_t done, total;
  uint64_t last_ms; /* when the report last heard */
};

void dc_progress_begin (struct dc_progress *progress,
                        const struct dc_report *report, const char *what,
                        uint64_t total);
void dc_progress_add (struct dc_progress *progress, uint64_t more);
void dc_progress_end (struct dc_progress *progress);

#endif

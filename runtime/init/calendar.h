/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_CALENDAR_H
#define DC_INIT_CALENDAR_H

/* calendar: when a calendar event is next.
 *
 * The event is sets of numbers, as transform/init/initcalendar.c made them
 * from systemd.time(7).  Times are those of a clock on the wall in the event's
 * zone, so the hour that is skipped in spring has no event, and the one that
 * comes twice in autumn has its events once.
 *
 * Compared with `systemd-analyze calendar` 252.
 */

#include "runtime/init/plan.h"

#define DI_YEAR_MIN 1970
#define DI_YEAR_MAX 2199

struct di_calendar {
  const char *zone;  /* NULL: the container's */
  const char *years; /* a digit for each four; NULL: all */
  uint64_t weekdays, months, days, hours, minutes, seconds; /* bit N: N */
  bool is_from_end; /* day 1 is the month's last */
};

/* Read the words of a line.  0, or -1. */
int di_calendar_read (const struct di_line *line, struct di_calendar *calendar);
/* The first time after AFTER, both in seconds since 1970; -1: there is none.
 */
int64_t di_calendar_next (const struct di_calendar *calendar, int64_t after);
/* The file of the container's time zone is another now. */
void di_calendar_forget_zone (void);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_UNIT_UNITCALENDAR_H
#define DC_ANALYZER_UNIT_UNITCALENDAR_H

/* unitcalendar: calendar events in one normal form.
 *
 * Source: systemd.time(7), "Calendar Events"; compared with the "Normalized
 * form" of `systemd-analyze calendar` 252.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/buffer.h"
#include "lib/span.h"

#define DC_CALENDAR_YEAR_MIN 1970
#define DC_CALENDAR_YEAR_MAX 2199

/* An event as sets of numbers: bit N is the value N. */
struct dc_calendar {
  uint64_t weekdays; /* 0: Sunday */
  uint64_t months, days, hours, minutes, seconds;
  bool is_any_year;
  bool years[DC_CALENDAR_YEAR_MAX + 1];
  bool is_from_end;    /* day 1 is the month's last */
  struct dc_span zone; /* in the event's text; size 0: the system's own */
};

/* The event TEXT as sets; false for what we do not understand (a time in UNIX
 * seconds, parts of seconds).
 */
bool dc_calendar_read (const char *text, struct dc_calendar *calendar);

/* Append the normal form of the event TEXT: "Mon *-*-* 00:00:00" of "weekly".
 * What we do not understand (a time in UNIX seconds, parts of seconds) is
 * appended as it is written.  0, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_calendar_print (const char *text, struct dc_buffer *b,
                       struct dc_error *err);

#endif

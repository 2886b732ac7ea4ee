/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "analyzer/unit/unitcalendar.h"
#include "transform/init/inittrigger.h"

/* A digit for each four years, the first in its lowest bit, no zeros at the
 * end.
 */
static int
print_years (const struct dc_calendar *calendar, struct dc_buffer *b,
             struct dc_error *err)
{
  static const char digits[] = "0123456789abcdef";
  unsigned end = DC_CALENDAR_YEAR_MAX + 1;

  if (calendar->is_any_year)
    return dc_buffer_print (b, err, " *");
  while (end > DC_CALENDAR_YEAR_MIN + 1 && !calendar->years[end - 1])
    end--;
  if (dc_buffer_print (b, err, " ") < 0)
    return -1;
  for (unsigned year = DC_CALENDAR_YEAR_MIN; year < end; year += 4) {
    unsigned digit = 0;
    for (unsigned i = 0; i < 4 && year + i <= DC_CALENDAR_YEAR_MAX; i++)
      digit |= (unsigned) calendar->years[year + i] << i;
    if (dc_buffer_append (b, &digits[digit], 1, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_init_calendar (const char *event, struct dc_buffer *lines,
                  struct dc_error *err)
{
  struct dc_calendar calendar;

  if (!dc_calendar_read (event, &calendar))
    return 0;
  AUTO_FREE char *zone =
      strndup (calendar.zone.size > 0 ? calendar.zone.text : "-",
               calendar.zone.size > 0 ? calendar.zone.size : 1);
  if (zone == NULL)
    return dc_fail_errno (err, "cannot keep a time zone");
  if (dc_initline_begin (lines, "calendar", err) < 0 ||
      dc_initline_word (lines, zone, err) < 0 ||
      dc_buffer_print (lines, err, " %" PRIx64, calendar.weekdays) < 0 ||
      print_years (&calendar, lines, err) < 0 ||
      dc_buffer_print (
          lines, err,
          " %" PRIx64 " %s%" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64,
          calendar.months, calendar.is_from_end ? "~" : "", calendar.days,
          calendar.hours, calendar.minutes, calendar.seconds) < 0)
    return -1;
  return dc_initline_end (lines, err) < 0 ? -1 : 1;
}

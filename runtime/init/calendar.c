/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/init/calendar.h"

#define DAY_S 86400
#define HOUR_S 3600
#define STEP_MAX 20000 /* of a search; 29 February and a weekday: 28 years */

static int
hex_digit (char c)
{
  static const char digits[] = "0123456789abcdef";
  const char *found = c == '\0' ? NULL : strchr (digits, c);

  return found == NULL ? -1 : (int) (found - digits);
}

static int
read_set (const char *text, uint64_t *set)
{
  size_t size = 0;

  *set = 0;
  for (; text[size] != '\0'; size++) {
    const int digit = hex_digit (text[size]);
    if (digit < 0 || size == 16)
      return -1;
    *set = *set << 4 | (uint64_t) digit;
  }
  return size == 0 ? -1 : 0;
}

static int
read_years (const char *text, const char **years)
{
  const size_t size = strlen (text);

  *years = strcmp (text, "*") == 0 ? NULL : text;
  for (size_t i = 0; *years != NULL && i < size; i++) {
    if (hex_digit (text[i]) < 0)
      return -1;
  }
  return size == 0 ? -1 : 0;
}

int
di_calendar_read (const struct di_line *line, struct di_calendar *calendar)
{
  char *const *words = line->words;
  uint64_t *const sets[] = { &calendar->months, &calendar->days,
                             &calendar->hours, &calendar->minutes,
                             &calendar->seconds };

  calendar->zone = strcmp (words[0], "-") == 0 ? NULL : words[0];
  calendar->is_from_end = words[4][0] == '~';
  if (read_set (words[1], &calendar->weekdays) < 0 ||
      read_years (words[2], &calendar->years) < 0)
    return -1;
  for (size_t i = 0; i < DI_COUNT (sets); i++) {
    if (read_set (words[3 + i] + (i == 1 && calendar->is_from_end), sets[i]) <
        0)
      return -1;
  }
  return 0;
}

/* A time of the wall's clock; libc's struct, for its functions. */
static struct tm
civil (int64_t wall)
{
  const time_t time = (time_t) wall;
  struct tm tm = { 0 };

  (void) gmtime_r (&time, &tm);
  return tm;
}

/* The wall's time at TIME, in the zone that libc is set to. */
static int64_t
to_wall (int64_t time)
{
  const time_t seconds = (time_t) time;
  struct tm tm = { 0 };

  (void) localtime_r (&seconds, &tm);
  return time + tm.tm_gmtoff;
}

/* The first time after AFTER that the wall's clock shows WALL; -1 when it
 * skips it, then *WALL is where it goes on.
 */
static int64_t
from_wall (int64_t *wall, int64_t after)
{
  /* The offsets from before and after any change nearby. */
  const int64_t early = to_wall (*wall - DAY_S) - (*wall - DAY_S);
  const int64_t late = to_wall (*wall + DAY_S) - (*wall + DAY_S);
  const int64_t first = *wall - early, second = *wall - late;

  if (to_wall (first) == *wall && first > after)
    return first;
  if (to_wall (second) == *wall && second > after)
    return second;
  if (to_wall (first) == *wall || to_wall (second) == *wall) {
    *wall += 1;
    return -1;
  }
  *wall = to_wall (first);
  return -1;
}

static bool
has (uint64_t set, int value)
{
  return (set >> value & 1) != 0;
}

static bool
has_year (const struct di_calendar *calendar, int year)
{
  const size_t digit = (size_t) (year - DI_YEAR_MIN) / 4;

  if (calendar->years == NULL)
    return true;
  return digit < strlen (calendar->years) &&
         has ((uint64_t) hex_digit (calendar->years[digit]),
              (year - DI_YEAR_MIN) % 4);
}

static int
month_size (const struct tm *tm)
{
  static const int sizes[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  const int year = tm->tm_year + 1900;
  const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

  return sizes[tm->tm_mon] + (tm->tm_mon == 1 && is_leap);
}

static bool
has_day (const struct di_calendar *calendar, const struct tm *tm)
{
  const int day =
      calendar->is_from_end ? month_size (tm) + 1 - tm->tm_mday : tm->tm_mday;

  return has (calendar->days, day) && has (calendar->weekdays, tm->tm_wday);
}

/* If the time WALL does not fit, the beginning of the next unit that may. */
static int64_t
go_on (const struct di_calendar *calendar, int64_t wall)
{
  const struct tm tm = civil (wall);
  const int64_t day = wall - (wall % DAY_S + DAY_S) % DAY_S;
  const int64_t left = month_size (&tm) - tm.tm_mday + 1; /* days */

  if (!has_year (calendar, tm.tm_year + 1900) ||
      !has (calendar->months, tm.tm_mon + 1))
    return day + left * DAY_S;
  if (!has_day (calendar, &tm))
    return day + DAY_S;
  if (!has (calendar->hours, tm.tm_hour))
    return wall - wall % HOUR_S + HOUR_S;
  if (!has (calendar->minutes, tm.tm_min))
    return wall - wall % 60 + 60;
  return has (calendar->seconds, tm.tm_sec) ? wall : wall + 1;
}

static int64_t
search (const struct di_calendar *calendar, int64_t after)
{
  int64_t wall = to_wall (after + 1);

  for (int i = 0; i < STEP_MAX && civil (wall).tm_year + 1900 <= DI_YEAR_MAX;
       i++) {
    const int64_t next = go_on (calendar, wall);
    if (next == wall || next % HOUR_S == 0) {
      /* An hour that the clock skips is left even if it would not fit. */
      int64_t here = next;
      const int64_t time = from_wall (&here, after);
      if (next == wall && time >= 0)
        return time;
      wall = time >= 0 ? next : here;
      continue;
    }
    wall = next;
  }
  return -1;
}

/* libc reads the file again when the variable has changed. */
void
di_calendar_forget_zone (void)
{
  if (getenv ("TZ") != NULL)
    return;
  (void) setenv ("TZ", "UTC0", 1);
  tzset ();
  (void) unsetenv ("TZ");
}

int64_t
di_calendar_next (const struct di_calendar *calendar, int64_t after)
{
  const char *zone = getenv ("TZ");
  char *own = zone == NULL ? NULL : strdup (zone);

  if (calendar->zone != NULL)
    (void) setenv ("TZ", calendar->zone, 1);
  tzset ();
  const int64_t next = search (calendar, after);
  if (calendar->zone != NULL) {
    if (own != NULL)
      (void) setenv ("TZ", own, 1);
    else
      (void) unsetenv ("TZ");
    tzset ();
  }
  free (own);
  return next;
}

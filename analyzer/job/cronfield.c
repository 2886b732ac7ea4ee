/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "analyzer/job/cronfield.h"
#include "lib/cleanup.h"

#define VALUE_MAX 100 /* larger numbers are none; a step may be large */

static const char *const months[] = { "jan", "feb", "mar", "apr", "may",
                                      "jun", "jul", "aug", "sep", "oct",
                                      "nov", "dec", NULL };
static const char *const weekdays[] = { "sun", "mon", "tue", "wed",
                                        "thu", "fri", "sat", NULL };

static const struct unit {
  const char *name;
  unsigned low, high;
  const char *const *names; /* of LOW and so on; NULL: none */
} units[] = {
  [DC_CRON_MINUTE] = { "minute", 0, 59, NULL },
  [DC_CRON_HOUR] = { "hour", 0, 23, NULL },
  [DC_CRON_DAY] = { "day of the month", 1, 31, NULL },
  [DC_CRON_MONTH] = { "month", 1, 12, months },
  [DC_CRON_WEEKDAY] = { "day of the week", 0, 7, weekdays },
};

const char *
dc_cron_unit_name (enum dc_cron_unit unit)
{
  return units[unit].name;
}

/* Digits at the start of *TEXT. */
static bool
read_number (struct dc_span *text, unsigned *value)
{
  size_t size = 0;
  unsigned number = 0;

  while (size < text->size && isdigit ((unsigned char) text->text[size])) {
    number = number * 10 + (unsigned) (text->text[size++] - '0');
    if (number > VALUE_MAX)
      return false;
  }
  *text = dc_span_skip (*text, size);
  *value = number;
  return size > 0;
}

/* A number or a name of UNIT at the start of *TEXT. */
static bool
read_value (const struct unit *unit, struct dc_span *text, unsigned *value)
{
  size_t size = 0;

  while (size < text->size && isalnum ((unsigned char) text->text[size]))
    size++;
  for (unsigned i = 0; unit->names != NULL && unit->names[i] != NULL; i++)
    if (size == strlen (unit->names[i]) &&
        strncasecmp (text->text, unit->names[i], size) == 0) {
      *text = dc_span_skip (*text, size);
      *value = unit->low + i;
      return true;
    }
  return read_number (text, value) && *value >= unit->low &&
         *value <= unit->high;
}

/* One range of a list: *, V, V-V, and /STEP behind all but V. */
static bool
read_range (const struct unit *unit, struct dc_span *text, uint64_t *set)
{
  unsigned first = unit->low, last = unit->high, step = 1;

  if (dc_span_starts (*text, "*")) {
    *text = dc_span_skip (*text, 1);
  } else {
    if (!read_value (unit, text, &first))
      return false;
    last = first;
    if (dc_span_starts (*text, "/"))
      return false;
    if (dc_span_starts (*text, "-")) {
      *text = dc_span_skip (*text, 1);
      if (!read_value (unit, text, &last))
        return false;
    }
  }
  if (dc_span_starts (*text, "/")) {
    *text = dc_span_skip (*text, 1);
    if (!read_number (text, &step) || step == 0)
      return false;
  }
  for (unsigned value = first; value <= last; value += step)
    *set |= UINT64_C (1) << value;
  return true;
}

bool
dc_cron_field (struct dc_cron_time *time, enum dc_cron_unit unit,
               struct dc_span text)
{
  const bool is_any = dc_span_starts (text, "*");
  uint64_t set = 0;

  for (;;) {
    if (!read_range (&units[unit], &text, &set))
      return false;
    if (!dc_span_starts (text, ","))
      break;
    text = dc_span_skip (text, 1);
  }
  if (unit == DC_CRON_WEEKDAY && (set & 1U << 7) != 0)
    set = (set | 1) & 0x7f;
  time->sets[unit] = set;
  if (unit == DC_CRON_DAY)
    time->is_any_day = is_any;
  if (unit == DC_CRON_WEEKDAY)
    time->is_any_weekday = is_any;
  return true;
}

static bool
has (uint64_t set, unsigned value)
{
  return (set & UINT64_C (1) << value) != 0;
}

static bool
is_full (const struct dc_cron_time *time, enum dc_cron_unit unit)
{
  const unsigned high = unit == DC_CRON_WEEKDAY ? 6 : units[unit].high;

  for (unsigned value = units[unit].low; value <= high; value++)
    if (!has (time->sets[unit], value))
      return false;
  return true;
}

/* The step of a set that goes on to the end from FIRST; 0: it has none. */
static unsigned
find_step (uint64_t set, unsigned first, unsigned high)
{
  unsigned second = first + 1;

  while (second <= high && !has (set, second))
    second++;
  const unsigned step = second - first;
  if (second + step > high || step == 1)
    return 0; /* three values at least */
  for (unsigned value = first; value <= high; value++)
    if (has (set, value) != ((value - first) % step == 0))
      return 0;
  return step;
}

/* "*", "00/5", or "01,02,08..17". */
static int
print_set (const struct dc_cron_time *time, enum dc_cron_unit unit,
           struct dc_buffer *b, struct dc_error *err)
{
  const uint64_t set = time->sets[unit];
  const unsigned high = units[unit].high;
  unsigned first = units[unit].low;
  const char *comma = "";

  if (is_full (time, unit))
    return dc_buffer_print (b, err, "*");
  while (!has (set, first))
    first++;
  const unsigned step = find_step (set, first, high);
  if (step > 0)
    return dc_buffer_print (b, err, "%02u/%u", first, step);
  for (unsigned value = first; value <= high; value++) {
    unsigned last = value;
    if (!has (set, value))
      continue;
    while (last < high && has (set, last + 1))
      last++;
    if (last < value + 2)
      last = value; /* two neighbours are not worth a range */
    const int status =
        last > value
            ? dc_buffer_print (b, err, "%s%02u..%02u", comma, value, last)
            : dc_buffer_print (b, err, "%s%02u", comma, value);
    if (status < 0)
      return -1;
    comma = ",";
    value = last;
  }
  return 0;
}

/* "Mon..Fri,Sun " from Monday on. */
static int
print_weekdays (const struct dc_cron_time *time, struct dc_buffer *b,
                struct dc_error *err)
{
  static const char *const names[] = { "Mon", "Tue", "Wed", "Thu",
                                       "Fri", "Sat", "Sun" };
  const uint64_t sundays = time->sets[DC_CRON_WEEKDAY];
  const uint64_t set = (sundays >> 1 | sundays << 6) & 0x7f;
  const char *comma = "";

  for (unsigned value = 0; value < 7; value++) {
    unsigned last = value;
    if (!has (set, value))
      continue;
    while (last < 6 && has (set, last + 1))
      last++;
    if (last < value + 2)
      last = value;
    if (dc_buffer_print (b, err, "%s%s%s%s", comma, names[value],
                         last > value ? ".." : "",
                         last > value ? names[last] : "") < 0)
      return -1;
    comma = ",";
    value = last;
  }
  return dc_buffer_print (b, err, " ");
}

/* TIME, of whose two fields for days those count that are asked for. */
static int
print_event (const struct dc_cron_time *time, bool with_weekday, bool with_day,
             struct dc_buffer *b, struct dc_error *err)
{
  if (with_weekday && !is_full (time, DC_CRON_WEEKDAY) &&
      print_weekdays (time, b, err) < 0)
    return -1;
  if (dc_buffer_print (b, err, "*-") < 0 ||
      print_set (time, DC_CRON_MONTH, b, err) < 0 ||
      dc_buffer_print (b, err, "-") < 0 ||
      (with_day ? print_set (time, DC_CRON_DAY, b, err)
                : dc_buffer_print (b, err, "*")) < 0 ||
      dc_buffer_print (b, err, " ") < 0 ||
      print_set (time, DC_CRON_HOUR, b, err) < 0 ||
      dc_buffer_print (b, err, ":") < 0 ||
      print_set (time, DC_CRON_MINUTE, b, err) < 0)
    return -1;
  return dc_buffer_print (b, err, ":00");
}

int
dc_cron_time_print (const struct dc_cron_time *time, struct dc_buffer *b,
                    struct dc_error *err)
{
  const bool is_both = time->is_any_day || time->is_any_weekday;
  const bool has_day = time->sets[DC_CRON_DAY] != 0;
  const bool has_weekday = time->sets[DC_CRON_WEEKDAY] != 0;

  if (time->sets[DC_CRON_MINUTE] == 0 || time->sets[DC_CRON_HOUR] == 0 ||
      time->sets[DC_CRON_MONTH] == 0 ||
      (is_both ? !has_day || !has_weekday : !has_day && !has_weekday))
    return dc_buffer_print (b, err, "never");
  if (is_both)
    return print_event (time, true, true, b, err);
  if (has_day && print_event (time, false, true, b, err) < 0)
    return -1;
  if (has_day && has_weekday && dc_buffer_print (b, err, " or ") < 0)
    return -1;
  return has_weekday ? print_event (time, true, false, b, err) : 0;
}

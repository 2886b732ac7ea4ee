/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analyzer/unit/unitcalendar.h"
#include "lib/cleanup.h"
#include "lib/number.h"
#include "lib/span.h"

#define ITEM_MAX 64  /* of one list; more are not understood */
#define TEXT_MAX 512 /* bytes of an event that is understood */

/* One of a list: FIRST, FIRST..LAST, either with a step. */
struct item {
  unsigned first, last; /* LAST 0: no range; values begin with 0 or 1 */
  unsigned step;        /* 0: none */
  bool is_range;
};

/* A part of an event. */
struct part {
  unsigned low, high; /* of its values */
  bool is_any;
  struct item items[ITEM_MAX];
  size_t count;
};

enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, PART_COUNT };

struct event {
  struct part parts[PART_COUNT];
  unsigned weekdays; /* bit 0: Monday; 0: any */
  bool is_from_end;  /* days are counted from the month's end */
  struct dc_span zone;
};

static bool
read_number (struct dc_span *text, unsigned max, unsigned *value)
{
  struct dc_error ignored;
  size_t size = 0;
  uint64_t number = 0;

  while (size < text->size && isdigit ((unsigned char) text->text[size]))
    size++;
  if (dc_number_parse_bytes (text->text, size, 0, max, &number, &ignored) < 0)
    return false;
  *text = dc_span_skip (*text, size);
  *value = (unsigned) number;
  return true;
}

/* A year of two digits is one near 2000. */
static unsigned
whole_year (const struct part *part, unsigned value)
{
  if (part->high < 2000 || value >= 100)
    return value;
  return value < 70 ? 2000 + value : 1900 + value;
}

static bool
read_item (struct part *part, struct dc_span text)
{
  struct item item = { .step = 0 };

  if (part->count >= ITEM_MAX)
    return false;
  if (dc_span_starts (text, "*")) {
    text = dc_span_skip (text, 1);
    part->is_any = part->is_any || text.size == 0;
    item.first = part->low;
  } else {
    if (!read_number (&text, part->high, &item.first))
      return false;
    item.first = whole_year (part, item.first);
    if (dc_span_starts (text, "..")) {
      text = dc_span_skip (text, 2);
      item.is_range = true;
      if (!read_number (&text, part->high, &item.last))
        return false;
      item.last = whole_year (part, item.last);
    }
  }
  if (dc_span_starts (text, "/")) {
    text = dc_span_skip (text, 1);
    if (!read_number (&text, part->high, &item.step) || item.step == 0)
      return false;
  }
  if (item.is_range && item.last < item.first)
    return false;
  if (item.is_range && item.step > 0) /* the last that it reaches */
    item.last -= (item.last - item.first) % item.step;
  part->items[part->count++] = item;
  return text.size == 0 && item.first >= part->low;
}

static int
compare (const void *a, const void *b)
{
  const struct item *left = a, *right = b;
  if (left->first != right->first)
    return left->first < right->first ? -1 : 1;
  return (int) left->last - (int) right->last;
}

static bool
read_part (struct part *part, struct dc_span text)
{
  struct dc_span item;

  part->count = 0;
  part->is_any = false;
  while (dc_span_field (&text, ',', &item))
    if (!read_item (part, item))
      return false;
  if (part->count > 1)
    qsort (part->items, part->count, sizeof *part->items, compare);
  return true;
}

/* The weekday that NAME is, in three letters or all: 0 is Monday, -1. */
static int
weekday (struct dc_span name)
{
  static const char *const names[] = { "monday",   "tuesday", "wednesday",
                                       "thursday", "friday",  "saturday",
                                       "sunday" };

  for (int i = 0; i < (int) DC_COUNT (names); i++)
    if ((name.size == 3 || name.size == strlen (names[i])) &&
        strncasecmp (name.text, names[i], name.size) == 0)
      return i;
  return -1;
}

static bool
read_weekdays (struct event *event, struct dc_span text)
{
  struct dc_span item;

  while (dc_span_field (&text, ',', &item)) {
    size_t size = 0;
    while (size < item.size && isalpha ((unsigned char) item.text[size]))
      size++;
    const int first = weekday ((struct dc_span){ item.text, size });
    int last = first;
    item = dc_span_skip (item, size);
    if (dc_span_starts (item, ".."))
      last = weekday (dc_span_skip (item, 2));
    else if (dc_span_starts (item, "-")) /* an old form */
      last = weekday (dc_span_skip (item, 1));
    else if (item.size > 0)
      return false;
    if (first < 0 || last < first)
      return false;
    for (int day = first; day <= last; day++)
      event->weekdays |= 1U << day;
  }
  if (event->weekdays == 0x7f)
    event->weekdays = 0;
  return true;
}

/* [[YEAR-]MONTH-]DAY, or ~DAY. */
static bool
read_date (struct event *event, struct dc_span text)
{
  struct dc_span fields[3];
  size_t count = 0;
  const char *tilde = memchr (text.text, '~', text.size);
  struct dc_span day = { NULL, 0 };

  if (tilde != NULL) {
    const size_t size = (size_t) (tilde - text.text);
    day = dc_span_skip (text, size + 1);
    text.size = size;
    event->is_from_end = true;
  }
  while (count < 3 && dc_span_field (&text, '-', &fields[count]))
    count++;
  if (day.text != NULL && count < 3)
    fields[count++] = day;
  if (text.text != NULL || count < 2)
    return false;
  for (size_t i = 0; i < count; i++)
    if (!read_part (&event->parts[DAY - (count - 1 - i)], fields[i]))
      return false;
  return true;
}

/* HOUR:MINUTE[:SECOND]. */
static bool
read_time (struct event *event, struct dc_span text)
{
  struct dc_span field;
  size_t part = HOUR;

  while (part < PART_COUNT && dc_span_field (&text, ':', &field))
    if (!read_part (&event->parts[part++], field))
      return false;
  return text.text == NULL && part > MINUTE;
}

static struct event
any_day_at_midnight (void)
{
  struct event event = {
    .parts = { [YEAR] = { .low = 0, .high = 2199 },
               [MONTH] = { .low = 1, .high = 12 },
               [DAY] = { .low = 1, .high = 31 },
               [HOUR] = { .low = 0, .high = 23 },
               [MINUTE] = { .low = 0, .high = 59 },
               [SECOND] = { .low = 0, .high = 60 } },
  };

  for (size_t i = 0; i < PART_COUNT; i++) {
    event.parts[i].count = 1;
    event.parts[i].is_any = i <= DAY;
  }
  return event;
}

static bool
read_event (struct event *event, struct dc_span rest)
{
  bool has_date = false, has_time = false;
  struct dc_span word;

  while (dc_span_word (&rest, &word)) {
    const bool is_first = !has_date && !has_time && event->weekdays == 0;
    if (event->zone.size > 0)
      return false;
    if (is_first && isalpha ((unsigned char) *word.text) &&
        read_weekdays (event, word))
      continue;
    if (dc_span_has (word, ':')) {
      has_time = !has_time && read_time (event, word);
      if (!has_time)
        return false;
    } else if (isalpha ((unsigned char) *word.text)) {
      event->zone = word;
    } else {
      has_date = !has_date && !has_time && read_date (event, word);
      if (!has_date)
        return false;
    }
  }
  return has_date || has_time || event->weekdays != 0;
}

static int
print_part (const struct part *part, struct dc_buffer *b, struct dc_error *err)
{
  if (part->is_any)
    return dc_buffer_print (b, err, "*");
  for (size_t i = 0; i < part->count; i++) {
    const struct item *item = &part->items[i];
    if (i > 0 && memcmp (item, item - 1, sizeof *item) == 0)
      continue;
    if (dc_buffer_print (b, err, "%s%02u", i > 0 ? "," : "", item->first) < 0)
      return -1;
    if (item->is_range && item->last > item->first &&
        dc_buffer_print (b, err, "..%02u", item->last) < 0)
      return -1;
    if (item->step > 0 && (!item->is_range || item->last > item->first) &&
        !(item->is_range && item->step == 1) &&
        dc_buffer_print (b, err, "/%u", item->step) < 0)
      return -1;
  }
  return 0;
}

static int
print_weekdays (unsigned set, struct dc_buffer *b, struct dc_error *err)
{
  static const char *const names[] = { "Mon", "Tue", "Wed", "Thu",
                                       "Fri", "Sat", "Sun" };
  const char *comma = "";

  for (unsigned day = 0; day < 7; day++) {
    unsigned last = day;
    if ((set & 1U << day) == 0)
      continue;
    while (last < 6 && (set & 1U << (last + 1)) != 0)
      last++;
    if (last < day + 2)
      last = day;
    if (dc_buffer_print (b, err, "%s%s%s%s", comma, names[day],
                         last > day ? ".." : "",
                         last > day ? names[last] : "") < 0)
      return -1;
    comma = ",";
    day = last;
  }
  return set != 0 ? dc_buffer_print (b, err, " ") : 0;
}

static int
print_event (const struct event *event, struct dc_buffer *b,
             struct dc_error *err)
{
  static const char *const between[] = { "-", "-", " ", ":", ":", "" };

  if (print_weekdays (event->weekdays, b, err) < 0)
    return -1;
  for (size_t i = 0; i < PART_COUNT; i++) {
    const bool is_tilde = i == MONTH && event->is_from_end;
    if (print_part (&event->parts[i], b, err) < 0 ||
        dc_buffer_print (b, err, "%s", is_tilde ? "~" : between[i]) < 0)
      return -1;
  }
  return event->zone.size > 0
             ? dc_buffer_print (b, err, " %.*s", (int) event->zone.size,
                                event->zone.text)
             : 0;
}

/* The form that a name stands for, if REST begins with one. */
static const char *
find_name (struct dc_span *rest)
{
  static const struct {
    const char *name, *form;
  } names[] = {
    { "minutely", "*-*-* *:*:00" },
    { "hourly", "*-*-* *:00:00" },
    { "daily", "*-*-* 00:00:00" },
    { "monthly", "*-*-01 00:00:00" },
    { "weekly", "Mon *-*-* 00:00:00" },
    { "yearly", "*-01-01 00:00:00" },
    { "annually", "*-01-01 00:00:00" },
    { "anually", "*-01-01 00:00:00" }, /* systemd takes the slip too */
    { "quarterly", "*-01,04,07,10-01 00:00:00" },
    { "semiannually", "*-01,07-01 00:00:00" },
    { "semi-annually", "*-01,07-01 00:00:00" },
    { "biannually", "*-01,07-01 00:00:00" },
    { "bi-annually", "*-01,07-01 00:00:00" },
  };
  struct dc_span after = *rest, word;

  if (!dc_span_word (&after, &word))
    return NULL;
  for (size_t i = 0; i < DC_COUNT (names); i++)
    if (word.size == strlen (names[i].name) &&
        strncasecmp (word.text, names[i].name, word.size) == 0) {
      *rest = dc_span_trim (after);
      return names[i].form;
    }
  return NULL;
}

int
dc_calendar_print (const char *text, struct dc_buffer *b, struct dc_error *err)
{
  struct dc_span rest = dc_span_trim (dc_span_of (text));
  struct event event = any_day_at_midnight ();
  const char *form = find_name (&rest);

  if (form != NULL)
    return dc_buffer_print (b, err, "%s%s%.*s", form, rest.size > 0 ? " " : "",
                            (int) rest.size, rest.text);
  if (rest.size > TEXT_MAX || !read_event (&event, rest))
    return dc_buffer_print (b, err, "%s", text);
  return print_event (&event, b, err);
}

/* Does the item hold VALUE?  Without a last one it goes on to the end. */
static bool
item_has (const struct item *item, unsigned value)
{
  if (value < item->first || (item->is_range && value > item->last))
    return false;
  if (item->step > 0)
    return (value - item->first) % item->step == 0;
  return item->is_range || value == item->first;
}

/* Days from the end count down: the step begins at the earliest day. */
static bool
item_has_from_end (const struct item *item, unsigned value)
{
  const unsigned earliest = item->is_range ? item->last : item->first;
  const unsigned latest = item->is_range ? item->first : 1;

  if (item->step == 0 && !item->is_range)
    return value == item->first;
  return value <= earliest && value >= latest &&
         (item->step == 0 || (earliest - value) % item->step == 0);
}

static bool
part_has (const struct part *part, unsigned value, bool is_from_end)
{
  bool has = part->is_any;

  for (size_t i = 0; i < part->count && !has; i++)
    has = is_from_end ? item_has_from_end (&part->items[i], value)
                      : item_has (&part->items[i], value);
  return has;
}

static uint64_t
part_set (const struct part *part, bool is_from_end)
{
  uint64_t set = 0;

  for (unsigned value = part->low; value <= part->high; value++)
    if (part_has (part, value, is_from_end))
      set |= UINT64_C (1) << value;
  return set;
}

/* Of bits from Monday on. */
static uint64_t
weekday_set (unsigned weekdays)
{
  if (weekdays == 0)
    return 0x7f;
  return (weekdays << 1 & 0x7f) | (weekdays >> 6 & 1);
}

bool
dc_calendar_read (const char *text, struct dc_calendar *calendar)
{
  struct dc_span rest = dc_span_trim (dc_span_of (text));
  struct event event = any_day_at_midnight ();
  const char *form = find_name (&rest);
  const struct part *parts = event.parts;

  if (rest.size > TEXT_MAX ||
      !read_event (&event, form != NULL ? dc_span_of (form) : rest))
    return false;
  if (form != NULL && !dc_span_word (&rest, &event.zone))
    event.zone.size = 0;
  *calendar = (struct dc_calendar){
    .weekdays = weekday_set (event.weekdays),
    .months = part_set (&parts[MONTH], false),
    .days = part_set (&parts[DAY], event.is_from_end),
    .hours = part_set (&parts[HOUR], false),
    .minutes = part_set (&parts[MINUTE], false),
    .seconds = part_set (&parts[SECOND], false),
    .is_any_year = parts[YEAR].is_any,
    .is_from_end = event.is_from_end,
    .zone = event.zone,
  };
  for (unsigned year = DC_CALENDAR_YEAR_MIN; year <= DC_CALENDAR_YEAR_MAX;
       year++)
    calendar->years[year] = part_has (&parts[YEAR], year, false);
  return true;
}

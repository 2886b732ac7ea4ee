/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/init/upstartevent.h"
#include "lib/cleanup.h"
#include "lib/glob.h"
#include "lib/span.h"

/* Where the reading of an expression is. */
struct reader {
  const struct dc_upstart_events *events;
  const char *p;
  unsigned depth;
};

static struct dc_span
peek (struct reader *reader)
{
  reader->p += strspn (reader->p, " \t\r\n");
  const size_t size = strchr ("()", *reader->p) != NULL && *reader->p != '\0'
                          ? 1
                          : strcspn (reader->p, " \t\r\n()");
  return (struct dc_span){ reader->p, size };
}

static bool
is_end_of_event (struct dc_span word)
{
  return word.size == 0 || dc_span_is (word, "and") ||
         dc_span_is (word, "or") || *word.text == '(' || *word.text == ')';
}

/* Events that each boot has. */
static bool
is_of_boot (struct dc_span name)
{
  static const char *const names[] = {
    "startup",
    "virtual-filesystems",
    "local-filesystems",
    "filesystem",
    "remote-filesystems",
    "all-swaps",
    "mounted",
    "mounting",
    "net-device-up",
    "net-device-added",
    "static-network-up",
  };

  for (size_t i = 0; i < DC_COUNT (names); i++)
    if (dc_span_is (name, names[i]))
      return true;
  return false;
}

/* Does VALUE, behind a NAME= or not, fit TEXT? */
static bool
fits (struct dc_span value, const char *text)
{
  char pattern[64];
  const char *equals =
      value.size > 0 ? memchr (value.text, '=', value.size) : NULL;

  if (equals != NULL)
    value = dc_span_skip (value, (size_t) (equals - value.text) + 1);
  if (value.size >= sizeof pattern)
    return false;
  memcpy (pattern, value.text, value.size);
  pattern[value.size] = '\0';
  return dc_glob_match (pattern, text);
}

static bool
has_started (const struct reader *reader, struct dc_span job)
{
  for (size_t i = 0; i < reader->events->started.count; i++)
    if (fits (job, reader->events->started.items[i]))
      return true;
  return false;
}

static bool
read_event (struct reader *reader)
{
  const struct dc_span name = peek (reader);
  struct dc_span first = { "", 0 };

  for (struct dc_span word = name; !is_end_of_event (word);
       word = peek (reader)) {
    reader->p += word.size;
    if (word.text != name.text && first.size == 0)
      first = word;
  }
  if (dc_span_is (name, "runlevel"))
    return first.size == 0 || fits (first, reader->events->runlevel);
  /* "stopped rc" is the end of the run level's scripts. */
  if (dc_span_is (name, "stopped") && dc_span_is (first, "rc"))
    return true;
  if (dc_span_is (name, "started") || dc_span_is (name, "starting") ||
      dc_span_is (name, "stopped"))
    return has_started (reader, first);
  return is_of_boot (name);
}

static bool read_any (struct reader *reader);

static bool
read_one (struct reader *reader)
{
  if (*peek (reader).text != '(')
    return read_event (reader);
  reader->p++;
  if (++reader->depth > DC_UPSTART_DEPTH_MAX) {
    reader->p += strlen (reader->p);
    return false;
  }
  const bool happens = read_any (reader);
  reader->depth--;
  if (*peek (reader).text == ')')
    reader->p++;
  return happens;
}

/* Both words bind from left to right, neither more than the other. */
static bool
read_any (struct reader *reader)
{
  bool happens = read_one (reader);

  for (;;) {
    const struct dc_span word = peek (reader);
    const bool is_and = dc_span_is (word, "and");
    if (!is_and && !dc_span_is (word, "or"))
      return happens;
    reader->p += word.size;
    const bool next = read_one (reader);
    happens = is_and ? happens && next : happens || next;
  }
}

bool
dc_upstart_happens (const struct dc_upstart_events *events,
                    const char *expression)
{
  struct reader reader = { .events = events, .p = expression };

  return read_any (&reader);
}

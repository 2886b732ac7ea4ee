/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "analyzer/package/deb822.h"

/* Does LINE begin a field, which then is the last one of STANZA? */
static bool
begin_field (struct dc_stanza *stanza, struct dc_span line, unsigned number)
{
  struct dc_span name, value = line;

  if (*line.text == '#' || !dc_span_field (&value, ':', &name) ||
      value.text == NULL || stanza->count == DC_STANZA_FIELD_MAX)
    return false;
  if (stanza->count == 0)
    stanza->line = number;
  stanza->fields[stanza->count].name = dc_span_trim (name);
  stanza->fields[stanza->count].value = dc_span_trim (value);
  stanza->count++;
  return true;
}

/* LINE belongs to the field before it: the value grows up to its end, which
 * is possible without a copy because nothing but its newline lies between.
 */
static void
continue_field (struct dc_span *value, struct dc_span line)
{
  value->size = (size_t) (line.text + line.size - value->text);
  *value = dc_span_trim (*value);
}

bool
dc_deb822_next (struct dc_deb822 *reader, struct dc_stanza *stanza)
{
  struct dc_span line;
  bool is_open = false; /* the last field may go on */

  stanza->count = 0;
  while (dc_span_line (&reader->rest, &line)) {
    reader->line++;
    if (line.size == 0 || dc_span_is (line, "\r")) {
      if (stanza->count > 0)
        return true;
    } else if (*line.text != ' ' && *line.text != '\t') {
      is_open = begin_field (stanza, line, reader->line);
    } else if (is_open) {
      continue_field (&stanza->fields[stanza->count - 1].value, line);
    }
  }
  return stanza->count > 0;
}

struct dc_span
dc_stanza_value (const struct dc_stanza *stanza, const char *name)
{
  const size_t size = strlen (name);

  for (size_t i = 0; i < stanza->count; i++) {
    const struct dc_span have = stanza->fields[i].name;
    if (have.size == size && strncasecmp (have.text, name, size) == 0)
      return stanza->fields[i].value;
  }
  return (struct dc_span){ NULL, 0 };
}

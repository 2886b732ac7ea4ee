/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/lastline.h"

static void
add_byte (struct dc_lastline *line, char byte)
{
  if (byte == '\n' || byte == '\r') {
    line->has_ended = true;
    return;
  }
  if (line->has_ended) {
    line->size = 0;
    line->is_cut = false;
  }
  line->has_ended = false;
  if (line->size == sizeof line->text) {
    line->size = DC_LASTLINE_MAX;
    memmove (line->text, line->text + DC_LASTLINE_MAX, line->size);
    line->is_cut = true;
  }
  line->text[line->size++] = byte;
}

void
dc_lastline_add (struct dc_lastline *line, const char *bytes, size_t size)
{
  for (size_t i = 0; i < size; i++)
    add_byte (line, bytes[i]);
}

struct dc_span
dc_lastline_text (const struct dc_lastline *line)
{
  const size_t extra =
      line->size > DC_LASTLINE_MAX ? line->size - DC_LASTLINE_MAX : 0;

  return (struct dc_span){ line->text + extra, line->size - extra };
}

bool
dc_lastline_is_cut (const struct dc_lastline *line)
{
  return line->is_cut || line->size > DC_LASTLINE_MAX;
}

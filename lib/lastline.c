/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "lib/lastline.h"

static void
add_byte (struct dc_lastline *line, char byte)
{
  if (byte == '\n' || byte == '\r') {
    line->has_ended = true;
    return;
  }
  if (line->has_ended)
    line->size = 0;
  line->has_ended = false;
  if (line->size < sizeof line->text)
    line->text[line->size++] = byte;
}

void
dc_lastline_add (struct dc_lastline *line, const char *bytes, size_t size)
{
  for (size_t i = 0; i < size; i++)
    add_byte (line, bytes[i]);
}

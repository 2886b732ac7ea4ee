/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/settings.h"
#include "lib/buffer.h"

/* The dialects whose settings are lines: words, and ini. */

typedef int read_line (struct dc_settings_text *text, struct dc_span line,
                       unsigned number, struct dc_error *err);

static bool
is_blank (char byte)
{
  return byte == ' ' || byte == '\t' || byte == '\r';
}

/* Call READ with each line, what a backslash continues joined by a blank; the
 * number is that of its first line.
 */
static int
read_lines (struct dc_settings_text *text, read_line *read,
            struct dc_error *err)
{
  struct dc_span rest = text->text, line;
  AUTO_BUFFER struct dc_buffer joined = DC_BUFFER_INIT (text->text.size + 1);
  unsigned number = 0, first = 0;

  while (dc_span_line (&rest, &line)) {
    number++;
    first = joined.size == 0 ? number : first;
    line = dc_span_trim (line);
    const bool goes_on = line.size > 0 && line.text[0] != '#' &&
                         line.text[line.size - 1] == '\\' && rest.size > 0;
    line.size -= goes_on;
    if (goes_on || joined.size > 0) {
      if (dc_buffer_append (&joined, line.text, line.size, err) < 0 ||
          (goes_on && dc_buffer_append (&joined, " ", 1, err) < 0))
        return -1;
      if (goes_on)
        continue;
      line = (struct dc_span){ dc_buffer_text (&joined), joined.size };
    }
    if (read (text, dc_span_trim (line), first, err) < 0)
      return -1;
    dc_buffer_clear (&joined);
  }
  return 0;
}

/* "<Name label>" opens a block, "</Name>" closes one. */
static int
read_tag (struct dc_settings_text *text, struct dc_span line, unsigned number,
          struct dc_error *err)
{
  struct dc_span label;

  if (dc_span_starts (line, "</")) {
    dc_settings_close (text);
    return 0;
  }
  line = dc_span_skip (line, 1);
  if (line.size > 0 && line.text[line.size - 1] == '>')
    line.size--;
  const struct dc_span name = dc_settings_word (line, &label);
  return dc_settings_open (text, name, dc_span_trim (label), number, err);
}

/* "Key value", "key = value", "key: value". */
static int
read_words (struct dc_settings_text *text, struct dc_span line, unsigned number,
            struct dc_error *err)
{
  size_t size = 0;

  line = dc_settings_uncomment (line, '#');
  if (line.size == 0 || line.text[0] == ';')
    return 0;
  if (line.text[0] == '<')
    return read_tag (text, line, number, err);
  while (size < line.size && !is_blank (line.text[size]) &&
         line.text[size] != '=' &&
         (line.text[size] != ':' ||
          (size + 1 < line.size && !is_blank (line.text[size + 1]))))
    size++;
  const struct dc_span key = { line.text, size };
  struct dc_span value = dc_span_trim (dc_span_skip (line, size));
  const bool is_colon = value.size > 0 && value.text[0] == ':' &&
                        (value.size == 1 || is_blank (value.text[1]));
  if (is_colon || (value.size > 0 && value.text[0] == '='))
    value = dc_span_trim (dc_span_skip (value, 1));
  return dc_settings_add (text, key, value, number, err);
}

int
dc_settings_words (struct dc_settings_text *text, struct dc_error *err)
{
  return read_lines (text, read_words, err);
}

/* Sections do not lie in each other, also across included files. */
static int
read_section (struct dc_settings_text *text, struct dc_span name,
              unsigned number, struct dc_error *err)
{
  while (name.size > 0 && (*name.text == '[' || is_blank (*name.text)))
    name = dc_span_skip (name, 1);
  while (name.size > 0 && strchr ("]: \t\r", name.text[name.size - 1]) != NULL)
    name.size--;
  dc_settings_close_to (text->settings, 0);
  return dc_settings_open (text, name, dc_span_of (""), number, err);
}

/* "[section]" or "section:", "key = value", "key: value", "export KEY=value",
 * "flag", "include path".
 */
static int
read_ini (struct dc_settings_text *text, struct dc_span line, unsigned number,
          struct dc_error *err)
{
  struct dc_span value;
  size_t size = 0;

  line = dc_settings_uncomment (line, ';');
  if (line.size == 0)
    return 0;
  const size_t last = line.size - 1;
  const bool is_header = line.text[0] == '[' && line.text[last] == ']';
  if (is_header ||
      (line.text[last] == ':' && memchr (line.text, ' ', line.size) == NULL &&
       memchr (line.text, '=', line.size) == NULL))
    return read_section (text, line, number, err);
  if (dc_span_starts (line, "export "))
    line = dc_span_trim (dc_span_skip (line, strlen ("export ")));
  while (size < line.size && line.text[size] != '=' && line.text[size] != ':')
    size++;
  struct dc_span key = dc_span_trim ((struct dc_span){ line.text, size });
  value =
      dc_span_trim (dc_span_skip (line, size < line.size ? size + 1 : size));
  if (size == line.size || line.text[0] == '!') {
    key = dc_settings_word (line, &value);
    value = dc_span_trim (value);
    if (value.size == 0)
      value = dc_span_of ("yes");
  }
  if (key.size > 1 && key.text[0] == '"' && key.text[key.size - 1] == '"')
    key = (struct dc_span){ key.text + 1, key.size - 2 };
  return dc_settings_add (text, key, value, number, err);
}

int
dc_settings_ini (struct dc_settings_text *text, struct dc_error *err)
{
  return read_lines (text, read_ini, err);
}

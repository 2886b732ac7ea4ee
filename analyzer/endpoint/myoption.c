/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/endpoint/myoption.h"
#include "lib/buffer.h"

/* Up to a '#' that is not in quotes. */
static struct dc_span
cut_comment (struct dc_span line)
{
  char quote = '\0';

  for (size_t i = 0; i < line.size; i++) {
    const char c = line.text[i];
    const bool is_escaped = i > 0 && line.text[i - 1] == '\\';
    if ((c == '\'' || c == '"') && !is_escaped)
      quote = quote == '\0' ? c : quote == c ? '\0' : quote;
    else if (c == '#' && quote == '\0')
      return (struct dc_span){ line.text, i };
  }
  return line;
}

/* What a backslash and the byte behind it stand for, into B. */
static int
unescape (char c, struct dc_buffer *b, struct dc_error *err)
{
  static const char from[] = "ntrbs\"'\\", to[] = "\n\t\r\b \"'\\";
  const char *found = c != '\0' ? strchr (from, c) : NULL;

  if (found != NULL)
    return dc_buffer_append (b, to + (found - from), 1, err);
  if (dc_buffer_append (b, "\\", 1, err) < 0)
    return -1;
  return dc_buffer_append (b, &c, 1, err);
}

static int
read_value (struct dc_span text, char **out, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (2 * text.size + 1);

  text = dc_span_trim (text);
  if (text.size > 1 && (text.text[0] == '"' || text.text[0] == '\'') &&
      text.text[text.size - 1] == text.text[0])
    text = (struct dc_span){ text.text + 1, text.size - 2 };
  for (size_t i = 0; i < text.size; i++) {
    const bool is_escape = text.text[i] == '\\' && i + 1 < text.size;
    const int status = is_escape ? unescape (text.text[i + 1], &b, err)
                                 : dc_buffer_append (&b, text.text + i, 1, err);
    if (status < 0)
      return -1;
    i += is_escape;
  }
  return dc_span_copy ((struct dc_span){ dc_buffer_text (&b), b.size }, out,
                       err);
}

/* What follows a '!'; of an unknown word nothing is made, as the server does.
 */
static int
read_directive (struct dc_span rest, struct dc_myoption *out,
                struct dc_error *err)
{
  static const struct {
    const char *word;
    enum dc_myoption_kind kind;
  } words[] = {
    { "include", DC_MYOPTION_INCLUDE },
    { "includedir", DC_MYOPTION_INCLUDEDIR },
  };
  struct dc_span word;

  if (!dc_span_word (&rest, &word))
    return 0;
  rest = dc_span_trim (rest);
  for (size_t i = 0; i < DC_COUNT (words); i++) {
    if (!dc_span_is (word, words[i].word))
      continue;
    if (rest.size == 0)
      return dc_fail (err, DC_ERR_INVALID, "nothing to include");
    if (dc_span_copy (rest, &out->value, err) < 0)
      return -1;
    out->kind = words[i].kind;
  }
  return 0;
}

static int
read_group (struct dc_span rest, struct dc_myoption *out, struct dc_error *err)
{
  const char *end = memchr (rest.text, ']', rest.size);

  if (end == NULL)
    return dc_fail (err, DC_ERR_INVALID, "a group's name without its end");
  rest.size = (size_t) (end - rest.text);
  if (dc_span_copy (dc_span_trim (rest), &out->name, err) < 0)
    return -1;
  out->kind = DC_MYOPTION_GROUP;
  return 0;
}

static int
read_setting (struct dc_span line, struct dc_myoption *out,
              struct dc_error *err)
{
  line = cut_comment (line);
  const char *sign = memchr (line.text, '=', line.size);
  const struct dc_span name = { line.text, sign != NULL
                                               ? (size_t) (sign - line.text)
                                               : line.size };

  if (sign != NULL &&
      read_value (dc_span_skip (line, name.size + 1), &out->value, err) < 0)
    return -1;
  if (dc_span_copy (dc_span_trim (name), &out->name, err) < 0)
    return -1;
  out->kind = DC_MYOPTION_SETTING;
  return 0;
}

int
dc_myoption_line (struct dc_span line, struct dc_myoption *out,
                  struct dc_error *err)
{
  struct dc_myoption option = { DC_MYOPTION_BLANK, NULL, NULL };
  int status = 0;

  line = dc_span_trim (line);
  const char first = line.size > 0 ? line.text[0] : '#';
  if (first == '!')
    status = read_directive (dc_span_skip (line, 1), &option, err);
  else if (first == '[')
    status = read_group (dc_span_skip (line, 1), &option, err);
  else if (first != '#' && first != ';')
    status = read_setting (line, &option, err);
  if (status < 0) {
    dc_myoption_release (&option);
    return -1;
  }
  *out = option;
  return 0;
}

void
dc_myoption_release (struct dc_myoption *option)
{
  free (option->name);
  free (option->value);
  *option = (struct dc_myoption){ DC_MYOPTION_BLANK, NULL, NULL };
}

bool
dc_myoption_is (const char *name, const char *option)
{
  for (; *name != '\0'; name++, option++)
    if ((*name == '_' ? '-' : *name) != (*option == '_' ? '-' : *option))
      return false;
  return *option == '\0';
}

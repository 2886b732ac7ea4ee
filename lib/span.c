/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/span.h"

static bool
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

struct dc_span
dc_span_of (const char *text)
{
  return (struct dc_span){ text, strlen (text) };
}

struct dc_span
dc_span_skip (struct dc_span span, size_t n)
{
  return (struct dc_span){ span.text + n, span.size - n };
}

bool
dc_span_line (struct dc_span *rest, struct dc_span *line)
{
  if (rest->size == 0)
    return false;
  const char *eol = memchr (rest->text, '\n', rest->size);
  line->text = rest->text;
  line->size = eol != NULL ? (size_t) (eol - rest->text) : rest->size;
  *rest = dc_span_skip (*rest, line->size + (eol != NULL));
  return true;
}

bool
dc_span_field (struct dc_span *rest, char separator, struct dc_span *field)
{
  if (rest->text == NULL)
    return false;
  const char *end =
      rest->size > 0 ? memchr (rest->text, separator, rest->size) : NULL;
  field->text = rest->text;
  field->size = end != NULL ? (size_t) (end - rest->text) : rest->size;
  *rest = end != NULL ? dc_span_skip (*rest, field->size + 1)
                      : (struct dc_span){ NULL, 0 };
  return true;
}

bool
dc_span_word (struct dc_span *rest, struct dc_span *word)
{
  while (rest->size > 0 && is_blank (*rest->text))
    *rest = dc_span_skip (*rest, 1);
  if (rest->size == 0)
    return false;
  *word = (struct dc_span){ rest->text, 0 };
  while (word->size < rest->size && !is_blank (rest->text[word->size]))
    word->size++;
  *rest = dc_span_skip (*rest, word->size);
  return true;
}

struct dc_span
dc_span_trim (struct dc_span span)
{
  while (span.size > 0 && is_blank (*span.text))
    span = dc_span_skip (span, 1);
  while (span.size > 0 && is_blank (span.text[span.size - 1]))
    span.size--;
  return span;
}

bool
dc_span_starts (struct dc_span span, const char *text)
{
  const size_t size = strlen (text);
  return span.size >= size && memcmp (span.text, text, size) == 0;
}

bool
dc_span_is (struct dc_span span, const char *text)
{
  return span.size == strlen (text) && dc_span_starts (span, text);
}

bool
dc_span_has (struct dc_span span, char byte)
{
  return span.size > 0 && memchr (span.text, byte, span.size) != NULL;
}

int
dc_span_compare (struct dc_span a, struct dc_span b)
{
  const size_t size = a.size < b.size ? a.size : b.size;
  const int order = size > 0 ? memcmp (a.text, b.text, size) : 0;

  return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

int
dc_span_copy (struct dc_span span, char **out, struct dc_error *err)
{
  if (dc_span_has (span, '\0'))
    return dc_fail (err, DC_ERR_INVALID, "text holds a NUL byte");
  char *copy = strndup (span.size > 0 ? span.text : "", span.size);
  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep a text");
  *out = copy;
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/unit/unitenv.h"
#include "lib/buffer.h"
#include "lib/span.h"
#include "lib/utf8.h"

/* Source: systemd.exec(5), "EnvironmentFile="; beyond the manual, as systemd
 * 257 does: quoted parts may follow each other, and an open quote reaches to
 * the end of the file.
 */

static const char line_ends[] = "\r\n";

static bool
is_one_of (char c, const char *bytes)
{
  return c != '\0' && strchr (bytes, c) != NULL;
}

/* The first byte of REST, which moves behind it; NUL at the end. */
static char
next (struct dc_span *rest)
{
  if (rest->size == 0)
    return '\0';
  const char c = rest->text[0];
  *rest = dc_span_skip (*rest, 1);
  return c;
}

static void
skip_line (struct dc_span *rest)
{
  while (rest->size > 0 && !is_one_of (next (rest), line_ends))
    ;
}

static int
add_single_quoted (struct dc_span *rest, struct dc_buffer *b,
                   struct dc_error *err)
{
  struct dc_span quoted;

  if (!dc_span_field (rest, '\'', &quoted))
    return 0;
  if (rest->text == NULL) /* it stays open */
    *rest = (struct dc_span){ "", 0 };
  return dc_buffer_append (b, quoted.text, quoted.size, err);
}

static int
add_double_quoted (struct dc_span *rest, struct dc_buffer *b,
                   struct dc_error *err)
{
  while (rest->size > 0) {
    char bytes[2] = { next (rest) };
    size_t size = 1;
    if (bytes[0] == '"')
      return 0;
    if (bytes[0] == '\\' && rest->size > 0) {
      bytes[1] = next (rest);
      if (is_one_of (bytes[1], "\"\\`$"))
        bytes[0] = bytes[1];
      else
        size = bytes[1] == '\n' ? 0 : 2;
    }
    if (dc_buffer_append (b, bytes, size, err) < 0)
      return -1;
  }
  return 0;
}

static int
add_plain (char c, struct dc_span *rest, struct dc_buffer *b,
           struct dc_error *err)
{
  if (c == '\\') {
    if (rest->size == 0)
      return 0;
    c = next (rest);
    if (is_one_of (c, line_ends))
      return 0; /* the value goes on in the next line */
  }
  return dc_buffer_append (b, &c, 1, err);
}

/* What follows the '=', up to the end of the line. */
static int
read_value (struct dc_span *rest, struct dc_buffer *b, struct dc_error *err)
{
  bool is_plain = false; /* quotes are only quotes before the first byte */
  size_t kept = b->size; /* blanks behind this are trimmed */

  while (rest->size > 0) {
    const char c = next (rest);
    const bool is_blank = is_one_of (c, " \t");
    int status;
    if (is_one_of (c, line_ends))
      break;
    if (is_blank && !is_plain)
      continue;
    if (c == '"' && !is_plain) {
      status = add_double_quoted (rest, b, err);
    } else if (c == '\'' && !is_plain) {
      status = add_single_quoted (rest, b, err);
    } else {
      is_plain = true;
      status = add_plain (c, rest, b, err);
    }
    if (status < 0)
      return -1;
    if (!is_blank)
      kept = b->size;
  }
  b->size = kept;
  b->data[kept] = '\0';
  return 0;
}

/* The key at *REST, which moves behind its '='; false without one, and *REST
 * is the next line.
 */
static bool
read_key (struct dc_span *rest, struct dc_span *key)
{
  size_t size = 0;
  while (size < rest->size && rest->text[size] != '=' &&
         !is_one_of (rest->text[size], line_ends))
    size++;
  *key = dc_span_trim ((struct dc_span){ rest->text, size });
  const bool is_key = size < rest->size && rest->text[size] == '=';
  *rest = dc_span_skip (*rest, size + is_key);
  return is_key;
}

static int
read_assignment (struct dc_span *rest, struct dc_words *environment,
                 struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_ENVIRONMENT_SIZE_MAX);
  struct dc_span key;

  if (!read_key (rest, &key))
    return 0;
  if (dc_buffer_append (&b, key.text, key.size, err) < 0 ||
      dc_buffer_append (&b, "=", 1, err) < 0 || read_value (rest, &b, err) < 0)
    return -1;
  if (!dc_utf8_is_valid (b.data, b.size))
    return dc_fail (err, DC_ERR_INVALID, "a variable is not UTF-8");
  return dc_environment_set (environment, b.data, err);
}

int
dc_environment_parse (const char *text, size_t size,
                      struct dc_words *environment, struct dc_error *err)
{
  struct dc_span rest = { text, size };

  if (size > DC_ENVIRONMENT_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "%zu bytes, limit %zu", size,
                    DC_ENVIRONMENT_SIZE_MAX);
  if (dc_span_has (rest, '\0'))
    return dc_fail (err, DC_ERR_INVALID, "the file holds a NUL byte");
  while (rest.size > 0) {
    if (is_one_of (rest.text[0], " \t\r\n"))
      (void) next (&rest); /* leads no line */
    else if (is_one_of (rest.text[0], "#;"))
      skip_line (&rest);
    else if (read_assignment (&rest, environment, err) < 0)
      return -1;
  }
  return 0;
}

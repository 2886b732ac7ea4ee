/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/assign.h"
#include "lib/cleanup.h"
#include "lib/span.h"

/* The part of REST up to its closing QUOTE, unescaped, to *END.  False when
 * there is none.
 */
static bool
copy_quoted (struct dc_span *rest, char quote, char **end)
{
  while (rest->size > 0) {
    char c = *rest->text;
    *rest = dc_span_skip (*rest, 1);
    if (c == quote)
      return true;
    if (c == '\\' && quote == '"' && rest->size > 0 &&
        strchr ("$`\"\\", *rest->text) != NULL) {
      c = *rest->text;
      *rest = dc_span_skip (*rest, 1);
    }
    *(*end)++ = c;
  }
  return false;
}

/* A run of blanks is part of the value unless nothing but a comment follows.
 * False then.
 */
static bool
copy_blanks (struct dc_span *rest, char **end)
{
  size_t n = strspn (rest->text, " \t");

  if (n >= rest->size || rest->text[n] == '#')
    return false;
  memcpy (*end, rest->text, n);
  *end += n;
  *rest = dc_span_skip (*rest, n);
  return true;
}

/* VALUE without its quoting into OUT, which has room for all of it and a NUL.
 * False when it is no value.
 */
static bool
unquote (struct dc_span value, char *out)
{
  while (value.size > 0) {
    const char c = *value.text;
    if (c == ' ' || c == '\t') {
      if (!copy_blanks (&value, &out))
        break;
      continue;
    }
    value = dc_span_skip (value, 1);
    if (c == '\'' || c == '"') {
      if (!copy_quoted (&value, c, &out))
        return false;
      continue;
    }
    if (c == '\\' && value.size == 0)
      return false;
    *out++ = c == '\\' ? *value.text : c;
    value = dc_span_skip (value, c == '\\');
  }
  *out = '\0';
  return true;
}

static int
read_value (struct dc_span value, char **out, struct dc_error *err)
{
  AUTO_FREE char *raw = NULL, *plain = malloc (value.size + 1);

  if (plain == NULL)
    return dc_fail_errno (err, "cannot keep a value");
  if (dc_span_copy (value, &raw, err) < 0) /* strspn() needs its NUL */
    return -1;
  if (!unquote (dc_span_of (raw), plain))
    return 0;
  free (*out);
  *out = DC_TAKE (plain);
  return 0;
}

static int
read_line (struct dc_span line, const struct dc_assign *rows, size_t count,
           struct dc_error *err)
{
  line = dc_span_trim (line);
  const char *equals =
      line.size > 0 ? memchr (line.text, '=', line.size) : NULL;
  if (equals == NULL || dc_span_has (line, '\0'))
    return 0;

  const struct dc_span key = { line.text, (size_t) (equals - line.text) };
  for (size_t i = 0; i < count; i++)
    if (dc_span_is (key, rows[i].key))
      return read_value (dc_span_trim (dc_span_skip (line, key.size + 1)),
                         rows[i].value, err);
  return 0;
}

int
dc_assign_read (const char *text, size_t size, const struct dc_assign *rows,
                size_t count, struct dc_error *err)
{
  struct dc_span rest = { text, size }, line;

  while (dc_span_line (&rest, &line))
    if (read_line (line, rows, count, err) < 0)
      return -1;
  return 0;
}

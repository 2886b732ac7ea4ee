/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/shellvars.h"
#include "analyzer/unit/unitenv.h"
#include "lib/buffer.h"
#include "lib/span.h"

#define VALUE_SIZE_MAX ((size_t) 64 * 1024) /* bytes */

static const char name_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz_0123456789";

/* Append what the variable at *P stands for: $NAME, ${NAME}, ${NAME:-word}.
 * 1; 0 when it is something else; -1.
 */
static int
add_variable (const char **p, const struct dc_words *environment,
              struct dc_buffer *value, struct dc_error *err)
{
  const bool has_brace = (*p)[1] == '{';
  const char *name = *p + (has_brace ? 2 : 1);
  const size_t size = strspn (name, name_bytes);
  const char *end = name + size, *other = "";
  size_t other_size = 0;

  if (has_brace && (end[0] == '-' || (end[0] == ':' && end[1] == '-'))) {
    other = end + (end[0] == ':' ? 2 : 1);
    other_size = strcspn (other, "}$`\"");
    end = other + other_size;
  }
  if (size == 0 || (has_brace && *end != '}'))
    return 0;
  *p = end + (has_brace ? 1 : 0);
  const char *known = dc_environment_get (environment, name, size);
  if (known == NULL)
    return dc_buffer_append (value, other, other_size, err) < 0 ? -1 : 1;
  return dc_buffer_append (value, known, strlen (known), err) < 0 ? -1 : 1;
}

/* The word at TEXT without quotes and variables: 1, 0 when it cannot be told,
 * -1.
 */
static int
read_value (const char *text, const struct dc_words *environment,
            struct dc_buffer *value, struct dc_error *err)
{
  char quote = '\0';

  for (const char *p = text; *p != '\0';) {
    if (quote == '\0' && strchr (" \t\r;#&", *p) != NULL)
      return 1;
    if (*p == '`' && quote != '\'')
      return 0;
    if (*p == '$' && quote != '\'') {
      const int status = add_variable (&p, environment, value, err);
      if (status <= 0)
        return status;
      continue;
    }
    if (*p == quote) {
      quote = '\0';
    } else if (quote == '\0' && (*p == '"' || *p == '\'')) {
      quote = *p;
    } else {
      if (*p == '\\' && quote != '\'' && p[1] != '\0')
        p++;
      if (dc_buffer_append (value, p, 1, err) < 0)
        return -1;
    }
    p++;
  }
  return quote == '\0';
}

static int
read_line (struct dc_span line, struct dc_words *environment,
           struct dc_error *err)
{
  AUTO_FREE char *text = NULL;
  AUTO_BUFFER struct dc_buffer assignment = DC_BUFFER_INIT (VALUE_SIZE_MAX);

  line = dc_span_trim (line);
  if (dc_span_starts (line, "export "))
    line = dc_span_trim (dc_span_skip (line, strlen ("export ")));
  if (line.size == 0 || !dc_span_has (line, '=') || dc_span_has (line, '\0'))
    return 0;
  if (dc_span_copy (line, &text, err) < 0)
    return -1;
  const size_t size = strspn (text, name_bytes);
  if (size == 0 || text[size] != '=')
    return 0;
  int status = dc_buffer_append (&assignment, text, size + 1, err) < 0 ? -1 : 1;
  if (status > 0)
    status = read_value (text + size + 1, environment, &assignment, err);
  if (status > 0)
    return dc_environment_set (environment, dc_buffer_text (&assignment), err);
  return status < 0 && err->code == DC_ERR_SYSTEM ? -1 : 0;
}

int
dc_shellvars_read (const char *text, size_t size, struct dc_words *environment,
                   struct dc_error *err)
{
  struct dc_span rest = { text, size }, line;

  while (dc_span_line (&rest, &line))
    if (read_line (line, environment, err) < 0)
      return -1;
  return 0;
}

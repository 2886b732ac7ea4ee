/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "analyzer/security/secrets.h"
#include "lib/array.h"

/* Is something in the name of a setting that speaks of a secret?  Wider than
 * the settings of templates/secrets.yaml: the file is known for secrets.
 */
static bool
speaks_of_secret (struct dc_span name)
{
  static const char *const words[] = { "pass", "pwd",  "secret", "key",
                                       "psk",  "auth", "token",  "cred" };

  for (size_t i = 0; i < DC_COUNT (words); i++) {
    const size_t size = strlen (words[i]);
    for (size_t at = 0; at + size <= name.size; at++)
      if (strncasecmp (name.text + at, words[i], size) == 0)
        return true;
  }
  return false;
}

static size_t
name_size (struct dc_span line)
{
  static const char bytes[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  size_t size = 0;

  while (size < line.size &&
         memchr (bytes, line.text[size], sizeof bytes - 1) != NULL)
    size++;
  return size;
}

static struct dc_span
unquoted (struct dc_span value)
{
  value = dc_span_trim (value);
  const char quote = value.size > 0 ? *value.text : '\0';
  if (value.size >= 2 && (quote == '"' || quote == '\'') &&
      value.text[value.size - 1] == quote)
    return (struct dc_span){ value.text + 1, value.size - 2 };
  return value;
}

bool
dc_secret_value (struct dc_span line, struct dc_span *value)
{
  line = dc_span_trim (line);
  if (line.size == 0 || *line.text == '#' || *line.text == ';' ||
      (*line.text == '[' && line.text[line.size - 1] == ']'))
    return false;
  const size_t size = name_size (line);
  const struct dc_span rest = dc_span_trim (dc_span_skip (line, size));
  if (size == 0 || rest.size == 0 || *rest.text != '=') {
    *value = line;
    return true;
  }
  *value = unquoted (dc_span_skip (rest, 1));
  return value->size > 0 &&
         speaks_of_secret ((struct dc_span){ line.text, size });
}

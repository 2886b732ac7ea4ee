/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buffer.h"
#include "lib/json.h"

#define JSON_TEXT_MAX ((size_t) 512 * 1024 * 1024) /* bytes */

int
dc_json_parse (const char *text, size_t size, const char *what, json_t **out,
               struct dc_error *err)
{
  json_error_t why;

  json_t *json = json_loadb (text, size, JSON_REJECT_DUPLICATES, &why);
  if (json == NULL)
    return dc_fail (err, DC_ERR_INVALID, "%s line %d column %d: %s", what,
                    why.line, why.column, why.text);
  *out = json;
  return 0;
}

int
dc_json_unpack (json_t *json, const char *what, struct dc_error *err,
                const char *fmt, ...)
{
  json_error_t why;
  va_list args;

  va_start (args, fmt);
  const int status = json_vunpack_ex (json, &why, 0, fmt, args);
  va_end (args);
  return status == 0 ? 0
                     : dc_fail (err, DC_ERR_INVALID, "%s: %s", what, why.text);
}

/* json_stringn() refuses bytes that are not UTF-8; then each byte that does
 * not belong to a well-formed sequence becomes U+FFFD.
 */
json_t *
dc_json_bytes (const char *s)
{
  if (s == NULL)
    return json_null ();
  json_t *json = json_string (s);
  if (json != NULL)
    return json;

  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (JSON_TEXT_MAX);
  struct dc_error ignored;
  for (const char *p = s; *p != '\0';) {
    size_t n = 4;
    json_t *part = NULL;
    while (n > 0 && part == NULL) {
      if (strnlen (p, n) == n)
        part = json_stringn (p, n);
      n -= part == NULL;
    }
    json_decref (part);
    const int status = n > 0
                           ? dc_buffer_append (&b, p, n, &ignored)
                           : dc_buffer_append (&b, "\xef\xbf\xbd", 3, &ignored);
    if (status < 0)
      return NULL;
    p += n > 0 ? n : 1;
  }
  return json_string (dc_buffer_text (&b));
}

static int
dump (const json_t *json, size_t flags, const char *end, char **text,
      size_t *size, struct dc_error *err)
{
  AUTO_FREE char *dumped = json_dumps (json, flags | JSON_ENCODE_ANY);
  if (dumped == NULL)
    return dc_json_no_memory (err);
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (JSON_TEXT_MAX);
  if (dc_buffer_append (&b, dumped, strlen (dumped), err) < 0 ||
      dc_buffer_append (&b, end, strlen (end), err) < 0)
    return -1;
  *size = b.size;
  *text = DC_TAKE (b.data);
  return 0;
}

int
dc_json_canonical (const json_t *json, char **text, size_t *size,
                   struct dc_error *err)
{
  return dump (json, JSON_COMPACT | JSON_SORT_KEYS, "", text, size, err);
}

int
dc_json_pretty (const json_t *json, char **text, size_t *size,
                struct dc_error *err)
{
  return dump (json, JSON_INDENT (2), "\n", text, size, err);
}

int
dc_json_no_memory (struct dc_error *err)
{
  return dc_fail (err, DC_ERR_SYSTEM, "no memory for a JSON value");
}

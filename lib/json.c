/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buffer.h"
#include "lib/json.h"
#include "lib/utf8.h"

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

/* jansson refuses what is not UTF-8; each byte that belongs to no well-formed
 * sequence becomes U+FFFD.
 */
json_t *
dc_json_bytes (const char *s)
{
  if (s == NULL)
    return json_null ();
  const size_t size = strlen (s);
  if (dc_utf8_is_valid (s, size))
    return json_stringn_nocheck (s, size);

  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (JSON_TEXT_MAX);
  struct dc_error ignored; /* NULL says enough */
  for (size_t i = 0; i < size;) {
    uint32_t point;
    const size_t n = dc_utf8_decode (s + i, size - i, &point);
    if (dc_buffer_append (&b, n > 0 ? s + i : "\xef\xbf\xbd", n > 0 ? n : 3,
                          &ignored) < 0)
      return NULL;
    i += n > 0 ? n : 1;
  }
  return json_stringn_nocheck (dc_buffer_text (&b), b.size);
}

/* STATUS is of an addition to *JSON. */
static void
check (json_t **json, int status)
{
  if (status < 0) {
    json_decref (*json);
    *json = NULL;
  }
}

void
dc_json_put (json_t **object, const char *key, json_t *value)
{
  check (object, json_object_set_new (*object, key, value));
}

void
dc_json_put_text (json_t **object, const char *key, const char *text)
{
  dc_json_put (object, key, dc_json_bytes (text));
}

void
dc_json_put_number (json_t **object, const char *key, uint64_t number)
{
  const uint64_t held = number < INT64_MAX ? number : INT64_MAX;

  dc_json_put (object, key, json_integer ((json_int_t) held));
}

void
dc_json_put_bool (json_t **object, const char *key, bool value)
{
  dc_json_put (object, key, json_boolean (value));
}

void
dc_json_push (json_t **array, json_t *value)
{
  check (array, json_array_append_new (*array, value));
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

json_t *
dc_json_words (const struct dc_words *words)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < words->count; i++)
    dc_json_push (&json, dc_json_bytes (words->items[i]));
  return json;
}

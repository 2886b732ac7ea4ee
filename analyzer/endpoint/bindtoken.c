/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/bindtoken.h"

static void
skip (struct dc_bind_reader *reader, size_t size)
{
  for (size_t i = 0; i < size; i++)
    reader->line += reader->rest.text[i] == '\n';
  reader->rest = dc_span_skip (reader->rest, size);
}

static bool
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

/* Bytes of the comment that begins here; 0: none; -1: it stays open. */
static ptrdiff_t
comment_size (struct dc_span rest)
{
  if (dc_span_starts (rest, "/*")) {
    const char *end = memmem (rest.text + 2, rest.size - 2, "*/", 2);
    return end != NULL ? end + 2 - rest.text : -1;
  }
  if (!dc_span_starts (rest, "#") && !dc_span_starts (rest, "//"))
    return 0;
  const char *end = memchr (rest.text, '\n', rest.size);
  return end != NULL ? end - rest.text : (ptrdiff_t) rest.size;
}

/* To the first byte of a token. */
static int
skip_space (struct dc_bind_reader *reader, struct dc_error *err)
{
  while (reader->rest.size > 0) {
    const ptrdiff_t size = comment_size (reader->rest);
    if (size < 0)
      return dc_fail (err, DC_ERR_INVALID, "a comment stays open");
    if (size == 0 && !is_blank (reader->rest.text[0]))
      return 0;
    skip (reader, size > 0 ? (size_t) size : 1);
  }
  return 0;
}

static int
read_quoted (struct dc_bind_reader *reader, struct dc_buffer *word,
             struct dc_error *err)
{
  for (skip (reader, 1); reader->rest.size > 0; skip (reader, 1)) {
    if (reader->rest.text[0] == '"') {
      skip (reader, 1);
      return 0;
    }
    if (reader->rest.text[0] == '\\' && reader->rest.size > 1)
      skip (reader, 1);
    if (dc_buffer_append (word, reader->rest.text, 1, err) < 0)
      return -1;
  }
  return dc_fail (err, DC_ERR_INVALID, "a quote stays open");
}

static int
read_word (struct dc_bind_reader *reader, struct dc_buffer *word,
           struct dc_error *err)
{
  size_t size = 0;

  while (size < reader->rest.size && !is_blank (reader->rest.text[size]) &&
         strchr ("{};\"!", reader->rest.text[size]) == NULL &&
         comment_size (dc_span_skip (reader->rest, size)) == 0)
    size++;
  const int status = dc_buffer_append (word, reader->rest.text, size, err);
  skip (reader, size);
  return status;
}

int
dc_bind_token (struct dc_bind_reader *reader, enum dc_bind_kind *kind,
               struct dc_buffer *word, struct dc_error *err)
{
  static const struct {
    char byte;
    enum dc_bind_kind kind;
  } signs[] = { { '{', DC_BIND_OPEN },
                { '}', DC_BIND_CLOSE },
                { ';', DC_BIND_END },
                { '!', DC_BIND_WORD } };

  dc_buffer_clear (word);
  if (skip_space (reader, err) < 0)
    return -1;
  *kind = reader->rest.size > 0 ? DC_BIND_WORD : DC_BIND_EOF;
  if (*kind == DC_BIND_EOF)
    return 0;
  for (size_t i = 0; i < DC_COUNT (signs); i++) {
    if (reader->rest.text[0] != signs[i].byte)
      continue;
    *kind = signs[i].kind;
    skip (reader, 1);
    return dc_buffer_append (word, &signs[i].byte, 1, err);
  }
  return reader->rest.text[0] == '"' ? read_quoted (reader, word, err)
                                     : read_word (reader, word, err);
}

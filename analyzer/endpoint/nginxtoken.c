/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/nginxtoken.h"
#include "lib/buffer.h"

#define WORD_SIZE_MAX ((size_t) 1024 * 1024) /* bytes */

static const char blanks[] = " \t\r\n";

static bool
is_one_of (char c, const char *bytes)
{
  return c != '\0' && strchr (bytes, c) != NULL;
}

/* The byte at OFFSET; NUL behind the end. */
static char
at (const struct dc_nginx_reader *reader, size_t offset)
{
  return offset < reader->rest.size ? reader->rest.text[offset] : '\0';
}

static char
next (struct dc_nginx_reader *reader)
{
  const char c = at (reader, 0);
  reader->line += c == '\n';
  reader->rest = dc_span_skip (reader->rest, reader->rest.size > 0);
  return c;
}

static void
skip (struct dc_nginx_reader *reader, size_t count)
{
  for (size_t i = 0; i < count; i++)
    (void) next (reader);
}

/* Blanks and comments. */
static void
skip_blanks (struct dc_nginx_reader *reader)
{
  for (;;) {
    while (is_one_of (at (reader, 0), blanks))
      (void) next (reader);
    if (at (reader, 0) != '#')
      return;
    while (reader->rest.size > 0 && at (reader, 0) != '\n')
      (void) next (reader);
  }
}

static int
refuse (const struct dc_nginx_reader *reader, const char *what,
        struct dc_error *err)
{
  return dc_fail (err, DC_ERR_INVALID, "line %u: %s", reader->line, what);
}

/* Append what the backslash at the front and its byte mean.  Only quotes,
 * the backslash itself and \t \r \n lose it.
 */
static int
add_escape (struct dc_nginx_reader *reader, struct dc_buffer *word,
            struct dc_error *err)
{
  static const char letters[] = "\"'\\trn", bytes[] = "\"'\\\t\r\n";
  const char pair[] = { '\\', at (reader, 1) };

  if (reader->rest.size < 2)
    return refuse (reader, "the file ends inside a word", err);
  skip (reader, 2);
  if (!is_one_of (pair[1], letters))
    return dc_buffer_append (word, pair, 2, err);
  const size_t letter = (size_t) (strchr (letters, pair[1]) - letters);
  return dc_buffer_append (word, &bytes[letter], 1, err);
}

static int
add_byte (struct dc_nginx_reader *reader, struct dc_buffer *word,
          struct dc_error *err)
{
  if (at (reader, 0) == '\\')
    return add_escape (reader, word, err);
  const char c = next (reader);
  return dc_buffer_append (word, &c, 1, err);
}

/* The quoted word at the front. */
static int
read_quoted (struct dc_nginx_reader *reader, struct dc_buffer *word,
             struct dc_error *err)
{
  const char quote = next (reader);

  while (at (reader, 0) != quote) {
    if (reader->rest.size == 0)
      return refuse (reader, "the file ends inside a quoted word", err);
    if (add_byte (reader, word, err) < 0)
      return -1;
  }
  (void) next (reader);
  if (reader->rest.size > 0 && !is_one_of (at (reader, 0), " \t\r\n;{)"))
    return refuse (reader, "something follows a quoted word at once", err);
  return 0;
}

/* A brace is part of the word behind a dollar: ${name}. */
static int
read_bare (struct dc_nginx_reader *reader, struct dc_buffer *word,
           struct dc_error *err)
{
  bool is_variable = false;

  for (;;) {
    const char c = at (reader, 0);
    if (reader->rest.size == 0)
      return refuse (reader, "the file ends inside a directive", err);
    if (is_one_of (c, " \t\r\n;") || (c == '{' && !is_variable))
      return 0;
    is_variable = c == '$';
    if (add_byte (reader, word, err) < 0)
      return -1;
  }
}

static int
read_word (struct dc_nginx_reader *reader, struct dc_words *words,
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer word = DC_BUFFER_INIT (WORD_SIZE_MAX);
  const int status = is_one_of (at (reader, 0), "'\"")
                         ? read_quoted (reader, &word, err)
                         : read_bare (reader, &word, err);

  if (status < 0)
    return -1;
  return dc_words_add_bytes (words, dc_buffer_text (&word), word.size, err);
}

/* The '=' between the brackets of a long string of Lua that begins at OFFSET,
 * or -1.
 */
static int
long_level (const struct dc_nginx_reader *reader, size_t offset)
{
  int level = 0;

  if (at (reader, offset) != '[')
    return -1;
  while (at (reader, offset + 1 + (size_t) level) == '=')
    level++;
  return at (reader, offset + 1 + (size_t) level) == '[' ? level : -1;
}

/* A long string or comment of LEVEL, up to and with its end. */
static void
skip_long (struct dc_nginx_reader *reader, int level)
{
  while (reader->rest.size > 0) {
    int equals = 0;
    if (next (reader) != ']')
      continue;
    while (at (reader, (size_t) equals) == '=')
      equals++;
    if (equals == level && at (reader, (size_t) equals) == ']') {
      skip (reader, (size_t) equals + 1);
      return;
    }
  }
}

/* The string of Lua at the front, which ends with its line at the latest. */
static void
skip_lua_string (struct dc_nginx_reader *reader)
{
  const char quote = next (reader);

  while (reader->rest.size > 0 && at (reader, 0) != quote &&
         at (reader, 0) != '\n')
    skip (reader, at (reader, 0) == '\\' ? 2 : 1);
  (void) next (reader);
}

/* The rest of a block of Lua, whose '{' is behind us. */
static int
skip_lua (struct dc_nginx_reader *reader, struct dc_error *err)
{
  size_t depth = 1;

  while (depth > 0) {
    const char c = at (reader, 0);
    const bool is_comment = c == '-' && at (reader, 1) == '-';
    const int level = long_level (reader, is_comment ? 2 : 0);
    if (reader->rest.size == 0)
      return refuse (reader, "the file ends inside a block of Lua", err);
    if (level >= 0) {
      skip (reader, (is_comment ? 2 : 0) + (size_t) level + 2);
      skip_long (reader, level);
    } else if (is_comment) {
      while (reader->rest.size > 0 && next (reader) != '\n')
        ;
    } else if (c == '"' || c == '\'') {
      skip_lua_string (reader);
    } else {
      depth += c == '{';
      depth -= c == '}';
      (void) next (reader);
    }
  }
  return 0;
}

static bool
is_lua (const char *name)
{
  static const char suffix[] = "_by_lua_block";
  const size_t size = strlen (name), n = strlen (suffix);
  return size > n && strcmp (name + size - n, suffix) == 0;
}

/* What ends a statement of COUNT words at the byte C, or -1. */
static int
find_end (char c, size_t count)
{
  static const struct {
    char byte;
    bool has_words;
    enum dc_nginx_end end;
  } ends[] = {
    { ';', true, DC_NGINX_DIRECTIVE },
    { '{', true, DC_NGINX_OPEN },
    { '}', false, DC_NGINX_CLOSE },
    { '\0', false, DC_NGINX_EOF },
  };

  for (size_t i = 0; i < DC_COUNT (ends); i++)
    if (ends[i].byte == c && ends[i].has_words == (count > 0))
      return (int) ends[i].end;
  return -1;
}

int
dc_nginx_statement (struct dc_nginx_reader *reader, struct dc_words *words,
                    unsigned *line, enum dc_nginx_end *end,
                    struct dc_error *err)
{
  dc_words_release (words);
  for (;;) {
    skip_blanks (reader);
    const char c = at (reader, 0);
    if (words->count == 0)
      *line = reader->line;
    if (c != '\0' && !is_one_of (c, ";{}")) {
      if (read_word (reader, words, err) < 0)
        return -1;
      continue;
    }
    const int found = find_end (c, words->count);
    if (found < 0)
      return refuse (reader,
                     c == '\0' ? "the file ends inside a directive"
                               : "a ; { or } is not expected here",
                     err);
    (void) next (reader);
    *end = (enum dc_nginx_end) found;
    if (*end == DC_NGINX_OPEN && is_lua (words->items[0])) {
      *end = DC_NGINX_DIRECTIVE;
      return skip_lua (reader, err);
    }
    return 0;
  }
}

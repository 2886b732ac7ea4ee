/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/endpoint/pgsetting.h"
#include "lib/buffer.h"

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Bytes beyond ASCII are letters. */
static bool
is_one_of (char c, const char *bytes)
{
  return (c & 0x80) != 0 || (c != '\0' && strchr (bytes, c) != NULL);
}

/* Cut what consists of BYTES off the beginning of REST. */
static struct dc_span
take (struct dc_span *rest, const char *bytes)
{
  struct dc_span taken = { rest->text, 0 };

  while (taken.size < rest->size && is_one_of (rest->text[taken.size], bytes))
    taken.size++;
  *rest = dc_span_skip (*rest, taken.size);
  return taken;
}

static void
skip_blanks (struct dc_span *rest)
{
  while (rest->size > 0 && (rest->text[0] == ' ' || rest->text[0] == '\t' ||
                            rest->text[0] == '\r' || rest->text[0] == '\f'))
    *rest = dc_span_skip (*rest, 1);
}

static char
unescape (char c)
{
  static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
  const char *found = strchr (from, c);

  return found != NULL && c != '\0' ? to[found - from] : c;
}

/* The rest of a quoted value, behind its first quote. */
static int
read_quoted (struct dc_span *rest, char **value, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (rest->size + 1);

  for (; rest->size > 0; *rest = dc_span_skip (*rest, 1)) {
    char c = rest->text[0];
    if (c == '\\' && rest->size > 1) {
      *rest = dc_span_skip (*rest, 1);
      c = unescape (rest->text[0]);
    } else if (c == '\'' && rest->size > 1 && rest->text[1] == '\'') {
      *rest = dc_span_skip (*rest, 1);
    } else if (c == '\'') {
      *rest = dc_span_skip (*rest, 1);
      return dc_span_copy ((struct dc_span){ dc_buffer_text (&b), b.size },
                           value, err);
    }
    if (dc_buffer_append (&b, &c, 1, err) < 0)
      return -1;
  }
  return dc_fail (err, DC_ERR_INVALID, "a quote stays open");
}

static int
read_value (struct dc_span *rest, char **value, struct dc_error *err)
{
  if (rest->size > 0 && rest->text[0] == '\'') {
    *rest = dc_span_skip (*rest, 1);
    return read_quoted (rest, value, err);
  }
  const struct dc_span word = take (rest, LETTERS DIGITS "_$.:/+-");
  if (word.size == 0)
    return dc_fail (err, DC_ERR_INVALID, "a setting without a value");
  return dc_span_copy (word, value, err);
}

int
dc_pgsetting_line (struct dc_span line, char **name, char **value,
                   struct dc_error *err)
{
  AUTO_FREE char *text = NULL;

  skip_blanks (&line);
  if (line.size == 0 || line.text[0] == '#')
    return 0;
  const struct dc_span key = take (&line, LETTERS DIGITS "_$.");
  if (key.size == 0 || is_one_of (key.text[0], DIGITS ".$"))
    return dc_fail (err, DC_ERR_INVALID, "not a setting");
  skip_blanks (&line);
  if (line.size > 0 && line.text[0] == '=')
    line = dc_span_skip (line, 1);
  skip_blanks (&line);
  if (read_value (&line, &text, err) < 0)
    return -1;
  skip_blanks (&line);
  if (line.size > 0 && line.text[0] != '#')
    return dc_fail (err, DC_ERR_INVALID, "more than one value");
  if (dc_span_copy (key, name, err) < 0)
    return -1;
  *value = DC_TAKE (text);
  return 1;
}

static void
make_lower (char *text)
{
  for (; *text != '\0'; text++)
    if (*text >= 'A' && *text <= 'Z')
      *text = (char) (*text - 'A' + 'a');
}

/* An entry in "", with "" for a quote in it. */
static int
read_entry_quoted (struct dc_span *rest, struct dc_words *words,
                   struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (rest->size + 1);

  for (*rest = dc_span_skip (*rest, 1); rest->size > 0;
       *rest = dc_span_skip (*rest, 1)) {
    if (rest->text[0] == '"' && rest->size > 1 && rest->text[1] == '"') {
      *rest = dc_span_skip (*rest, 1);
    } else if (rest->text[0] == '"') {
      *rest = dc_span_skip (*rest, 1);
      skip_blanks (rest);
      return dc_words_add (words, dc_buffer_text (&b), err);
    }
    if (dc_buffer_append (&b, rest->text, 1, err) < 0)
      return -1;
  }
  return dc_fail (err, DC_ERR_INVALID, "a quote stays open in a list");
}

static int
read_entry (struct dc_span *rest, struct dc_words *words, struct dc_error *err)
{
  struct dc_span entry = { rest->text, 0 };

  if (rest->size > 0 && rest->text[0] == '"')
    return read_entry_quoted (rest, words, err);
  while (entry.size < rest->size && rest->text[entry.size] != ',')
    entry.size++;
  *rest = dc_span_skip (*rest, entry.size);
  entry = dc_span_trim (entry);
  if (entry.size == 0)
    return dc_fail (err, DC_ERR_INVALID, "an empty entry in a list");
  if (dc_words_add_bytes (words, entry.text, entry.size, err) < 0)
    return -1;
  make_lower (words->items[words->count - 1]);
  return 0;
}

int
dc_pgsetting_list (const char *value, struct dc_words *words,
                   struct dc_error *err)
{
  struct dc_span rest = dc_span_trim (dc_span_of (value));

  if (rest.size == 0)
    return 0;
  for (;;) {
    skip_blanks (&rest);
    if (read_entry (&rest, words, err) < 0)
      return -1;
    if (rest.size == 0)
      return 0;
    if (rest.text[0] != ',')
      return dc_fail (err, DC_ERR_INVALID, "no comma between entries");
    rest = dc_span_skip (rest, 1);
  }
}

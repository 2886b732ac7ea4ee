/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/apachewords.h"
#include "analyzer/unit/unitenv.h"
#include "lib/buffer.h"
#include "lib/span.h"

#define WORD_SIZE_MAX ((size_t) 1024 * 1024) /* bytes */
#define NAME_SIZE_MAX ((size_t) 256)         /* bytes of ${NAME} */

static const char blanks[] = " \t\r\n\v\f";

static bool
is_one_of (char c, const char *bytes)
{
  return c != '\0' && strchr (bytes, c) != NULL;
}

/* The value of the variable NAME, or NULL. */
static const char *
find_variable (const struct dc_words *const variables[2], const char *name,
               size_t size)
{
  for (size_t i = 0; i < 2; i++) {
    const char *value = dc_environment_get (variables[i], name, size);
    if (value != NULL)
      return value;
  }
  return NULL;
}

/* Append TEXT with its variables put in. */
static int
expand (struct dc_span text, const struct dc_words *const variables[2],
        struct dc_buffer *out, struct dc_error *err)
{
  while (text.size > 0) {
    const char *dollar = memchr (text.text, '$', text.size);
    const size_t before =
        dollar != NULL ? (size_t) (dollar - text.text) : text.size;
    if (dc_buffer_append (out, text.text, before, err) < 0)
      return -1;
    text = dc_span_skip (text, before);
    if (text.size == 0)
      return 0;
    const size_t near = text.size < NAME_SIZE_MAX ? text.size : NAME_SIZE_MAX;
    const char *end =
        near > 1 && text.text[1] == '{' ? memchr (text.text, '}', near) : NULL;
    const char *value = end != NULL
                            ? find_variable (variables, text.text + 2,
                                             (size_t) (end - text.text) - 2)
                            : NULL;
    const size_t size = value != NULL ? (size_t) (end - text.text) + 1 : 1;
    if (value == NULL)
      value = "$";
    if (dc_buffer_append (out, value, strlen (value), err) < 0)
      return -1;
    text = dc_span_skip (text, size);
  }
  return 0;
}

/* The quoted word at *P, whose quote is **P. */
static int
read_quoted (const char **p, struct dc_buffer *word, struct dc_error *err)
{
  const char quote = *(*p)++;

  for (; **p != '\0' && **p != quote; (*p)++) {
    if (**p == '\\' && ((*p)[1] == '\\' || (*p)[1] == quote))
      (*p)++;
    if (dc_buffer_append (word, *p, 1, err) < 0)
      return -1;
  }
  *p += **p == quote;
  return 0;
}

static int
read_word (const char **p, struct dc_buffer *word, struct dc_error *err)
{
  if (**p == '"' || **p == '\'')
    return read_quoted (p, word, err);
  const size_t size = strcspn (*p, blanks);
  *p += size;
  return dc_buffer_append (word, *p - size, size, err);
}

int
dc_apache_words (const char *line, const struct dc_words *const variables[2],
                 struct dc_words *words, struct dc_error *err)
{
  struct dc_span rest = dc_span_trim (dc_span_of (line));
  AUTO_FREE char *text = NULL;

  if (dc_span_starts (rest, "<") && rest.text[rest.size - 1] == '>')
    rest.size--;
  if (dc_span_copy (rest, &text, err) < 0)
    return -1;
  for (const char *p = text; *p != '\0';) {
    AUTO_BUFFER struct dc_buffer raw = DC_BUFFER_INIT (WORD_SIZE_MAX);
    AUTO_BUFFER struct dc_buffer word = DC_BUFFER_INIT (WORD_SIZE_MAX);
    if (read_word (&p, &raw, err) < 0 ||
        expand ((struct dc_span){ dc_buffer_text (&raw), raw.size }, variables,
                &word, err) < 0 ||
        dc_words_add (words, dc_buffer_text (&word), err) < 0)
      return -1;
    while (is_one_of (*p, blanks))
      p++;
  }
  return 0;
}

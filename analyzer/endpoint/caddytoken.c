/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/caddytoken.h"
#include "lib/buffer.h"

#define WORD_SIZE_MAX ((size_t) 64 * 1024) /* bytes */

static char
take (struct dc_caddy_reader *reader)
{
  const char byte = *reader->rest.text;

  reader->line += byte == '\n';
  reader->rest = dc_span_skip (reader->rest, 1);
  return byte;
}

static bool
is_at (const struct dc_caddy_reader *reader, const char *text)
{
  return dc_span_starts (reader->rest, text);
}

/* Blanks, comments and lines that go on; false at the end of a line. */
static bool
skip_blanks (struct dc_caddy_reader *reader)
{
  while (reader->rest.size > 0 && *reader->rest.text != '\n') {
    if (*reader->rest.text == '#') {
      while (reader->rest.size > 0 && *reader->rest.text != '\n')
        (void) take (reader);
      return false;
    }
    if (is_at (reader, "\\\n"))
      (void) take (reader);
    else if (strchr (" \t\r", *reader->rest.text) == NULL)
      return true;
    (void) take (reader);
  }
  return false;
}

/* Up to the QUOTE that ends the word; "\"" in a word in "" means '"'. */
static int
read_quoted (struct dc_caddy_reader *reader, char quote, struct dc_buffer *out,
             struct dc_error *err)
{
  (void) take (reader);
  while (reader->rest.size > 0 && *reader->rest.text != quote) {
    if (quote == '"' && is_at (reader, "\\\""))
      (void) take (reader);
    const char byte = take (reader);
    if (dc_buffer_append (out, &byte, 1, err) < 0)
      return -1;
  }
  if (reader->rest.size > 0)
    (void) take (reader);
  return 0;
}

static int
read_plain (struct dc_caddy_reader *reader, struct dc_buffer *out,
            struct dc_error *err)
{
  while (reader->rest.size > 0 &&
         strchr (" \t\r\n", *reader->rest.text) == NULL) {
    const char byte = take (reader);
    if (dc_buffer_append (out, &byte, 1, err) < 0)
      return -1;
  }
  return 0;
}

/* Behind "<<MARK": all lines up to the one that is MARK, less its end. */
static void
skip_heredoc (struct dc_caddy_reader *reader, const char *mark)
{
  struct dc_span line;

  (void) dc_span_line (&reader->rest, &line); /* what follows the mark */
  reader->line++;
  while (dc_span_line (&reader->rest, &line)) {
    reader->line++;
    if (!dc_span_is (dc_span_trim (line), mark))
      continue;
    const size_t size = reader->rest.size;
    const char *end = line.text + line.size;
    reader->rest =
        (struct dc_span){ end, size + (size_t) (reader->rest.text - end) };
    reader->line--;
    return;
  }
}

static int
read_word (struct dc_caddy_reader *reader, struct dc_words *words,
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (WORD_SIZE_MAX);
  const char first = *reader->rest.text;
  const bool is_quoted = first == '"' || first == '`';

  if ((is_quoted ? read_quoted (reader, first, &b, err)
                 : read_plain (reader, &b, err)) < 0)
    return -1;
  const char *text = dc_buffer_text (&b);
  if (!is_quoted && strncmp (text, "<<", 2) == 0 && text[2] != '\0') {
    skip_heredoc (reader, text + 2);
    return dc_words_add (words, "", err);
  }
  return dc_words_add_bytes (words, text, b.size, err);
}

static bool
ends_with_comma (const struct dc_words *words)
{
  const char *last = words->items[words->count - 1];
  const size_t size = strlen (last);

  return size > 0 && last[size - 1] == ',';
}

/* A lone brace is no word. */
static bool
is_brace (struct dc_caddy_reader *reader, char brace)
{
  const struct dc_span rest = reader->rest;

  if (rest.size == 0 || *rest.text != brace ||
      (rest.size > 1 && strchr (" \t\r\n", rest.text[1]) == NULL))
    return false;
  (void) take (reader);
  return true;
}

int
dc_caddy_line (struct dc_caddy_reader *reader, struct dc_words *words,
               unsigned *line, enum dc_caddy_end *end, struct dc_error *err)
{
  dc_words_release (words);
  for (;;) {
    if (!skip_blanks (reader)) {
      if (words->count > 0 &&
          (reader->rest.size == 0 || !ends_with_comma (words))) {
        *end = DC_CADDY_LINE;
        return 0;
      }
      if (reader->rest.size == 0) {
        *end = DC_CADDY_EOF;
        return 0;
      }
      (void) take (reader);
      continue;
    }
    if (words->count == 0)
      *line = reader->line;
    if (words->count == 0 && is_brace (reader, '}')) {
      *end = DC_CADDY_CLOSE;
      return 0;
    }
    if (is_brace (reader, '{')) {
      *end = DC_CADDY_OPEN;
      return 0;
    }
    if (read_word (reader, words, err) < 0)
      return -1;
  }
}

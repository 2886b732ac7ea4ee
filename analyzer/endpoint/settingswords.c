/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/settings.h"

/* Dialects that are read word by word: tags, phrases, and value. */

struct scan {
  struct dc_settings_text *text;
  const char *s, *end;
  unsigned line;
  bool is_open; /* a tag is */
};

static bool
is_blank (char byte)
{
  return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static void
skip_blanks (struct scan *scan)
{
  for (; scan->s < scan->end && is_blank (*scan->s); scan->s++)
    scan->line += *scan->s == '\n';
}

/* A word, or a quoted text less its quotes; empty at a byte that is neither.
 */
static struct dc_span
next_word (struct scan *scan)
{
  const char *start = scan->s;

  if (scan->s < scan->end && (*scan->s == '"' || *scan->s == '\'')) {
    const char quote = *scan->s++;
    for (start = scan->s; scan->s < scan->end && *scan->s != quote; scan->s++)
      scan->line += *scan->s == '\n';
    const struct dc_span word = { start, (size_t) (scan->s - start) };
    scan->s += scan->s < scan->end;
    return word;
  }
  while (scan->s < scan->end && !is_blank (*scan->s) &&
         memchr ("<>(){}=\"'#;", *scan->s, 11) == NULL)
    scan->s++;
  return (struct dc_span){ start, (size_t) (scan->s - start) };
}

static void
close_tag (struct scan *scan)
{
  if (scan->is_open)
    dc_settings_close (scan->text);
  scan->is_open = false;
}

/* WORD is the name of an attribute if "=" follows, else of a tag. */
static int
read_word (struct scan *scan, struct dc_span word, struct dc_error *err)
{
  const unsigned line = scan->line;

  skip_blanks (scan);
  if (scan->s < scan->end && *scan->s == '=') {
    scan->s++;
    skip_blanks (scan);
    return dc_settings_add (scan->text, word, next_word (scan), line, err);
  }
  close_tag (scan);
  scan->is_open = true;
  return dc_settings_open (scan->text, word, dc_span_of (""), line, err);
}

/* <name key="value" ...>  name (key="value" ...)  name key="value" */
int
dc_settings_tags (struct dc_settings_text *text, struct dc_error *err)
{
  struct scan scan = { text, text->text.text, NULL, 1, false };

  scan.end = scan.s + text->text.size;
  while (skip_blanks (&scan), scan.s < scan.end) {
    const struct dc_span word = next_word (&scan);
    if (word.size > 0) {
      if (read_word (&scan, word, err) < 0)
        return -1;
      continue;
    }
    if (scan.s == scan.end)
      break;
    const char byte = *scan.s++;
    if (memchr (">)}", byte, 3) != NULL)
      close_tag (&scan);
    while (byte == '#' && scan.s < scan.end && *scan.s != '\n')
      scan.s++;
  }
  return 0;
}

/* "listen on host port 25": listen.on = host, listen.host = port, ... */
static int
read_phrase (struct dc_settings_text *text, struct dc_span line,
             unsigned number, struct dc_error *err)
{
  struct dc_span rest = line;
  struct dc_span word = dc_settings_word (rest, &rest);

  if (dc_settings_open (text, word, word, number, err) < 0)
    return -1;
  while (rest.size > 0) {
    const struct dc_span value = dc_settings_word (rest, &rest);
    if (dc_settings_add (text, word, value, number, err) < 0)
      return -1;
    word = value;
  }
  dc_settings_close (text);
  return 0;
}

int
dc_settings_phrases (struct dc_settings_text *text, struct dc_error *err)
{
  struct dc_span rest = text->text, line;

  for (unsigned number = 1; dc_span_line (&rest, &line); number++) {
    line = dc_settings_uncomment (line, '#');
    if (line.size > 0 && read_phrase (text, line, number, err) < 0)
      return -1;
  }
  return 0;
}

/* A file that is one value: its name is the key. */
int
dc_settings_value (struct dc_settings_text *text, struct dc_error *err)
{
  const char *slash = strrchr (text->file, '/');
  const char *name = slash != NULL ? slash + 1 : text->file;
  struct dc_span rest = text->text, line;

  if (!dc_span_line (&rest, &line))
    return 0;
  return dc_settings_add (text, dc_span_of (name),
                          dc_settings_uncomment (line, '#'), 1, err);
}

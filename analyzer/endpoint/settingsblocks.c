/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/settings.h"

/* The dialect of blocks in braces: "name label { key value; key = value }".
 * A statement ends at a newline, a semicolon or a brace.  What is between
 * braces behind "=" and holds no brace is a value: "ports = { 1, 2 }".
 */

struct scan {
  struct dc_settings_text *text;
  const char *s, *end;
  unsigned line;
  struct dc_span last; /* statement, the name of a brace on the next line */
  unsigned last_line;
};

/* Behind a comment that begins here: "#...", "//...", a C comment. */
static bool
skip_comment (struct scan *scan)
{
  const char *s = scan->s;
  const size_t left = (size_t) (scan->end - s);

  if (left >= 2 && s[0] == '/' && s[1] == '*') {
    for (s += 2; s < scan->end; s++) {
      scan->line += *s == '\n';
      if (s[-1] == '*' && s[0] == '/' && s - scan->s > 2)
        break;
    }
    scan->s = s < scan->end ? s + 1 : s;
    return true;
  }
  if (s[0] != '#' && (left < 2 || s[0] != '/' || s[1] != '/'))
    return false;
  while (scan->s < scan->end && *scan->s != '\n')
    scan->s++;
  return true;
}

/* Behind the quoted text that begins here; an open quote is a byte. */
static void
skip_quoted (struct scan *scan)
{
  const char quote = *scan->s++;

  for (const char *s = scan->s; s < scan->end && *s != '\n'; s++) {
    if (*s == '\\' && s + 1 < scan->end) {
      s++;
    } else if (*s == quote) {
      scan->s = s + 1;
      return;
    }
  }
}

static bool
is_comment_start (const struct scan *scan, const char *start)
{
  const char *s = scan->s;
  const bool is_behind = s == start || s[-1] == ' ' || s[-1] == '\t';

  return is_behind && (*s == '#' || (*s == '/' && s + 1 < scan->end &&
                                     (s[1] == '/' || s[1] == '*')));
}

/* The statement from here up to what ends it. */
static struct dc_span
next_statement (struct scan *scan)
{
  const char *start = scan->s;

  while (scan->s < scan->end && strchr ("\n;{}", *scan->s) == NULL &&
         !is_comment_start (scan, start)) {
    if (*scan->s == '"' || *scan->s == '\'')
      skip_quoted (scan);
    else
      scan->s++;
  }
  return dc_span_trim ((struct dc_span){ start, (size_t) (scan->s - start) });
}

static struct dc_span
split_key (struct dc_span statement, struct dc_span *key)
{
  size_t size = 0;

  while (size < statement.size &&
         strchr (" \t\r=:", statement.text[size]) == NULL)
    size++;
  *key = (struct dc_span){ statement.text, size };
  struct dc_span value = dc_span_trim (dc_span_skip (statement, size));
  const bool is_colon =
      value.size > 0 && value.text[0] == ':' &&
      (value.size == 1 || value.text[1] == ' ' || value.text[1] == '\t');
  if (is_colon)
    value = dc_span_trim (dc_span_skip (value, 1));
  while (value.size > 0 && (value.text[0] == '=' || value.text[0] == '+'))
    value = dc_span_skip (value, 1);
  return dc_span_trim (value);
}

/* "ports = { 1, 2 }": true, and what is between the braces. */
static bool
is_list (struct scan *scan, struct dc_span statement, struct dc_span *list)
{
  if (statement.size == 0 || statement.text[statement.size - 1] != '=')
    return false;
  for (const char *s = scan->s + 1; s < scan->end; s++) {
    if (*s == '{' || *s == '#' || *s == '=' || *s == ';')
      return false;
    if (*s != '}')
      continue;
    *list = (struct dc_span){ scan->s + 1, (size_t) (s - scan->s) - 1 };
    for (; scan->s < s; scan->s++)
      scan->line += *scan->s == '\n';
    scan->s = s + 1;
    return true;
  }
  return false;
}

/* What STATEMENT, which ended at BYTE, means. */
static int
read_statement (struct scan *scan, struct dc_span statement, char byte,
                struct dc_error *err)
{
  struct dc_settings_text *text = scan->text;
  struct dc_span key, list;
  const bool is_last = byte == '{' && statement.size == 0;
  if (is_last)
    statement = scan->last;
  const struct dc_span value = split_key (statement, &key);
  const unsigned line =
      is_last && statement.size > 0 ? scan->last_line : scan->line;

  if (statement.size > 0)
    scan->last_line = scan->line;
  if (statement.size > 0 || byte != '\n')
    scan->last = byte == '\n' ? statement : (struct dc_span){ NULL, 0 };
  if (byte == '{' && is_list (scan, statement, &list))
    return dc_settings_add (text, key, dc_span_trim (list), line, err);
  if (byte == '{')
    return dc_settings_open (text, key, value, line, err);
  if (statement.size > 0 && dc_settings_add (text, key, value, line, err) < 0)
    return -1;
  if (byte == '}')
    dc_settings_close (text);
  return 0;
}

int
dc_settings_blocks (struct dc_settings_text *text, struct dc_error *err)
{
  struct scan scan = { text, text->text.text, NULL, 1, { NULL, 0 }, 1 };

  scan.end = scan.s + text->text.size;
  while (scan.s < scan.end) {
    if (skip_comment (&scan))
      continue;
    const struct dc_span statement = next_statement (&scan);
    const char *at = scan.s;
    const char byte = at < scan.end && strchr ("\n;{}", *at) ? *at : '\n';
    if (read_statement (&scan, statement, byte, err) < 0)
      return -1;
    if (scan.s == at && at < scan.end && strchr ("\n;{}", *at) != NULL) {
      scan.line += *at == '\n';
      scan.s++;
    }
  }
  return 0;
}

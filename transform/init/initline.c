/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "transform/init/initspecifier.h"

/* The bytes of a word that stand for themselves. */
static bool
is_plain (unsigned char byte)
{
  return byte > 0x20 && byte != 0x7f && byte != '%';
}

/* The letter of the mark at S, for what only the running system knows; 0 where
 * there is none.
 */
static char
live_letter (const char *s)
{
  const size_t size = strlen (DC_INIT_LIVE_MARK);

  if (strncmp (s, DC_INIT_LIVE_MARK, size) != 0)
    return '\0';
  const char letter = (char) (0x40 | (s[size] & 0x3f));
  return strchr (DC_INIT_LIVE_LETTERS, letter) != NULL ? letter : '\0';
}

int
dc_initline_word (struct dc_buffer *lines, const char *word,
                  struct dc_error *err)
{
  if (dc_buffer_append (lines, " ", 1, err) < 0)
    return -1;
  if (*word == '\0')
    return dc_buffer_append (lines, "%", 1, err);
  for (const char *s = word; *s != '\0'; s++) {
    const char letter = live_letter (s);
    if (letter != '\0') {
      if (dc_buffer_print (lines, err, "%%{%c}", letter) < 0)
        return -1;
      s += strlen (DC_INIT_LIVE_MARK);
      continue;
    }
    const unsigned char byte = (unsigned char) *s;
    const int status = is_plain (byte)
                           ? dc_buffer_append (lines, s, 1, err)
                           : dc_buffer_print (lines, err, "%%%02X", byte);
    if (status < 0)
      return -1;
  }
  return 0;
}

int
dc_initline_begin (struct dc_buffer *lines, const char *keyword,
                   struct dc_error *err)
{
  return dc_buffer_print (lines, err, "  %s", keyword);
}

int
dc_initline_end (struct dc_buffer *lines, struct dc_error *err)
{
  return dc_buffer_append (lines, "\n", 1, err);
}

static int
add_words (struct dc_buffer *lines, va_list words, struct dc_error *err)
{
  const char *word = va_arg (words, const char *);

  for (; word != NULL; word = va_arg (words, const char *)) {
    if (dc_initline_word (lines, word, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_initline (struct dc_buffer *lines, struct dc_error *err, const char *keyword,
             ...)
{
  va_list words;

  if (dc_initline_begin (lines, keyword, err) < 0)
    return -1;
  va_start (words, keyword);
  const int status = add_words (lines, words, err);
  va_end (words);
  return status < 0 ? -1 : dc_initline_end (lines, err);
}

struct dc_init_number
dc_init_decimal (uint64_t number)
{
  struct dc_init_number out;

  (void) snprintf (out.text, sizeof out.text, "%" PRIu64, number);
  return out;
}

struct dc_init_number
dc_init_octal (unsigned mode)
{
  struct dc_init_number out;

  (void) snprintf (out.text, sizeof out.text, "%04o", mode);
  return out;
}

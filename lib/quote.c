/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "lib/quote.h"
#include "lib/utf8.h"

/* The length of the UTF-8 sequence at P of at most LEFT bytes that prints as
 * something harmless, or 0.  C1 controls (U+0080..9F) and the bidirectional
 * and zero-width formatting characters can falsify a terminal, so they count
 * as bytes.
 */
static size_t
printable_size (const unsigned char *p, size_t left)
{
  uint32_t point;
  const size_t size = dc_utf8_decode (p, left, &point);

  if (size <= 1)
    return size == 1 && p[0] >= 0x20 && p[0] != 0x7f && p[0] != '\\';
  static const struct {
    uint32_t first, last;
  } refused[] = {
    { 0x0080, 0x009f }, { 0x200b, 0x200f }, { 0x2028, 0x202e },
    { 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xffff },
  };
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
    if (point >= refused[i].first && point <= refused[i].last)
      return 0;
  return size;
}

/* What stands for the first byte or character of the SIZE bytes at P, into TEXT
 * of at least 5 bytes, its length in *USED.  Returns how many bytes it is for.
 */
static size_t
quote_one (const unsigned char *p, size_t size, char *text, size_t *used)
{
  const size_t n = printable_size (p, size);

  if (n > 0) {
    memcpy (text, p, n);
    *used = n;
    return n;
  }
  if (*p == '\\')
    memcpy (text, "\\\\", 2);
  else
    (void) snprintf (text, 5, "\\x%02X", *p); /* fits */
  *used = *p == '\\' ? 2 : 4;
  return 1;
}

struct dc_quoted
dc_quote_bytes (const void *bytes, size_t size)
{
  const unsigned char *p = bytes;
  struct dc_quoted quoted;
  char one[5];
  size_t used = 0, need = 0;
  const size_t room = sizeof quoted.text - 4; /* for "..." and NUL */

  for (size_t i = 0; i < size;) {
    i += quote_one (p + i, size - i, one, &need);
    if (used + need > room) {
      memcpy (quoted.text + used, "...", 3);
      used += 3;
      break;
    }
    memcpy (quoted.text + used, one, need);
    used += need;
  }
  quoted.text[used] = '\0';
  return quoted;
}

int
dc_quote_append (struct dc_buffer *b, const char *s, struct dc_error *err)
{
  const unsigned char *p = (const unsigned char *) s;
  char one[5];
  size_t used = 0;

  for (size_t left = strlen (s); left > 0;) {
    const size_t taken = quote_one (p, left, one, &used);
    if (dc_buffer_append (b, one, used, err) < 0)
      return -1;
    p += taken;
    left -= taken;
  }
  return 0;
}

struct dc_quoted
dc_quote (const char *s)
{
  return s == NULL ? dc_quote_bytes ("(none)", 6)
                   : dc_quote_bytes (s, strlen (s));
}

void
dc_quote_clean (char *text)
{
  size_t left = strlen (text);

  for (char *p = text; left > 0;) {
    size_t n = *p == '\\' ? 1 : printable_size ((unsigned char *) p, left);
    if (n == 0) {
      *p = '?';
      n = 1;
    }
    p += n;
    left -= n;
  }
}

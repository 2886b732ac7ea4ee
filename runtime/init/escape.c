/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <time.h>

#include "runtime/init/text.h"

static const char upper_digits[] = "0123456789ABCDEF";

static int
hex_value (char c)
{
  const char *found = c == '\0' ? NULL : strchr (upper_digits, c);

  return found == NULL ? -1 : (int) (found - upper_digits);
}

int
di_unescape (char *word, struct di_error *err)
{
  char *out = word;

  if (strcmp (word, "%") == 0) {
    *word = '\0';
    return 0;
  }
  for (const char *s = word; *s != '\0'; s++) {
    if ((unsigned char) *s < 0x20 || *s == 0x7f)
      return di_fail (err, "a control character is not escaped", NULL);
    if (*s != '%') {
      *out++ = *s;
      continue;
    }
    const int high = hex_value (s[1]);
    const int low = high < 0 ? -1 : hex_value (s[2]);
    if (low < 0 || high * 16 + low == 0)
      return di_fail (err, "'%' is not followed by two hex digits", NULL);
    *out++ = (char) (high * 16 + low);
    s += 2;
  }
  *out = '\0';
  return 0;
}

char *
di_escape (const char *word, char *out, size_t size)
{
  const char *const end = out + size;

  if (*word == '\0') {
    if (size < 2)
      return NULL;
    *out++ = '%';
  }
  for (; *word != '\0'; word++) {
    const unsigned char c = (unsigned char) *word;
    if (end - out < 4)
      return NULL;
    if (c > 0x20 && c != 0x7f && c != '%') {
      *out++ = *word;
      continue;
    }
    *out++ = '%';
    *out++ = upper_digits[c >> 4];
    *out++ = upper_digits[c & 15];
  }
  return out;
}

int
di_split (char *line, char **words, size_t max, struct di_error *err)
{
  size_t count = 0;

  for (char *s = line + strspn (line, " \t"); *s != '\0';) {
    char *end = s + strcspn (s, " \t");
    char *next = end + strspn (end, " \t");
    *end = '\0';
    if (count == max)
      return di_fail (err, "more than ", DI_NUMBER ((int64_t) max), " words",
                      NULL);
    if (di_unescape (s, err) < 0)
      return -1;
    words[count++] = s;
    s = next;
  }
  return (int) count;
}

/* The bytes of the UTF-8 character at TEXT, 0: it is none.  RFC 3629. */
static size_t
character_size (const unsigned char *text, size_t size)
{
  static const struct {
    unsigned char first, last, second_min, second_max;
    size_t size;
  } forms[] = {
    { 0x00, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 },
    { 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
    { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
    { 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
    { 0xf4, 0xf4, 0x80, 0x8f, 4 },
  };

  for (size_t i = 0; i < DI_COUNT (forms); i++) {
    if (text[0] < forms[i].first || text[0] > forms[i].last)
      continue;
    if (forms[i].size > size)
      return 0;
    if (forms[i].size > 1 &&
        (text[1] < forms[i].second_min || text[1] > forms[i].second_max))
      return 0;
    for (size_t k = 2; k < forms[i].size; k++) {
      if ((text[k] & 0xc0) != 0x80)
        return 0;
    }
    return forms[i].size;
  }
  return 0;
}

static char *
put_control (char *out, unsigned char c)
{
  static const char letters[] = "btn\0fr"; /* of 8 to 13 */

  *out++ = '\\';
  if (c == '"' || c == '\\') {
    *out++ = (char) c;
    return out;
  }
  if (c >= 8 && c <= 13 && c != 11) {
    *out++ = letters[c - 8];
    return out;
  }
  memcpy (out, "u00", 3);
  out[3] = upper_digits[c >> 4];
  out[4] = upper_digits[c & 15];
  return out + 5;
}

char *
di_json (const char *text, size_t size, char *out, size_t room)
{
  static const char replacement[] = { '\xef', '\xbf', '\xbd' };
  char *const end = out + room - 8; /* one character and the quote */

  *out++ = '"';
  for (size_t i = 0; i < size && out < end;) {
    const unsigned char *s = (const unsigned char *) text + i;
    const size_t n = character_size (s, size - i);
    if (n == 0) {
      memcpy (out, replacement, sizeof replacement);
      out += sizeof replacement;
    } else if (*s < 0x20 || *s == '"' || *s == '\\' || *s == 0x7f) {
      out = put_control (out, *s);
    } else {
      memcpy (out, s, n);
      out += n;
    }
    i += n == 0 ? 1 : n;
  }
  *out++ = '"';
  return out;
}

/* N with COUNT digits at OUT. */
static void
put_digits (char *out, int n, int count)
{
  for (int i = count; i > 0; i--) {
    out[i - 1] = (char) ('0' + n % 10);
    n /= 10;
  }
}

const char *
di_time (char *out, int64_t ms)
{
  const time_t seconds = (time_t) (ms / 1000);
  struct tm tm = { .tm_year = 70 };

  memcpy (out, "0000-00-00T00:00:00.000Z", DI_TIME_SIZE);
  if (gmtime_r (&seconds, &tm) == NULL)
    return out;
  put_digits (out, tm.tm_year + 1900, 4);
  put_digits (out + 5, tm.tm_mon + 1, 2);
  put_digits (out + 8, tm.tm_mday, 2);
  put_digits (out + 11, tm.tm_hour, 2);
  put_digits (out + 14, tm.tm_min, 2);
  put_digits (out + 17, tm.tm_sec, 2);
  put_digits (out + 20, (int) (ms % 1000), 3);
  return out;
}

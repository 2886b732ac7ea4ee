/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/unit/unit.h"
#include "lib/buffer.h"
#include "lib/utf8.h"

/* Source: systemd.syntax(7), "Quoting".  Beyond the manual, as systemd does:
 * quotes may begin in the middle of a word, and \x and \nnn give a byte, \u
 * and \U a code point.
 */
static const char blanks[] = " \t\n\r";

static int
digit (char c, unsigned base)
{
  static const char digits[] = "0123456789abcdef0123456789ABCDEF";
  const char *found = c != '\0' ? strchr (digits, c) : NULL;
  if (found == NULL)
    return -1;
  const unsigned value = (unsigned) (found - digits) % 16;
  return value < base ? (int) value : -1;
}

/* The number of COUNT digits at P, or -1. */
static int64_t
number (const char *p, unsigned base, unsigned count)
{
  int64_t value = 0;
  for (unsigned i = 0; i < count; i++) {
    if (digit (p[i], base) < 0)
      return -1;
    value = value * base + digit (p[i], base);
  }
  return value;
}

/* What comes behind the backslash of an escape that stands for itself. */
static size_t
read_letter (const char *p, char *byte)
{
  static const char letters[] = "abfnrtvs\\\"'";
  static const char bytes[] = "\a\b\f\n\r\t\v \\\"'";
  const char *found = *p != '\0' ? strchr (letters, *p) : NULL;
  if (found == NULL)
    return 0;
  *byte = bytes[found - letters];
  return 1;
}

/* The escape at P, behind its backslash: how many bytes it takes (0: it is
 * none) and in BYTES, SIZE what it means.  NUL is never meant.
 */
static size_t
read_escape (const char *p, char bytes[DC_UTF8_SIZE_MAX], size_t *size)
{
  static const struct {
    char letter;
    unsigned base, digits;
  } numbers[] = { { 'x', 16, 2 }, { 'u', 16, 4 }, { 'U', 16, 8 } };

  *size = 1;
  if (read_letter (p, bytes) == 1)
    return 1;
  for (size_t i = 0; i < DC_COUNT (numbers); i++) {
    if (*p != numbers[i].letter)
      continue;
    const int64_t value = number (p + 1, numbers[i].base, numbers[i].digits);
    if (value <= 0)
      return 0;
    if (*p == 'x')
      bytes[0] = (char) value;
    else
      *size = dc_utf8_encode ((uint32_t) value, bytes);
    return *size > 0 ? 1 + numbers[i].digits : 0;
  }
  const int64_t octal = number (p, 8, 3);
  if (octal <= 0 || octal > 255)
    return 0;
  bytes[0] = (char) octal;
  return 3;
}

/* How strictly to read: a unit's own text, or the value of a variable. */
enum rules { OF_SETTINGS, OF_VARIABLES };

/* Append what stands at *P, a backslash, to WORD.  In settings an unknown
 * escape loses nothing: the backslash stays, and what follows it is no quote.
 * In variables the backslash only protects what follows it.
 */
static int
add_escape (const char **p, enum rules rules, struct dc_buffer *word,
            struct dc_error *err)
{
  char bytes[DC_UTF8_SIZE_MAX];
  size_t size;
  const char *start = *p;
  const size_t follows = start[1] != '\0';

  if (rules == OF_VARIABLES) {
    *p += 1 + follows;
    return dc_buffer_append (word, start + 1, follows, err);
  }
  const size_t taken = read_escape (start + 1, bytes, &size);
  *p += 1 + (taken > 0 ? taken : follows);
  return taken > 0 ? dc_buffer_append (word, bytes, size, err)
                   : dc_buffer_append (word, start, 1 + follows, err);
}

/* Append the quoted text at *P, which is its quote. */
static int
add_quoted (const char **p, enum rules rules, struct dc_buffer *word,
            struct dc_error *err)
{
  const char quote = *(*p)++;

  while (**p != quote) {
    if (**p == '\0' && rules == OF_VARIABLES)
      return 0;
    if (**p == '\0')
      return dc_fail (err, DC_ERR_INVALID, "a quote stays open");
    if (**p == '\\') {
      if (add_escape (p, rules, word, err) < 0)
        return -1;
    } else if (dc_buffer_append (word, (*p)++, 1, err) < 0) {
      return -1;
    }
  }
  (*p)++;
  return 0;
}

static int
read_word (const char **s, enum rules rules, char **word, struct dc_error *err)
{
  const char *p = *s + strspn (*s, blanks);
  if (*p == '\0')
    return 0;

  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_UNIT_WORD_MAX);
  while (*p != '\0' && strchr (blanks, *p) == NULL) {
    int status;
    if (*p == '"' || *p == '\'')
      status = add_quoted (&p, rules, &b, err);
    else if (*p == '\\')
      status = add_escape (&p, rules, &b, err);
    else
      status = dc_buffer_append (&b, p++, 1, err);
    if (status < 0)
      return -1;
  }
  char *taken = dc_buffer_take (&b);
  if (taken == NULL)
    return dc_fail_errno (err, "cannot keep a word");
  *word = taken;
  *s = p + strspn (p, blanks);
  return 1;
}

int
dc_unit_word (const char **s, char **word, struct dc_error *err)
{
  return read_word (s, OF_SETTINGS, word, err);
}

int
dc_unit_variable_word (const char **s, char **word, struct dc_error *err)
{
  return read_word (s, OF_VARIABLES, word, err);
}

int
dc_unit_words (const char *text, struct dc_words *words, struct dc_error *err)
{
  for (;;) {
    char *word = NULL;
    const int status = dc_unit_word (&text, &word, err);
    if (status <= 0)
      return status;
    if (dc_words_take (words, word, err) < 0)
      return -1;
  }
}

int
dc_unit_text (const char *text, char **out, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_UNIT_WORD_MAX);

  while (*text != '\0') {
    const int status = *text == '\\' ? add_escape (&text, OF_SETTINGS, &b, err)
                                     : dc_buffer_append (&b, text++, 1, err);
    if (status < 0)
      return -1;
  }
  char *taken = dc_buffer_take (&b);
  if (taken == NULL)
    return dc_fail_errno (err, "cannot keep a text");
  *out = taken;
  return 0;
}

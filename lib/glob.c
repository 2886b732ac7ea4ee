/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/glob.h"

/* Character classes of the C locale, as ranges from byte to byte. */
static const struct {
  const char *name, *ranges;
} classes[] = {
  { "alnum", "09AZaz" },   { "alpha", "AZaz" },
  { "blank", "\t\t  " },   { "cntrl", "\x01\x1f\x7f\x7f" },
  { "digit", "09" },       { "graph", "!~" },
  { "lower", "az" },       { "print", " ~" },
  { "punct", "!/:@[`{~" }, { "space", "\t\r  " },
  { "upper", "AZ" },       { "xdigit", "09AFaf" },
};

static bool
is_between (char c, char first, char last)
{
  const unsigned char byte = (unsigned char) c;
  return byte >= (unsigned char) first && byte <= (unsigned char) last;
}

/* The class [:NAME:] at P: its size, 0 when it is none; is C in it? */
static size_t
match_class (const char *p, char c, bool *is_in)
{
  for (size_t i = 0; i < DC_COUNT (classes); i++) {
    const size_t size = strlen (classes[i].name);
    if (strncmp (p, "[:", 2) != 0 ||
        strncmp (p + 2, classes[i].name, size) != 0 ||
        strncmp (p + 2 + size, ":]", 2) != 0)
      continue;
    for (const char *r = classes[i].ranges; *r != '\0'; r += 2)
      *is_in = *is_in || is_between (c, r[0], r[1]);
    return size + 4;
  }
  return 0;
}

/* One byte of a bracket, which a backslash may protect. */
static const char *
read_byte (const char *p, char *byte)
{
  if (p[0] == '\\' && p[1] != '\0')
    p++;
  *byte = *p;
  return p + 1;
}

/* The bracket expression at P, its '[': where it ends, or NULL when it never
 * does and '[' is a byte like any other.
 */
static const char *
match_bracket (const char *p, char c, bool *matches)
{
  bool is_in = false;
  const bool is_negated = p[1] == '!' || p[1] == '^';
  const char *first = p + 1 + is_negated;

  for (p = first; *p != ']' || p == first;) {
    if (*p == '\0')
      return NULL;
    const size_t size = match_class (p, c, &is_in);
    if (size > 0) {
      p += size;
      continue;
    }
    char low, high;
    p = read_byte (p, &low);
    high = low;
    if (p[0] == '-' && p[1] != ']' && p[1] != '\0')
      p = read_byte (p + 1, &high);
    is_in = is_in || is_between (c, low, high);
  }
  *matches = is_in != is_negated;
  return p + 1;
}

/* Does the one byte C fit what is at P, which is no star?  Then *NEXT is what
 * follows.
 */
static bool
match_one (const char *p, char c, const char **next)
{
  bool matches;
  const char *end = *p == '[' ? match_bracket (p, c, &matches) : NULL;

  if (end != NULL) {
    *next = end;
    return matches;
  }
  if (*p == '?') {
    *next = p + 1;
    return true;
  }
  char byte;
  *next = read_byte (p, &byte);
  return byte == c && *p != '\0';
}

/* A star first takes nothing; when what follows does not fit, the last one
 * takes one byte more.  Earlier stars need not change: what they could take,
 * the last one can.
 */
bool
dc_glob_match (const char *pattern, const char *text)
{
  const char *star = NULL, *taken = NULL;

  while (*text != '\0') {
    if (*pattern == '*') {
      star = ++pattern;
      taken = text;
    } else if (match_one (pattern, *text, &pattern)) {
      text++;
    } else if (star != NULL) {
      pattern = star;
      text = ++taken;
    } else {
      return false;
    }
  }
  while (*pattern == '*')
    pattern++;
  return *pattern == '\0';
}

bool
dc_glob_is_pattern (const char *pattern)
{
  return strpbrk (pattern, "*?[\\") != NULL;
}

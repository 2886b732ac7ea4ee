/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* wide: classes of characters for fnmatch(), in ASCII.
 *
 * Patterns are matched as bytes, in the C locale.  libc's own functions would
 * bring tables of all of Unicode, 10 kB of a program that is in every image;
 * these take their place when it is linked.
 */

#include <ctype.h>
#include <string.h>
#include <wctype.h>

#include "runtime/init/text.h"

#define ASCII_MAX 127

static const struct {
  const char *name;
  int (*is_in) (int c);
} classes[] = {
  { "alnum", isalnum }, { "alpha", isalpha }, { "blank", isblank },
  { "cntrl", iscntrl }, { "digit", isdigit }, { "graph", isgraph },
  { "lower", islower }, { "print", isprint }, { "punct", ispunct },
  { "space", isspace }, { "upper", isupper }, { "xdigit", isxdigit },
};

wctype_t
wctype (const char *name)
{
  for (size_t i = 0; i < DI_COUNT (classes); i++) {
    if (strcmp (classes[i].name, name) == 0)
      return i + 1;
  }
  return 0;
}

int
iswctype (wint_t c, wctype_t class)
{
  return c <= ASCII_MAX && class > 0 && class <= DI_COUNT (classes) &&
         classes[class - 1].is_in ((int) c);
}

wint_t
towupper (wint_t c)
{
  return c <= ASCII_MAX ? (wint_t) toupper ((int) c) : c;
}

wint_t
towlower (wint_t c)
{
  return c <= ASCII_MAX ? (wint_t) tolower ((int) c) : c;
}

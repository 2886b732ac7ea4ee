/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "transform/plan/planlines.h"

int
dc_plan_lines_make (struct dc_tree *tree, const struct dc_profile *profile,
                    const char *unit, struct dc_initplan **out,
                    struct dc_error *err)
{
  const struct dc_init_choice choice = { .unit = unit };

  return dc_initplan_make (tree, profile->units, profile->users,
                           profile->hostname, &choice, 1, out, err);
}

/* The bytes that WORD of an init plan stands for, in place. */
static void
decode_word (char *word)
{
  char *to = word;

  for (const char *s = word; *s != '\0'; s++) {
    const char hex[] = { s[0] == '%' ? s[1] : '\0',
                         s[0] == '%' && s[1] != '\0' ? s[2] : '\0', '\0' };
    char *end = NULL;
    const unsigned long byte = strtoul (hex, &end, 16);
    if (end == hex + 2) {
      *to++ = (char) byte;
      s += 2;
    } else if (s[0] != '%') {
      *to++ = *s;
    }
  }
  *to = '\0';
}

/* The next word of *LINE, cut off in place; NULL: there is none. */
static char *
cut_word (char **line)
{
  char *s = *line + strspn (*line, " \t");

  if (*s == '\0')
    return NULL;
  char *end = s + strcspn (s, " \t");
  *line = *end != '\0' ? end + 1 : end;
  *end = '\0';
  return s;
}

char *
dc_plan_lines_word (char **rest)
{
  char *word = cut_word (rest);

  if (word != NULL)
    decode_word (word);
  return word;
}

int
dc_plan_lines_each (char *text,
                    int (*take) (void *self, const char *keyword, char *rest,
                                 struct dc_error *err),
                    void *self, struct dc_error *err)
{
  char *line = text;

  while (*line != '\0') {
    char *end = line + strcspn (line, "\n");
    char *next = *end != '\0' ? end + 1 : end;
    *end = '\0';
    const char *keyword = cut_word (&line);
    if (keyword != NULL && keyword[0] != '#' &&
        strcmp (keyword, "decant-init") != 0 &&
        take (self, keyword, line, err) < 0)
      return -1;
    line = next;
  }
  return 0;
}

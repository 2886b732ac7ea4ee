/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/words.h"

/* The array counts the NULL at the end as an item of its own. */
static int
grow (struct dc_words *words, struct dc_error *err)
{
  if (words->items == NULL &&
      DC_ARRAY_GROW (words->items, 0, DC_WORDS_MAX, "words", err) < 0)
    return -1;
  return DC_ARRAY_GROW (words->items, words->count + 1, DC_WORDS_MAX, "words",
                        err);
}

int
dc_words_take (struct dc_words *words, char *text, struct dc_error *err)
{
  AUTO_FREE char *owned = text;
  if (grow (words, err) < 0)
    return -1;
  words->items[words->count++] = DC_TAKE (owned);
  return 0;
}

int
dc_words_add_bytes (struct dc_words *words, const char *text, size_t size,
                    struct dc_error *err)
{
  char *copy = strndup (text, size);
  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep a word");
  return dc_words_take (words, copy, err);
}

int
dc_words_add (struct dc_words *words, const char *text, struct dc_error *err)
{
  return dc_words_add_bytes (words, text, strlen (text), err);
}

bool
dc_words_has (const struct dc_words *words, const char *text)
{
  for (size_t i = 0; i < words->count; i++)
    if (strcmp (words->items[i], text) == 0)
      return true;
  return false;
}

static int
compare (const void *a, const void *b)
{
  const char *const *left = a, *const *right = b;
  return strcmp (*left, *right);
}

void
dc_words_sort (struct dc_words *words)
{
  if (words->count < 2)
    return;
  qsort (words->items, words->count, sizeof *words->items, compare);
  size_t kept = 1;
  for (size_t i = 1; i < words->count; i++)
    if (strcmp (words->items[i], words->items[kept - 1]) == 0)
      free (words->items[i]);
    else
      words->items[kept++] = words->items[i];
  words->items[kept] = NULL;
  words->count = kept;
}

void
dc_words_release (struct dc_words *words)
{
  for (size_t i = 0; i < words->count; i++)
    free (words->items[i]);
  free (words->items);
  *words = (struct dc_words){ NULL, 0 };
}

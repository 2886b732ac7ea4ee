/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>

#include "analyzer/ext/inoset.h"

#define PAGE_BITS 512

struct page {
  uint64_t words[PAGE_BITS / 64];
};

struct dc_inoset {
  uint32_t max;
  struct page *pages[]; /* NULL: none of these */
};

static size_t
count_pages (uint32_t max)
{
  return (size_t) max / PAGE_BITS + 1;
}

int
dc_inoset_new (uint32_t max, struct dc_inoset **out, struct dc_error *err)
{
  struct dc_inoset *set =
      calloc (1, sizeof *set + count_pages (max) * sizeof (struct page *));

  if (set == NULL)
    return dc_fail_errno (err, "cannot keep a set of %u numbers", max);
  set->max = max;
  *out = set;
  return 0;
}

int
dc_inoset_add (struct dc_inoset *set, uint32_t ino, struct dc_error *err)
{
  assert (ino != 0 && ino <= set->max);

  struct page **page = &set->pages[ino / PAGE_BITS];
  if (*page == NULL)
    *page = calloc (1, sizeof **page);
  if (*page == NULL)
    return dc_fail_errno (err, "cannot keep a number");
  uint64_t *word = &(*page)->words[ino % PAGE_BITS / 64];
  const uint64_t bit = UINT64_C (1) << ino % 64;
  if ((*word & bit) != 0)
    return 0;
  *word |= bit;
  return 1;
}

void
dc_inoset_free (struct dc_inoset *set)
{
  if (set == NULL)
    return;
  for (size_t i = 0; i < count_pages (set->max); i++)
    free (set->pages[i]);
  free (set);
}

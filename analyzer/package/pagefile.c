/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/package/pagefile.h"

#define PIECE_SIZE ((size_t) 128 * 1024)

int
dc_pagefile_open (struct dc_tree *tree, const char *path,
                  struct dc_pagefile *file)
{
  const uint32_t index = dc_tree_resolve (tree, path);

  if (index == DC_TREE_NONE || !S_ISREG (tree->entries[index].mode))
    return 0;
  *file = (struct dc_pagefile){ .tree = tree,
                                .index = index,
                                .size = tree->entries[index].size };
  return 1;
}

/* The slot with the piece at OFFSET, read if need be; the one that was not
 * used for longest gives way.
 */
static int
find_slot (struct dc_pagefile *file, uint64_t offset, size_t *out,
           struct dc_error *err)
{
  size_t oldest = 0;

  for (size_t i = 0; i < DC_PAGEFILE_SLOTS; i++) {
    if (file->slots[i].used > 0 && file->slots[i].offset == offset) {
      file->slots[i].used = ++file->clock;
      *out = i;
      return 0;
    }
    if (file->slots[i].used < file->slots[oldest].used)
      oldest = i;
  }
  const uint64_t left = file->size - offset;
  const size_t size = left < PIECE_SIZE ? (size_t) left : PIECE_SIZE;
  if (file->slots[oldest].bytes == NULL)
    file->slots[oldest].bytes = malloc (PIECE_SIZE);
  if (file->slots[oldest].bytes == NULL)
    return dc_fail_errno (err, "cannot read a database");
  file->slots[oldest].used = 0; /* nothing until it is read */
  if (dc_tree_read (file->tree, file->index, offset, file->slots[oldest].bytes,
                    size, err) < 0)
    return -1;
  file->slots[oldest].offset = offset;
  file->slots[oldest].size = size;
  file->slots[oldest].used = ++file->clock;
  *out = oldest;
  return 0;
}

int
dc_pagefile_read (struct dc_pagefile *file, uint64_t offset, void *bytes,
                  size_t size, struct dc_error *err)
{
  unsigned char *to = bytes;

  if (size > file->size || offset > file->size - size)
    return dc_fail (err, DC_ERR_INVALID, "what it refers to lies outside it");
  while (size > 0) {
    const uint64_t begin = offset - offset % PIECE_SIZE;
    const size_t at = (size_t) (offset - begin);
    size_t slot = 0;
    if (find_slot (file, begin, &slot, err) < 0)
      return -1;
    const size_t have = file->slots[slot].size - at;
    const size_t n = size < have ? size : have;
    memcpy (to, file->slots[slot].bytes + at, n);
    to += n;
    offset += n;
    size -= n;
  }
  return 0;
}

int
dc_pagefile_mark (struct dc_pagefile *file, uint64_t page_count,
                  struct dc_error *err)
{
  free (file->visited);
  file->visited = calloc ((size_t) (page_count / 8 + 1), 1);
  if (file->visited == NULL)
    return dc_fail_errno (err, "cannot mark the pages of a database");
  file->page_count = page_count;
  return 0;
}

bool
dc_pagefile_visit (struct dc_pagefile *file, uint64_t page)
{
  if (page >= file->page_count)
    return false;
  const unsigned char bit = (unsigned char) (1u << page % 8);
  const bool is_first = (file->visited[page / 8] & bit) == 0;
  file->visited[page / 8] |= bit;
  return is_first;
}

void
dc_pagefile_release (struct dc_pagefile *file)
{
  for (size_t i = 0; i < DC_PAGEFILE_SLOTS; i++)
    free (file->slots[i].bytes);
  free (file->visited);
}

uint64_t
dc_get_big (const void *bytes, size_t size)
{
  const unsigned char *b = bytes;
  uint64_t number = 0;

  for (size_t i = 0; i < size; i++)
    number = number << 8 | b[i];
  return number;
}

uint64_t
dc_get_little (const void *bytes, size_t size)
{
  const unsigned char *b = bytes;
  uint64_t number = 0;

  for (size_t i = size; i-- > 0;)
    number = number << 8 | b[i];
  return number;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/array.h"
#include "lib/tree/tarheader.h"
#include "lib/tree/tarsparse.h"

#define LINE_MAX_SIZE 48 /* bytes of two numbers in the map */

/* A range that begins where the last one ends belongs to it. */
static int
add_range (struct dc_tarsparse *sparse, const struct dc_tree_range *range,
           struct dc_error *err)
{
  struct dc_tree_range *last =
      sparse->count > 0 ? &sparse->items[sparse->count - 1] : NULL;

  if (last != NULL && last->end == range->begin) {
    last->end = range->end;
    return 0;
  }
  if (DC_ARRAY_GROW (sparse->items, sparse->count, DC_TAR_SEGMENT_MAX,
                     "segments", err) < 0)
    return -1;
  sparse->items[sparse->count++] = *range;
  return 0;
}

/* 1, or 0 for a file of too many segments. */
static int
find_ranges (struct dc_tree *tree, uint32_t index, struct dc_tarsparse *sparse,
             uint64_t *data, struct dc_error *err)
{
  const uint64_t size = tree->entries[index].size;
  struct dc_tree_range range;

  for (uint64_t offset = 0; offset < size; offset = range.end) {
    if (dc_tree_data (tree, index, offset, &range, err) < 0)
      return -1;
    if (range.begin == range.end)
      break;
    *data += range.end - range.begin;
    if (sparse->count == DC_TAR_SEGMENT_MAX)
      return 0;
    if (add_range (sparse, &range, err) < 0)
      return -1;
  }
  return 1;
}

static int
write_map (struct dc_tarsparse *sparse, struct dc_error *err)
{
  static const char zeros[DC_TAR_BLOCK_SIZE];
  struct dc_buffer *map = &sparse->map;

  map->max = (DC_TAR_SEGMENT_MAX + 2) * LINE_MAX_SIZE;
  dc_buffer_clear (map);
  if (dc_buffer_print (map, err, "%zu\n", sparse->count) < 0)
    return -1;
  for (size_t i = 0; i < sparse->count; i++)
    if (dc_buffer_print (map, err, "%llu\n%llu\n",
                         (unsigned long long) sparse->items[i].begin,
                         (unsigned long long) (sparse->items[i].end -
                                               sparse->items[i].begin)) < 0)
      return -1;
  return dc_buffer_append (map, zeros, dc_tar_padding (map->size), err);
}

int
dc_tarsparse_find (struct dc_tree *tree, uint32_t index,
                   struct dc_tarsparse *sparse, struct dc_error *err)
{
  const uint64_t size = tree->entries[index].size;
  uint64_t data = 0;

  dc_tarsparse_release (sparse);
  if (size < DC_TAR_SPARSE_MIN || tree->ops->data == NULL)
    return 0;
  const int status = find_ranges (tree, index, sparse, &data, err);
  if (status <= 0 || size - data < DC_TAR_HOLES_MIN)
    return status < 0 ? -1 : 0;
  const struct dc_tree_range end = { size, size };
  const bool ends_in_hole =
      sparse->count == 0 || sparse->items[sparse->count - 1].end < size;
  if (ends_in_hole && sparse->count == DC_TAR_SEGMENT_MAX)
    return 0;
  if ((ends_in_hole && add_range (sparse, &end, err) < 0) ||
      write_map (sparse, err) < 0)
    return -1;
  sparse->size = sparse->map.size + data;
  return 1;
}

void
dc_tarsparse_release (struct dc_tarsparse *sparse)
{
  free (sparse->items);
  dc_buffer_release (&sparse->map);
  *sparse = (struct dc_tarsparse){ .count = 0 };
}

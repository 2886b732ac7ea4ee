/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/disk/extents.h"
#include "lib/file.h"

struct extents {
  struct dc_disk disk; /* first: the caller sees this */
  struct dc_extent *items;
  size_t count;
};

/* The first piece that ends behind OFFSET, or the end of the table. */
static size_t
find (const struct extents *extents, uint64_t offset)
{
  size_t low = 0, high = extents->count;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const struct dc_extent *item = &extents->items[middle];
    if (item->start + item->size > offset)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

static uint64_t
smaller (uint64_t a, uint64_t b)
{
  return a < b ? a : b;
}

static int
read_one (const struct extents *extents, const struct dc_disk_read *read,
          struct dc_error *err)
{
  uint64_t at = read->offset;
  const uint64_t end = at + read->size;
  char *bytes = read->bytes;

  for (size_t i = find (extents, at); at < end; i++) {
    const struct dc_extent *item =
        i < extents->count ? &extents->items[i] : NULL;
    const uint64_t start = item != NULL ? smaller (item->start, end) : end;
    if (at < start) {
      memset (bytes, 0, (size_t) (start - at));
      bytes += start - at;
      at = start;
    }
    if (at == end)
      break;
    const uint64_t size = smaller (item->start + item->size, end) - at;
    if (dc_file_read_at (item->fd, item->offset + (at - item->start), bytes,
                         (size_t) size, err) < 0)
      return dc_context (err, "the disk at byte %llu", (unsigned long long) at);
    bytes += size;
    at += size;
  }
  return 0;
}

static int
extents_read (struct dc_disk *disk, const struct dc_disk_read *reads,
              size_t count, struct dc_error *err)
{
  const struct extents *extents = (const struct extents *) disk;

  for (size_t i = 0; i < count; i++)
    if (read_one (extents, &reads[i], err) < 0)
      return -1;
  return 0;
}

static void
extents_free (struct dc_disk *disk)
{
  struct extents *extents = (struct extents *) disk;

  free (extents->items);
  free (extents);
}

int
dc_extents_disk (struct dc_extent *take_items, size_t count, uint64_t size,
                 struct dc_disk **out, struct dc_error *err)
{
  static const struct dc_disk_ops ops = { extents_read, extents_free };
  AUTO_FREE struct dc_extent *items = take_items;

  for (size_t i = 0; i < count; i++) {
    assert (i == 0 || items[i].start >= items[i - 1].start + items[i - 1].size);
    assert (items[i].start <= size);
    assert (items[i].size <= size - items[i].start);
  }
  struct extents *extents = calloc (1, sizeof *extents);
  if (extents == NULL)
    return dc_fail_errno (err, "cannot keep a disk");
  extents->disk = (struct dc_disk){ &ops, size };
  extents->items = DC_TAKE (items);
  extents->count = count;
  *out = &extents->disk;
  return 0;
}

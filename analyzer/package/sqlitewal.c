/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "analyzer/package/sqlite.h"
#include "lib/array.h"

#define HEADER_SIZE ((size_t) 32)
#define FRAME_SIZE ((size_t) 24) /* bytes of a frame's header */
#define MAGIC 0x377f0682u        /* + 1: checksums of big-endian words */

struct dc_sqlite_frame {
  uint64_t page;
  uint64_t offset; /* of its content */
};

struct sums {
  uint32_t a, b;
  bool is_big;
};

/* SIZE is a multiple of 8. */
static void
add_sum (struct sums *sums, const unsigned char *bytes, size_t size)
{
  uint64_t (*const get) (const void *, size_t) =
      sums->is_big ? dc_get_big : dc_get_little;

  for (size_t i = 0; i + 8 <= size; i += 8) {
    sums->a += (uint32_t) get (bytes + i, 4) + sums->b;
    sums->b += (uint32_t) get (bytes + i + 4, 4) + sums->a;
  }
}

static bool
is_sum (const struct sums *sums, const unsigned char *bytes)
{
  return dc_get_big (bytes, 4) == sums->a &&
         dc_get_big (bytes + 4, 4) == sums->b;
}

static int
by_page (const void *a, const void *b)
{
  const struct dc_sqlite_frame *p = a, *q = b;

  if (p->page != q->page)
    return p->page < q->page ? -1 : 1;
  return (p->offset > q->offset) - (p->offset < q->offset);
}

/* The last frame of each page is the one that counts. */
static void
keep_last (struct dc_sqlite_wal *wal)
{
  size_t kept = 0;

  if (wal->count > 0)
    qsort (wal->frames, wal->count, sizeof *wal->frames, by_page);
  for (size_t i = 0; i < wal->count; i++) {
    if (kept > 0 && wal->frames[kept - 1].page == wal->frames[i].page)
      kept--;
    wal->frames[kept++] = wal->frames[i];
  }
  wal->count = kept;
}

static int
read_frames (struct dc_sqlite_wal *wal, size_t page_size,
             const unsigned char *header, struct sums sums,
             struct dc_error *err)
{
  unsigned char frame[FRAME_SIZE];
  size_t committed = 0;

  AUTO_FREE unsigned char *page = malloc (page_size);
  if (page == NULL)
    return dc_fail_errno (err, "cannot read a database");
  for (uint64_t at = HEADER_SIZE; at + FRAME_SIZE + page_size <= wal->file.size;
       at += FRAME_SIZE + page_size) {
    if (dc_pagefile_read (&wal->file, at, frame, sizeof frame, err) < 0 ||
        dc_pagefile_read (&wal->file, at + FRAME_SIZE, page, page_size, err) <
            0)
      return -1;
    add_sum (&sums, frame, 8);
    add_sum (&sums, page, page_size);
    if (memcmp (frame + 8, header + 16, 8) != 0 || !is_sum (&sums, frame + 16))
      break; /* what follows is of an older log */
    if (DC_ARRAY_GROW (wal->frames, wal->count, SIZE_MAX, "frames", err) < 0)
      return -1;
    wal->frames[wal->count++] =
        (struct dc_sqlite_frame){ dc_get_big (frame, 4), at + FRAME_SIZE };
    if (dc_get_big (frame + 4, 4) > 0) {
      committed = wal->count;
      wal->page_count = dc_get_big (frame + 4, 4);
    }
  }
  wal->count = committed;
  keep_last (wal);
  return 0;
}

int
dc_sqlite_wal_open (struct dc_tree *tree, const char *path, size_t page_size,
                    struct dc_sqlite_wal *wal, struct dc_error *err)
{
  unsigned char header[HEADER_SIZE];
  struct sums sums = { 0, 0, false };

  if (dc_pagefile_open (tree, path, &wal->file) == 0 ||
      wal->file.size < HEADER_SIZE)
    return 0;
  if (wal->file.size > DC_SQLITE_WAL_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "its log is larger than %llu bytes",
                    (unsigned long long) DC_SQLITE_WAL_MAX);
  if (dc_pagefile_read (&wal->file, 0, header, sizeof header, err) < 0)
    return -1;
  sums.is_big = dc_get_big (header, 4) == MAGIC + 1;
  add_sum (&sums, header, 24);
  if ((!sums.is_big && dc_get_big (header, 4) != MAGIC) ||
      dc_get_big (header + 8, 4) != page_size || !is_sum (&sums, header + 24))
    return 0;
  return read_frames (wal, page_size, header, sums, err);
}

bool
dc_sqlite_wal_find (const struct dc_sqlite_wal *wal, uint64_t page,
                    uint64_t *offset)
{
  size_t low = 0, high = wal->count;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (wal->frames[middle].page < page)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == wal->count || wal->frames[low].page != page)
    return false;
  *offset = wal->frames[low].offset;
  return true;
}

void
dc_sqlite_wal_release (struct dc_sqlite_wal *wal)
{
  dc_pagefile_release (&wal->file);
  free (wal->frames);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdlib.h>

#include "lib/disk/stripes.h"

#define PIECE_MAX 64 /* reads handed on at once */

struct stripes {
  struct dc_disk disk; /* first: the caller sees this */
  struct dc_stripes_segment *segments;
  size_t segment_count;
  struct dc_stripe *stripes;
};

/* Reads of other disks that are still to be done. */
struct pieces {
  size_t count;
  struct dc_disk *disks[PIECE_MAX];
  struct dc_disk_read reads[PIECE_MAX];
};

/* All reads of one disk together, so that they are in flight together. */
static int
run (struct pieces *pieces, struct dc_error *err)
{
  struct dc_disk_read batch[PIECE_MAX];

  while (pieces->count > 0) {
    struct dc_disk *disk = pieces->disks[0];
    size_t left = 0, count = 0;
    for (size_t i = 0; i < pieces->count; i++)
      if (pieces->disks[i] == disk) {
        batch[count++] = pieces->reads[i];
      } else {
        pieces->disks[left] = pieces->disks[i];
        pieces->reads[left++] = pieces->reads[i];
      }
    pieces->count = left;
    if (dc_disk_read_many (disk, batch, count, err) < 0)
      return -1;
  }
  return 0;
}

/* The segment that holds byte AT, which is inside the disk. */
static const struct dc_stripes_segment *
find (const struct stripes *stripes, uint64_t at)
{
  size_t low = 0, high = stripes->segment_count - 1;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const struct dc_stripes_segment *segment = &stripes->segments[middle];
    if (segment->start + segment->size > at)
      high = middle;
    else
      low = middle + 1;
  }
  return &stripes->segments[low];
}

/* Add what of SIZE bytes at AT lies in one piece, to BYTES.  Its size. */
static size_t
add_piece (const struct stripes *stripes, uint64_t at, char *bytes, size_t size,
           struct pieces *pieces)
{
  const struct dc_stripes_segment *segment = find (stripes, at);
  const uint64_t position = at - segment->start;
  const struct dc_stripe *stripe = &stripes->stripes[segment->first];
  uint64_t offset = position, room = segment->size - position;

  if (segment->count > 1) {
    const uint64_t chunk = position / segment->chunk;
    const uint64_t inside = position % segment->chunk;
    stripe += chunk % segment->count;
    offset = chunk / segment->count * segment->chunk + inside;
    room = segment->chunk - inside;
  }
  const size_t piece = room < size ? (size_t) room : size;
  pieces->disks[pieces->count] = stripe->disk;
  pieces->reads[pieces->count++] =
      (struct dc_disk_read){ stripe->offset + offset, piece, bytes };
  return piece;
}

static int
stripes_read (struct dc_disk *disk, const struct dc_disk_read *reads,
              size_t count, struct dc_error *err)
{
  const struct stripes *stripes = (const struct stripes *) disk;
  struct pieces pieces;

  pieces.count = 0;
  for (size_t i = 0; i < count; i++)
    for (size_t done = 0; done < reads[i].size;) {
      if (pieces.count == PIECE_MAX && run (&pieces, err) < 0)
        return -1;
      done += add_piece (stripes, reads[i].offset + done,
                         (char *) reads[i].bytes + done, reads[i].size - done,
                         &pieces);
    }
  return run (&pieces, err);
}

static void
stripes_free (struct dc_disk *disk)
{
  struct stripes *stripes = (struct stripes *) disk;

  free (stripes->segments);
  free (stripes->stripes);
  free (stripes);
}

int
dc_stripes_disk (struct dc_stripes_segment *take_segments, size_t segment_count,
                 struct dc_stripe *take_stripes, struct dc_disk **out,
                 struct dc_error *err)
{
  static const struct dc_disk_ops ops = { stripes_read, stripes_free };
  AUTO_FREE struct dc_stripes_segment *segments = take_segments;
  AUTO_FREE struct dc_stripe *all = take_stripes;
  uint64_t size = 0;

  for (size_t i = 0; i < segment_count; i++) {
    assert (segments[i].start == size);
    assert (segments[i].size > 0);
    assert (segments[i].count == 1 || segments[i].chunk > 0);
    size += segments[i].size;
  }
  struct stripes *stripes = calloc (1, sizeof *stripes);
  if (stripes == NULL)
    return dc_fail_errno (err, "cannot keep a disk");
  stripes->disk = (struct dc_disk){ &ops, size };
  stripes->segments = DC_TAKE (segments);
  stripes->segment_count = segment_count;
  stripes->stripes = DC_TAKE (all);
  *out = &stripes->disk;
  return 0;
}

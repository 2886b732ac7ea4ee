/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_STRIPES_H
#define DC_LIB_DISK_STRIPES_H

/* stripes: a disk put together from pieces of other disks, without a copy.
 *
 * Its segments follow one another.  A segment takes its bytes from one
 * stripe, or a chunk from each of several in turn:
 *
 *   chunk   0  1  2  3  4  5
 *   stripe  0  1  0  1  0  1
 *   row     0  0  1  1  2  2
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/disk/disk.h"
#include "lib/error.h"

struct dc_stripe {
  struct dc_disk *disk; /* borrowed */
  uint64_t offset;      /* bytes, of the stripe's first */
};

struct dc_stripes_segment {
  uint64_t start, size; /* bytes, in the disk that is put together */
  uint64_t chunk;       /* bytes; means nothing with one stripe */
  size_t first, count;  /* of the stripes */
};

/* A disk of SEGMENT_COUNT segments, which follow one another from 0 on
 * without gaps; with several stripes their sizes are multiples of count *
 * chunk.  Both arrays are taken, also on failure.  0 and *OUT, or -1:
 * DC_ERR_SYSTEM.  Reads fail as those of the other disks do; beyond the end
 * of one is DC_ERR_INVALID.
 */
int dc_stripes_disk (struct dc_stripes_segment *take_segments,
                     size_t segment_count, struct dc_stripe *take_stripes,
                     struct dc_disk **out, struct dc_error *err);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_EXTENTS_H
#define DC_LIB_DISK_EXTENTS_H

/* extents: a disk whose bytes lie in pieces of files that we hold open.
 *
 * A raw file is one piece; an uncompressed qcow2 (with its backing files) is
 * what lib/disk/map.h reads from QEMU.  Reads are pread(2), nothing else, so
 * they work in a confined worker.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/disk/disk.h"
#include "lib/error.h"

struct dc_extent {
  uint64_t start;  /* bytes from the start of the disk */
  uint64_t size;   /* bytes */
  uint64_t offset; /* of the bytes in the file */
  int fd;          /* borrowed */
};

/* A disk of SIZE bytes made of COUNT pieces that are sorted, do not overlap,
 * end inside the disk and inside their files; between them it is zeros.
 * TAKE_ITEMS belongs to the disk, also on failure.  0 and *OUT, or -1:
 * DC_ERR_SYSTEM.  A read that fails is DC_ERR_SYSTEM, or DC_ERR_INVALID when
 * a file has become shorter.
 */
int dc_extents_disk (struct dc_extent *take_items, size_t count, uint64_t size,
                     struct dc_disk **out, struct dc_error *err);

#endif

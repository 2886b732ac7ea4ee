/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_DISK_H
#define DC_LIB_DISK_DISK_H

/* disk: the bytes a guest sees on one of its disks, read only.
 *
 * One struct of functions; whoever reads a disk sees only this.  Backends:
 * raw files, uncompressed qcow2 through its map (lib/disk/extents.h), and
 * everything QEMU can read over NBD (lib/disk/nbd.h).
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/error.h"

/* One read of a batch. */
struct dc_disk_read {
  uint64_t offset; /* bytes from the start of the disk */
  size_t size;
  void *bytes; /* the caller's memory */
};

struct dc_disk;

struct dc_disk_ops {
  /* All COUNT reads, in any order and as many at a time as pays; 0 or -1.
   * The ranges lie inside the disk: dc_disk_read*() has checked it.
   */
  int (*read) (struct dc_disk *disk, const struct dc_disk_read *reads,
               size_t count, struct dc_error *err);
  void (*free) (struct dc_disk *disk);
};

/* The head of every backend's own struct. */
struct dc_disk {
  const struct dc_disk_ops *ops;
  uint64_t size; /* bytes, as the guest sees it */
};

/* Reading past the end is DC_ERR_INVALID; a failing medium DC_ERR_SYSTEM. */
int dc_disk_read (struct dc_disk *disk, uint64_t offset, void *bytes,
                  size_t size, struct dc_error *err);
int dc_disk_read_many (struct dc_disk *disk, const struct dc_disk_read *reads,
                       size_t count, struct dc_error *err);
void dc_disk_free (struct dc_disk *disk);
DC_DEFINE_AUTO (dc_disk)

#endif

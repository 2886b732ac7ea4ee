/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_SAMPLE_H
#define DC_LIB_DISK_SAMPLE_H

/* sample: a sparse memfd that stands for a disk, with copies of the few places
 * that libblkid looks at; everything else in it is zeros.
 *
 * Superblocks stand in the first MiB (btrfs at 64 KiB, UFS and ZFS at
 * 256 KiB, UDF at 512 KiB and 1 MiB), those of RAID and ZFS in the last one.
 * NTFS, FAT and exFAT keep in other places what libblkid wants to see, and a
 * chain of extended partitions runs through the disk; their headers say
 * where.
 *
 * Source: util-linux 2.38 libblkid/src; compared with blkid(8) on the same
 * disks.
 */

#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/disk/disk.h"
#include "lib/error.h"

struct dc_sample {
  int fd;
  struct dc_disk *disk; /* borrowed */
};

/* A sample of DISK, of size 0.  0 and *OUT, or -1:
 * DC_ERR_SYSTEM.
 */
int dc_sample_new (struct dc_disk *disk, struct dc_sample **out,
                   struct dc_error *err);
void dc_sample_free (struct dc_sample *sample);
DC_DEFINE_AUTO (dc_sample)

/* Forget what was copied, and the memory; the memfd is now SIZE bytes. */
int dc_sample_clear (struct dc_sample *sample, uint64_t size,
                     struct dc_error *err);
/* Copy what identifies the contents of SIZE bytes at OFFSET. */
int dc_sample_contents (struct dc_sample *sample, uint64_t offset,
                        uint64_t size, struct dc_error *err);
/* Copy what belongs to a partition table besides that. */
int dc_sample_tables (struct dc_sample *sample, struct dc_error *err);

#endif

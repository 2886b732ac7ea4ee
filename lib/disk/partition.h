/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_PARTITION_H
#define DC_LIB_DISK_PARTITION_H

/* partition: what a disk is divided into and what lies in each part.
 *
 * libblkid probes a sparse memfd that holds the places where signatures
 * stand, copied from the disk, so that it works confined and over NBD.
 * Nested tables (extended partitions) are followed; a disk without a table
 * is one part with number 0.
 *
 * Source: libblkid's reference; UEFI 2.10 section 5; measured: libblkid is
 * content with the first and last blocks.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/disk/disk.h"
#include "lib/error.h"

#define DC_PARTITION_MAX 256

struct dc_partition {
  unsigned number;   /* as the kernel counts: sda1 is 1; whole disk: 0 */
  uint64_t offset;   /* bytes */
  uint64_t size;     /* bytes */
  char type[40];     /* GPT type GUID or "0x83"; "" without a table */
  char partuuid[40]; /* "" when none */
  char fstype[24];   /* blkid's word: "ext4", "crypto_LUKS"; "" unknown */
  char uuid[40];     /* of the file system; "" when none */
  char label[256];   /* of the file system, raw bytes; "" when none */
};

struct dc_partitions {
  char table[8]; /* "gpt", "dos", "" */
  struct dc_partition *items;
  size_t count;
};

/* 0 and *OUT for the caller, or -1: DC_ERR_INVALID (a damaged table),
 * DC_ERR_LIMIT, DC_ERR_SYSTEM.  A part that lies outside the disk is cut off
 * or left out.
 */
int dc_partitions_read (struct dc_disk *disk, struct dc_partitions **out,
                        struct dc_error *err);
void dc_partitions_free (struct dc_partitions *partitions);
DC_DEFINE_AUTO (dc_partitions)

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_PARTITION_H
#define DC_LIB_DISK_PARTITION_H

/* partition: what a disk is divided into and what lies in each part.
 *
 * libblkid probes a sparse memfd that holds the places where signatures
 * stand, copied from the disk (lib/disk/sample.h), so that it works confined
 * and over NBD.  Nested tables (extended partitions, BSD labels) are
 * followed; a disk without a table is one part with number 0.  A GPT of
 * sectors of 4096 bytes is recognised.
 *
 * Source: libblkid's reference; UEFI 2.10 section 5.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/disk/disk.h"
#include "lib/error.h"

#define DC_PARTITION_MAX 256

struct dc_partition {
  unsigned number;     /* as the kernel counts: sda1 is 1; whole disk: 0 */
  uint64_t offset;     /* bytes */
  uint64_t size;       /* bytes */
  char type[40];       /* GPT type GUID or "0x83"; "" without a table; an
                        extended partition is listed, with nothing in it */
  char partuuid[40];   /* "" when none */
  char partlabel[112]; /* of a GPT, UTF-8; "" when none */
  char fstype[32];     /* blkid's word: "ext4", "crypto_LUKS"; "" unknown */
  char uuid[40];       /* of the file system; "" when none */
  char label[256];     /* of the file system, raw bytes; "" when none */
};

struct dc_partitions {
  char table[16]; /* blkid's word: "gpt", "dos", "bsd"; "" none */
  struct dc_partition *items;
  size_t count;
};

/* 0 and *OUT for the caller, or -1: DC_ERR_INVALID (a GPT of which no copy
 * is valid; the disk ends early), DC_ERR_LIMIT, DC_ERR_SYSTEM.  A part that
 * lies outside the disk is cut off or left out.  A part with the signatures
 * of two file systems is left unknown, as mount(8) does.
 */
int dc_partitions_read (struct dc_disk *disk, struct dc_partitions **out,
                        struct dc_error *err);
/* What lies in the SIZE bytes at OFFSET of PART, which the caller has set: the
 * last three fields.  0, or -1: DC_ERR_SYSTEM.
 */
int dc_partition_look (struct dc_disk *disk, struct dc_partition *part,
                       struct dc_error *err);
void dc_partitions_free (struct dc_partitions *partitions);
DC_DEFINE_AUTO (dc_partitions)

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_LVMLABEL_H
#define DC_LIB_DISK_LVMLABEL_H

/* lvmlabel: what begins a physical volume of LVM2.
 *
 * One of the first four sectors is the label; all numbers are little-endian.
 *    0  "LABELONE"
 *    8  number of this sector
 *   16  CRC of the bytes from 20 on
 *   20  where the header begins in this sector
 *   24  "LVM2 001"
 * The header:
 *    0  id, 32 characters
 *   32  size of the device
 *   40  areas of data, then areas of metadata, each {offset, size} in bytes
 *       from the start of the volume, either list ended by one of zeros
 * An area of metadata begins with 512 bytes:
 *    0  CRC of the bytes from 4 to 512
 *    4  " LVM2 x[5A%r0N*>"
 *   20  version, 1
 *   24  where the area begins, and its size
 *   40  the text: {offset in the area, size, CRC, flags}
 * The rest of the area is a ring in which each text follows the one before.
 *
 * Source: libvslvm, "Logical Volume Manager (LVM) format", sections 2 and 3;
 * measured on LVM 2.03.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/disk/disk.h"
#include "lib/error.h"

#define DC_LVM_ID_SIZE 33 /* 32 characters and a NUL */
#define DC_LVM_AREA_MAX 4 /* LVM makes 0, 1 or 2 areas of metadata */

/* Where a physical volume may be; its disk is borrowed. */
struct dc_lvm_place {
  struct dc_disk *disk;
  uint64_t offset, size; /* bytes */
};

struct dc_lvmlabel {
  char id[DC_LVM_ID_SIZE];
  /* One for each usable area: what a group consists of (lvmtext.h). */
  struct {
    char *text;
    size_t size;
    uint32_t crc;
  } areas[DC_LVM_AREA_MAX];
  size_t area_count;
};

/* Read the label at PLACE and all texts whose CRC is right.  0 and *OUT for
 * the caller, or -1: DC_ERR_INVALID (no label, a wrong CRC, no text although
 * there should be one), DC_ERR_LIMIT, what the disk said, DC_ERR_SYSTEM.
 */
int dc_lvmlabel_read (const struct dc_lvm_place *place,
                      struct dc_lvmlabel **out, struct dc_error *err);
void dc_lvmlabel_free (struct dc_lvmlabel *label);
DC_DEFINE_AUTO (dc_lvmlabel)

#endif

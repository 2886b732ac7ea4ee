/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_VMDK_H
#define DC_LIB_DISK_VMDK_H

/* vmdk: VMware's disks, a text that names files or one file with that text
 * inside.
 *
 *    0  "KDMV"
 *    4  version      28  offset of the descriptor
 *   12  capacity     36  its size
 *
 * All little-endian, in sectors of 512 bytes.
 *
 * The text has lines of key=value, and one line for each extent:
 *   RW 4192256 SPARSE "disk-s001.vmdk"
 * A file with a capacity holds its data itself and its extent lines say
 * nothing (after a rename they name a file that is gone); with capacity 0
 * the text counts.  A key parentFileNameHint makes the disk a delta of
 * another one.
 *
 * Source: VMware "Virtual Disk Format 5.0"; QEMU block/vmdk.c for what it
 * ignores in silence, which we refuse.
 */

#include <stddef.h>

#include "lib/disk/header.h"

/* As dc_header_read(). */
int dc_vmdk_read (const struct dc_window *file, struct dc_header *header,
                  struct dc_error *err);
/* The text: fills the backing file and, if they count, the extents. */
enum dc_vmdk_extents { DC_VMDK_EXTENTS_IGNORED, DC_VMDK_EXTENTS_COUNT };
int dc_vmdk_parse (const char *text, size_t size, enum dc_vmdk_extents extents,
                   struct dc_header *header, struct dc_error *err);

#endif

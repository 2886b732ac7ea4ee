/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_VHDX_H
#define DC_LIB_DISK_VHDX_H

/* vhdx: the header of Hyper-V's newer format.
 *
 *   0        "vhdxfile"
 *   192 KiB  region table "regi": count at 8, from 16 on entries of 32
 *            bytes {GUID, offset 8, size 4, required 4}; a copy at 256 KiB
 *   region   BAT: entries of 8 bytes, state in bits 0-2, offset from bit 20
 *   region   metadata "metadata": count (16 bit) at 10, from 32 on entries
 *            of 32 bytes {GUID, offset 4, size 4, flags 4, reserved 4}
 *     item   file parameters: block size, flags (bit 1: has a parent)
 *     item   virtual disk size, 8 bytes
 *
 * All little-endian.  Source: [MS-VHDX] 2.2 to 2.6.
 */

#include "lib/disk/header.h"

/* As dc_header_read(). */
int dc_vhdx_read (const struct dc_window *file, struct dc_header *header,
                  struct dc_error *err);

#endif

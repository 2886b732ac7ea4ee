/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_MAP_H
#define DC_LIB_DISK_MAP_H

/* map: where the bytes of a disk lie, as `qemu-img map --output=json` says.
 *
 *   [{ "start": 0, "length": 65536, "depth": 1, "zero": false, "data": true,
 *      "offset": 327680},
 *
 * One row a line.  "depth" counts backing files, "offset" is the place in
 * that file; a row with data and no offset is compressed or encrypted.  Rows
 * without data read as zeros.
 *
 * The text comes from a program that read the guest's file, so it is foreign:
 * the parent looks at it without parsing to choose between this way and NBD;
 * the confined worker parses it.  The worst a lie achieves is a disk made of
 * the wrong bytes of its own files.
 *
 * Source: qemu-img(1); measured with QEMU 7.2.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/disk/extents.h"
#include "lib/disk/window.h"
#include "lib/error.h"

/* Rows, and bytes of the text (about 112 a row); beyond it is NBD. */
#define DC_MAP_ROW_MAX ((size_t) 256 * 1024)
#define DC_MAP_TEXT_MAX ((size_t) 32 * 1024 * 1024)

/* Can all data be read from the first FILE_COUNT files? */
bool dc_map_is_direct (const char *text, size_t size, size_t file_count);

/* The disk that TEXT describes; "depth" counts FILES, the disk's own is 0.  0 and *OUT, or -1:
 * DC_ERR_INVALID (not such a text; it does not cover the disk; a file is cut
 * off before data that it should hold), DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_map_disk (const char *text, size_t text_size,
                 const struct dc_window *files, size_t file_count,
                 struct dc_disk **out, struct dc_error *err);

#endif

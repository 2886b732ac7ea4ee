/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_WINDOW_H
#define DC_LIB_DISK_WINDOW_H

/* window: a part of an open file that is read as if it were a file: the
 * whole of it, or a disk inside an archive.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

struct dc_window {
  int fd;          /* borrowed */
  uint64_t offset; /* bytes, where it begins in the file */
  uint64_t size;   /* bytes; the end does not overflow */
};

/* Exactly SIZE bytes at OFFSET of the window, else -1 as dc_file_read_at(). */
int dc_window_read (const struct dc_window *window, uint64_t offset,
                    void *bytes, size_t size, struct dc_error *err);

#endif

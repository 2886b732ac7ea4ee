/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_LOCK_H
#define DC_LIB_DISK_LOCK_H

/* lock: the bytes by which QEMU processes agree on who uses an image.
 *
 *   byte 100 + N   locked by whoever uses permission N
 *   byte 200 + N   locked by whoever does not let others use permission N
 *   N: 0 read consistent data, 1 write, 2 write unchanged data, 3 resize
 *
 * All are shared (read) locks, so many may hold each; one asks whether an
 * exclusive lock would be granted.  First we lock what we use (100) and what
 * we forbid (201, 203), then we look for somebody who writes (101), resizes
 * (103) or forbids reading (200): of two that start at once, at least one
 * sees the other.  The locks belong to the open file description and live
 * until the last descriptor of it is closed, in whatever process.
 *
 * Source: QEMU 7.2 block/file-posix.c, include/block/block-common.h;
 * fcntl(2), "Open file description locks"; measured: qemu-system refuses to
 * open the file for writing meanwhile, readers do not notice.
 */

#include "lib/error.h"

/* Lock FD, open for reading, as a QEMU reader does.  1 locked; 0 its file
 * system has no locks; -1: DC_ERR_BUSY (somebody writes to it), DC_ERR_SYSTEM.
 */
int dc_lock_as_reader (int fd, struct dc_error *err);

#endif

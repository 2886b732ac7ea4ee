/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_FILE_H
#define DC_LIB_FILE_H

/* file: small things done with descriptors.
 *
 * Source: open(2), openat2(2), read(2).  Every descriptor is O_CLOEXEC.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "lib/buffer.h"
#include "lib/error.h"

/* Open PATH for reading below directory DIR_FD (AT_FDCWD: as the user wrote
 * it).  Return the descriptor, or -1 with ERR: DC_ERR_NOTFOUND when nothing
 * has that name, DC_ERR_SYSTEM otherwise.  The text names the path.  It does
 * not wait for the writer of a FIFO, which would be deaf to the signals that
 * ask us to stop: without one the FIFO reads as empty.
 */
int dc_file_open (int dir_fd, const char *path, struct dc_error *err);

/* As above, but PATH is foreign: absolute links and ".." are resolved inside
 * DIR_FD (RESOLVE_IN_ROOT).  FLAGS are open(2)'s; O_CLOEXEC is added; what
 * O_CREAT makes has mode 0600.  DC_ERR_UNSUPPORTED: the kernel has no
 * openat2(2), and there is no other safe way.
 */
int dc_file_open_in_root (int dir_fd, const char *path, int flags,
                          struct dc_error *err);

/* Exactly SIZE bytes at OFFSET, else -1: DC_ERR_INVALID "ends after N bytes"
 * at an early end of file (N: the size of the file), DC_ERR_SYSTEM.
 */
int dc_file_read_at (int fd, uint64_t offset, void *bytes, size_t size,
                     struct dc_error *err);
/* All of FD from where it stands, appended to B (whose max is the limit). */
int dc_file_read_all (int fd, struct dc_buffer *b, struct dc_error *err);
/* All of SIZE bytes; retries short writes and EINTR. */
int dc_file_write (int fd, const void *bytes, size_t size,
                   struct dc_error *err);
/* A pipe whose reading end does not wait.  0, or -1; the descriptors that were
 * made are the caller's to close in both cases.
 */
int dc_file_pipe (int *read_fd, int *write_fd, struct dc_error *err);
/* Ask the kernel to begin writing SIZE bytes at OFFSET to the disk, so that
 * the sync at the end finds little to wait for.  Only a hint.
 * Source: sync_file_range(2).
 */
void dc_file_write_behind (int fd, uint64_t offset, uint64_t size);
/* fsync and close with a check; FD becomes -1 in any case. */
int dc_file_close (int *fd, struct dc_error *err);
/* Bytes of a regular file or a block device; DC_ERR_INVALID for the rest. */
int dc_file_size (int fd, uint64_t *size, struct dc_error *err);

/* The first bytes of FD at or behind OFFSET, which lies below SIZE, that are no
 * hole: from *BEGIN up to before *END; both SIZE where there are none.  A file
 * system that does not tell has no holes.
 * Source: lseek(2), SEEK_DATA and SEEK_HOLE.
 */
int dc_file_data (int fd, uint64_t offset, uint64_t size, uint64_t *begin,
                  uint64_t *end, struct dc_error *err);
/* An unnamed file that vanishes with its last descriptor, for SPOOL data:
 * in $TMPDIR, else /var/tmp.  Return the descriptor or -1.
 */
int dc_file_spool (struct dc_error *err);

/* Remove the folder NAME in DIR_FD and all below it, however deep, without
 * following links.  A mount point below it is DC_ERR_SYSTEM and stays.
 * A missing folder is no error.
 */
int dc_file_remove_tree (int dir_fd, const char *name, struct dc_error *err);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_COPY_H
#define DC_INIT_COPY_H

/* copy: a file or a whole folder copied to where there is none. */

#include <stdint.h>

#define DI_COPY_DEPTH_MAX 64

/* Copy what is at PATH, with modes, times and links, as NAME into the folder
 * DIR_FD.  OWNER and GROUP are given to all of it, DI_KEEP leaves them.  What
 * is there already stays as it is, but an empty folder is filled.  0, or -1
 * with errno.
 */
int di_copy (const char *path, int dir_fd, const char *name, int64_t owner,
             int64_t group);

#endif

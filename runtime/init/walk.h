/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_WALK_H
#define DC_INIT_WALK_H

/* walk: a whole folder removed, or given to somebody else.
 *
 * Never follows a symbolic link and never enters another mount, also not a
 * bind mount of the same file system: what a runtime mounted into a
 * container belongs to the host.  Where the kernel cannot tell (before 5.6),
 * folders in the folder are left alone.
 *
 * Source: openat2(2), RESOLVE_NO_XDEV.
 */

#include <stdbool.h>
#include <sys/types.h>

#define DI_WALK_DEPTH_MAX 64

/* Remove what is in the folder DIR_FD; what cannot be removed stays. */
void di_walk_empty (int dir_fd);
/* Remove the folder PATH and all in it; a missing one is no error. */
void di_walk_remove (const char *path);
/* Give all that is in the folder DIR_FD to OWNER and GROUP; returns how many
 * could not be.
 */
unsigned di_walk_chown (int dir_fd, uid_t owner, gid_t group);

/* Make the folders that lead to PATH, 0755. */
int di_make_parents (const char *path);

#endif

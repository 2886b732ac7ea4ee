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

/* What is done with each entry: 0, or -1.  The head of its own struct. */
struct di_walk {
  int (*act) (const struct di_walk *walk, int dir_fd, const char *name,
              bool is_folder);
};

/* Act on all that is in the folder DIR_FD, the deepest first.  IS_FOLDER is
 * false for one that is another mount.  Returns how often that failed.
 */
unsigned di_walk (const struct di_walk *walk, int dir_fd);

/* Remove what is in the folder DIR_FD; what cannot be removed stays. */
void di_walk_empty (int dir_fd);
/* Remove NAME of the folder DIR_FD, with all in it: 0, also when there is none,
 * or -1 with errno.
 */
int di_walk_remove_at (int dir_fd, const char *name);
/* Remove the folder PATH and all in it; a missing one is no error. */
void di_walk_remove (const char *path);
/* Give all that is in the folder DIR_FD to OWNER and GROUP; returns how many
 * could not be.
 */
unsigned di_walk_chown (int dir_fd, uid_t owner, gid_t group);

/* Make the folders that lead to PATH, 0755. */
int di_make_parents (const char *path);
/* The same with MODE. */
int di_make_parents_mode (const char *path, mode_t mode);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_REACH_H
#define DC_INIT_REACH_H

/* reach: the way to a path, as far as no other user can have bent it.
 *
 * The init acts as root on paths in folders that belong to services.  A step
 * from what one user owns to what another owns, the superuser included, is
 * refused, because the first could have put a link or a folder of somebody
 * else's there; the superuser's own may lead anywhere.  Later steps are taken
 * from descriptors, so nothing can be exchanged behind our back.
 *
 * Source: tmpfiles.d(5) and what systemd 252 does (chase_symlinks() with
 * CHASE_SAFE); path_resolution(7).
 */

#include <errno.h>
#include <stdbool.h>

#define DI_REACH_UNSAFE EREMOTE /* an errno of ours: no file system's here */

/* The folder that holds PATH, which is absolute, opened with O_PATH; *NAME is
 * the last component, in PATH.  Folders that are missing are made, 0755, if
 * MAKES.  -1 with errno: DI_REACH_UNSAFE, or what the kernel says.
 */
int di_reach (const char *path, bool makes, const char **name);

/* Is the step from the folder DIR_FD to NAME in it one of those that are taken?
 * If not, errno is set.
 */
bool di_reach_is_safe (int dir_fd, const char *name);

/* "cannot ...": what errno says, or that it was DI_REACH_UNSAFE. */
const char *di_reach_problem (void);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_TREE_DIRWALK_H
#define DC_LIB_TREE_DIRWALK_H

/* dirwalk: all of a folder of this host, told to a builder.
 *
 * Two descriptors at a time whatever the depth: to go back up, ".." is opened
 * and must be the folder that we came from.  Nothing is opened but regular
 * files and folders, and no access time is changed where we may prevent it.
 * The content of mounted proc, sysfs and the like is left out with a note.
 *
 * Source: openat(2), readdir(3), statfs(2).
 */

#include "lib/tree/builder.h"

/* -1: DC_ERR_SYSTEM (the text names the path), DC_ERR_LIMIT. */
int dc_dirwalk (int dir_fd, struct dc_builder *builder, struct dc_error *err);

/* openat() for reading; the access time stays if the file is ours.  */
int dc_dirwalk_open (int dir_fd, const char *name, int flags);

#endif

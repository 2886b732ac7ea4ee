/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_EXT_EXTWALK_H
#define DC_ANALYZER_EXT_EXTWALK_H

/* extwalk: all files of one file system into a builder.
 *
 * A file is in the tree when all of it can be read: its map is gone through
 * here, so that reading contents later meets no damage but that of the
 * medium.  Else a note says what is missing.  Left out without a note: the
 * root's lost+found.
 */

#include "analyzer/ext/extfs.h"
#include "analyzer/ext/extpoint.h"

struct dc_extwalk {
  struct dc_ext *const *exts; /* of all mounts */
  size_t mount;               /* which of them to walk */
  struct dc_builder *builder;
  struct dc_extpoints *points;
  size_t point; /* where it is mounted; its id is set */
};

/* Cookies are so: the number of the mount, and the inode. */
#define DC_EXT_COOKIE(mount, ino) ((uint64_t) (mount) << 32 | (ino))

/* 0, or -1: the disk failed as a whole, DC_ERR_LIMIT, DC_ERR_SYSTEM. */
int dc_extwalk (const struct dc_extwalk *walk, struct dc_error *err);
/* Make the root of a mount the root of the tree. */
int dc_extwalk_root (struct dc_ext *ext, struct dc_builder *builder,
                     struct dc_error *err);

#endif

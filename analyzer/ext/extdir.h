/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_EXT_EXTDIR_H
#define DC_ANALYZER_EXT_EXTDIR_H

/* extdir: the names in a folder.
 *
 * Read block by block, so that one that is damaged costs its own names only.
 * The index of a large folder hides in entries that are not in use; nobody
 * needs it to list all names.
 *
 * Source: Linux Documentation/filesystems/ext4/directory.rst.
 */

#include "analyzer/ext/extnode.h"

struct dc_extname {
  const char *name; /* SIZE bytes, at least 1, any but no "." and ".." */
  size_t size;
  uint32_t ino;
};

struct dc_extdir {
  struct dc_ext *ext;
  const struct dc_extnode *node;
  /* 0: go on; 1: found what was looked for; -1. */
  int (*name) (void *self, const struct dc_extname *name, struct dc_error *err);
  /* Names may be lost, and why.  0 or -1; NULL: say nothing. */
  int (*damage) (void *self, const char *why, struct dc_error *err);
  void *self;
  uint64_t *budget; /* as in analyzer/ext/extmap.h */
  unsigned damages; /* so far */
};

/* 1 as soon as DIR->name said so; 0 at the end; -1: what the functions said,
 * or what the disk said, if it concerns more than this folder.
 */
int dc_extdir_walk (struct dc_extdir *dir, struct dc_error *err);

#endif

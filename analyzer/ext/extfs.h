/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_EXT_EXTFS_H
#define DC_ANALYZER_EXT_EXTFS_H

/* extfs: what the parts of ext share: the open file system.
 *
 *   ext, extopen       superblock, journal, lookups
 *   extwalk, exttree   all of it as one tree
 *   extdata            contents
 *     extdir           the names in a folder
 *     extmap           where the blocks of a file lie
 *     extnode          an inode, its xattrs, its link target
 *       extmanager     libext2fs reads through ...
 *         extio        ... a cache, and through ...
 *           extjournal ... the newest copies in the log
 */

#include <ext2fs/ext2fs.h>

#include "analyzer/ext/ext.h"
#include "analyzer/ext/extio.h"

struct dc_ext {
  struct dc_extio *io;
  struct dc_disk *own; /* the disk, if it is ours; NULL */
  ext2_filsys fs;
  char *state;
  unsigned char *inode; /* room for one inode; extnode's */
};

/* Bytes of one folder.  The kernel's largest holds some 10 million names. */
#define DC_EXT_FOLDER_MAX ((uint64_t) 2 * 1024 * 1024 * 1024)

/* Set ERR from what libext2fs returned: our own failure behind it, or
 * DC_ERR_SYSTEM (no memory), DC_ERR_INVALID.  The text is the reason alone.
 * Returns -1.
 */
int dc_ext_failed (struct dc_ext *ext, errcode_t code, struct dc_error *err);

static inline uint32_t
dc_ext_block_size (const struct dc_ext *ext)
{
  return ext->fs->blocksize;
}

/* Blocks that are really there: of a disk that was cut off, fewer than the
 * superblock says.
 */
static inline uint64_t
dc_ext_blocks (const struct dc_ext *ext)
{
  const uint64_t claimed = ext2fs_blocks_count (ext->fs->super);
  const uint64_t there = dc_extio_size (ext->io) / ext->fs->blocksize;

  return claimed < there ? claimed : there;
}

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_EXT_EXT_H
#define DC_ANALYZER_EXT_EXT_H

/* ext: ext2, ext3 and ext4 through libext2fs, in this process.
 *
 * Metadata is read through a cache (analyzer/ext/extio.h), contents by extents
 * straight from the disk, many at a time.  A journal that needs recovery is
 * replayed in memory (analyzer/ext/extjournal.h): later reads of a block see its
 * newest committed copy.
 *
 * Damage.  A file is in the tree when all of its contents can be found; else
 * it is left out with a note, as are names whose inode is not usable, second
 * names of a folder, and what fscrypt has encrypted.  A wrong checksum is
 * noted and the data used.  A file larger than both its file system and
 * DC_EXT_SPARSE_MAX is left out too: it would be zeros without end, and a
 * damaged size is likelier than a file like that.  A sector that the disk
 * cannot read (EIO) counts as damage; any other failure of the disk ends the
 * walk.  When the main superblock cannot be used, one of its copies is, and
 * the state says so.
 *
 * Source: Linux Documentation/filesystems/ext4/; libext2fs; measured: the
 * walk of a 373 MB guest takes 0.01-0.13 s.
 */

#include "lib/disk/disk.h"
#include "lib/tree/builder.h"
#include "lib/tree/tree.h"

#define DC_EXT_SPARSE_MAX ((uint64_t) 16 * 1024 * 1024 * 1024) /* bytes */

struct dc_ext;

/* Open the file system at OFFSET (bytes, SIZE long) of DISK, borrowed.  0 or
 * -1: DC_ERR_INVALID (no usable superblock, root folder or journal),
 * DC_ERR_APPLIANCE (a feature or journal that only the kernel knows),
 * DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_ext_open (struct dc_disk *disk, uint64_t offset, uint64_t size,
                 struct dc_ext **out, struct dc_error *err);
/* The disk that EXT was opened on is released with it from now on. */
void dc_ext_take_disk (struct dc_ext *ext, struct dc_disk *disk);
/* "clean", "journal replayed in memory (12 blocks)", "not unmounted cleanly"
 * (there is no journal), and behind it what else there is to say; borrowed.
 */
const char *dc_ext_state (const struct dc_ext *ext);
/* The content of a regular file by path, links followed inside this file
 * system: 1 and appended to B, 0 none, -1 (DC_ERR_LIMIT: over B's max).  For
 * fstab, before the walk.
 */
int dc_ext_read_file (struct dc_ext *ext, const char *path, struct dc_buffer *b,
                      struct dc_error *err);
/* Does PATH exist (not following the last component)?  1, 0, -1. */
int dc_ext_has (struct dc_ext *ext, const char *path, struct dc_error *err);
void dc_ext_free (struct dc_ext *ext);
DC_DEFINE_AUTO (dc_ext)

/* File systems and where they are mounted, the root first, then in byte
 * order ("/var" before "/var/lib").
 */
struct dc_ext_mount {
  struct dc_ext *ext;     /* taken by the tree on success */
  const char *mountpoint; /* "/" or "/var"; only read during the call */
};
/* Walk them all into one tree.  What is damaged is left out with a note and
 * the rest is there; -1 only when not even the root folder can be read.
 */
int dc_ext_tree (const struct dc_ext_mount *mounts, size_t count,
                 struct dc_tree **out, struct dc_error *err);

#endif

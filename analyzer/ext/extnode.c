/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <limits.h>
#include <sys/stat.h>

#include "analyzer/ext/extmanager.h"
#include "analyzer/ext/extnode.h"
#include "analyzer/ext/extread.h"

#define OLD_INODE_SIZE EXT2_GOOD_OLD_INODE_SIZE
/* Bytes beyond the old inode that must be there for i_mtime_extra to count. */
#define MTIME_EXTRA_END 12
/* Bytes of contents in an inode; libext2fs bounds what xattrs add. */
#define INLINE_MAX ((size_t) 128 * 1024)

#define ACL_PREFIX "system.posix_acl_"

static const struct {
  errcode_t code;
  const char *text;
} reasons[] = {
  { EXT2_ET_SB_CSUM_INVALID, "its superblock has a wrong checksum" },
  { EXT2_ET_CORRUPT_SUPERBLOCK, "its superblock contradicts itself" },
  { EXT2_ET_SHORT_READ, "is beyond the end of the file system" },
  { EXT2_ET_BAD_INODE_NUM, "there is no such inode" },
  { EXT2_ET_MISSING_INODE_TABLE, "its inode table is missing" },
  { EXT2_ET_GDESC_BAD_INODE_TABLE, "its inode table is in a wrong place" },
  { EXT2_ET_INODE_CSUM_INVALID, "its checksum is wrong" },
  { EXT2_ET_INODE_CORRUPTED, "its inode is damaged" },
  { EXT2_ET_EXT_ATTR_CSUM_INVALID, "their checksum is wrong" },
  { EXT2_ET_BAD_EA_BLOCK_NUM, "their block is in a wrong place" },
  { EXT2_ET_BAD_EA_HASH, "one has a wrong hash" },
};

int
dc_ext_failed (struct dc_ext *ext, errcode_t code, struct dc_error *err)
{
  assert (code != 0);

  if (code == DC_EXTMANAGER_FAILED && dc_extio_error (ext->io)->code != DC_OK) {
    *err = *dc_extio_error (ext->io);
    return -1;
  }
  if (code == EXT2_ET_NO_MEMORY || code == ENOMEM) {
    errno = ENOMEM;
    return dc_fail_errno (err, "cannot read");
  }
  for (size_t i = 0; i < DC_COUNT (reasons); i++)
    if (reasons[i].code == code)
      return dc_fail (err, DC_ERR_INVALID, "%s", reasons[i].text);
  return dc_fail (err, DC_ERR_INVALID, "libext2fs says: %s",
                  error_message (code));
}

/* Whether libext2fs is to pass over checksums: for this inode, if it has
 * already been found wanting.  Its cache of inodes is emptied at each change:
 * libext2fs 1.47.0 puts an inode with a wrong checksum into a place of the
 * cache that still bears the number of another.
 */
static void
set_tolerance (struct dc_ext *ext, bool is_doubtful)
{
  const int flags = ext->fs->flags & ~EXT2_FLAG_IGNORE_CSUM_ERRORS;
  const int wanted = is_doubtful ? EXT2_FLAG_IGNORE_CSUM_ERRORS : 0;

  if (ext->fs->flags == (flags | wanted))
    return;
  ext->fs->flags = flags | wanted;
  (void) ext2fs_flush_icache (ext->fs); /* cannot fail */
}

static bool
has_xattrs (const struct dc_ext *ext, const struct dc_extnode *node)
{
  const size_t size = EXT2_INODE_SIZE (ext->fs->super);
  const size_t at = (size_t) OLD_INODE_SIZE + node->inode.i_extra_isize;
  uint32_t magic;

  if (node->inode.i_file_acl != 0 ||
      node->inode.osd2.linux2.l_i_file_acl_high != 0)
    return true;
  if (size <= OLD_INODE_SIZE || size < at + sizeof magic)
    return false;
  memcpy (&magic, ext->inode + at, sizeof magic);
  return magic == EXT2_EXT_ATTR_MAGIC;
}

/* Of a folder the upper half is something else, unless there may be large
 * ones.
 */
static uint64_t
find_size (const struct dc_ext *ext, const struct ext2_inode_large *inode)
{
  if (S_ISDIR (inode->i_mode) && !ext2fs_has_feature_largedir (ext->fs->super))
    return inode->i_size;
  return EXT2_I_SIZE (inode);
}

int
dc_extnode_load (struct dc_ext *ext, uint32_t ino, struct dc_extnode *node,
                 struct dc_error *err)
{
  const size_t size = EXT2_INODE_SIZE (ext->fs->super);
  void *inode = ext->inode;

  *node = (struct dc_extnode){ .ino = ino };
  set_tolerance (ext, false);
  errcode_t code = ext2fs_read_inode_full (ext->fs, ino, inode, (int) size);
  if (code == EXT2_ET_INODE_CSUM_INVALID) {
    node->is_doubtful = true;
    set_tolerance (ext, true);
    code = ext2fs_read_inode_full (ext->fs, ino, inode, (int) size);
  }
  if (code != 0) {
    (void) dc_ext_failed (ext, code, err);
    return dc_context (err, "inode %u", ino);
  }
  memcpy (&node->inode, inode,
          size < sizeof node->inode ? size : sizeof node->inode);
  node->size = find_size (ext, &node->inode);
  node->has_xattrs = has_xattrs (ext, node);
  return 0;
}

int
dc_extnode_read (struct dc_ext *ext, uint32_t ino, struct dc_extnode *node,
                 struct dc_error *err)
{
  if (ino != EXT2_ROOT_INO && ino < EXT2_FIRST_INO (ext->fs->super))
    return dc_fail (err, DC_ERR_INVALID, "inode %u is not for files", ino);
  if (dc_extnode_load (ext, ino, node, err) < 0)
    return -1;
  if (node->inode.i_links_count == 0)
    return dc_fail (err, DC_ERR_INVALID, "inode %u is not in use", ino);
  switch (node->inode.i_mode & S_IFMT) {
  case S_IFREG:
  case S_IFDIR:
  case S_IFLNK:
  case S_IFCHR:
  case S_IFBLK:
  case S_IFIFO:
  case S_IFSOCK:
    break;
  default:
    return dc_fail (err, DC_ERR_INVALID, "inode %u is of no known type", ino);
  }
  if (S_ISREG (node->inode.i_mode) &&
      (node->inode.i_flags & EXT4_EA_INODE_FL) != 0)
    return dc_fail (err, DC_ERR_INVALID,
                    "inode %u is for an extended attribute", ino);
  return 0;
}

void
dc_extnode_describe (const struct dc_extnode *node, struct dc_raw_entry *raw)
{
  const struct ext2_inode_large *inode = &node->inode;

  raw->mode = inode->i_mode;
  raw->uid = inode_uid (*inode);
  raw->gid = inode_gid (*inode);
  raw->mtime = (int32_t) inode->i_mtime;
  if (inode->i_extra_isize >= MTIME_EXTRA_END)
    raw->mtime += (int64_t) (inode->i_mtime_extra & EXT4_EPOCH_MASK) << 32;
  raw->size = S_ISREG (inode->i_mode) ? node->size : 0;
}

int
dc_extnode_inline (struct dc_ext *ext, const struct dc_extnode *node,
                   struct dc_buffer *b, struct dc_error *err)
{
  size_t size = 0;
  struct dc_extnode copy = *node;

  set_tolerance (ext, node->is_doubtful);
  errcode_t code = ext2fs_inline_data_size (ext->fs, node->ino, &size);
  if (code != 0)
    return dc_ext_failed (ext, code, err);
  if (size > INLINE_MAX)
    return dc_fail (err, DC_ERR_INVALID, "its inode claims %zu bytes in it",
                    size);
  if (dc_buffer_reserve (b, size, err) < 0)
    return -1;
  code = ext2fs_inline_data_get (ext->fs, node->ino, ext2fs_inode (&copy.inode),
                                 b->data + b->size, &size);
  if (code != 0)
    return dc_ext_failed (ext, code, err);
  b->size += size;
  b->data[b->size] = '\0';
  return 0;
}

/* The text that stands where the map of the blocks would. */
static bool
is_fast_link (const struct dc_extnode *node)
{
  return node->size < sizeof node->inode.i_block &&
         (node->inode.i_flags & (EXT4_EXTENTS_FL | EXT4_INLINE_DATA_FL)) == 0;
}

int
dc_extnode_target (struct dc_ext *ext, const struct dc_extnode *node,
                   struct dc_buffer *b, struct dc_error *err)
{
  const uint64_t size = node->size;

  if (size == 0 || size >= PATH_MAX)
    return dc_fail (err, DC_ERR_INVALID, "its target has %llu bytes",
                    (unsigned long long) size);
  if (is_fast_link (node))
    return dc_buffer_append (b, node->inode.i_block, (size_t) size, err);
  if (dc_buffer_reserve (b, (size_t) size, err) < 0 ||
      dc_extread (ext, node, 0, b->data + b->size, (size_t) size, err) < 0)
    return -1;
  b->size += (size_t) size;
  b->data[b->size] = '\0';
  return 0;
}

/* An ACL is kept in a form of its own, which ext2fs_xattr_get() turns into
 * the kernel's; the others are used as they lie in the handle.
 */
static int
add_xattr (char *name, char *value, size_t size, void *data)
{
  struct dc_extxattrs *set = data;
  struct dc_xattr item = { .name = name, .value = value, .size = size };

  if (set->count == DC_XATTR_COUNT_MAX)
    return XATTR_ABORT;
  if (strncmp (name, ACL_PREFIX, sizeof ACL_PREFIX - 1) == 0) {
    void *acl = NULL;
    if (set->acl_count == DC_COUNT (set->acls) ||
        ext2fs_xattr_get (set->handle, name, &acl, &item.size) != 0) {
      set->has_bad_acl = true;
      return 0;
    }
    item.value = set->acls[set->acl_count++] = acl;
  }
  set->items[set->count++] = item;
  return 0;
}

/* Fill the handle, which is made anew; what is damaged ends the filling. */
static errcode_t
fill_handle (struct dc_ext *ext, uint32_t ino, bool is_doubtful,
             struct ext2_xattr_handle **handle)
{
  if (*handle != NULL)
    (void) ext2fs_xattrs_close (handle); /* it only frees */
  set_tolerance (ext, is_doubtful);
  const errcode_t code = ext2fs_xattrs_open (ext->fs, ino, handle);
  return code != 0 ? code : ext2fs_xattrs_read (*handle);
}

int
dc_extnode_xattrs (struct dc_ext *ext, const struct dc_extnode *node,
                   struct dc_extxattrs *set, struct dc_error *err)
{
  set->handle = NULL;
  set->count = set->acl_count = 0;
  set->has_bad_acl = false;
  if (!node->has_xattrs)
    return 0;
  const errcode_t damage =
      fill_handle (ext, node->ino, node->is_doubtful, &set->handle);
  if (damage == EXT2_ET_EXT_ATTR_CSUM_INVALID)
    (void) fill_handle (ext, node->ino, true, &set->handle); /* used anyway */
  if (set->handle != NULL)
    (void) ext2fs_xattrs_iterate (set->handle, add_xattr, set); /* as above */
  if (damage != 0)
    return dc_ext_failed (ext, damage, err);
  if (set->has_bad_acl)
    return dc_fail (err, DC_ERR_INVALID, "an ACL is not valid");
  return 0;
}

void
dc_extxattrs_release (struct dc_extxattrs *set)
{
  for (size_t i = 0; i < set->acl_count; i++)
    free (set->acls[i]);
  set->acl_count = set->count = 0;
  if (set->handle != NULL)
    (void) ext2fs_xattrs_close (&set->handle); /* it only frees */
}

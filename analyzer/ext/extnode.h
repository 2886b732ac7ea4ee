/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_EXT_EXTNODE_H
#define DC_ANALYZER_EXT_EXTNODE_H

/* extnode: one inode, and what hangs on it besides contents.
 *
 * Source: Linux Documentation/filesystems/ext4/inodes.rst, attributes.rst.
 */

#include "analyzer/ext/extfs.h"
#include "lib/tree/builder.h"

struct dc_extnode {
  uint32_t ino;
  uint64_t size;                 /* bytes */
  struct ext2_inode_large inode; /* as far as the disk has it; rest zero */
  bool has_xattrs;
  bool is_doubtful; /* its checksum is wrong; used all the same */
};

/* Inode INO, which a folder named.  0, or -1: DC_ERR_INVALID (no such inode,
 * not in use, not for files, of no known type), or what the disk said.
 */
int dc_extnode_read (struct dc_ext *ext, uint32_t ino, struct dc_extnode *node,
                     struct dc_error *err);
/* Any inode, in whatever state, such as the journal's. */
int dc_extnode_load (struct dc_ext *ext, uint32_t ino, struct dc_extnode *node,
                     struct dc_error *err);
/* Metadata into RAW; not name, target and xattrs. */
void dc_extnode_describe (const struct dc_extnode *node,
                          struct dc_raw_entry *raw);

/* The target of a symbolic link, appended to B. */
int dc_extnode_target (struct dc_ext *ext, const struct dc_extnode *node,
                       struct dc_buffer *b, struct dc_error *err);
/* What is kept inside the inode (EXT4_INLINE_DATA_FL), appended to B. */
int dc_extnode_inline (struct dc_ext *ext, const struct dc_extnode *node,
                       struct dc_buffer *b, struct dc_error *err);

/* The xattrs, ACLs in the kernel's form.  Damaged ones: what could be read
 * is there and -1 with DC_ERR_INVALID says why.  The caller releases SET in
 * any case.
 */
struct dc_extxattrs {
  struct ext2_xattr_handle *handle;
  struct dc_xattr items[DC_XATTR_COUNT_MAX];
  size_t count;
  void *acls[2]; /* values of items that the handle does not own */
  size_t acl_count;
  bool has_bad_acl;
};
int dc_extnode_xattrs (struct dc_ext *ext, const struct dc_extnode *node,
                       struct dc_extxattrs *set, struct dc_error *err);
void dc_extxattrs_release (struct dc_extxattrs *set);

#endif

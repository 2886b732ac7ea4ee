/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_TREE_XATTRS_H
#define DC_LIB_TREE_XATTRS_H

/* xattrs: which extended attributes the normal form keeps, and in what form.
 *
 * Kept are security.capability, user.* and the POSIX ACLs, of files and
 * folders only: the kernel allows user.* on nothing else, and the others have
 * no effect there.  A default ACL belongs to a folder.
 *
 * An ACL, as the kernel hands it out (all little-endian):
 *
 *   u32 version = 2
 *   then for each entry, sorted by tag, then by id:
 *   u16 tag: 1 owner, 2 user ID, 4 owning group, 8 group ID, 16 mask, 32 rest
 *   u16 permission: 4 r, 2 w, 1 x
 *   u32 id: of tags 2 and 8; else undefined, 0xffffffff
 *
 * The kernel writes that; libext2fs writes 0 for an undefined id, others sort
 * in their own way.  What breaks the rules of posix_acl_valid() is left out.
 *
 * Source: xattr(7), acl(5), Linux include/uapi/linux/posix_acl_xattr.h and
 * fs/posix_acl.c; the zero id: measured with mke2fs -d of e2fsprogs 1.47.
 */

#include <stdbool.h>

#include "lib/tree/builder.h"

struct dc_xattr_choice {
  struct dc_xattr items[DC_XATTR_COUNT_MAX]; /* sorted by name */
  size_t count;
  struct {
    const char *name; /* the raw entry's */
    const char *why;  /* "is not a valid ACL" */
  } left_out[4];
  size_t left_out_count;
  size_t over_count;        /* how many did not fit, the last by name */
  struct dc_buffer acls[2]; /* the values of the two ACLs, made anew */
};

/* Choose from the xattrs of RAW into CHOICE, which the caller releases in any
 * case; names and values but those of ACLs are RAW's.  -1: DC_ERR_SYSTEM.
 */
int dc_xattrs_choose (const struct dc_raw_entry *raw,
                      struct dc_xattr_choice *choice, struct dc_error *err);
/* Is an xattr of this name kept on a file of this MODE (if it is valid)? */
bool dc_xattrs_is_kept (const char *name, uint16_t mode);
void dc_xattrs_release (struct dc_xattr_choice *choice);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_TREE_TARACL_H
#define DC_LIB_TREE_TARACL_H

/* taracl: an ACL as libarchive understood it (SCHILY.acl.access and
 * SCHILY.acl.default, which hold text), as the value of the xattr that the
 * kernel would have (lib/tree/xattrs.h).
 *
 * Source: archive_entry_acl(3), tar(5).
 */

#include <archive.h>
#include <archive_entry.h>

#include "lib/buffer.h"
#include "lib/error.h"

enum dc_tar_acl_kind { DC_TAR_ACL_ACCESS, DC_TAR_ACL_DEFAULT };

/* Append the value to B.  1; 0: ENTRY has no such ACL; -1: DC_ERR_INVALID when
 * a user or group has no number, DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_tar_acl (struct archive_entry *entry, enum dc_tar_acl_kind kind,
                struct dc_buffer *b, struct dc_error *err);

/* Put the mask of the access ACL VALUE, if it has one, where stat() shows it:
 * in the group bits of *MODE.  libarchive leaves the owning group's there.
 */
void dc_tar_acl_mask (const void *value, size_t size, uint16_t *mode);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_TREE_HOSTXATTRS_H
#define DC_LIB_TREE_HOSTXATTRS_H

/* hostxattrs: the extended attributes of a file of this host.
 *
 * Read from an open descriptor, not from /proc/self/fd: a confined worker
 * cannot reach that.
 *
 * Source: xattr(7), flistxattr(2), fgetxattr(2).
 */

#include <stdint.h>

#include "lib/tree/builder.h"

struct dc_hostxattrs {
  struct dc_xattr *items;
  size_t count;
  struct dc_buffer names, values;
};

/* Replace what is in LIST by those of FD that the normal form may keep for a
 * file of this MODE.  A file system without any has none.  DC_ERR_SYSTEM.
 */
int dc_hostxattrs_read (int fd, uint16_t mode, struct dc_hostxattrs *list,
                        struct dc_error *err);
void dc_hostxattrs_release (struct dc_hostxattrs *list);

#endif

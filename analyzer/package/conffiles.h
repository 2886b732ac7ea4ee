/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_CONFFILES_H
#define DC_ANALYZER_PACKAGE_CONFFILES_H

/* conffiles: which of a package's configuration files are as it brought them.
 *
 * Source: deb-conffiles(5); the Conffiles field of /var/lib/dpkg/status:
 *   /etc/nginx/nginx.conf 5ebd4fb2f5d7d6fa0a24b9b64a6ecee4 obsolete
 */

#include "lib/span.h"
#include "lib/tree/tree.h"

#define DC_MD5_DIGITS 32
/* Bytes of one file and of all; beyond that they count as changed. */
#define DC_CONFFILE_SIZE_MAX ((uint64_t) 64 * 1024 * 1024)
#define DC_CONFFILES_SIZE_MAX ((uint64_t) 1024 * 1024 * 1024)

/* The next path and digest of the field's text; false at the end. */
bool dc_conffiles_next (struct dc_span *rest, struct dc_span *path,
                        struct dc_span *md5);
/* Has the entry this content?  ROOM is how many bytes may still be read and
 * becomes less.  1, 0 (also when it is no regular file or too large), -1:
 * DC_ERR_SYSTEM, what the tree says.
 */
int dc_conffile_is_pristine (struct dc_tree *tree, uint32_t index,
                             struct dc_span md5, uint64_t *room,
                             struct dc_error *err);

#endif

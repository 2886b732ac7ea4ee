/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_CONFFILES_H
#define DC_ANALYZER_PACKAGE_CONFFILES_H

/* conffiles: dpkg's list of a package's configuration files.
 *
 * Source: deb-conffiles(5); the Conffiles field of /var/lib/dpkg/status:
 *   /etc/nginx/nginx.conf 5ebd4fb2f5d7d6fa0a24b9b64a6ecee4 obsolete
 */

#include "lib/span.h"

/* The next path and digest of the field's text; false at the end. */
bool dc_conffiles_next (struct dc_span *rest, struct dc_span *path,
                        struct dc_span *md5);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_UNPACK_H
#define DC_RUNTIME_UNPACK_H

/* unpack: the layers of an image, one after another, into a folder.
 *
 * A confined worker that can write below that folder only does it, with
 * libarchive's secure flags, and checks the digest of each blob as it reads.
 * ".wh.NAME" removes NAME, ".wh..wh..opq" all that lower layers have in its
 * folder.
 *
 * Source: OCI image-spec 1.1, layer.md, "Whiteouts".
 */

#include "lib/oci/layout.h"
#include "lib/report.h"

/* DIR_FD is an empty folder.  DC_ERR_INVALID: a digest does not fit, a damaged
 * layer, an entry that would escape.
 */
int dc_unpack (struct dc_layout *layout, const struct dc_image *image,
               int dir_fd, const struct dc_report *report,
               struct dc_error *err);
/* The same of one archive, an open file, which is to have this digest. */
int dc_unpack_archive (int fd, const char *digest, int dir_fd,
                       const struct dc_report *report, struct dc_error *err);

#endif

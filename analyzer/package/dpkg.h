/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_DPKG_H
#define DC_ANALYZER_PACKAGE_DPKG_H

/* dpkg: the database of Debian's package manager, and apt's notes.
 *
 * Source: deb-control(5), dpkg(1) "status" and "info" files: Debian Policy,
 * chapters 5 and 7; apt-mark(8) and /var/lib/apt/extended_states;
 * /var/lib/dpkg/status.d of distroless images (one file a package, no
 * Status field, *.md5sums beside it).
 */

#include "analyzer/package/manager.h"

#define DC_DIVERSIONS_SIZE_MAX ((size_t) 16 * 1024 * 1024) /* bytes */

/* dpkgfiles.c: struct dc_package_manager's list(). */
int dc_dpkg_list (const struct dc_packages *packages, size_t db,
                  struct dc_tree *tree, const struct dc_file_sink *sink,
                  struct dc_error *err);

/* dpkgdivert.c: /var/lib/dpkg/diversions. */
struct dc_diversions {
  struct dc_buffer text;
  struct dc_diversion *items; /* sorted by path */
  size_t count;
};
#define DC_DIVERSIONS_INIT                                                     \
  {                                                                            \
    .text = DC_BUFFER_INIT (DC_DIVERSIONS_SIZE_MAX)                            \
  }
int dc_diversions_load (struct dc_tree *tree, struct dc_diversions *diversions,
                        struct dc_error *err);
/* Where the file that PACKAGE calls PATH lies; borrowed. */
struct dc_span dc_diversions_find (const struct dc_diversions *diversions,
                                   struct dc_span path, const char *package);
void dc_diversions_release (struct dc_diversions *diversions);
#define AUTO_DIVERSIONS __attribute__ ((__cleanup__ (dc_diversions_release)))

#endif

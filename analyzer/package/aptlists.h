/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_APTLISTS_H
#define DC_ANALYZER_PACKAGE_APTLISTS_H

/* aptlists: which packages of dpkg are from the distribution's repositories.
 *
 * Records of dpkg do not say it, but apt keeps the lists of the repositories
 * that it knows.  The distribution's are those whose Release file has the
 * Origin of the one that lists base-files, or one that begins with it ("Debian
 * Backports", "UbuntuESM").  A package that is in none of them is foreign.
 * Without lists, or where they are compressed, nothing is known.
 *
 *   deb.debian.org_debian_dists_bookworm_InRelease
 *   deb.debian.org_debian_dists_bookworm_main_binary-amd64_Packages
 *
 * Source: apt(8), "/var/lib/apt/lists"; Debian's RepositoryFormat.
 */

#include "analyzer/package/manager.h"

#define DC_APT_LISTS_MAX ((uint64_t) 512 * 1024 * 1024) /* bytes, all lists */
#define DC_APT_RELEASE_MAX 1000                         /* repositories */

/* Set `foreign` of the packages of DB.  0, or -1: DC_ERR_SYSTEM, what the tree
 * says.
 */
int dc_apt_mark_foreign (struct dc_package_loader *loader, size_t db,
                         struct dc_error *err);

#endif

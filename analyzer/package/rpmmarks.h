/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_RPMMARKS_H
#define DC_ANALYZER_PACKAGE_RPMMARKS_H

/* rpmmarks: what rpm's database does not say: locks of dnf, yum and zypper,
 * what dnf and zypper installed by themselves, which vendor is the
 * distribution's.
 *
 * A package is foreign when its vendor is not that of the package with the
 * system's base (glibc, filesystem, setup); of a system whose base has no
 * vendor nothing is known.
 *
 * Source: yum-versionlock(1), dnf-versionlock(8), zypper(8) "Package Lock
 * Management"; /var/lib/zypp/AutoInstalled of libzypp.
 */

#include "analyzer/package/manager.h"

/* struct dc_package_manager's mark(). */
int dc_rpm_mark (struct dc_package_loader *loader, size_t db,
                 struct dc_error *err);
/* rpmhistory.c: who was asked for, by dnf's history.  0, or -1. */
int dc_rpm_mark_history (struct dc_package_loader *loader, size_t db,
                         struct dc_error *err);

#endif

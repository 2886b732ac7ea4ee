/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SYSTEM_OSDETAIL_H
#define DC_ANALYZER_SYSTEM_OSDETAIL_H

/* osdetail: what other files know beyond the one that named the system: the
 * point release ("12.5" of Debian 12, "7.1.1503" of CentOS 7) and a codename
 * that os-release lacks.
 *
 * Only files of the same distribution are believed: an Ubuntu's debian_version
 * is not Ubuntu's.  A version counts when it begins with VERSION_ID, or when
 * there is no VERSION_ID.
 */

#include "analyzer/system/osrel.h"

/* Fill `release`, `release_file` and a missing `codename` of OSREL, which has
 * id and file.  0, or -1: DC_ERR_SYSTEM, the tree's medium.
 */
int dc_osdetail_add (struct dc_tree *tree, struct dc_osrel *osrel,
                     struct dc_error *err);

#endif

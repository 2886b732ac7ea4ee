/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_LANGUAGE_PLACE_H
#define DC_ANALYZER_LANGUAGE_PLACE_H

/* place: what the folder that a file lies in says of who put it there.
 *
 * Names of folders are taken because asking the databases for owners means to
 * read the lists of all packages.
 *
 * Source: FHS 3.0 (4.1, 4.9: /usr is the distribution's but /usr/local);
 * Debian Python Policy 2.4; PEP 668; pip's, npm's and RubyGems' own defaults.
 */

#include <stdbool.h>

#include "analyzer/package/packages.h"

/* Does a package of the distribution bring the entry?  Unknown where both
 * packages and the administrator's tools install.
 */
enum dc_answer dc_place_system (const struct dc_tree *tree, uint32_t index);
/* Is it part of a container, snap or flatpak, and not of the guest itself? */
bool dc_place_is_inside (const struct dc_tree *tree, uint32_t index);

#endif

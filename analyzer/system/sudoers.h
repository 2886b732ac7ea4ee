/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SYSTEM_SUDOERS_H
#define DC_ANALYZER_SYSTEM_SUDOERS_H

/* sudoers: who may do what as somebody else.  Aliases are not expanded.
 *
 * Source: sudoers(5), sudo 1.9.
 */

#include "analyzer/configfile.h"

#define DC_SUDOERS_FILE_MAX 200 /* files taken in */

/* Rules of FILE into IDENTITY; what it takes in is appended to INCLUDES, with
 * "file " or "folder " in front.  0, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_sudoers_parse (const struct dc_configfile *file,
                      struct dc_identity *identity, struct dc_words *includes,
                      struct dc_error *err);
/* All of the guest.  0, or -1: DC_ERR_SYSTEM, the tree's medium. */
int dc_sudoers_load (struct dc_tree *tree, struct dc_profile *profile,
                     struct dc_error *err);

#endif

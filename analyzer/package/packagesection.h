/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_PACKAGESECTION_H
#define DC_ANALYZER_PACKAGE_PACKAGESECTION_H

/* packagesection: the packages as a part of the profile. */

#include <jansson.h>

#include "analyzer/profile.h"
#include "analyzer/profiletext.h"

/* As struct dc_section has it. */
int dc_packages_read (struct dc_tree *tree, struct dc_profile *profile,
                      struct dc_error *err);
/* Compare all packaged files, after the profile was made; says how long it
 * took.
 */
int dc_packages_verify_profile (struct dc_tree *tree,
                                struct dc_profile *profile,
                                const struct dc_report *report,
                                struct dc_error *err);
json_t *dc_packages_json (const struct dc_profile *profile);
int dc_packages_text (struct dc_page *page, struct dc_error *err);

#endif

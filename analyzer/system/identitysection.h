/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SYSTEM_IDENTITYSECTION_H
#define DC_ANALYZER_SYSTEM_IDENTITYSECTION_H

/* identitysection: the identity as a section of the profile. */

#include "analyzer/section.h"

int dc_identity_read (struct dc_tree *tree, struct dc_profile *profile,
                      struct dc_error *err);
json_t *dc_identity_json (const struct dc_profile *profile);
int dc_identity_text (struct dc_page *page, struct dc_error *err);
void dc_identity_forget (struct dc_profile *profile);

#endif

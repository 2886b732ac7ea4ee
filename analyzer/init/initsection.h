/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_INIT_INITSECTION_H
#define DC_ANALYZER_INIT_INITSECTION_H

/* initsection: the first process and the manager as a section of the profile.
 *
 * They are found with the services; what is read here are the findings.
 */

#include "analyzer/section.h"

int dc_init_read (struct dc_tree *tree, struct dc_profile *profile,
                  struct dc_error *err);
json_t *dc_init_json (const struct dc_profile *profile);
int dc_init_text (struct dc_page *page, struct dc_error *err);
void dc_init_forget (struct dc_profile *profile);

#endif

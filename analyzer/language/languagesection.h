/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_LANGUAGE_LANGUAGESECTION_H
#define DC_ANALYZER_LANGUAGE_LANGUAGESECTION_H

/* languagesection: the profile's section `language_packages`. */

#include "analyzer/section.h"

/* languages.c, languagesection.c: the section's functions. */
int dc_languages_read (struct dc_tree *tree, struct dc_profile *profile,
                       struct dc_error *err);
json_t *dc_languages_json (const struct dc_profile *profile);
int dc_languages_text (struct dc_page *page, struct dc_error *err);
void dc_languages_forget (struct dc_profile *profile);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_STORAGE_MOUNTSECTION_H
#define DC_ANALYZER_STORAGE_MOUNTSECTION_H

/* mountsection: the mounts of fstab as a section of the profile. */

#include "analyzer/section.h"

int dc_mounts_read (struct dc_tree *tree, struct dc_profile *profile,
                    struct dc_error *err);
json_t *dc_mounts_json (const struct dc_profile *profile);
int dc_mounts_text (struct dc_page *page, struct dc_error *err);
void dc_mounts_forget (struct dc_profile *profile);

#endif

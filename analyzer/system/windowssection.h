/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SYSTEM_WINDOWSSECTION_H
#define DC_ANALYZER_SYSTEM_WINDOWSSECTION_H

/* windowssection: a Windows as a section of the profile. */

#include "analyzer/section.h"

/* Read with the operating system, whose name and version it completes, as it
 * does the host name and the architecture.
 */
int dc_windows_read (struct dc_tree *tree, struct dc_profile *profile,
                     struct dc_error *err);
json_t *dc_windows_json (const struct dc_profile *profile);
int dc_windows_text (struct dc_page *page, struct dc_error *err);
void dc_windows_forget (struct dc_profile *profile);

#endif

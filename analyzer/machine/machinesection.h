/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_MACHINE_MACHINESECTION_H
#define DC_ANALYZER_MACHINE_MACHINESECTION_H

/* machinesection: the machine's definition as a part of the profile, which
 * came with the source (analyzer/source/definition.h).
 */

#include "analyzer/section.h"

/* Nothing is left to read. */
int dc_machine_section_read (struct dc_tree *tree, struct dc_profile *profile,
                             struct dc_error *err);
/* null when the source has no definition. */
json_t *dc_machine_section_json (const struct dc_profile *profile);
int dc_machine_section_text (struct dc_page *page, struct dc_error *err);

#endif

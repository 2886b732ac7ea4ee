/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_UNIT_UNITPLACE_H
#define DC_ANALYZER_UNIT_UNITPLACE_H

/* unitplace: where an entry of a folder with units leads.
 *
 * A guest's tree holds no device nodes, so /dev/null is known by its name.
 */

#include "lib/tree/tree.h"

enum dc_unit_place {
  DC_PLACE_FILE, /* a file with something in it */
  DC_PLACE_MASK, /* /dev/null or an empty file */
  DC_PLACE_NONE, /* nothing, a folder, or a loop */
};

/* The absolute PATH with "." and ".." taken out as text, into B (cleared
 * first), which stays empty for the root.
 */
int dc_unit_clean_path (const char *path, struct dc_buffer *b,
                        struct dc_error *err);
/* The absolute path that the link ENTRY names, "." and ".." taken out as
 * text, into B (cleared first).
 */
int dc_unit_link_path (const struct dc_tree *tree, uint32_t entry,
                       struct dc_buffer *b, struct dc_error *err);
/* Follow ENTRY, a file or a link, to its end. */
int dc_unit_place (const struct dc_tree *tree, uint32_t entry,
                   enum dc_unit_place *place, struct dc_error *err);

#endif

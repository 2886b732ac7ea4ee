/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_SELECT_H
#define DC_TRANSFORM_SELECT_H

/* select: which entries of a guest go into its image, and why the others do
 * not.
 *
 * The rules stand in templates/select.yaml.  Each pattern is walked down the
 * tree, so the cost is that of what it finds, not of entries times rules.
 */

#include <stdbool.h>

#include "analyzer/package/packages.h"
#include "lib/tree/tree.h"
#include "templates/templates.h"

#define DC_SELECT_REASON_MAX 255

struct dc_selection {
  struct dc_select_template *template;
  uint8_t *rules; /* per entry: 0 kept, else 1 + its reason's index */
  uint32_t count; /* entries of the tree */
  const char *reasons[DC_SELECT_REASON_MAX]; /* those of the template first */
  size_t reason_count;
};

/* OWNERS as dc_packages_owners() gives them.  0 and *OUT for the caller, or
 * -1 (DC_ERR_SYSTEM; DC_ERR_INVALID: a mistake in the template).
 */
int dc_select (const struct dc_tree *tree, const struct dc_packages *packages,
               const uint32_t *owners, struct dc_selection **out,
               struct dc_error *err);
/* Leave out more, as a plan says: entry INDEX and all below it, ... */
int dc_selection_leave (struct dc_selection *selection,
                        const struct dc_tree *tree, uint32_t index,
                        const char *reason, struct dc_error *err);
/* ... what a pattern fits (as select.yaml has them, and a leading slash), ... */
int dc_selection_leave_pattern (struct dc_selection *selection,
                                const struct dc_tree *tree, const char *pattern,
                                const char *reason, struct dc_error *err);
/* ... all entries that have no mark in IS_KEPT.  What is left out already keeps
 * its reason.  REASON is borrowed and must outlive the selection.  0, or -1:
 * DC_ERR_LIMIT (too many reasons).
 */
int dc_selection_keep (struct dc_selection *selection, const bool *is_kept,
                       const char *reason, struct dc_error *err);
/* Does the pattern fit anything? */
bool dc_select_fits (const struct dc_tree *tree, const char *pattern);
/* Why entry INDEX is left out; NULL: it is kept.  Borrowed. */
const char *dc_selection_reason (const struct dc_selection *selection,
                                 uint32_t index);
void dc_selection_free (struct dc_selection *selection);
DC_DEFINE_AUTO (dc_selection)

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_TREE_NOTES_H
#define DC_LIB_TREE_NOTES_H

/* notes: what is not in a tree, or not whole, and why; a bounded list.
 *
 * Those that stay are the first DC_TREE_NOTE_MAX by path and text, so that
 * the order in which a file system lists its folders cannot be seen.
 */

#include "lib/tree/tree.h"

struct dc_notes {
  struct dc_note *items; /* room for twice DC_TREE_NOTE_MAX, or NULL */
  size_t count;
  uint64_t lost;
};

int dc_notes_add (struct dc_notes *notes, const char *path, const char *text,
                  struct dc_error *err);
/* Sort, and cut to DC_TREE_NOTE_MAX. */
void dc_notes_sort (struct dc_notes *notes);
void dc_notes_release (struct dc_notes *notes);

#endif

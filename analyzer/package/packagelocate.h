/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_PACKAGELOCATE_H
#define DC_ANALYZER_PACKAGE_PACKAGELOCATE_H

/* packagelocate: where in the tree the files of a package's list are. */

#include "lib/span.h"
#include "lib/tree/tree.h"

struct dc_locator {
  const struct dc_tree *tree;
  struct dc_buffer name;   /* of the entry being looked up */
  struct dc_buffer folder; /* the one looked up last, ... */
  uint32_t folder_index;   /* ... and where it is */
};

#define DC_LOCATOR_INIT(tree_)                                                 \
  {                                                                            \
    .tree = (tree_), .name = DC_BUFFER_INIT (DC_TREE_PATH_MAX),                \
    .folder = DC_BUFFER_INIT (DC_TREE_PATH_MAX), .folder_index = DC_TREE_NONE  \
  }

/* The entry that PATH names, from the root on, its last component not
 * followed.  "", "/" and "/." are the root.  1 and *INDEX, 0 when it is not
 * there, or -1: DC_ERR_SYSTEM.
 */
int dc_locate (struct dc_locator *locator, struct dc_span path, uint32_t *index,
               struct dc_error *err);
void dc_locator_release (struct dc_locator *locator);
#define AUTO_LOCATOR __attribute__ ((__cleanup__ (dc_locator_release)))

#endif

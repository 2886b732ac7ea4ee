/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_TREE_ORDER_H
#define DC_LIB_TREE_ORDER_H

/* order: entries that know only their folders, put into the order of paths.
 *
 * Byte order of whole paths is not the order of a walk: "a", "a-b", "a/c",
 * since '-' is below '/'.  So a folder stands at its name among its siblings,
 * and what is in it stands where name + "/" would.  In the sorted list of
 * siblings that place is behind the folder and those that continue its name
 * with a byte below '/'.
 *
 * Before: entries[0] is the root, `first_child` of a folder and
 * `next_sibling` form lists in any order, `parent` and these are raw ids,
 * `hardlink` of folders is free to use.
 * After: all are indexes in the new order, lists are in byte order of names.
 */

#include "lib/tree/tree.h"

/* The name of an entry that was taken out again; no other name is empty. */
#define DC_ORDER_REMOVED ""

/* Hears of a second entry of one name, ID, which is left out. */
typedef int dc_order_twice (void *arg, uint32_t id, struct dc_error *err);

/* Set *POSITIONS to the new index of each raw id (the caller frees it) and
 * *KEPT to how many entries the tree has: those at *KEPT and above are left
 * out, being second or below a second one.  Sorts the lists of ENTRIES.
 * Nothing is moved yet.
 */
int dc_order_find (struct dc_entry *entries, uint32_t count,
                   dc_order_twice *twice, void *arg, uint32_t **positions,
                   uint32_t *kept, struct dc_error *err);
/* Move the entries and rewrite their links; spoils POSITIONS. */
void dc_order_apply (struct dc_entry *entries, uint32_t count,
                     uint32_t *positions);

#endif

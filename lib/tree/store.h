/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_TREE_STORE_H
#define DC_LIB_TREE_STORE_H

/* store: the memory behind a tree's entries: texts, sets of xattrs, and the
 * table that finds a child by its name.
 *
 * Everything is given back at once.  Texts lie one after another in a few
 * large chunks, because malloc()'s 16 bytes an allocation would be a tenth
 * of what an entry may cost.
 *
 * The guest chooses the names, so hashes are keyed with a random number:
 * names made to collide would turn every lookup into a search.
 */

#include "lib/tree/tree.h"

struct dc_tree_store;

int dc_store_new (struct dc_tree_store **out, struct dc_error *err);
void dc_tree_store_free (struct dc_tree_store *store);
DC_DEFINE_AUTO (dc_tree_store)

/* A copy of SIZE bytes and a NUL, as old as the store. */
int dc_store_text (struct dc_tree_store *store, const char *bytes, size_t size,
                   const char **out, struct dc_error *err);
/* The set of these COUNT xattrs (sorted by name, no name twice), shared with
 * whoever asked for the same before; NULL when COUNT is 0.  DC_ERR_LIMIT when
 * all sets together are over DC_XATTR_TOTAL_MAX.
 */
int dc_store_xattrs (struct dc_tree_store *store, const struct dc_xattr *items,
                     size_t count, const struct dc_xattrs **out,
                     struct dc_error *err);
/* Prepare dc_store_child() for ENTRIES, whose `parent` says where they are. */
int dc_store_index (struct dc_tree_store *store, const struct dc_entry *entries,
                    uint32_t count, struct dc_error *err);
/* The same one by one: add the last of COUNT entries, the others being in. */
int dc_store_index_add (struct dc_tree_store *store,
                        const struct dc_entry *entries, uint32_t count,
                        struct dc_error *err);
/* The child of FOLDER named by SIZE bytes at NAME, or DC_TREE_NONE. */
uint32_t dc_store_child (const struct dc_tree_store *store,
                         const struct dc_entry *entries, uint32_t folder,
                         const char *name, size_t size);
/* A keyed hash of SIZE bytes; equal only within one store. */
uint64_t dc_store_hash (const struct dc_tree_store *store, uint64_t seed,
                        const void *bytes, size_t size);

#endif

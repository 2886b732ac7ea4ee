/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_TREE_LINKS_H
#define DC_LIB_TREE_LINKS_H

/* links: the names of one inode, found by a number that they share.
 *
 * While a tree is built `hardlink` of such an entry is the index of its
 * group; at the end it is the first of them in the order of paths.
 */

#include "lib/tree/tree.h"

struct dc_links;

int dc_links_new (struct dc_links **out, struct dc_error *err);
/* The group of the inode NUMBER, a new one if need be. */
int dc_links_group (struct dc_links *links, uint64_t number, uint32_t *group,
                    struct dc_error *err);
/* ENTRIES are in their final order; those in [0, COUNT) whose `hardlink` is
 * not DC_TREE_NONE belong to that group.  Point each at the first of its
 * group, and give it that one's metadata: it is the same inode.  All others
 * get their own index.
 */
void dc_links_resolve (struct dc_links *links, struct dc_entry *entries,
                       uint32_t count);
/* Make ENTRY a name of the inode of OTHER, while building. */
void dc_links_join (struct dc_entry *entry, const struct dc_entry *other);
void dc_links_free (struct dc_links *links);
DC_DEFINE_AUTO (dc_links)

#endif

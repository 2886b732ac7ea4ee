/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_TREE_BUILDER_H
#define DC_LIB_TREE_BUILDER_H

/* builder: raw entries in any order become a tree in normal form.
 *
 * A backend adds the root first, then each entry below the id of its folder.
 * Ids are the builder's own and end with it.  The normal form (lib/tree/tree.h)
 * is made in one place, here, so that no backend can have its own idea of it.
 */

#include "lib/tree/tree.h"

#define DC_XATTR_SIZE_MAX ((size_t) 64 * 1024) /* bytes of one value */
#define DC_XATTR_COUNT_MAX 128                 /* of one entry */
/* Bytes of all different sets of a tree. */
#define DC_XATTR_TOTAL_MAX ((size_t) 256 * 1024 * 1024)

struct dc_raw_entry {
  const char *name; /* NAME_SIZE bytes, no slash, no NUL */
  size_t name_size;
  const char *target; /* of a symbolic link: TARGET_SIZE bytes */
  size_t target_size;
  const struct dc_xattr *xattrs; /* any order, any names; copied */
  size_t xattr_count;
  uint64_t size;
  int64_t mtime;       /* seconds, rounded down */
  uint64_t cookie;     /* kept for the backend */
  uint64_t link_group; /* equal for the names of one inode; 0: only name */
  uint32_t uid, gid;
  uint16_t mode;
};

struct dc_builder;

int dc_builder_new (struct dc_builder **out, struct dc_error *err);
/* Set the root's metadata; may be called again.  The root has id 0; until it
 * is set it is a folder 0755 root:root with mtime 0.
 */
int dc_builder_root (struct dc_builder *builder, const struct dc_raw_entry *raw,
                     struct dc_error *err);
/* Add an entry to FOLDER; its id in *ID (DC_TREE_NONE when the normal form
 * leaves it out, with a note; then nothing may be added below it).  A name
 * that is "", "." or "..", or holds a slash or NUL, is left out with a note.
 * Of two entries with one name the first stays; the second and what is below
 * it goes when the tree is finished, with a note.  -1: DC_ERR_LIMIT,
 * DC_ERR_SYSTEM.
 */
int dc_builder_add (struct dc_builder *builder, uint32_t folder,
                    const struct dc_raw_entry *raw, uint32_t *id,
                    struct dc_error *err);
/* For sources that may speak of a path more than once, as an archive does.
 *
 * dc_builder_index() is called before anything is added.  From then on
 * dc_builder_view() shows the entries so far as a tree of raw ids, good for
 * lookups (not for order) until the next change.
 */
int dc_builder_index (struct dc_builder *builder, struct dc_error *err);
const struct dc_tree *dc_builder_view (struct dc_builder *builder);
/* Give the folder ID the metadata of RAW. */
int dc_builder_update (struct dc_builder *builder, uint32_t id,
                       const struct dc_raw_entry *raw, struct dc_error *err);
/* Take out ID, not the root, and everything below it. */
void dc_builder_remove (struct dc_builder *builder, uint32_t id);
/* Add to FOLDER another name for the inode of TARGET, which is no folder. */
int dc_builder_link (struct dc_builder *builder, uint32_t folder,
                     const char *name, uint32_t target, struct dc_error *err);

/* The path of an id so far, for messages. */
int dc_builder_path (const struct dc_builder *builder, uint32_t id,
                     struct dc_buffer *b, struct dc_error *err);
/* Say that NAME in FOLDER (NULL: the folder itself) is missing or not whole. */
int dc_builder_note (struct dc_builder *builder, uint32_t folder,
                     const char *name, struct dc_error *err, const char *fmt,
                     ...) __attribute__ ((__format__ (__printf__, 5, 6)));
/* Sort, link, and fill the head TREE (all but ops), which owns everything
 * from then on; the builder is empty and only good for free.
 */
int dc_builder_finish (struct dc_builder *builder, struct dc_tree *tree,
                       struct dc_error *err);
void dc_builder_free (struct dc_builder *builder);
DC_DEFINE_AUTO (dc_builder)

/* The path of ENTRIES[INDEX] by its parents, into B (cleared first); one
 * function for raw ids and for indexes.  DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_entries_path (const struct dc_entry *entries, uint32_t index,
                     struct dc_buffer *b, struct dc_error *err);

/* Release what dc_builder_finish() put into the head; for ops->free. */
void dc_tree_release (struct dc_tree *tree);

#endif

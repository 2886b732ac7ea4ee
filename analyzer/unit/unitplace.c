/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "analyzer/unit/unitplace.h"
#include "lib/buffer.h"
#include "lib/span.h"

/* Append the components of PATH to B, each behind a slash. */
static int
add_parts (struct dc_span path, struct dc_buffer *b, struct dc_error *err)
{
  struct dc_span part;

  while (dc_span_field (&path, '/', &part)) {
    if (part.size == 0 || dc_span_is (part, "."))
      continue;
    if (dc_span_is (part, "..")) {
      while (b->size > 0 && b->data[--b->size] != '/')
        ;
      if (b->data != NULL)
        b->data[b->size] = '\0';
    } else if (dc_buffer_append (b, "/", 1, err) < 0 ||
               dc_buffer_append (b, part.text, part.size, err) < 0) {
      return -1;
    }
  }
  return 0;
}

int
dc_unit_clean_path (const char *path, struct dc_buffer *b, struct dc_error *err)
{
  dc_buffer_clear (b);
  return add_parts (dc_span_of (path), b, err);
}

int
dc_unit_link_path (const struct dc_tree *tree, uint32_t entry,
                   struct dc_buffer *b, struct dc_error *err)
{
  const struct dc_entry *link = &tree->entries[entry];
  AUTO_BUFFER struct dc_buffer folder = DC_BUFFER_INIT (DC_TREE_PATH_MAX);

  dc_buffer_clear (b);
  if (link->target[0] != '/' &&
      (dc_tree_path (tree, link->parent, &folder, err) < 0 ||
       add_parts (dc_span_of (dc_buffer_text (&folder)), b, err) < 0))
    return -1;
  return add_parts (dc_span_of (link->target), b, err);
}

int
dc_unit_place (const struct dc_tree *tree, uint32_t entry,
               enum dc_unit_place *place, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (2 * DC_TREE_PATH_MAX);

  *place = DC_PLACE_NONE;
  for (int hops = 0; hops < DC_TREE_LINK_MAX && entry != DC_TREE_NONE; hops++) {
    const struct dc_entry *at = &tree->entries[entry];
    if (S_ISREG (at->mode))
      *place = at->size > 0 ? DC_PLACE_FILE : DC_PLACE_MASK;
    if (!S_ISLNK (at->mode))
      return 0;
    if (dc_unit_link_path (tree, entry, &path, err) < 0)
      return -1;
    if (strcmp (dc_buffer_text (&path), "/dev/null") == 0) {
      *place = DC_PLACE_MASK;
      return 0;
    }
    if (path.size == 0)
      return 0; /* the root */
    char *slash = strrchr (path.data, '/');
    *slash = '\0';
    const uint32_t folder = dc_tree_resolve (tree, path.data);
    entry = folder != DC_TREE_NONE ? dc_tree_child (tree, folder, slash + 1)
                                   : DC_TREE_NONE;
  }
  return 0;
}

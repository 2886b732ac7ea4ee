/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "analyzer/package/packagelocate.h"
#include "analyzer/package/packages.h"
#include "lib/array.h"
#include "lib/text.h"

int
dc_changed_add (struct dc_changed_files *changed, size_t package,
                struct dc_span path, enum dc_file_state state,
                struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (2 * DC_TREE_PATH_MAX);

  if (changed->count == DC_CHANGED_MAX) {
    changed->left_out++;
    return 0;
  }
  if (DC_ARRAY_GROW (changed->items, changed->count, DC_CHANGED_MAX,
                     "changed files", err) < 0)
    return -1;
  if (!dc_span_starts (path, "/") && dc_buffer_append (&b, "/", 1, err) < 0)
    return -1;
  if (dc_buffer_append (&b, path.text, path.size, err) < 0)
    return -1;
  changed->items[changed->count++] =
      (struct dc_changed_file){ package, DC_TAKE (b.data), state };
  return 0;
}

void
dc_changed_release (struct dc_changed_files *changed)
{
  for (size_t i = 0; i < changed->count; i++)
    free (changed->items[i].path);
  free (changed->items);
  *changed = (struct dc_changed_files){ NULL, 0, 0 };
}

static int
compare (const struct dc_conffile *conffile, struct dc_tree *tree,
         struct dc_locator *locator, uint64_t *room, enum dc_file_state *state,
         struct dc_error *err)
{
  uint32_t index = DC_TREE_NONE;

  const int found =
      dc_locate (locator, dc_span_of (conffile->path), &index, err);
  if (found < 0)
    return -1;
  if (found == 0) {
    *state = DC_FILE_MISSING;
    return 0;
  }
  const int is_same = dc_checksum_fits (&conffile->sum, tree, index, room, err);
  *state = is_same > 0 ? DC_FILE_SAME : DC_FILE_CHANGED;
  return is_same < 0 ? -1 : 0;
}

int
dc_conffiles_compare (const struct dc_packages *packages, struct dc_tree *tree,
                      struct dc_changed_files *changed, struct dc_error *err)
{
  AUTO_LOCATOR struct dc_locator locator = DC_LOCATOR_INIT (tree);
  uint64_t room = DC_CONFFILES_SIZE_MAX;

  for (size_t i = 0; i < packages->count; i++)
    for (size_t j = 0; j < packages->items[i].conffile_count; j++) {
      const struct dc_conffile *conffile = &packages->items[i].conffiles[j];
      enum dc_file_state state = DC_FILE_SAME;
      if (conffile->sum.kind == DC_CHECKSUM_NONE)
        continue; /* nothing to compare with */
      if (compare (conffile, tree, &locator, &room, &state, err) < 0)
        return -1;
      if (state != DC_FILE_SAME &&
          dc_changed_add (changed, i, dc_span_of (conffile->path), state, err) <
              0)
        return -1;
    }
  return 0;
}

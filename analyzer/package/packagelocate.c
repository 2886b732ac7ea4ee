/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/package/packagelocate.h"

/* Lists name a folder's files one after another, so the folder is resolved
 * once for all of them.
 */
static int
find_folder (struct dc_locator *locator, struct dc_span folder, uint32_t *index,
             struct dc_error *err)
{
  const struct dc_span last = { dc_buffer_text (&locator->folder),
                                locator->folder.size };

  if (locator->folder_index == DC_TREE_NONE ||
      dc_span_compare (folder, last) != 0) {
    locator->folder_index = DC_TREE_NONE;
    dc_buffer_clear (&locator->folder);
    if (dc_buffer_append (&locator->folder, folder.text, folder.size, err) < 0)
      return -1;
    locator->folder_index =
        dc_tree_resolve (locator->tree, dc_buffer_text (&locator->folder));
  }
  *index = locator->folder_index;
  return 0;
}

int
dc_locate (struct dc_locator *locator, struct dc_span path, uint32_t *index,
           struct dc_error *err)
{
  uint32_t folder;

  while (path.size > 1 && path.text[path.size - 1] == '/')
    path.size--;
  if (path.size == 0 || dc_span_is (path, "/") || dc_span_is (path, "/.")) {
    *index = 0;
    return 1;
  }
  if (path.size > DC_TREE_PATH_MAX || dc_span_has (path, '\0'))
    return 0;
  const char *slash = memrchr (path.text, '/', path.size);
  const size_t above = slash != NULL ? (size_t) (slash - path.text) : 0;
  if (find_folder (locator, (struct dc_span){ path.text, above }, &folder,
                   err) < 0)
    return -1;
  if (folder == DC_TREE_NONE)
    return 0;
  const struct dc_span name = dc_span_skip (path, above + (slash != NULL));
  dc_buffer_clear (&locator->name);
  if (dc_buffer_append (&locator->name, name.text, name.size, err) < 0)
    return -1;
  const uint32_t found =
      dc_tree_child (locator->tree, folder, dc_buffer_text (&locator->name));
  if (found == DC_TREE_NONE)
    return 0;
  *index = found;
  return 1;
}

void
dc_locator_release (struct dc_locator *locator)
{
  dc_buffer_release (&locator->name);
  dc_buffer_release (&locator->folder);
}

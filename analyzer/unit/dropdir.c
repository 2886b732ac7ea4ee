/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/unit/dropdir.h"
#include "lib/array.h"
#include "lib/text.h"

struct dc_dropdir_file {
  char *path;
  const char *name; /* the last component of PATH */
  size_t rank;      /* when it was added */
};

static bool
is_wanted (const struct dc_entry *entry, const char *suffix)
{
  const size_t size = strlen (entry->name), suffix_size = strlen (suffix);
  return entry->name[0] != '.' && !S_ISDIR (entry->mode) &&
         size > suffix_size && size <= DC_DROPDIR_NAME_MAX &&
         strcmp (entry->name + size - suffix_size, suffix) == 0;
}

int
dc_dropdir_add (struct dc_dropdir *dropdir, const struct dc_tree *tree,
                const char *path, const char *suffix, struct dc_error *err)
{
  const uint32_t folder = dc_tree_resolve (tree, path);
  if (folder == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[folder].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling) {
    const struct dc_entry *entry = &tree->entries[i];
    char *file = NULL;
    if (!is_wanted (entry, suffix))
      continue;
    if (DC_ARRAY_GROW (dropdir->items, dropdir->count, DC_DROPDIR_FILE_MAX,
                       "drop-ins", err) < 0)
      return -1;
    if (dc_text_print (&file, err, "%s/%s", path, entry->name) < 0)
      return -1;
    dropdir->items[dropdir->count] = (struct dc_dropdir_file){
      .path = file,
      .name = strrchr (file, '/') + 1,
      .rank = dropdir->count,
    };
    dropdir->count++;
  }
  return 0;
}

static int
compare (const void *a, const void *b)
{
  const struct dc_dropdir_file *left = a, *right = b;
  const int by_name = strcmp (left->name, right->name);
  if (by_name != 0)
    return by_name;
  return left->rank < right->rank ? -1 : left->rank > right->rank;
}

int
dc_dropdir_paths (struct dc_dropdir *dropdir, struct dc_words *paths,
                  struct dc_error *err)
{
  const struct dc_dropdir_file *items = dropdir->items;

  if (dropdir->count > 1)
    qsort (dropdir->items, dropdir->count, sizeof *dropdir->items, compare);
  for (size_t i = 0; i < dropdir->count; i++)
    if ((i == 0 || strcmp (items[i].name, items[i - 1].name) != 0) &&
        dc_words_add (paths, items[i].path, err) < 0)
      return -1;
  return 0;
}

void
dc_dropdir_release (struct dc_dropdir *dropdir)
{
  for (size_t i = 0; i < dropdir->count; i++)
    free (dropdir->items[i].path);
  free (dropdir->items);
  *dropdir = (struct dc_dropdir){ NULL, 0 };
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/unit/dropdir.h"
#include "analyzer/unit/unitloader.h"
#include "lib/text.h"

/* Source: systemd.unit(5); the order of folders for equal file names measured
 * with `systemd --test` of systemd 252.
 */

/* NAME less what follows each of its prefix's dashes, the longest first:
 * "a-b-.service" and "a-.service" of "a-b-c.service".
 */
static int
add_cut_names (const char *name, struct dc_words *variants,
               struct dc_error *err)
{
  const size_t prefix = strcspn (name, "@");
  const char *dot = strrchr (name, '.');
  const size_t stem = (size_t) (dot - name);
  const char *end = name + (prefix < stem ? prefix : stem);

  for (const char *dash = end - 1; dash > name; dash--) {
    char *cut = NULL;
    if (*dash != '-' || dash + 1 == end)
      continue;
    if (dc_text_print (&cut, err, "%.*s%s", (int) (dash + 1 - name), name,
                       end) < 0 ||
        dc_words_take (variants, cut, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_unit_variants (const char *name, struct dc_words *variants,
                  struct dc_error *err)
{
  if (dc_words_add (variants, name, err) < 0)
    return -1;
  if (dc_unit_kind (name) == DC_NAME_INSTANCE) {
    char *template = NULL;
    if (dc_unit_template (name, &template, err) < 0 ||
        dc_words_take (variants, template, err) < 0 ||
        add_cut_names (variants->items[variants->count - 1], variants, err) < 0)
      return -1;
  }
  return add_cut_names (name, variants, err);
}

/* The files in the folder NAME.d of the load path's FOLDER. */
static int
add_folder (const struct dc_tree *tree, const struct dc_unit_folder *folder,
            const char *name, struct dc_dropdir *dropins, struct dc_error *err)
{
  AUTO_FREE char *path = NULL;

  if (dc_text_print (&path, err, "%s/%s.d", folder->path, name) < 0)
    return -1;
  const char *last = path + strlen (folder->path) + 1;
  if (dc_tree_child (tree, folder->index, last) == DC_TREE_NONE)
    return 0; /* the usual case, found out without a walk from the root */
  return dc_dropdir_add (dropins, tree, path, ".conf", err);
}

static int
add_name (const struct dc_unit_map *map, const char *name,
          struct dc_dropdir *dropins, struct dc_error *err)
{
  AUTO_WORDS struct dc_words variants = { NULL, 0 };

  if (dc_unit_variants (name, &variants, err) < 0)
    return -1;
  for (unsigned f = 0; f < map->folder_count; f++)
    for (size_t i = 0; i < variants.count; i++)
      if (add_folder (map->tree, &map->folders[f], variants.items[i], dropins,
                      err) < 0)
        return -1;
  return 0;
}

/* Those of all names of UNIT, then those of its type. */
static int
add_all (const struct dc_unit_map *map, const struct dc_unit *unit,
         struct dc_dropdir *dropins, struct dc_error *err)
{
  if (add_name (map, unit->name, dropins, err) < 0)
    return -1;
  for (size_t i = 0; i < unit->aliases.count; i++)
    if (add_name (map, unit->aliases.items[i], dropins, err) < 0)
      return -1;
  for (unsigned f = 0; f < map->folder_count; f++)
    if (add_folder (map->tree, &map->folders[f], dc_unit_type (unit->name),
                    dropins, err) < 0)
      return -1;
  return 0;
}

int
dc_unit_dropins (const struct dc_unit_map *map, const struct dc_unit *unit,
                 struct dc_words *paths, struct dc_error *err)
{
  struct dc_dropdir dropins = { NULL, 0 };

  int status = add_all (map, unit, &dropins, err);
  if (status == 0)
    status = dc_dropdir_paths (&dropins, paths, err);
  dc_dropdir_release (&dropins);
  return status;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/unit/unitmap.h"
#include "analyzer/unit/unitplace.h"
#include "lib/array.h"
#include "lib/buffer.h"
#include "lib/text.h"

/* The load path of the system manager, without what only a live system has.
 * /lib is looked at, and first, only by a systemd that was built for a /lib
 * of its own; elsewhere it is /usr/lib.
 */
static const struct dc_unit_path load_path[] = {
  { "/etc/systemd/system.control", false },   { "/etc/systemd/system", true },
  { "/usr/local/lib/systemd/system", false }, { "/lib/systemd/system", false },
  { "/usr/lib/systemd/system", false },
};

static bool
is_listed (const struct dc_unit_map *map, uint32_t index)
{
  for (unsigned i = 0; i < map->folder_count; i++)
    if (map->folders[i].index == index)
      return true;
  return false;
}

static int
copy_path (const struct dc_tree *tree, uint32_t index, char **out,
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_TREE_PATH_MAX);

  if (dc_tree_path (tree, index, &b, err) < 0)
    return -1;
  return dc_text_print (out, err, "/%s", dc_buffer_text (&b));
}

static int
find_folders (struct dc_unit_map *map, const struct dc_unit_path *paths,
              size_t count, struct dc_error *err)
{
  for (size_t i = 0; i < count; i++) {
    const uint32_t index = dc_tree_resolve (map->tree, paths[i].path);
    if (index == DC_TREE_NONE || is_listed (map, index) ||
        !S_ISDIR (map->tree->entries[index].mode))
      continue;
    struct dc_unit_folder *folder = &map->folders[map->folder_count];
    if (copy_path (map->tree, index, &folder->path, err) < 0)
      return -1;
    folder->index = index;
    folder->is_config = paths[i].is_config;
    map->folder_count++;
  }
  return 0;
}

/* Is the folder at PATH one of the load path, or below one? */
static bool
is_in_load_path (const struct dc_unit_map *map, const char *path)
{
  uint32_t i = dc_tree_resolve (map->tree, path);
  while (i != DC_TREE_NONE && i != 0 && !is_listed (map, i))
    i = map->tree->entries[i].parent;
  return i != DC_TREE_NONE && is_listed (map, i);
}

/* May LINK be another name of the unit TARGET?  Both need the same type, one
 * that may have aliases, and the same instance; of a template, one instance
 * alone may be an alias.
 */
static bool
is_alias_allowed (const char *link, const char *target)
{
  static const char *const types[] = { "device", "path",   "service",
                                       "socket", "target", "timer" };
  const enum dc_unit_kind kind = dc_unit_kind (link);
  const enum dc_unit_kind target_kind = dc_unit_kind (target);

  if (target_kind == DC_NAME_BAD ||
      !dc_unit_has_type (target, dc_unit_type (link)) ||
      (kind != target_kind &&
       (kind != DC_NAME_INSTANCE || target_kind != DC_NAME_TEMPLATE)))
    return false;
  if (target_kind == DC_NAME_INSTANCE &&
      strcmp (strchr (link, '@'), strchr (target, '@')) != 0)
    return false;
  for (size_t i = 0; i < DC_COUNT (types); i++)
    if (dc_unit_has_type (link, types[i]))
      return true;
  return false;
}

/* Fill ID from the link ENTRY: 1, or 0 for a link to its own name, which
 * systemd ignores.
 */
static int
read_link (const struct dc_unit_map *map, uint32_t entry, struct dc_unit_id *id,
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (2 * DC_TREE_PATH_MAX);
  static const enum dc_unit_id_kind kinds[] = {
    [DC_PLACE_FILE] = DC_ID_LINKED,
    [DC_PLACE_MASK] = DC_ID_MASK,
    [DC_PLACE_NONE] = DC_ID_BAD,
  };

  if (dc_unit_link_path (map->tree, entry, &path, err) < 0)
    return -1;
  char *slash = path.size > 0 ? strrchr (path.data, '/') : NULL;
  if (slash != NULL) {
    *slash = '\0';
    if (is_in_load_path (map, path.data)) {
      const char *target = slash + 1;
      if (strcmp (target, id->name) == 0)
        return 0;
      id->kind = is_alias_allowed (id->name, target) ? DC_ID_ALIAS : DC_ID_BAD;
      id->target = strdup (target);
      return id->target != NULL ? 1 : dc_fail_errno (err, "cannot keep a name");
    }
  }
  enum dc_unit_place place;
  if (dc_unit_place (map->tree, entry, &place, err) < 0)
    return -1;
  id->kind = kinds[place];
  return 1;
}

static int
add_id (struct dc_unit_map *map, unsigned folder, uint32_t entry,
        struct dc_error *err)
{
  const struct dc_entry *at = &map->tree->entries[entry];
  struct dc_unit_id id = { .name = at->name, .folder = folder };

  if (dc_unit_kind (at->name) == DC_NAME_BAD ||
      !(S_ISREG (at->mode) || S_ISLNK (at->mode)))
    return 0;
  if (S_ISREG (at->mode)) {
    id.kind = at->size > 0 ? DC_ID_FILE : DC_ID_MASK;
  } else {
    const int status = read_link (map, entry, &id, err);
    if (status <= 0)
      return status;
  }
  if (DC_ARRAY_GROW (map->ids, map->id_count, DC_UNIT_NAME_COUNT_MAX,
                     "names of units", err) < 0) {
    free (id.target);
    return -1;
  }
  map->ids[map->id_count++] = id;
  return 0;
}

static void
release_link (struct dc_unit_link *link)
{
  free (link->owner);
  free (link->name);
  free (link->path);
}

/* Takes the texts of LINK, also on failure. */
static int
take_link (struct dc_unit_map *map, struct dc_unit_link link,
           struct dc_error *err)
{
  if (link.owner == NULL || link.name == NULL || link.path == NULL)
    (void) dc_fail_errno (err, "cannot keep a link to a unit");
  else if (DC_ARRAY_GROW (map->links, map->link_count, DC_UNIT_LINK_COUNT_MAX,
                          "links to units", err) == 0) {
    map->links[map->link_count++] = link;
    return 0;
  }
  release_link (&link);
  return -1;
}

int
dc_unit_map_add_link (struct dc_unit_map *map, const char *owner,
                      const char *name, const char *path, struct dc_error *err)
{
  const struct dc_unit_link link = {
    .owner = strdup (owner),
    .name = strdup (name),
    .path = strdup (path),
    .folder = map->folder_count, /* generators come last */
  };
  return take_link (map, link, err);
}

/* The size of the unit's name in "x.target.wants", 0 of other names. */
static size_t
owner_size (const char *name)
{
  static const char *const suffixes[] = { ".wants", ".requires", ".upholds" };
  const char *dot = strrchr (name, '.');

  for (size_t i = 0; i < DC_COUNT (suffixes) && dot != NULL; i++)
    if (strcmp (dot, suffixes[i]) == 0)
      return (size_t) (dot - name);
  return 0;
}

/* The links in ENTRY, a .wants folder or a link to one.  What is no link has
 * no meaning there, but an empty file masks.
 */
static int
add_links (struct dc_unit_map *map, unsigned folder, uint32_t entry,
           struct dc_error *err)
{
  const struct dc_entry *entries = map->tree->entries;
  const char *name = entries[entry].name;
  const size_t size = owner_size (name);
  if (size == 0)
    return 0;

  AUTO_FREE char *path = NULL;
  if (dc_text_print (&path, err, "%s/%s", map->folders[folder].path, name) < 0)
    return -1;
  const uint32_t index = dc_tree_resolve (map->tree, path);
  if (index == DC_TREE_NONE)
    return 0;
  for (uint32_t i = entries[index].first_child; i != DC_TREE_NONE;
       i = entries[i].next_sibling) {
    enum dc_unit_place place = DC_PLACE_NONE;
    if (dc_unit_kind (entries[i].name) == DC_NAME_BAD)
      continue;
    if (dc_unit_place (map->tree, i, &place, err) < 0)
      return -1;
    if (!S_ISLNK (entries[i].mode) && place != DC_PLACE_MASK)
      continue;
    struct dc_unit_link link = {
      .owner = strndup (name, size),
      .name = strdup (entries[i].name),
      .folder = folder,
      .is_mask = place == DC_PLACE_MASK,
      .is_config = map->folders[folder].is_config && S_ISLNK (entries[i].mode),
    };
    (void) dc_text_print (&link.path, err, "%s/%s", path, entries[i].name);
    if (take_link (map, link, err) < 0) /* tells of all three texts */
      return -1;
  }
  return 0;
}

/* Of one name, what is good before what systemd refuses, then by folder. */
static int
compare_ids (const void *a, const void *b)
{
  const struct dc_unit_id *left = a, *right = b;
  const int by_name = strcmp (left->name, right->name);
  if (by_name != 0)
    return by_name;
  const int by_kind = (left->kind == DC_ID_BAD) - (right->kind == DC_ID_BAD);
  return by_kind != 0 ? by_kind : (int) left->folder - (int) right->folder;
}

static int
compare_links (const void *a, const void *b)
{
  const struct dc_unit_link *left = a, *right = b;
  const int by_owner = strcmp (left->owner, right->owner);
  if (by_owner != 0)
    return by_owner;
  const int by_name = strcmp (left->name, right->name);
  if (by_name != 0)
    return by_name;
  return left->folder != right->folder
             ? (int) left->folder - (int) right->folder
             : strcmp (left->path, right->path);
}

void
dc_unit_map_sort (struct dc_unit_map *map)
{
  size_t kept = 0;

  if (map->id_count > 1)
    qsort (map->ids, map->id_count, sizeof *map->ids, compare_ids);
  for (size_t i = 0; i < map->id_count; i++)
    if (kept > 0 && strcmp (map->ids[i].name, map->ids[kept - 1].name) == 0)
      free (map->ids[i].target);
    else
      map->ids[kept++] = map->ids[i];
  map->id_count = kept;
  if (map->link_count > 1)
    qsort (map->links, map->link_count, sizeof *map->links, compare_links);
}

int
dc_unit_map_read_paths (const struct dc_tree *tree,
                        const struct dc_unit_path *paths, size_t count,
                        struct dc_unit_map *map, struct dc_error *err)
{
  assert (count <= DC_UNIT_FOLDER_MAX);

  map->tree = tree;
  if (find_folders (map, paths, count, err) < 0)
    return -1;
  for (unsigned f = 0; f < map->folder_count; f++)
    for (uint32_t i = tree->entries[map->folders[f].index].first_child;
         i != DC_TREE_NONE; i = tree->entries[i].next_sibling)
      if (add_id (map, f, i, err) < 0 || add_links (map, f, i, err) < 0)
        return -1;
  dc_unit_map_sort (map);
  return dc_unit_map_find_aliases (map, err);
}

int
dc_unit_map_read (const struct dc_tree *tree, struct dc_unit_map *map,
                  struct dc_error *err)
{
  return dc_unit_map_read_paths (tree, load_path, DC_COUNT (load_path), map,
                                 err);
}

void
dc_unit_map_release (struct dc_unit_map *map)
{
  for (size_t i = 0; i < map->id_count; i++)
    free (map->ids[i].target);
  for (size_t i = 0; i < map->link_count; i++)
    release_link (&map->links[i]);
  for (size_t i = 0; i < map->alias_count; i++)
    free (map->aliases[i].unit);
  for (unsigned i = 0; i < map->folder_count; i++)
    free (map->folders[i].path);
  free (map->aliases);
  free (map->ids);
  free (map->links);
  *map = (struct dc_unit_map){ .tree = NULL };
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/unit/unitloader.h"
#include "lib/array.h"
#include "lib/buffer.h"
#include "lib/quote.h"
#include "lib/text.h"

/* What a file costs besides its text, so that many empty ones end too. */
#define FILE_COST 256 /* bytes */

/* UNIT cannot be used, and ERR says why: 0, or -1 when it is our fault. */
static int
spoil (struct dc_unit *unit, struct dc_error *err)
{
  if (err->code == DC_ERR_SYSTEM)
    return -1;
  char *problem = strdup (err->text);
  if (problem == NULL)
    return dc_fail_errno (err, "cannot keep a problem");
  free (unit->problem);
  unit->problem = problem;
  unit->state = DC_UNIT_BAD;
  return 0;
}

/* Add the settings of the file at PATH to UNIT. */
static int
read_file (struct dc_loader *loader, struct dc_unit *unit, const char *path,
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_UNIT_SIZE_MAX);
  const size_t before = unit->setting_count;

  if (dc_tree_read_file (loader->tree, path, &b, err) < 0)
    return -1;
  const size_t cost = b.size + FILE_COST;
  if (cost > loader->text_left)
    return dc_fail (err, DC_ERR_LIMIT, "unit files have more than %zu bytes",
                    DC_UNITS_TEXT_MAX);
  loader->text_left -= cost;
  const int status =
      dc_unit_parse (unit, dc_buffer_text (&b), b.size, path, err);
  const size_t added = unit->setting_count - before;
  if (added > loader->settings_left)
    return dc_fail (err, DC_ERR_LIMIT, "units have more than %d settings",
                    DC_UNITS_SETTING_MAX);
  loader->settings_left -= added;
  return status;
}

/* What is wrong with a drop-in does not keep systemd from using the unit. */
static int
read_dropins (struct dc_loader *loader, struct dc_unit *unit,
              struct dc_error *err)
{
  AUTO_WORDS struct dc_words paths = { NULL, 0 };

  if (dc_unit_dropins (&loader->map, unit, &paths, err) < 0)
    return -1;
  for (size_t i = 0; i < paths.count; i++)
    if (read_file (loader, unit, paths.items[i], err) < 0 &&
        err->code != DC_ERR_INVALID)
      return -1;
  return 0;
}

int
dc_unit_read (struct dc_loader *loader, struct dc_unit *unit,
              const struct dc_unit_id *id, struct dc_error *err)
{
  if (id->kind == DC_ID_MASK) {
    unit->state = DC_UNIT_MASKED;
    return 0;
  }
  if (dc_text_print (&unit->file, err, "%s/%s",
                     loader->map.folders[id->folder].path, id->name) < 0)
    return -1;
  if (read_file (loader, unit, unit->file, err) < 0 ||
      read_dropins (loader, unit, err) < 0)
    return spoil (unit, err);
  unit->state = id->kind == DC_ID_LINKED ? DC_UNIT_LINKED : DC_UNIT_STATIC;
  return 0;
}

/* A generated unit has no file to read, but may have drop-ins. */
static int
read_generated_dropins (struct dc_loader *loader, struct dc_error *err)
{
  struct dc_units *units = loader->units;

  for (size_t i = 0; i < units->count; i++)
    if (units->items[i].state == DC_UNIT_GENERATED &&
        read_dropins (loader, &units->items[i], err) < 0 &&
        spoil (&units->items[i], err) < 0)
      return -1;
  return 0;
}

/* A name that systemd refuses is a unit too, so that somebody hears of it. */
static int
add_bad (struct dc_loader *loader, const struct dc_unit_id *id,
         struct dc_error *err)
{
  const char *folder = loader->map.folders[id->folder].path;
  uint32_t index;

  if (dc_loader_find (loader, id->name) != DC_TREE_NONE)
    return 0;
  if (dc_loader_add (loader, id->name, &index, err) < 0)
    return -1;
  if (id->kind == DC_ID_ALIAS)
    (void) dc_fail (err, DC_ERR_INVALID, "%s/%s: there is no '%s'", folder,
                    id->name, dc_quote (id->target).text);
  else if (id->target != NULL)
    (void) dc_fail (err, DC_ERR_INVALID,
                    "%s/%s: it may not be an alias of '%s'", folder, id->name,
                    dc_quote (id->target).text);
  else
    (void) dc_fail (err, DC_ERR_INVALID, "%s/%s: the link leads to no file",
                    folder, id->name);
  return spoil (&loader->units->items[index], err);
}

static int
load_names (struct dc_loader *loader, struct dc_error *err)
{
  const struct dc_unit_map *map = &loader->map;
  uint32_t index;

  for (size_t i = 0; i < map->id_count; i++) {
    int status = dc_loader_get (loader, map->ids[i].name, &index, err);
    if (status == 0)
      status = add_bad (loader, &map->ids[i], err);
    if (status < 0)
      return -1;
  }
  return 0;
}

/* Instances exist because a link names them, whether it is followed or not. */
static int
load_instances (struct dc_loader *loader, struct dc_error *err)
{
  const struct dc_unit_map *map = &loader->map;
  uint32_t index;

  for (size_t i = 0; i < map->link_count; i++)
    if (dc_unit_kind (map->links[i].name) == DC_NAME_INSTANCE &&
        dc_loader_get (loader, map->links[i].name, &index, err) < 0)
      return -1;
  return 0;
}

static int
find_default_target (struct dc_loader *loader, struct dc_error *err)
{
  uint32_t index;

  const int status = dc_loader_get (loader, "default.target", &index, err);
  if (status <= 0)
    return status;
  loader->units->default_target = strdup (loader->units->items[index].name);
  return loader->units->default_target != NULL
             ? 0
             : dc_fail_errno (err, "cannot keep a unit's name");
}

static int
compare_units (const void *a, const void *b)
{
  const struct dc_unit *left = a, *right = b;
  return strcmp (left->name, right->name);
}

static void
sort (struct dc_units *units)
{
  for (size_t i = 0; i < units->count; i++)
    dc_words_sort (&units->items[i].aliases);
  if (units->count > 1)
    qsort (units->items, units->count, sizeof *units->items, compare_units);
}

/* What starts of the names that are there. */
static int
follow (struct dc_loader *loader, struct dc_error *err)
{
  dc_unit_map_sort (&loader->map); /* with the links of generators */
  return load_instances (loader, err) < 0 ||
                 find_default_target (loader, err) < 0 ||
                 dc_units_start (loader, err) < 0 ||
                 dc_units_find_states (loader, err) < 0
             ? -1
             : 0;
}

static int
load (struct dc_loader *loader, struct dc_error *err)
{
  if (dc_units_generate (loader, err) < 0 || load_names (loader, err) < 0 ||
      dc_sysv_load (loader, err) < 0 ||
      read_generated_dropins (loader, err) < 0 || follow (loader, err) < 0 ||
      dc_units_find_presets (loader, err) < 0)
    return -1;
  sort (loader->units);
  return 0;
}

int
dc_units_load (struct dc_tree *tree, struct dc_units **out,
               struct dc_error *err)
{
  struct dc_loader loader;

  int status = dc_loader_init (&loader, tree, err);
  if (status == 0)
    status = dc_unit_map_read (tree, &loader.map, err);
  if (status == 0)
    status = load (&loader, err);
  if (status == 0)
    *out = DC_TAKE (loader.units);
  dc_loader_release (&loader);
  return status < 0 ? dc_context (err, "units") : 0;
}

/* The load path of a user's manager that HOME has, then what all share. */
static int
read_user_map (struct dc_tree *tree, const char *home, struct dc_unit_map *map,
               struct dc_error *err)
{
  AUTO_FREE char *config = NULL;
  AUTO_FREE char *data = NULL;

  if (dc_text_print (&config, err, "%s/.config/systemd/user", home) < 0 ||
      dc_text_print (&data, err, "%s/.local/share/systemd/user", home) < 0)
    return -1;
  const struct dc_unit_path paths[] = {
    { config, true },
    { "/etc/systemd/user", true },
    { data, false },
    { "/usr/local/share/systemd/user", false },
    { "/usr/share/systemd/user", false },
    { "/usr/local/lib/systemd/user", false },
    { "/lib/systemd/user", false },
    { "/usr/lib/systemd/user", false },
  };
  return dc_unit_map_read_paths (tree, paths, DC_COUNT (paths), map, err);
}

int
dc_units_load_user (struct dc_tree *tree, const char *home,
                    struct dc_units **out, struct dc_error *err)
{
  struct dc_loader loader;

  int status = dc_loader_init (&loader, tree, err);
  loader.text_left = DC_UNITS_TEXT_MAX / DC_LINGER_MAX;
  loader.settings_left = DC_UNITS_SETTING_MAX / DC_LINGER_MAX;
  if (status == 0)
    status = read_user_map (tree, home, &loader.map, err);
  if (status == 0)
    status = load_names (&loader, err);
  if (status == 0)
    status = follow (&loader, err);
  if (status == 0) {
    sort (loader.units);
    *out = DC_TAKE (loader.units);
  }
  dc_loader_release (&loader);
  return status < 0 ? dc_context (err, "units of '%s'", dc_quote (home).text)
                    : 0;
}

static int
compare_name (const void *name, const void *unit)
{
  return strcmp (name, ((const struct dc_unit *) unit)->name);
}

static bool
has_name (const struct dc_units *units, size_t count, const char *name)
{
  return count > 0 && bsearch (name, units->items, count, sizeof *units->items,
                               compare_name) != NULL;
}

int
dc_units_join (struct dc_units *units, struct dc_units *more,
               struct dc_error *err)
{
  const size_t before = units->count;
  int status = 0;

  for (size_t i = 0; i < more->count && status == 0; i++) {
    if (has_name (units, before, more->items[i].name))
      continue;
    status = DC_ARRAY_GROW (units->items, units->count, DC_UNIT_COUNT_MAX,
                            "units", err);
    if (status < 0)
      break;
    dc_words_sort (&more->items[i].aliases);
    units->items[units->count++] = more->items[i];
    more->items[i] = (struct dc_unit){ .name = NULL };
  }
  if (units->count > 1)
    qsort (units->items, units->count, sizeof *units->items, compare_units);
  return status;
}

const struct dc_unit *
dc_units_find (const struct dc_units *units, const char *name)
{
  if (units->count == 0)
    return NULL;
  const struct dc_unit *found = bsearch (name, units->items, units->count,
                                         sizeof *units->items, compare_name);
  for (size_t i = 0; i < units->count && found == NULL; i++)
    if (dc_words_has (&units->items[i].aliases, name))
      found = &units->items[i];
  return found;
}

void
dc_units_free (struct dc_units *units)
{
  if (units == NULL)
    return;
  for (size_t i = 0; i < units->count; i++)
    dc_unit_release (&units->items[i]);
  free (units->items);
  free (units->default_target);
  free (units);
}

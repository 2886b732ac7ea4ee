/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/unit/unitmap.h"
#include "lib/array.h"

static int
compare_name (const void *name, const void *id)
{
  return strcmp (name, ((const struct dc_unit_id *) id)->name);
}

const struct dc_unit_id *
dc_unit_map_find (const struct dc_unit_map *map, const char *name)
{
  if (map->id_count == 0)
    return NULL;
  return bsearch (name, map->ids, map->id_count, sizeof *map->ids,
                  compare_name);
}

const struct dc_unit_link *
dc_unit_map_links (const struct dc_unit_map *map, const char *owner,
                   size_t *count)
{
  size_t low = 0, high = map->link_count;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (strcmp (map->links[middle].owner, owner) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  for (high = low;
       high < map->link_count && strcmp (map->links[high].owner, owner) == 0;)
    high++;
  *count = high - low;
  return *count > 0 ? &map->links[low] : NULL;
}

/* What NAME stands for: itself, or its template.  1, 0, -1. */
static int
find_or_template (const struct dc_unit_map *map, const char *name,
                  const struct dc_unit_id **id, struct dc_error *err)
{
  *id = dc_unit_map_find (map, name);
  if (*id == NULL && dc_unit_kind (name) == DC_NAME_INSTANCE) {
    AUTO_FREE char *template = NULL;
    if (dc_unit_template (name, &template, err) < 0)
      return -1;
    *id = dc_unit_map_find (map, template);
  }
  return *id != NULL && (*id)->kind != DC_ID_BAD;
}

int
dc_unit_map_resolve (const struct dc_unit_map *map, const char *name,
                     const struct dc_unit_id **id, char **unit,
                     struct dc_error *err)
{
  int hops = 0;

  for (const char *at = name; hops <= DC_UNIT_HOP_MAX; hops++) {
    const int status = find_or_template (map, at, id, err);
    if (status <= 0)
      return status;
    if ((*id)->kind != DC_ID_ALIAS)
      break;
    at = (*id)->target;
  }
  if (hops > DC_UNIT_HOP_MAX)
    return 0;

  /* The instance is the same all the way: other aliases are refused. */
  AUTO_FREE char *instance = NULL;
  if (dc_unit_kind (name) == DC_NAME_INSTANCE &&
      dc_unit_kind ((*id)->name) == DC_NAME_TEMPLATE) {
    if (dc_unit_instance (name, &instance, err) < 0)
      return -1;
    const int status = dc_unit_instantiate ((*id)->name, instance, unit, err);
    if (status < 0 && err->code == DC_ERR_LIMIT)
      return 0; /* a name too long for systemd too */
    return status < 0 ? -1 : 1;
  }
  char *copy = strdup ((*id)->name);
  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep a unit's name");
  *unit = copy;
  return 1;
}

static int
compare_aliases (const void *a, const void *b)
{
  const struct dc_unit_alias *left = a, *right = b;
  const int by_unit = strcmp (left->unit, right->unit);
  return by_unit != 0 ? by_unit : strcmp (left->name, right->name);
}

int
dc_unit_map_find_aliases (struct dc_unit_map *map, struct dc_error *err)
{
  for (size_t i = 0; i < map->id_count; i++) {
    const struct dc_unit_id *end;
    AUTO_FREE char *unit = NULL;
    if (map->ids[i].kind != DC_ID_ALIAS)
      continue;
    const int status =
        dc_unit_map_resolve (map, map->ids[i].name, &end, &unit, err);
    if (status < 0 ||
        (status == 1 &&
         DC_ARRAY_GROW (map->aliases, map->alias_count, DC_UNIT_NAME_COUNT_MAX,
                        "aliases of units", err) < 0))
      return -1;
    if (status == 1)
      map->aliases[map->alias_count++] =
          (struct dc_unit_alias){ DC_TAKE (unit), map->ids[i].name };
  }
  if (map->alias_count > 1)
    qsort (map->aliases, map->alias_count, sizeof *map->aliases,
           compare_aliases);
  return 0;
}

/* Where the aliases of UNIT begin. */
static size_t
first_alias (const struct dc_unit_map *map, const char *unit)
{
  size_t low = 0, high = map->alias_count;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (strcmp (map->aliases[middle].unit, unit) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Append the aliases of UNIT, for INSTANCE when that is not NULL. */
static int
add_names (const struct dc_unit_map *map, const char *unit,
           const char *instance, struct dc_words *names, struct dc_error *err)
{
  for (size_t i = first_alias (map, unit);
       i < map->alias_count && names->count < DC_UNIT_ALIAS_MAX &&
       strcmp (map->aliases[i].unit, unit) == 0;
       i++) {
    AUTO_FREE char *name = NULL;
    const char *alias = map->aliases[i].name;
    if (instance != NULL) {
      if (dc_unit_instantiate (alias, instance, &name, err) < 0) {
        if (err->code != DC_ERR_LIMIT)
          return -1;
        continue;
      }
      alias = name;
    }
    if (dc_words_add (names, alias, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_unit_map_names (const struct dc_unit_map *map, const char *unit,
                   struct dc_words *names, struct dc_error *err)
{
  if (add_names (map, unit, NULL, names, err) < 0)
    return -1;
  if (dc_unit_kind (unit) == DC_NAME_INSTANCE) {
    AUTO_FREE char *template = NULL;
    AUTO_FREE char *instance = NULL;
    if (dc_unit_template (unit, &template, err) < 0 ||
        dc_unit_instance (unit, &instance, err) < 0 ||
        add_names (map, template, instance, names, err) < 0)
      return -1;
  }
  dc_words_sort (names);
  return 0;
}

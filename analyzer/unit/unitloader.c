/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/unit/unitloader.h"
#include "lib/array.h"

#define SLOT_COUNT ((size_t) 2 * DC_UNITS_NAME_MAX) /* a power of two */

int
dc_loader_init (struct dc_loader *loader, struct dc_tree *tree,
                struct dc_error *err)
{
  *loader = (struct dc_loader){
    .tree = tree,
    .units = calloc (1, sizeof *loader->units),
    .slots = calloc (SLOT_COUNT, sizeof *loader->slots),
    .text_left = DC_UNITS_TEXT_MAX,
    .settings_left = DC_UNITS_SETTING_MAX,
  };
  if (loader->units == NULL || loader->slots == NULL)
    return dc_fail_errno (err, "cannot keep units");
  return 0;
}

void
dc_loader_release (struct dc_loader *loader)
{
  dc_unit_map_release (&loader->map);
  dc_units_free (loader->units);
  free (loader->slots);
}

/* FNV-1a; linear probing.  A guest that picks names to collide makes each
 * look as long as there are names, DC_UNITS_NAME_MAX at most.
 */
static struct dc_loader_slot *
find_slot (const struct dc_loader *loader, const char *name)
{
  uint64_t hash = 0xcbf29ce484222325;
  for (const char *p = name; *p != '\0'; p++)
    hash = (hash ^ (unsigned char) *p) * 0x100000001b3;
  size_t i = hash & (SLOT_COUNT - 1);
  while (loader->slots[i].name != NULL &&
         strcmp (loader->slots[i].name, name) != 0)
    i = (i + 1) & (SLOT_COUNT - 1);
  return &loader->slots[i];
}

uint32_t
dc_loader_find (const struct dc_loader *loader, const char *name)
{
  const struct dc_loader_slot *slot = find_slot (loader, name);
  return slot->name != NULL ? slot->unit : DC_TREE_NONE;
}

/* NAME, which lives as long as the units, leads to UNIT. */
static int
take_slot (struct dc_loader *loader, const char *name, uint32_t unit,
           struct dc_error *err)
{
  if (loader->name_count >= DC_UNITS_NAME_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "more than %d names of units",
                    DC_UNITS_NAME_MAX);
  *find_slot (loader, name) = (struct dc_loader_slot){ name, unit };
  loader->name_count++;
  return 0;
}

int
dc_loader_add_alias (struct dc_loader *loader, uint32_t unit, const char *name,
                     struct dc_error *err)
{
  struct dc_words *aliases = &loader->units->items[unit].aliases;

  if (dc_loader_find (loader, name) != DC_TREE_NONE ||
      aliases->count >= DC_UNIT_ALIAS_MAX)
    return 0;
  if (dc_words_add (aliases, name, err) < 0)
    return -1;
  return take_slot (loader, aliases->items[aliases->count - 1], unit, err);
}

int
dc_loader_add (struct dc_loader *loader, const char *name, uint32_t *unit,
               struct dc_error *err)
{
  struct dc_units *units = loader->units;

  assert (dc_loader_find (loader, name) == DC_TREE_NONE);
  if (DC_ARRAY_GROW (units->items, units->count, DC_UNIT_COUNT_MAX, "units",
                     err) < 0)
    return -1;
  struct dc_unit *added = &units->items[units->count];
  added->name = strdup (name);
  if (added->name == NULL)
    return dc_fail_errno (err, "cannot keep a unit");
  *unit = (uint32_t) units->count++;
  if (dc_unit_kind (name) == DC_NAME_INSTANCE &&
      dc_unit_instance (name, &added->instance, err) < 0)
    return -1;
  return take_slot (loader, added->name, *unit, err);
}

int
dc_loader_get (struct dc_loader *loader, const char *name, uint32_t *unit,
               struct dc_error *err)
{
  const struct dc_unit_id *id;
  AUTO_FREE char *own_name = NULL;
  AUTO_WORDS struct dc_words aliases = { NULL, 0 };

  *unit = dc_loader_find (loader, name);
  if (*unit != DC_TREE_NONE)
    return 1;
  const int status =
      dc_unit_map_resolve (&loader->map, name, &id, &own_name, err);
  if (status <= 0)
    return status;
  *unit = dc_loader_find (loader, own_name);
  if (*unit != DC_TREE_NONE)
    return 1; /* NAME is one alias too many */

  if (dc_loader_add (loader, own_name, unit, err) < 0 ||
      dc_unit_map_names (&loader->map, own_name, &aliases, err) < 0)
    return -1;
  for (size_t i = 0; i < aliases.count; i++)
    if (dc_loader_add_alias (loader, *unit, aliases.items[i], err) < 0)
      return -1;
  return dc_unit_read (loader, &loader->units->items[*unit], id, err) < 0 ? -1
                                                                          : 1;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/unit/unitloader.h"

/* Source: systemctl(1), "is-enabled"; measured with `systemctl --root` of
 * systemd 252.
 */

/* What the links of the load path say about a unit. */
enum mark {
  IS_ENABLED = 1 << 0,  /* as [Install] would have it, in /etc */
  IS_INDIRECT = 1 << 1, /* by a name that [Install] does not mention, in /etc */
  IS_VENDOR = 1 << 2,   /* somewhere else */
};

/* Is NAME among the words of the settings KEY in [Install] of UNIT? */
static int
install_names (const struct dc_unit *unit, const char *key, const char *name,
               struct dc_error *err)
{
  const struct dc_setting *setting;
  size_t position = 0;

  while (dc_unit_next (unit, "Install", key, &position, &setting) == 1) {
    const char *s = setting->value;
    for (;;) {
      AUTO_FREE char *word = NULL;
      AUTO_FREE char *expanded = NULL;
      int status = dc_unit_word (&s, &word, err);
      if (status == 1)
        status = dc_unit_expand (unit, word, NULL, &expanded, err) < 0 ? -1 : 1;
      if (status < 0 && err->code == DC_ERR_SYSTEM)
        return -1;
      if (status <= 0)
        break;
      if (strcmp (expanded, name) == 0)
        return 1;
    }
  }
  return 0;
}

/* Is NAME the default instance of the template UNIT? */
static int
is_default_instance (const struct dc_unit *unit, const char *name,
                     struct dc_error *err)
{
  const char *instance =
      dc_unit_value (unit, "Install", "DefaultInstance", NULL);
  AUTO_FREE char *default_name = NULL;

  if (instance == NULL || dc_unit_kind (unit->name) != DC_NAME_TEMPLATE)
    return 0;
  if (dc_unit_instantiate (unit->name, instance, &default_name, err) < 0)
    return err->code == DC_ERR_LIMIT ? 0 : -1;
  return strcmp (default_name, name) == 0;
}

/* The unit of exactly this NAME, no alias. */
static struct dc_unit *
find (struct dc_loader *loader, const char *name, uint32_t *index)
{
  *index = dc_loader_find (loader, name);
  if (*index == DC_TREE_NONE ||
      strcmp (loader->units->items[*index].name, name) != 0)
    return NULL;
  return &loader->units->items[*index];
}

/* A link NAME in a .wants folder speaks for the unit of this name, and for
 * its template.
 */
static int
mark_link (struct dc_loader *loader, const struct dc_unit_link *link,
           unsigned *marks, struct dc_error *err)
{
  AUTO_FREE char *template = NULL;
  uint32_t index;

  if (find (loader, link->name, &index) != NULL)
    marks[index] |= link->is_config ? IS_ENABLED : IS_VENDOR;
  if (!link->is_config || dc_unit_kind (link->name) != DC_NAME_INSTANCE)
    return 0;
  if (dc_unit_template (link->name, &template, err) < 0)
    return -1;
  const struct dc_unit *unit = find (loader, template, &index);
  if (unit == NULL)
    return 0;
  const int is_default = is_default_instance (unit, link->name, err);
  if (is_default < 0)
    return -1;
  marks[index] |= is_default ? IS_ENABLED : IS_INDIRECT;
  return 0;
}

/* An alias speaks for its target, even one that systemd refuses; an instance
 * that is a link to its template also for itself.
 */
static int
mark_alias (struct dc_loader *loader, const struct dc_unit_id *id,
            unsigned *marks, struct dc_error *err)
{
  const bool is_config = loader->map.folders[id->folder].is_config;
  uint32_t index;

  if (find (loader, id->name, &index) != NULL)
    marks[index] |= is_config ? IS_ENABLED : IS_VENDOR;
  const struct dc_unit *unit = find (loader, id->target, &index);
  if (unit == NULL || !is_config)
    return 0;
  int is_known = install_names (unit, "Alias", id->name, err);
  if (is_known == 0)
    is_known = is_default_instance (unit, id->name, err);
  if (is_known < 0)
    return -1;
  marks[index] |= is_known ? IS_ENABLED : IS_INDIRECT;
  return 0;
}

static bool
has_install (const struct dc_unit *unit, const char *const *keys)
{
  const struct dc_setting *setting;

  for (; *keys != NULL; keys++) {
    size_t position = 0;
    if (dc_unit_next (unit, "Install", *keys, &position, &setting) == 1)
      return true;
  }
  return false;
}

/* UNIT can be read; its state so far says whether it is linked. */
static enum dc_unit_state
decide (const struct dc_unit *unit, unsigned marks)
{
  static const char *const rules[] = { "Alias", "WantedBy", "RequiredBy",
                                       "UpheldBy", NULL };
  static const char *const also[] = { "Also", NULL };

  if ((marks & IS_ENABLED) != 0)
    return DC_UNIT_ENABLED;
  if ((marks & IS_VENDOR) != 0 && unit->instance != NULL)
    return DC_UNIT_STATIC;
  if (unit->state == DC_UNIT_LINKED)
    return DC_UNIT_LINKED;
  if ((marks & IS_INDIRECT) != 0)
    return DC_UNIT_INDIRECT;
  if (has_install (unit, rules))
    return DC_UNIT_DISABLED;
  return has_install (unit, also) ? DC_UNIT_INDIRECT : DC_UNIT_STATIC;
}

int
dc_units_find_states (struct dc_loader *loader, struct dc_error *err)
{
  struct dc_units *units = loader->units;
  const struct dc_unit_map *map = &loader->map;
  AUTO_FREE unsigned *marks = calloc (units->count + 1, sizeof *marks);
  if (marks == NULL)
    return dc_fail_errno (err, "cannot keep the states of units");

  for (size_t i = 0; i < map->link_count; i++)
    if (mark_link (loader, &map->links[i], marks, err) < 0)
      return -1;
  for (size_t i = 0; i < map->id_count; i++)
    if (map->ids[i].target != NULL &&
        mark_alias (loader, &map->ids[i], marks, err) < 0)
      return -1;
  for (size_t i = 0; i < units->count; i++)
    if (units->items[i].state == DC_UNIT_STATIC ||
        units->items[i].state == DC_UNIT_LINKED)
      units->items[i].state = decide (&units->items[i], marks[i]);
  return 0;
}

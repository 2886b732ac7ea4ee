/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/unit/unitloader.h"
#include "lib/array.h"
#include "lib/span.h"
#include "lib/text.h"

/* Source: systemd.unit(5) and the "Implicit Dependencies" and "Default
 * Dependencies" of systemd.service(5), .socket(5), .timer(5), .path(5);
 * measured with `systemd --test` of systemd 252.  Dependencies on mounts are
 * not followed.
 */

/* The units that start and whose own dependencies are still to be followed:
 * those from NEXT on.  Without recursion, so that a cycle or a long chain is
 * nothing special.
 */
struct start {
  struct dc_loader *loader;
  uint32_t *queue;
  size_t count, next;
};

/* Settings that pull in what they name. */
static const struct {
  const char *section, *key;
} pulls[] = {
  { "Unit", "BindTo" },   { "Unit", "BindsTo" }, { "Unit", "Requires" },
  { "Unit", "Upholds" },  { "Unit", "Wants" },   { "Service", "Sockets" },
  { "Service", "Slice" }, { "Socket", "Slice" }, { "Mount", "Slice" },
  { "Swap", "Slice" },    { "Slice", "Slice" },
};

/* NAME starts because of what is written at WHERE. */
static int
start_unit (struct start *start, const char *name, const char *where,
            struct dc_error *err)
{
  uint32_t index;
  const int status = dc_loader_get (start->loader, name, &index, err);
  if (status <= 0)
    return status;
  struct dc_unit *unit = &start->loader->units->items[index];
  if (unit->is_started || unit->state == DC_UNIT_MASKED ||
      unit->state == DC_UNIT_BAD)
    return 0;
  if (DC_ARRAY_GROW (start->queue, start->count, DC_UNIT_COUNT_MAX,
                     "units that start", err) < 0)
    return -1;
  unit->started_by = strdup (where);
  if (unit->started_by == NULL)
    return dc_fail_errno (err, "cannot keep why a unit starts");
  unit->is_started = true;
  start->queue[start->count++] = index;
  return 0;
}

/* UNIT pulls in NAME.  A template stands for the instance of UNIT, or that
 * which its prefix names.
 */
static int
pull (struct start *start, const struct dc_unit *unit, const char *name,
      const char *where, struct dc_error *err)
{
  AUTO_FREE char *instance = NULL;
  AUTO_FREE char *instantiated = NULL;
  const enum dc_unit_kind kind = dc_unit_kind (name);

  if (kind == DC_NAME_BAD)
    return 0;
  if (kind != DC_NAME_TEMPLATE)
    return start_unit (start, name, where, err);
  if (unit->instance == NULL && dc_unit_prefix (unit->name, &instance, err) < 0)
    return -1;
  if (dc_unit_instantiate (name, instance != NULL ? instance : unit->instance,
                           &instantiated, err) < 0)
    return err->code == DC_ERR_LIMIT ? 0 : -1; /* too long for systemd too */
  return start_unit (start, instantiated, where, err);
}

/* The names in a setting; they are never quoted, and a backslash is part of
 * the name.  An empty setting does not take back earlier ones.
 */
static int
pull_setting (struct start *start, const struct dc_unit *unit,
              const struct dc_setting *setting, struct dc_error *err)
{
  struct dc_span rest = dc_span_of (setting->value), word;
  AUTO_FREE char *where = NULL;

  if (dc_text_print (&where, err, "%s:%u", setting->file, setting->line) < 0)
    return -1;
  while (dc_span_word (&rest, &word)) {
    AUTO_FREE char *text = NULL;
    AUTO_FREE char *name = NULL;
    if (dc_span_copy (word, &text, err) < 0)
      return -1;
    const int status = dc_unit_expand (unit, text, NULL, &name, err);
    if (status < 0 && err->code == DC_ERR_SYSTEM)
      return -1;
    if (status == 0 && pull (start, unit, name, where, err) < 0)
      return -1;
  }
  return 0;
}

static int
pull_settings (struct start *start, const struct dc_unit *unit,
               struct dc_error *err)
{
  for (size_t i = 0; i < unit->setting_count; i++)
    for (size_t k = 0; k < DC_COUNT (pulls); k++)
      if (strcmp (unit->settings[i].key, pulls[k].key) == 0 &&
          strcmp (unit->settings[i].section, pulls[k].section) == 0 &&
          pull_setting (start, unit, &unit->settings[i], err) < 0)
        return -1;
  return 0;
}

static bool
has_default_dependencies (const struct dc_unit *unit)
{
  return dc_unit_is (unit, "Unit", "DefaultDependencies", true);
}

/* Type=dbus is the default where a name on the bus is given. */
static bool
is_on_bus (const struct dc_unit *unit)
{
  const char *type = dc_unit_value (unit, "Service", "Type", NULL);
  return type != NULL
             ? strcmp (type, "dbus") == 0
             : dc_unit_value (unit, "Service", "BusName", NULL) != NULL;
}

/* The proof of what nobody wrote down: a generated unit has no file. */
static const char *
own_proof (const struct dc_unit *unit)
{
  return unit->file != NULL ? unit->file : unit->started_by;
}

/* What units of a type pull in without a word about it. */
static int
pull_implied (struct start *start, const struct dc_unit *unit,
              struct dc_error *err)
{
  static const struct {
    const char *type, *name;
    bool (*applies) (const struct dc_unit *unit);
  } implied[] = {
    { "path", "sysinit.target", has_default_dependencies },
    { "service", "dbus.socket", is_on_bus },
    { "service", "sysinit.target", has_default_dependencies },
    { "socket", "sysinit.target", has_default_dependencies },
    { "timer", "sysinit.target", has_default_dependencies },
  };

  for (size_t i = 0; i < DC_COUNT (implied); i++)
    if (dc_unit_has_type (unit->name, implied[i].type) &&
        implied[i].applies (unit) &&
        pull (start, unit, implied[i].name, own_proof (unit), err) < 0)
      return -1;
  return 0;
}

/* A slice lies in that of its name less the last part: "a.slice" holds
 * "a-b.slice".
 */
static int
pull_outer_slice (struct start *start, const struct dc_unit *unit,
                  struct dc_error *err)
{
  const char *dash = strrchr (unit->name, '-');
  AUTO_FREE char *outer = NULL;

  if (!dc_unit_has_type (unit->name, "slice") || dash == NULL ||
      dash == unit->name)
    return 0;
  const int size = (int) (dash - unit->name);
  return dc_text_print (&outer, err, "%.*s.slice", size, unit->name) < 0
             ? -1
             : pull (start, unit, outer, own_proof (unit), err);
}

/* A link that may count: the first of a name does, in the order of the names
 * and folders of the unit.
 */
struct candidate {
  const struct dc_unit_link *link;
  size_t rank;
};

struct candidates {
  struct candidate *items;
  size_t count;
};

static int
compare (const void *a, const void *b)
{
  const struct candidate *left = a, *right = b;
  const int by_name = strcmp (left->link->name, right->link->name);
  if (by_name != 0)
    return by_name;
  return left->rank < right->rank ? -1 : left->rank > right->rank;
}

/* The links of NAME and its variants. */
static int
add_candidates (const struct dc_unit_map *map, const char *name,
                struct candidates *candidates, struct dc_error *err)
{
  AUTO_WORDS struct dc_words variants = { NULL, 0 };
  const size_t base = candidates->count; /* this name comes after others */

  if (dc_unit_variants (name, &variants, err) < 0)
    return -1;
  for (size_t i = 0; i < variants.count; i++) {
    size_t count;
    const struct dc_unit_link *links =
        dc_unit_map_links (map, variants.items[i], &count);
    for (size_t k = 0; k < count; k++) {
      if (DC_ARRAY_GROW (candidates->items, candidates->count,
                         DC_UNIT_LINK_COUNT_MAX, "links of a unit", err) < 0)
        return -1;
      candidates->items[candidates->count++] = (struct candidate){
        .link = &links[k],
        .rank = base * DC_UNIT_LINK_COUNT_MAX +
                links[k].folder * variants.count + i,
      };
    }
  }
  return 0;
}

static int
pull_candidates (struct start *start, const struct dc_unit *unit,
                 struct candidates *candidates, struct dc_error *err)
{
  const struct dc_unit_map *map = &start->loader->map;

  if (add_candidates (map, unit->name, candidates, err) < 0)
    return -1;
  for (size_t i = 0; i < unit->aliases.count; i++)
    if (add_candidates (map, unit->aliases.items[i], candidates, err) < 0)
      return -1;
  if (candidates->count > 1)
    qsort (candidates->items, candidates->count, sizeof *candidates->items,
           compare);
  const char *last = "";
  for (size_t i = 0; i < candidates->count; i++) {
    const struct dc_unit_link *link = candidates->items[i].link;
    if (strcmp (link->name, last) != 0 && !link->is_mask &&
        pull (start, unit, link->name, link->path, err) < 0)
      return -1;
    last = link->name;
  }
  return 0;
}

static int
pull_links (struct start *start, const struct dc_unit *unit,
            struct dc_error *err)
{
  struct candidates candidates = { NULL, 0 };

  const int status = pull_candidates (start, unit, &candidates, err);
  free (candidates.items);
  return status;
}

static int
follow_all (struct start *start, struct dc_error *err)
{
  while (start->next < start->count) {
    /* A copy, because the units move when one is loaded. */
    const struct dc_unit unit =
        start->loader->units->items[start->queue[start->next++]];
    if (pull_links (start, &unit, err) < 0 ||
        pull_settings (start, &unit, err) < 0 ||
        pull_implied (start, &unit, err) < 0 ||
        pull_outer_slice (start, &unit, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_units_start (struct dc_loader *loader, struct dc_error *err)
{
  const struct dc_unit_map *map = &loader->map;
  struct start start = { .loader = loader };
  const struct dc_unit_id *id = dc_unit_map_find (map, "default.target");
  AUTO_FREE char *where = NULL;

  if (id == NULL)
    return 0;
  if (dc_text_print (&where, err, "%s/%s", map->folders[id->folder].path,
                     id->name) < 0)
    return -1;
  int status = start_unit (&start, id->name, where, err);
  if (status == 0)
    status = follow_all (&start, err);
  free (start.queue);
  return status;
}

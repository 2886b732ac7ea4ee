/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/profilejson.h"
#include "analyzer/program/kept.h"
#include "analyzer/section.h"
#include "lib/array.h"
#include "lib/json.h"
#include "lib/quote.h"
#include "analyzer/unit/unitconverted.h"

static_assert (DC_DEPENDENCY_REASON_COUNT == DC_KEPT_REASON_COUNT,
               "a number for each reason");

/* A service that a converted system starts too. */
static bool
is_service (const struct dc_services_template *template,
            const struct dc_unit *unit)
{
  const char *dot = strrchr (unit->name, '.');

  return dot != NULL && strcmp (dot, ".service") == 0 &&
         dc_unit_is_converted (unit, template);
}

/* Take the lists of KEPT and count its files. */
static void
sum (const struct dc_tree *tree, struct dc_kept *kept,
     struct dc_dependency *dependency)
{
  for (size_t i = 0; i < kept->count; i++) {
    const struct dc_entry *entry = &tree->entries[kept->items[i].index];
    const enum dc_kept_reason reason = kept->items[i].reason;
    /* Another name of a file that is there takes no room. */
    if (!S_ISREG (entry->mode) || (entry->hardlink != DC_TREE_NONE &&
                                   entry->hardlink != kept->items[i].index))
      continue;
    dependency->files++;
    dependency->size += entry->size;
    dependency->files_by_reason[reason]++;
    dependency->size_by_reason[reason] += entry->size;
  }
  dependency->programs = kept->programs;
  dependency->packages = kept->packages;
  dependency->missing = kept->missing;
  dependency->plugins = kept->plugins;
  dependency->needed_packages = kept->needed_count;
  kept->programs = kept->packages = kept->missing = kept->plugins =
      (struct dc_words){ NULL, 0 };
}

static int
add_service (struct dc_tree *tree, struct dc_keeper *keeper,
             struct dc_profile *profile, const struct dc_unit *unit,
             size_t *total, struct dc_error *err)
{
  struct dc_dependencies *all = &profile->dependencies;
  struct dc_kept kept = { .count = 0 };

  if (DC_ARRAY_GROW (all->items, all->count, DC_DEPENDENCY_SERVICE_MAX,
                     "services", err) < 0)
    return -1;
  struct dc_dependency *dependency = &all->items[all->count];
  dependency->service = strdup (unit->name);
  if (dependency->service == NULL)
    return dc_fail_errno (err, "cannot keep the needs of a service");
  all->count++;
  if (dc_keeper_service (keeper, unit, &kept, err) < 0)
    return -1;
  sum (tree, &kept, dependency);
  *total += kept.count;
  dc_kept_release (&kept);
  return 0;
}

/* A service whose libraries are not there will not start. */
static int
note_missing (struct dc_profile *profile, const struct dc_unit *unit,
              struct dc_error *err)
{
  const struct dc_dependency *last =
      &profile->dependencies.items[profile->dependencies.count - 1];

  if (last->missing.count == 0)
    return 0;
  const struct dc_quoted service = dc_quote (unit->name);
  const struct dc_quoted missing = dc_quote (last->missing.items[0]);
  if (last->missing.count == 1)
    return dc_profile_note (profile, "dependency.missing", unit->file, 0, err,
                            "%s needs %s, which is not there", service.text,
                            missing.text);
  return dc_profile_note (profile, "dependency.missing", unit->file, 0, err,
                          "%s needs %s and %zu more, which are not there",
                          service.text, missing.text, last->missing.count - 1);
}

int
dc_dependencies_read (struct dc_tree *tree, struct dc_profile *profile,
                      struct dc_error *err)
{
  DC_AUTO (dc_services_template) *template = NULL;
  DC_AUTO (dc_keeper) *keeper = NULL;
  size_t total = 0;

  if (dc_services_template_load (&template, err) < 0 ||
      dc_keeper_make (tree, profile, &keeper, err) < 0)
    return -1;
  for (size_t i = 0; i < profile->units->count; i++) {
    const struct dc_unit *unit = &profile->units->items[i];
    if (!is_service (template, unit))
      continue;
    if (profile->dependencies.count == DC_DEPENDENCY_SERVICE_MAX ||
        total > DC_DEPENDENCY_FILE_MAX)
      return dc_profile_note (profile, "dependencies.many", NULL, 0, err,
                              "what further services than the first %zu need "
                              "is not looked at",
                              profile->dependencies.count);
    if (add_service (tree, keeper, profile, unit, &total, err) < 0 ||
        note_missing (profile, unit, err) < 0)
      return -1;
  }
  return 0;
}

static json_t *
reasons_json (const struct dc_dependency *dependency)
{
  json_t *json = json_object ();

  for (size_t i = 0; i < DC_DEPENDENCY_REASON_COUNT; i++) {
    if (dependency->files_by_reason[i] == 0)
      continue;
    json_t *item = json_object ();
    dc_json_put_number (&item, "files", dependency->files_by_reason[i]);
    dc_json_put_number (&item, "size", dependency->size_by_reason[i]);
    dc_json_put (&json, dc_kept_reason_name ((enum dc_kept_reason) i), item);
  }
  return json;
}

json_t *
dc_dependencies_json (const struct dc_profile *profile)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < profile->dependencies.count; i++) {
    const struct dc_dependency *dependency = &profile->dependencies.items[i];
    json_t *item = json_object ();
    dc_json_put_text (&item, "service", dependency->service);
    dc_json_put (&item, "programs", dc_json_words (&dependency->programs));
    dc_json_put (&item, "packages", dc_json_words (&dependency->packages));
    dc_json_put_number (&item, "needed_packages", dependency->needed_packages);
    dc_json_put_number (&item, "files", dependency->files);
    dc_json_put_number (&item, "size", dependency->size);
    dc_json_put (&item, "by_reason", reasons_json (dependency));
    dc_json_put (&item, "plugin_folders", dc_json_words (&dependency->plugins));
    dc_json_put (&item, "missing", dc_json_words (&dependency->missing));
    dc_json_push (&json, item);
  }
  return json;
}

void
dc_dependencies_forget (struct dc_profile *profile)
{
  struct dc_dependencies *all = &profile->dependencies;

  for (size_t i = 0; i < all->count; i++) {
    free (all->items[i].service);
    dc_words_release (&all->items[i].programs);
    dc_words_release (&all->items[i].packages);
    dc_words_release (&all->items[i].missing);
    dc_words_release (&all->items[i].plugins);
  }
  free (all->items);
  *all = (struct dc_dependencies){ NULL, 0 };
}

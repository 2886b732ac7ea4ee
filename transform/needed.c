/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "analyzer/program/kept.h"
#include "lib/quote.h"
#include "transform/needed.h"
#include "transform/plan/planmade.h"

/* Places that programs and the runtime expect, not what is in them.  Source:
 * hier(7); OCI runtime-spec 1.1, config-linux.md, "Default Filesystems".
 */
static const char *const places[] = {
  "dev",      "etc",     "home",    "mnt",       "opt",
  "proc",     "root",    "run",     "srv",       "sys",
  "tmp",      "usr",     "var",     "var/cache", "var/lib",
  "var/lock", "var/log", "var/run", "var/spool", "var/tmp",
};

static void
keep_place (const struct dc_tree *tree, const char *path, bool *is_kept)
{
  const uint32_t index = dc_tree_find (tree, path);

  if (index != DC_TREE_NONE && !S_ISREG (tree->entries[index].mode))
    is_kept[index] = true;
}

static int
keep_service (struct dc_keeper *keeper, const struct dc_unit *unit,
              bool *is_kept, struct dc_error *err)
{
  struct dc_kept kept = { .items = NULL };

  if (dc_keeper_service (keeper, unit, &kept, err) < 0)
    return dc_context (err, "what %s needs", dc_quote (unit->name).text);
  for (size_t i = 0; i < kept.count; i++)
    is_kept[kept.items[i].index] = true;
  dc_kept_release (&kept);
  return 0;
}

/* PATH and what leads to it, if the guest has it. */
static void
keep_path (const struct dc_tree *tree, const char *path, bool *is_kept)
{
  uint32_t index = dc_tree_resolve (tree, path);

  for (; index != DC_TREE_NONE && index != 0;
       index = tree->entries[index].parent)
    is_kept[index] = true;
}

/* Folders that a service writes to, and which no package brings. */
static int
keep_written (struct dc_tree *tree, const struct dc_profile *profile,
              const struct dc_plan_image *image, bool *is_kept,
              struct dc_error *err)
{
  const struct dc_applications *applications = &profile->applications;
  const struct dc_plan_service *services = image->services.items;
  struct dc_plan_mades made = { .items = NULL };
  const int status = dc_plan_service_made (tree, profile, image, &made, err);

  for (size_t i = 0; i < made.count; i++)
    keep_path (tree, made.items[i].path, is_kept);
  dc_plan_mades_release (&made);
  for (size_t i = 0; i < applications->count; i++)
    for (size_t j = 0; j < image->services.count; j++) {
      const struct dc_application *application = &applications->items[i];
      if (!dc_words_has (&application->services, services[j].unit))
        continue;
      for (size_t k = 0; k < application->logs.count; k++)
        keep_path (tree, application->logs.items[k], is_kept);
    }
  return status;
}

int
dc_needed_select (struct dc_tree *tree, const struct dc_profile *profile,
                  const struct dc_plan_image *image,
                  struct dc_selection *selection, struct dc_error *err)
{
  const struct dc_plan_service *services = image->services.items;
  AUTO_FREE bool *is_kept = calloc (tree->count, sizeof *is_kept);
  DC_AUTO (dc_keeper) *keeper = NULL;

  if (is_kept == NULL)
    return dc_fail_errno (err, "cannot keep %u marks", tree->count);
  if (dc_keeper_make (tree, profile, &keeper, err) < 0)
    return -1;
  for (size_t i = 0; i < image->services.count; i++) {
    const struct dc_unit *unit =
        dc_units_find (profile->units, services[i].unit);
    if (unit == NULL)
      return dc_fail (err, DC_ERR_NOTFOUND, "the guest has no unit '%s'",
                      dc_quote (services[i].unit).text);
    if (keep_service (keeper, unit, is_kept, err) < 0)
      return -1;
  }
  if (keep_written (tree, profile, image, is_kept, err) < 0)
    return -1;
  for (size_t i = 0; i < DC_COUNT (places); i++)
    keep_place (tree, places[i], is_kept);
  return dc_selection_keep (selection, is_kept,
                            "no service of this image needs it", err);
}

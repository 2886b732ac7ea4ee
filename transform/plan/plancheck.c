/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/quote.h"
#include "transform/plan/planrows.h"
#include "transform/select.h"
#include "transform/services.h"

#define GUESS_SIZE_MAX ((size_t) 64) /* bytes of names that are compared */
#define GUESS_DISTANCE_MAX 3

/* How many bytes must be put in, taken away or changed to make B of A. */
static size_t
distance (const char *a, const char *b)
{
  size_t row[GUESS_SIZE_MAX + 1];
  const size_t size = strlen (b);

  for (size_t j = 0; j <= size; j++)
    row[j] = j;
  for (size_t i = 0; a[i] != '\0'; i++) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 1; j <= size; j++) {
      const size_t changed = diagonal + (a[i] != b[j - 1]);
      const size_t fewer = row[j] < row[j - 1] ? row[j] : row[j - 1];
      diagonal = row[j];
      row[j] = changed < fewer + 1 ? changed : fewer + 1;
    }
  }
  return row[size];
}

/* The unit whose name is nearest to NAME; NULL: none is near. */
static const char *
guess_unit (const struct dc_units *units, const char *name)
{
  const char *nearest = NULL;
  size_t least = GUESS_DISTANCE_MAX + 1;

  if (strlen (name) > GUESS_SIZE_MAX)
    return NULL;
  for (size_t i = 0; i < units->count; i++) {
    const char *other = units->items[i].name;
    if (strlen (other) > GUESS_SIZE_MAX)
      continue;
    const size_t steps = distance (name, other);
    if (steps < least) {
      least = steps;
      nearest = other;
    }
  }
  return nearest;
}

static int
check_unit (const struct dc_plan *plan, const struct dc_profile *profile,
            const char *name, struct dc_error *err)
{
  if (dc_units_find (profile->units, name) != NULL)
    return 0;
  const char *nearest = guess_unit (profile->units, name);
  (void) dc_fail (err, DC_ERR_INVALID, "the guest has no unit '%s'%s%s%s",
                  dc_quote (name).text, nearest != NULL ? "; is it '" : "",
                  nearest != NULL ? dc_quote (nearest).text : "",
                  nearest != NULL ? "'?" : "");
  return dc_plan_at (plan, name, 0, err);
}

static int
check_units (const struct dc_plan *plan, const struct dc_profile *profile,
             struct dc_error *err)
{
  const struct dc_plan_image *images = plan->images.items;
  const struct dc_plan_left *left = plan->services_left.items;

  for (size_t i = 0; i < plan->images.count; i++) {
    const struct dc_plan_service *services = images[i].services.items;
    for (size_t j = 0; j < images[i].services.count; j++)
      if (check_unit (plan, profile, services[j].unit, err) < 0)
        return -1;
  }
  for (size_t i = 0; i < plan->services_left.count; i++)
    for (size_t j = 0; j < left[i].names.count; j++)
      if (check_unit (plan, profile, left[i].names.items[j], err) < 0)
        return -1;
  return 0;
}

static bool
speaks_of (const struct dc_plan *plan, const char *unit)
{
  const struct dc_plan_left *left = plan->services_left.items;

  for (size_t i = 0; i < plan->images.count; i++)
    if (dc_plan_image_has (dc_plan_image (plan, i), unit))
      return true;
  for (size_t i = 0; i < plan->services_left.count; i++)
    for (size_t j = 0; j < left[i].names.count; j++)
      if (strcmp (left[i].names.items[j], unit) == 0)
        return true;
  return false;
}

/* A service that the guest did not start when the plan was made. */
static int
check_new_services (const struct dc_plan *plan,
                    const struct dc_profile *profile, struct dc_error *err)
{
  DC_AUTO (dc_services) *services = NULL;

  if (dc_services_choose (profile->units, &services, err) < 0)
    return -1;
  for (size_t i = 0; i < services->count; i++) {
    const char *name = services->items[i].unit->name;
    if (speaks_of (plan, name))
      continue;
    (void) dc_fail (err, DC_ERR_INVALID,
                    "the guest starts '%s', which stands neither in an image "
                    "nor in services_left",
                    dc_quote (name).text);
    return dc_plan_at (plan, name, 0, err);
  }
  return 0;
}

static int
check_path (const struct dc_plan *plan, const struct dc_tree *tree,
            const char *path, struct dc_error *err)
{
  if (dc_tree_resolve (tree, path) != DC_TREE_NONE)
    return 0;
  (void) dc_fail (err, DC_ERR_INVALID, "the guest has no '%s'",
                  dc_quote (path).text);
  return dc_plan_at (plan, path, 0, err);
}

static int
check_image_paths (const struct dc_plan *plan,
                   const struct dc_plan_image *image,
                   const struct dc_tree *tree, struct dc_error *err)
{
  const struct dc_plan_volume *volumes = image->volumes.items;
  const struct dc_plan_secret *secrets = image->secrets.items;

  /* An empty volume may be a folder that is new. */
  for (size_t i = 0; i < image->volumes.count; i++)
    if (volumes[i].data != DC_PLAN_DATA_EMPTY &&
        check_path (plan, tree, volumes[i].path, err) < 0)
      return -1;
  for (size_t i = 0; i < image->secrets.count; i++)
    if (check_path (plan, tree, secrets[i].path, err) < 0)
      return -1;
  return 0;
}

static int
check_paths (const struct dc_plan *plan, const struct dc_tree *tree,
             struct dc_error *err)
{
  const struct dc_plan_left *left = plan->paths_left.items;

  for (size_t i = 0; i < plan->images.count; i++)
    if (check_image_paths (plan, dc_plan_image (plan, i), tree, err) < 0)
      return -1;
  for (size_t i = 0; i < plan->paths_left.count; i++)
    for (size_t j = 0; j < left[i].names.count; j++) {
      const char *pattern = left[i].names.items[j];
      if (dc_select_fits (tree, pattern))
        continue;
      (void) dc_fail (err, DC_ERR_INVALID,
                      "the guest has nothing that '%s' fits",
                      dc_quote (pattern).text);
      return dc_plan_at (plan, pattern, 0, err);
    }
  return 0;
}

int
dc_plan_check (const struct dc_plan *plan, struct dc_tree *tree,
               const struct dc_profile *profile, struct dc_error *err)
{
  return check_units (plan, profile, err) < 0 ||
                 check_new_services (plan, profile, err) < 0 ||
                 check_paths (plan, tree, err) < 0
             ? -1
             : 0;
}

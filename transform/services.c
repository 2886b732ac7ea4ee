/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/unit/unittrigger.h"
#include "lib/quote.h"
#include "transform/services.h"

/* Does one of PATTERNS name the unit or one of its aliases? */
static bool
names (const struct dc_yaml_texts *patterns, const struct dc_unit *unit)
{
  for (size_t i = 0; i < patterns->count; i++) {
    if (fnmatch (patterns->items[i], unit->name, 0) == 0)
      return true;
    for (size_t j = 0; j < unit->aliases.count; j++)
      if (fnmatch (patterns->items[i], unit->aliases.items[j], 0) == 0)
        return true;
  }
  return false;
}

static bool
is_service (const char *name)
{
  const size_t size = strlen (name), end = strlen (".service");

  return size > end && strcmp (name + size - end, ".service") == 0;
}

static void
judge (const struct dc_services_template *template,
       struct dc_service_choice *choice)
{
  const struct dc_service_rule *rules = template->leave_out.items;

  for (size_t i = 0; i < template->leave_out.count && choice->reason == NULL;
       i++)
    if (names (&rules[i].units, choice->unit)) {
      choice->reason = rules[i].reason;
      choice->with_systemd = rules[i].with_systemd;
    }
  if (choice->unit->manager == DC_MANAGER_SUPERVISOR)
    choice->reason = "is started by supervisord";
}

static void
prepare (const struct dc_services_template *template,
         struct dc_service_choice *choice)
{
  const struct dc_service_prepare *items = template->prepare.items;

  for (size_t i = 0; i < template->prepare.count; i++)
    if (names (&items[i].units, choice->unit))
      choice->prepare = &items[i].run;
}

static int
new_services (size_t capacity, struct dc_services **out, struct dc_error *err)
{
  DC_AUTO (dc_services) *services = calloc (1, sizeof *services);

  if (services == NULL)
    return dc_fail_errno (err, "cannot keep the services");
  if (dc_services_template_load (&services->template, err) < 0)
    return -1;
  services->items = calloc (capacity + 1, sizeof *services->items);
  if (services->items == NULL)
    return dc_fail_errno (err, "cannot keep %zu services", capacity);
  *out = DC_TAKE (services);
  return 0;
}

/* Is it, though not started itself, started by a socket, timer or path that
 * is?  Marked in IS_TRIGGERED, by index.
 */
static int
find_triggered (const struct dc_units *units, bool *is_triggered,
                struct dc_error *err)
{
  for (size_t i = 0; i < units->count; i++) {
    const struct dc_unit *unit = &units->items[i];
    AUTO_FREE char *name = NULL;
    if (!unit->is_started || unit->state == DC_UNIT_MASKED ||
        unit->state == DC_UNIT_BAD)
      continue;
    if (dc_unit_triggered (unit, &name, err) < 0)
      return -1;
    const struct dc_unit *started =
        name == NULL ? NULL : dc_units_find (units, name);
    if (started != NULL && started->state != DC_UNIT_MASKED &&
        started->state != DC_UNIT_BAD && started->settings != NULL)
      is_triggered[started - units->items] = true;
  }
  return 0;
}

int
dc_services_choose (const struct dc_units *units, struct dc_services **out,
                    struct dc_error *err)
{
  DC_AUTO (dc_services) *services = NULL;

  AUTO_FREE bool *is_triggered =
      calloc (units->count + 1, sizeof *is_triggered);
  if (is_triggered == NULL)
    return dc_fail_errno (err, "cannot keep %zu services", units->count);
  if (find_triggered (units, is_triggered, err) < 0 ||
      new_services (units->count, &services, err) < 0)
    return -1;
  for (size_t i = 0; i < units->count; i++) {
    if ((!units->items[i].is_started && !is_triggered[i]) ||
        !is_service (units->items[i].name))
      continue;
    struct dc_service_choice *choice = &services->items[services->count++];
    choice->unit = &units->items[i];
    judge (services->template, choice);
    prepare (services->template, choice);
  }
  *out = DC_TAKE (services);
  return 0;
}

static int
add_planned (struct dc_services *services, const struct dc_units *units,
             const char *name, const char *reason, struct dc_error *err)
{
  const struct dc_unit *unit = dc_units_find (units, name);

  if (unit == NULL)
    return dc_fail (err, DC_ERR_NOTFOUND, "the guest has no unit '%s'",
                    dc_quote (name).text);
  struct dc_service_choice *choice = &services->items[services->count++];
  *choice = (struct dc_service_choice){ .unit = unit, .reason = reason };
  prepare (services->template, choice);
  return 0;
}

static int
add_left (struct dc_services *services, const struct dc_units *units,
          const struct dc_plan *plan, struct dc_error *err)
{
  const struct dc_plan_left *left = plan->services_left.items;

  for (size_t i = 0; i < plan->services_left.count; i++)
    for (size_t j = 0; j < left[i].names.count; j++)
      if (add_planned (services, units, left[i].names.items[j], left[i].reason,
                       err) < 0)
        return -1;
  return 0;
}

static int
compare_names (const void *a, const void *b)
{
  const struct dc_service_choice *one = a, *two = b;

  return strcmp (one->unit->name, two->unit->name);
}

int
dc_services_planned (const struct dc_units *units, const struct dc_plan *plan,
                     const struct dc_plan_image *image,
                     struct dc_services **out, struct dc_error *err)
{
  const struct dc_plan_left *left = plan->services_left.items;
  const struct dc_plan_service *chosen = image->services.items;
  DC_AUTO (dc_services) *services = NULL;
  size_t count = image->services.count;

  for (size_t i = 0; i < plan->services_left.count; i++)
    count += left[i].names.count;
  if (new_services (count, &services, err) < 0)
    return -1;
  for (size_t i = 0; i < image->services.count; i++) {
    if (add_planned (services, units, chosen[i].unit, NULL, err) < 0)
      return -1;
    services->items[i].is_essential = chosen[i].essential;
  }
  if (add_left (services, units, plan, err) < 0)
    return -1;
  qsort (services->items, services->count, sizeof *services->items,
         compare_names);
  *out = DC_TAKE (services);
  return 0;
}

bool
dc_services_leaves (const struct dc_services *services,
                    const struct dc_unit *unit)
{
  struct dc_service_choice choice = { .unit = unit };

  judge (services->template, &choice);
  return choice.reason != NULL && !choice.with_systemd;
}

void
dc_services_free (struct dc_services *services)
{
  if (services == NULL)
    return;
  dc_services_template_free (services->template);
  free (services->items);
  free (services);
}

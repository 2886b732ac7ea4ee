/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <string.h>

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
  const struct dc_service_prepare *prepare = template->prepare.items;

  for (size_t i = 0; i < template->leave_out.count && choice->reason == NULL;
       i++)
    if (names (&rules[i].units, choice->unit))
      choice->reason = rules[i].reason;
  if (choice->unit->manager == DC_MANAGER_SUPERVISOR)
    choice->reason = "is started by supervisord";
  for (size_t i = 0; i < template->prepare.count; i++)
    if (names (&prepare[i].units, choice->unit))
      choice->prepare = &prepare[i].run;
}

int
dc_services_choose (const struct dc_units *units, struct dc_services **out,
                    struct dc_error *err)
{
  DC_AUTO (dc_services) *services = calloc (1, sizeof *services);

  if (services == NULL)
    return dc_fail_errno (err, "cannot keep the services");
  if (dc_services_template_load (&services->template, err) < 0)
    return -1;
  services->items = calloc (units->count + 1, sizeof *services->items);
  if (services->items == NULL)
    return dc_fail_errno (err, "cannot keep %zu services", units->count);
  for (size_t i = 0; i < units->count; i++) {
    if (!units->items[i].is_started || !is_service (units->items[i].name))
      continue;
    struct dc_service_choice *choice = &services->items[services->count++];
    choice->unit = &units->items[i];
    judge (services->template, choice);
  }
  *out = DC_TAKE (services);
  return 0;
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

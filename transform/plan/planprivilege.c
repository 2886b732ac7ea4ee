/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/system/kernel.h"
#include "analyzer/unit/unit.h"
#include "lib/glob.h"
#include "lib/text.h"
#include "transform/plan/planmake.h"

/* What every container has.
 *
 * Source: containers.conf(5), default_capabilities of podman 4 and 5.
 */
static const char *const usual[] = {
  "CAP_CHOWN",   "CAP_DAC_OVERRIDE",     "CAP_FOWNER",     "CAP_FSETID",
  "CAP_KILL",    "CAP_NET_BIND_SERVICE", "CAP_SETFCAP",    "CAP_SETGID",
  "CAP_SETPCAP", "CAP_SETUID",           "CAP_SYS_CHROOT",
};

static bool
has_text (const struct dc_yaml_texts *texts, const char *text)
{
  for (size_t i = 0; i < texts->count; i++)
    if (strcmp (texts->items[i], text) == 0)
      return true;
  return false;
}

static int
add_capability (struct dc_plan_image *image, const char *name,
                struct dc_error *err)
{
  if (strncmp (name, "CAP_", 4) != 0 || has_text (&image->capabilities, name))
    return 0;
  for (size_t i = 0; i < DC_COUNT (usual); i++)
    if (strcmp (usual[i], name) == 0)
      return 0;
  return dc_yaml_texts_add (&image->capabilities, name, err);
}

/* A unit that asks for a capability beside its user's needs it; what it may
 * keep at most (CapabilityBoundingSet=) says nothing of that.
 */
static int
add_ambient (struct dc_plan_image *image, const struct dc_unit *unit,
             struct dc_error *err)
{
  const struct dc_setting *setting = NULL;
  size_t position = 0;

  while (dc_unit_next (unit, "Service", "AmbientCapabilities", &position,
                       &setting) == 1) {
    AUTO_WORDS struct dc_words names = { NULL, 0 };
    struct dc_error why = { .code = DC_OK };
    if (setting->value[0] == '~')
      continue; /* takes away */
    if (dc_unit_words (setting->value, &names, &why) < 0 &&
        why.code == DC_ERR_SYSTEM) {
      *err = why;
      return -1;
    }
    for (size_t i = 0; i < names.count; i++)
      if (add_capability (image, names.items[i], err) < 0)
        return -1;
  }
  return 0;
}

/* One that a runtime takes: names of hosts are set otherwise. */
static bool
is_for_container (const struct dc_kernel_fact *fact)
{
  return dc_kernel_is_namespaced (fact->name) &&
         !dc_glob_match ("kernel.*name", fact->name) &&
         strpbrk (fact->name, "*?[") == NULL &&
         strpbrk (fact->value, "\n\r\"\\") == NULL;
}

/* What the administrator has set and a container can have for itself.  What
 * came with the distribution is for machines.
 */
static int
add_sysctls (struct dc_plan_image *image, const struct dc_kernel *kernel,
             struct dc_error *err)
{
  for (size_t i = 0; i < kernel->parameters.count; i++) {
    const struct dc_kernel_fact *fact = &kernel->parameters.items[i];
    const char *file = fact->evidence.file;
    AUTO_FREE char *text = NULL;
    if (fact->value == NULL || file == NULL ||
        strncmp (file, "/etc/", 5) != 0 || !is_for_container (fact))
      continue;
    if (dc_text_print (&text, err, "%s=%s", fact->name, fact->value) < 0 ||
        dc_yaml_texts_add (&image->sysctls, text, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_plan_choose_privileges (const struct dc_plan_making *making,
                           struct dc_error *err)
{
  struct dc_plan_image *images = making->plan->images.items;

  for (size_t i = 0; i < making->plan->images.count; i++) {
    const struct dc_plan_service *services = images[i].services.items;
    for (size_t j = 0; j < images[i].services.count; j++) {
      const struct dc_unit *unit =
          dc_units_find (making->profile->units, services[j].unit);
      if (unit != NULL && add_ambient (&images[i], unit, err) < 0)
        return -1;
    }
    if (add_sysctls (&images[i], &making->profile->kernel, err) < 0)
      return -1;
  }
  return 0;
}

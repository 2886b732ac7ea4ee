/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "transform/plan/planmake.h"
#include "transform/state/secret.h"
#include "transform/state/volume.h"

static int
choose_of_image (const struct dc_plan_making *making,
                 struct dc_plan_image *image, const uint32_t *owners,
                 struct dc_error *err)
{
  const struct dc_plan_service *services = image->services.items;
  AUTO_WORDS struct dc_words units = { NULL, 0 };

  for (size_t i = 0; i < image->services.count; i++)
    if (dc_words_add (&units, services[i].unit, err) < 0)
      return -1;
  return dc_volumes_choose (making->tree, making->profile, &units,
                            making->options->data, &image->volumes, err) < 0
             ? -1
             : dc_secrets_choose (making->tree, making->profile, owners,
                                  making->options->secrets, &image->secrets,
                                  err);
}

int
dc_plan_choose_state (const struct dc_plan_making *making, struct dc_error *err)
{
  struct dc_plan_image *images = making->plan->images.items;
  AUTO_FREE uint32_t *owners = NULL;

  /* Whose a file is matters for secrets alone. */
  if (making->profile->secrets.count > 0 &&
      dc_packages_owners (making->profile->packages, making->tree, &owners,
                          err) < 0)
    return -1;
  for (size_t i = 0; i < making->plan->images.count; i++)
    if (choose_of_image (making, &images[i], owners, err) < 0)
      return -1;
  return 0;
}

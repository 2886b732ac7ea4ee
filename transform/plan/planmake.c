/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/quote.h"
#include "lib/text.h"
#include "transform/imageconfig.h"
#include "transform/plan/plangroup.h"
#include "transform/plan/planidentity.h"
#include "transform/plan/planmake.h"
#include "transform/plan/planservice.h"
#include "transform/services.h"

#define CPU_MAX 100000 /* of one machine */

int
dc_plan_add_image (struct dc_plan *plan, const char *name,
                   const struct dc_plan_options *options,
                   struct dc_plan_image **out, struct dc_error *err)
{
  if (plan->images.count >= DC_PLAN_IMAGE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "more than %d images",
                    DC_PLAN_IMAGE_MAX);
  struct dc_plan_image *image =
      dc_yaml_list_add (&plan->images, sizeof *image, err);
  if (image == NULL)
    return -1;
  image->init = (int) options->init;
  image->files = (int) options->files;
  *out = image;
  return dc_text_copy (name, &image->name, err);
}

int
dc_plan_add_service (struct dc_plan_image *image, const char *unit,
                     struct dc_error *err)
{
  struct dc_plan_service *service =
      dc_yaml_list_add (&image->services, sizeof *service, err);

  return service != NULL ? dc_text_copy (unit, &service->unit, err) : -1;
}

int
dc_plan_leave (struct dc_yaml_list *left, const char *name, const char *reason,
               struct dc_error *err)
{
  struct dc_plan_left *items = left->items, *item = NULL;

  for (size_t i = 0; i < left->count && item == NULL; i++)
    if (strcmp (items[i].reason, reason) == 0)
      item = &items[i];
  if (item == NULL) {
    item = dc_yaml_list_add (left, sizeof *item, err);
    if (item == NULL || dc_text_copy (reason, &item->reason, err) < 0)
      return -1;
  }
  return dc_yaml_texts_add (&item->names, name, err);
}

static int
make_whole (const struct dc_plan_making *making, const struct dc_words *units,
            struct dc_error *err)
{
  const struct dc_plan_options *options = making->options;
  struct dc_plan_image *image = NULL;

  if (dc_plan_add_image (making->plan,
                         options->name != NULL ? options->name : "latest",
                         options, &image, err) < 0)
    return -1;
  for (size_t i = 0; i < units->count; i++)
    if (dc_plan_add_service (image, units->items[i], err) < 0)
      return -1;
  return 0;
}

/* The unit that the user means by NAME, which may lack its ".service". */
static int
find_unit (const struct dc_units *units, const char *name, const char **out,
           struct dc_error *err)
{
  AUTO_FREE char *whole = NULL;

  if (dc_text_print (&whole, err, "%s%s", name,
                     dc_text_ends_in (name, ".service") ? "" : ".service") < 0)
    return -1;
  const struct dc_unit *unit = dc_units_find (units, whole);
  if (unit == NULL)
    return dc_fail (err, DC_ERR_NOTFOUND, "the guest has no service '%s'",
                    dc_quote (name).text);
  *out = unit->name;
  return 0;
}

/* What is started: what the user chose and its requirements, else what SERVICES
 * proposes.
 */
static int
choose_units (const struct dc_plan_making *making,
              const struct dc_services *services, struct dc_words *units,
              struct dc_error *err)
{
  const struct dc_words *wanted = making->options->units;

  for (size_t i = 0; wanted == NULL && i < services->count; i++)
    if (services->items[i].reason == NULL &&
        dc_words_add (units, services->items[i].unit->name, err) < 0)
      return -1;
  for (size_t i = 0; wanted != NULL && i < wanted->count; i++) {
    const char *name = NULL;
    if (find_unit (making->profile->units, wanted->items[i], &name, err) < 0 ||
        dc_words_add (units, name, err) < 0)
      return -1;
  }
  return wanted != NULL ? dc_plan_require (making->profile, units, err) : 0;
}

/* Is the choice left out of all images? */
static bool
is_left (const struct dc_plan_making *making,
         const struct dc_service_choice *choice, const struct dc_words *units)
{
  if (making->options->init == DC_PLAN_INIT_SYSTEMD && choice->with_systemd)
    return false;
  return making->options->units != NULL
             ? !dc_words_has (units, choice->unit->name)
             : choice->reason != NULL;
}

static int
leave_services (const struct dc_plan_making *making,
                const struct dc_services *services,
                const struct dc_words *units, struct dc_error *err)
{
  for (size_t i = 0; i < services->count; i++) {
    const struct dc_service_choice *choice = &services->items[i];
    if (is_left (making, choice, units) &&
        dc_plan_leave (&making->plan->services_left, choice->unit->name,
                       choice->reason != NULL ? choice->reason : "not chosen",
                       err) < 0)
      return -1;
  }
  return 0;
}

/* What systemd brings along, in each image where it is process 1. */
static int
add_systemd (const struct dc_plan_making *making,
             const struct dc_services *services, struct dc_error *err)
{
  struct dc_plan_image *images = making->plan->images.items;

  for (size_t i = 0; i < making->plan->images.count; i++)
    for (size_t j = 0; j < services->count; j++) {
      const struct dc_service_choice *choice = &services->items[j];
      if (images[i].init == DC_PLAN_INIT_SYSTEMD && choice->with_systemd &&
          !dc_plan_image_has (&images[i], choice->unit->name) &&
          dc_plan_add_service (&images[i], choice->unit->name, err) < 0)
        return -1;
    }
  return 0;
}

static int
choose_services (const struct dc_plan_making *making, struct dc_error *err)
{
  DC_AUTO (dc_services) *services = NULL;
  AUTO_WORDS struct dc_words units = { NULL, 0 };

  if (dc_services_choose (making->profile->units, &services, err) < 0 ||
      choose_units (making, services, &units, err) < 0 ||
      leave_services (making, services, &units, err) < 0)
    return -1;
  const int status = making->options->grouping == DC_PLAN_GROUPS
                         ? dc_plan_group (making, &units, err)
                         : make_whole (making, &units, err);
  return status < 0 ? -1 : add_systemd (making, services, err);
}

static bool
has_port (const struct dc_plan_image *image, uint16_t port, int protocol)
{
  const struct dc_plan_port *ports = image->ports.items;

  for (size_t i = 0; i < image->ports.count; i++)
    if (ports[i].port == port && ports[i].protocol == protocol)
      return true;
  return false;
}

static int
add_port (struct dc_plan_image *image, const struct dc_endpoint *endpoint,
          struct dc_error *err)
{
  const int protocol = endpoint->protocol == DC_UDP ? 1 : 0;

  if (!dc_endpoint_is_public (endpoint) ||
      has_port (image, endpoint->port, protocol) ||
      !dc_plan_image_has (image, endpoint->service))
    return 0;
  struct dc_plan_port *port =
      dc_yaml_list_add (&image->ports, sizeof *port, err);
  if (port == NULL)
    return -1;
  port->port = endpoint->port;
  port->protocol = protocol;
  return dc_text_copy (endpoint->service, &port->service, err);
}

static int
choose_ports (const struct dc_plan_making *making, struct dc_error *err)
{
  struct dc_plan_image *images = making->plan->images.items;
  const struct dc_endpoints *endpoints = &making->profile->endpoints;

  for (size_t i = 0; i < making->plan->images.count; i++)
    for (size_t j = 0; j < endpoints->count; j++)
      if (add_port (&images[i], &endpoints->items[j], err) < 0)
        return -1;
  return 0;
}

/* What the machine had is what all its services together may have; how much of
 * that is for one of several images is not known.
 */
static int
choose_resources (const struct dc_plan_making *making, struct dc_error *err)
{
  struct dc_plan_image *images = making->plan->images.items;
  const struct dc_guest *guest = making->profile->guest;
  const json_t *machine = guest != NULL ? guest->machine : NULL;
  const json_int_t memory =
      json_integer_value (json_object_get (machine, "memory_bytes"));
  const json_int_t cpus =
      json_integer_value (json_object_get (machine, "cpus"));

  (void) err; /* nothing can fail */
  if (making->plan->images.count != 1 || making->options->units != NULL)
    return 0;
  if (memory > 0)
    images->resources.memory_bytes = memory;
  if (cpus > 0 && cpus < CPU_MAX)
    images->resources.milli_cpus = cpus * 1000;
  return 0;
}

static int
copy_texts (const struct dc_yaml_texts *from, struct dc_yaml_texts *to,
            struct dc_error *err)
{
  for (size_t i = 0; i < from->count; i++)
    if (dc_yaml_texts_add (to, from->items[i], err) < 0)
      return -1;
  return 0;
}

static int
copy_source (const struct dc_plan_making *making, struct dc_error *err)
{
  const struct dc_plan_source *from = making->options->source;
  struct dc_plan_source *to = &making->plan->source;

  if (from == NULL)
    return 0;
  return dc_text_copy (from->name, &to->name, err) < 0 ||
                 dc_text_copy (from->format, &to->format, err) < 0 ||
                 dc_text_copy (from->root, &to->root, err) < 0 ||
                 dc_text_copy (from->connect, &to->connect, err) < 0 ||
                 copy_texts (&from->add, &to->add, err) < 0 ||
                 copy_texts (&from->allow_backing, &to->allow_backing, err) < 0
             ? -1
             : 0;
}

static int
choose_identity (const struct dc_plan_making *making, struct dc_error *err)
{
  return dc_plan_identity_make (making->profile, &making->plan->identity, err);
}

/* The decision, part by part; each may rely on those before it. */
static const struct dc_plan_chooser choosers[] = {
  { "source", copy_source },
  { "identity", choose_identity },
  { "services", choose_services },
  { "ports", choose_ports },
  { "inits", dc_plan_choose_inits },
  { "resources", choose_resources },
  { "volumes and secrets", dc_plan_choose_state },
  { "privileges", dc_plan_choose_privileges },
};

int
dc_plan_make (struct dc_tree *tree, const struct dc_profile *profile,
              const struct dc_plan_options *options, struct dc_plan **out,
              struct dc_error *err)
{
  DC_AUTO (dc_plan) *plan = calloc (1, sizeof *plan);

  if (plan == NULL)
    return dc_fail_errno (err, "cannot keep a plan");
  plan->version = DC_PLAN_VERSION;
  const struct dc_plan_making making = { tree, profile, options, plan };
  for (size_t i = 0; i < DC_COUNT (choosers); i++)
    if (choosers[i].choose (&making, err) < 0)
      return dc_context (err, "cannot plan the %s", choosers[i].what);
  *out = DC_TAKE (plan);
  return 0;
}

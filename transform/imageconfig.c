/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "lib/json.h"
#include "transform/imageconfig.h"
#include "transform/plan/planrows.h"

bool
dc_endpoint_is_public (const struct dc_endpoint *endpoint)
{
  const char *address = endpoint->address != NULL ? endpoint->address : "";

  return endpoint->protocol != DC_UNIX && endpoint->port != 0 &&
         strncmp (address, "127.", 4) != 0 && strcmp (address, "::1") != 0 &&
         strcmp (address, "localhost") != 0;
}

/* {"80/tcp": {}} */
static int
exposed_ports (const struct dc_plan_image *image, json_t *ports)
{
  const struct dc_plan_port *items = image->ports.items;

  for (size_t i = 0; i < image->ports.count; i++) {
    char key[16];
    (void) snprintf (key, sizeof key, "%u/%s", (unsigned) items[i].port,
                     dc_plan_protocol_words[items[i].protocol]);
    if (json_object_set_new (ports, key, json_object ()) < 0)
      return -1;
  }
  return 0;
}

/* Process 1; HAS_INIT: there are services for decant-init. */
static json_t *
entrypoint (const struct dc_plan_image *image, bool has_init)
{
  json_t *list = json_array ();

  if (image->init == DC_PLAN_INIT_DECANT)
    dc_json_push (&list,
                  json_string (has_init ? DC_IMAGE_INIT_PATH : "/bin/sh"));
  else if (image->command.count == 0)
    dc_json_push (&list, json_string (image->init == DC_PLAN_INIT_SYSTEMD
                                          ? "/sbin/init"
                                          : "/bin/sh"));
  for (size_t i = 0; i < image->command.count; i++)
    dc_json_push (&list, dc_json_bytes (image->command.items[i]));
  return list;
}

/* {"/var/lib/redis": {}}: runtimes that know nothing of artifacts keep at
 * least what is written there.
 */
static json_t *
volumes (const struct dc_plan_image *image)
{
  const struct dc_plan_volume *items = image->volumes.items;
  json_t *json = json_object ();

  for (size_t i = 0; i < image->volumes.count; i++)
    if (items[i].data != DC_PLAN_DATA_IMAGE)
      dc_json_put (&json, items[i].path, json_object ());
  return json;
}

static json_t *
environment (const struct dc_plan_image *image)
{
  json_t *list = json_pack (
      "[s]",
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

  for (size_t i = 0; i < image->environment.count; i++)
    dc_json_push (&list, dc_json_bytes (image->environment.items[i]));
  return list;
}

static json_t *
labels (const struct dc_profile *profile, const struct dc_plan_image *image,
        const struct dc_services *services)
{
  AUTO_BUFFER struct dc_buffer names = DC_BUFFER_INIT (64 * 1024);
  struct dc_error ignored; /* a list too long is cut */
  const struct dc_osrel *os = profile->os;

  for (size_t i = 0; i < services->count; i++)
    if (services->items[i].reason == NULL)
      (void) dc_buffer_print (&names, &ignored, "%s%s",
                              names.size > 0 ? " " : "",
                              services->items[i].unit->name);
  json_auto_t *json = json_object ();
  const char *id = os != NULL && os->id != NULL ? os->id : "unknown";
  const char *version =
      os != NULL && os->version_id != NULL ? os->version_id : "";
  if (json_object_set_new (json, "decant.os", dc_json_bytes (id)) < 0 ||
      json_object_set_new (json, "decant.os.version", dc_json_bytes (version)) <
          0 ||
      json_object_set_new (json, "decant.services",
                           dc_json_bytes (dc_buffer_text (&names))) < 0)
    return NULL;
  /* For who runs it: systemd needs another kind of container. */
  if (image->init != DC_PLAN_INIT_DECANT &&
      json_object_set_new (json, "decant.init",
                           json_string (dc_plan_init_words[image->init])) < 0)
    return NULL;
  return json_incref (json);
}

int
dc_image_config (const struct dc_profile *profile,
                 const struct dc_plan_image *image,
                 const struct dc_services *services, bool has_init,
                 const char *created, json_t **out, struct dc_error *err)
{
  json_auto_t *ports = json_object ();
  if (exposed_ports (image, ports) < 0)
    return dc_json_no_memory (err);
  json_auto_t *mounted = volumes (image);
  json_t *json = json_pack (
      "{s:s, s:s, s:s*, s:s, s:{s:o, s:o, s:O, s:O*, s:s, s:s*, s:s, s:o}}",
      "architecture", profile->arch, "os", "linux", "variant",
      profile->arch_variant, "created", created, "config", "Entrypoint",
      entrypoint (image, has_init), "Env", environment (image), "ExposedPorts",
      ports, "Volumes", json_object_size (mounted) > 0 ? mounted : NULL,
      "StopSignal", image->stop_signal != NULL ? image->stop_signal : "SIGTERM",
      "User", image->user, "WorkingDir",
      image->folder != NULL ? image->folder : "/", "Labels",
      labels (profile, image, services));
  if (json == NULL)
    return dc_json_no_memory (err);
  *out = json;
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "transform/plan/planrows.h"

const char *const dc_plan_init_words[] = { "decant-init", "service", "systemd",
                                           "none", NULL };
const char *const dc_plan_files_words[] = { "system", "needed", NULL };
const char *const dc_plan_data_words[] = { "export", "image", "empty", NULL };
const char *const dc_plan_secret_words[] = { "export", "image", "drop", "new",
                                             NULL };
const char *const dc_plan_protocol_words[] = { "tcp", "udp", NULL };

#define TEXT(key, need, type, member)                                          \
  DC_YAML_ROW (key, DC_YAML_TEXT, DC_YAML_##need, type, member)
#define TEXTS(key, need, type, member)                                         \
  DC_YAML_ROW (key, DC_YAML_TEXTS, DC_YAML_##need, type, member)
#define NUMBER(key, need, type, member)                                        \
  DC_YAML_ROW (key, DC_YAML_NUMBER, DC_YAML_##need, type, member)
#define LIST(key, need, type, member, rows, element)                           \
  DC_YAML_NEST (key, DC_YAML_LIST, DC_YAML_##need, type, member, rows, element)
#define STRUCT(key, need, type, member, rows, element)                         \
  DC_YAML_NEST (key, DC_YAML_STRUCT, DC_YAML_##need, type, member, rows,       \
                element)
#define PICK(key, need, type, member, words)                                   \
  DC_YAML_PICK (key, DC_YAML_##need, type, member, words)

static const struct dc_yaml_row source_rows[] = {
  TEXT ("name", REQUIRED, struct dc_plan_source, name),
  TEXTS ("add", OPTIONAL, struct dc_plan_source, add),
  TEXT ("format", OPTIONAL, struct dc_plan_source, format),
  TEXT ("root", OPTIONAL, struct dc_plan_source, root),
  TEXT ("connect", OPTIONAL, struct dc_plan_source, connect),
  TEXTS ("allow_backing", OPTIONAL, struct dc_plan_source, allow_backing),
  DC_YAML_END,
};

static const struct dc_yaml_row identity_rows[] = {
  TEXT ("hostname", OPTIONAL, struct dc_plan_identity, hostname),
  TEXT ("timezone", OPTIONAL, struct dc_plan_identity, timezone),
  TEXTS ("hosts", OPTIONAL, struct dc_plan_identity, hosts),
  TEXTS ("addresses", OPTIONAL, struct dc_plan_identity, addresses),
  DC_YAML_END,
};

static const struct dc_yaml_row service_rows[] = {
  TEXT ("unit", REQUIRED, struct dc_plan_service, unit),
  DC_YAML_ROW ("essential", DC_YAML_BOOL, DC_YAML_OPTIONAL,
               struct dc_plan_service, essential),
  DC_YAML_END,
};

static const struct dc_yaml_row port_rows[] = {
  { .key = "port",
    .kind = DC_YAML_NUMBER,
    .need = DC_YAML_REQUIRED,
    .target = offsetof (struct dc_plan_port, port),
    .min = 1,
    .max = 65535 },
  PICK ("protocol", OPTIONAL, struct dc_plan_port, protocol,
        dc_plan_protocol_words),
  TEXT ("service", OPTIONAL, struct dc_plan_port, service),
  DC_YAML_END,
};

static const struct dc_yaml_row volume_rows[] = {
  TEXT ("path", REQUIRED, struct dc_plan_volume, path),
  TEXT ("name", REQUIRED, struct dc_plan_volume, name),
  PICK ("data", REQUIRED, struct dc_plan_volume, data, dc_plan_data_words),
  TEXT ("service", OPTIONAL, struct dc_plan_volume, service),
  TEXT ("reason", OPTIONAL, struct dc_plan_volume, reason),
  NUMBER ("bytes", OPTIONAL, struct dc_plan_volume, bytes),
  DC_YAML_END,
};

static const struct dc_yaml_row secret_rows[] = {
  TEXT ("path", REQUIRED, struct dc_plan_secret, path),
  TEXT ("name", REQUIRED, struct dc_plan_secret, name),
  PICK ("way", REQUIRED, struct dc_plan_secret, way, dc_plan_secret_words),
  TEXT ("kind", OPTIONAL, struct dc_plan_secret, kind),
  DC_YAML_END,
};

static const struct dc_yaml_row job_rows[] = {
  TEXT ("name", REQUIRED, struct dc_plan_job, name),
  TEXT ("when", REQUIRED, struct dc_plan_job, when),
  TEXT ("user", OPTIONAL, struct dc_plan_job, user),
  TEXT ("command", OPTIONAL, struct dc_plan_job, command),
  DC_YAML_END,
};

static const struct dc_yaml_row resource_rows[] = {
  NUMBER ("memory_bytes", OPTIONAL, struct dc_plan_resources, memory_bytes),
  NUMBER ("milli_cpus", OPTIONAL, struct dc_plan_resources, milli_cpus),
  NUMBER ("pids", OPTIONAL, struct dc_plan_resources, pids),
  DC_YAML_END,
};

const struct dc_yaml_row dc_plan_image_rows[] = {
  TEXT ("name", REQUIRED, struct dc_plan_image, name),
  PICK ("init", REQUIRED, struct dc_plan_image, init, dc_plan_init_words),
  TEXT ("reason", OPTIONAL, struct dc_plan_image, reason),
  PICK ("files", REQUIRED, struct dc_plan_image, files, dc_plan_files_words),
  LIST ("services", OPTIONAL, struct dc_plan_image, services, service_rows,
        struct dc_plan_service),
  TEXTS ("command", OPTIONAL, struct dc_plan_image, command),
  TEXT ("user", OPTIONAL, struct dc_plan_image, user),
  TEXT ("folder", OPTIONAL, struct dc_plan_image, folder),
  TEXT ("stop_signal", OPTIONAL, struct dc_plan_image, stop_signal),
  NUMBER ("stop_timeout_s", OPTIONAL, struct dc_plan_image, stop_timeout_s),
  TEXTS ("environment", OPTIONAL, struct dc_plan_image, environment),
  LIST ("ports", OPTIONAL, struct dc_plan_image, ports, port_rows,
        struct dc_plan_port),
  LIST ("volumes", OPTIONAL, struct dc_plan_image, volumes, volume_rows,
        struct dc_plan_volume),
  LIST ("secrets", OPTIONAL, struct dc_plan_image, secrets, secret_rows,
        struct dc_plan_secret),
  LIST ("schedule", OPTIONAL, struct dc_plan_image, schedule, job_rows,
        struct dc_plan_job),
  TEXTS ("capabilities", OPTIONAL, struct dc_plan_image, capabilities),
  TEXTS ("sysctls", OPTIONAL, struct dc_plan_image, sysctls),
  TEXTS ("devices", OPTIONAL, struct dc_plan_image, devices),
  STRUCT ("resources", OPTIONAL, struct dc_plan_image, resources, resource_rows,
          struct dc_plan_resources),
  DC_YAML_END,
};

static const struct dc_yaml_row pod_rows[] = {
  TEXT ("name", REQUIRED, struct dc_plan_pod, name),
  TEXTS ("members", REQUIRED, struct dc_plan_pod, members),
  TEXTS ("reasons", OPTIONAL, struct dc_plan_pod, reasons),
  DC_YAML_END,
};

static const struct dc_yaml_row service_left_rows[] = {
  TEXT ("reason", REQUIRED, struct dc_plan_left, reason),
  TEXTS ("units", REQUIRED, struct dc_plan_left, names),
  DC_YAML_END,
};

static const struct dc_yaml_row path_left_rows[] = {
  TEXT ("reason", REQUIRED, struct dc_plan_left, reason),
  TEXTS ("paths", REQUIRED, struct dc_plan_left, names),
  DC_YAML_END,
};

const struct dc_yaml_row dc_plan_rows[] = {
  { .key = "version",
    .kind = DC_YAML_NUMBER,
    .need = DC_YAML_REQUIRED,
    .target = offsetof (struct dc_plan, version),
    .min = DC_PLAN_VERSION,
    .max = DC_PLAN_VERSION },
  STRUCT ("source", REQUIRED, struct dc_plan, source, source_rows,
          struct dc_plan_source),
  STRUCT ("identity", OPTIONAL, struct dc_plan, identity, identity_rows,
          struct dc_plan_identity),
  LIST ("images", REQUIRED, struct dc_plan, images, dc_plan_image_rows,
        struct dc_plan_image),
  LIST ("pods", OPTIONAL, struct dc_plan, pods, pod_rows, struct dc_plan_pod),
  LIST ("services_left", OPTIONAL, struct dc_plan, services_left,
        service_left_rows, struct dc_plan_left),
  LIST ("paths_left", OPTIONAL, struct dc_plan, paths_left, path_left_rows,
        struct dc_plan_left),
  DC_YAML_END,
};

const struct dc_plan_image *
dc_plan_image (const struct dc_plan *plan, size_t index)
{
  return (const struct dc_plan_image *) plan->images.items + index;
}

bool
dc_plan_image_has (const struct dc_plan_image *image, const char *unit)
{
  const struct dc_plan_service *services = image->services.items;

  for (size_t i = 0; i < image->services.count; i++)
    if (strcmp (services[i].unit, unit) == 0)
      return true;
  return false;
}

void
dc_plan_release (struct dc_plan *plan)
{
  dc_yaml_release (dc_plan_rows, plan);
}

void
dc_plan_free (struct dc_plan *plan)
{
  if (plan == NULL)
    return;
  dc_plan_release (plan);
  free (plan);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "lib/quote.h"
#include "transform/init/initcompiler.h"
#include "transform/init/initspecifier.h"

/* systemd's types and the plan's. */
static const struct {
  const char *name, *word;
  const char *remark; /* NULL: nothing to say */
} types[] = {
  { "simple", "simple", NULL },
  { "exec", "exec", NULL },
  { "forking", "forking", NULL },
  { "oneshot", "oneshot", NULL },
  { "notify", "notify", NULL },
  { "notify-reload", "notify", NULL },
  { "idle", "simple", NULL }, /* only keeps boot messages apart */
  { "dbus", "simple",
    "is up when its name is on the bus; without a bus it counts as up when it "
    "runs" },
};

/* The type of a unit that does not say: systemd.service(5), Type=. */
static const char *
default_type (const struct dc_unit *unit)
{
  if (dc_unit_value (unit, "Service", "BusName", NULL) != NULL)
    return "dbus";
  return dc_unit_value (unit, "Service", "ExecStart", NULL) != NULL ? "simple"
                                                                    : "oneshot";
}

static int
write_type (struct dc_initservice *service, struct dc_error *err)
{
  const struct dc_setting *where = NULL;
  const char *value = dc_unit_value (service->unit, "Service", "Type", &where);
  const char *name = value != NULL ? value : default_type (service->unit);

  for (size_t i = 0; i < DC_COUNT (types); i++) {
    if (strcmp (types[i].name, name) != 0)
      continue;
    service->type = types[i].word;
    if (types[i].remark != NULL &&
        dc_init_note (service->compiler, service->unit, where, err,
                      "Type=%s %s", types[i].name, types[i].remark) < 0)
      return -1;
    return dc_initline (service->lines, err, "type", types[i].word, NULL) < 0
               ? -1
               : 1;
  }
  service->type = "simple";
  if (dc_init_note_value (service, where, err) < 0)
    return -1;
  return dc_initline (service->lines, err, "type", "simple", NULL) < 0 ? -1 : 1;
}

static int
write_parts (struct dc_initservice *service, struct dc_error *err)
{
  static int (*const parts[]) (struct dc_initservice * service,
                               struct dc_error * err) = {
    dc_init_aliases, write_type,          dc_init_conditions, dc_init_defaults,
    dc_init_user,    dc_init_privileges,  dc_init_schedule,   dc_init_streams,
    dc_init_mounts,  dc_init_filter,      dc_init_settings,   dc_init_limits,
    dc_init_folders, dc_init_credentials, dc_init_env,        dc_init_execs,
    dc_init_ignored,
  };

  for (size_t i = 0; i < DC_COUNT (parts); i++) {
    const int status = parts[i](service, err);
    if (status <= 0)
      return status;
  }
  return 1;
}

int
dc_init_service (struct dc_initservice *service, struct dc_error *err)
{
  DC_INIT_UNIT_AUTO struct dc_init_unit read = { .settings = NULL };
  const struct dc_unit *unit = service->unit;

  if (dc_init_unit_read (service->compiler, unit, &read, err) < 0)
    return -1;
  service->unit = &read.unit;
  const int status = write_parts (service, err);
  service->unit = unit;
  return status;
}

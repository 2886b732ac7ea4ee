/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/profilejson.h"
#include "analyzer/unit/unittrigger.h"
#include "lib/json.h"

/* What of a unit's settings somebody needs who plans its life elsewhere: what
 * sets it off, what it may use, what it may do.  The rest is in its files.
 */

/* Of units whose processes the kernel counts: systemd.resource-control(5). */
#define RESOURCES                                                              \
  "AllowedCPUs", "CPUQuota", "CPUWeight", "DeviceAllow", "DevicePolicy",       \
      "IOReadBandwidthMax", "IOWeight", "IOWriteBandwidthMax",                 \
      "IPAddressAllow", "IPAddressDeny", "MemoryHigh", "MemoryLimit",          \
      "MemoryLow", "MemoryMax", "MemoryMin", "MemorySwapMax", "Slice",         \
      "TasksMax"

static const struct type {
  const char *name, *section;
  const char *const *keys; /* in the order in which they are told */
} types[] = {
  { "automount", "Automount",
    (const char *const[]){ "Where", "TimeoutIdleSec", NULL } },
  { "mount", "Mount",
    (const char *const[]){ "What", "Where", "Type", "Options", NULL } },
  { "path", "Path",
    (const char *const[]){ "PathExists", "PathExistsGlob", "PathChanged",
                           "PathModified", "DirectoryNotEmpty", NULL } },
  { "scope", "Scope", (const char *const[]){ RESOURCES, NULL } },
  { "service", "Service",
    (const char *const[]){ RESOURCES,
                           "AmbientCapabilities",
                           "CapabilityBoundingSet",
                           "DynamicUser",
                           "LimitAS",
                           "LimitCORE",
                           "LimitMEMLOCK",
                           "LimitNOFILE",
                           "LimitNPROC",
                           "LimitRTPRIO",
                           "NoNewPrivileges",
                           "OOMScoreAdjust",
                           "PAMName",
                           "PrivateDevices",
                           "PrivateNetwork",
                           "PrivateTmp",
                           "PrivateUsers",
                           "ProtectHome",
                           "ProtectSystem",
                           "ReadOnlyPaths",
                           "ReadWritePaths",
                           "RootDirectory",
                           "RootImage",
                           "RuntimeDirectory",
                           "SecureBits",
                           "StateDirectory",
                           "SystemCallFilter",
                           NULL } },
  { "slice", "Slice", (const char *const[]){ RESOURCES, NULL } },
  { "socket", "Socket",
    (const char *const[]){ "ListenStream", "ListenDatagram",
                           "ListenSequentialPacket", "ListenFIFO",
                           "ListenSpecial", "ListenNetlink",
                           "ListenMessageQueue", "Accept", NULL } },
  { "swap", "Swap", (const char *const[]){ "What", "Priority", NULL } },
  { "timer", "Timer",
    (const char *const[]){ "OnCalendar", "OnBootSec", "OnStartupSec",
                           "OnActiveSec", "OnUnitActiveSec",
                           "OnUnitInactiveSec", "RandomizedDelaySec",
                           "Persistent", NULL } },
};

/* The settings KEY of UNIT as "KEY=VALUE", the last reset obeyed. */
static void
push_key (const struct dc_unit *unit, const char *section, const char *key,
          json_t **json)
{
  const struct dc_setting *setting;
  size_t position = 0;

  while (dc_unit_next (unit, section, key, &position, &setting) == 1) {
    if (setting->value[0] == '\0')
      continue;
    json_t *value = dc_json_bytes (setting->value);
    dc_json_push (json,
                  value == NULL
                      ? NULL
                      : json_sprintf ("%s=%s", key, json_string_value (value)));
    json_decref (value);
  }
}

json_t *
dc_unit_settings_json (const struct dc_unit *unit)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < DC_COUNT (types); i++)
    if (dc_unit_has_type (unit->name, types[i].name))
      for (const char *const *key = types[i].keys; *key != NULL; key++)
        push_key (unit, types[i].section, *key, &json);
  return json;
}

json_t *
dc_unit_triggers_json (const struct dc_unit *unit)
{
  AUTO_FREE char *name = NULL;
  struct dc_error ignored; /* only memory; the caller sees the NULL */

  return dc_unit_triggered (unit, &name, &ignored) < 0 ? NULL
                                                       : dc_json_bytes (name);
}

json_t *
dc_unit_schedule_json (const struct dc_unit *unit)
{
  AUTO_BUFFER struct dc_buffer written = DC_BUFFER_INIT (DC_TRIGGER_SIZE_MAX);
  AUTO_BUFFER struct dc_buffer normal = DC_BUFFER_INIT (DC_TRIGGER_SIZE_MAX);
  const struct dc_setting *first = NULL;
  struct dc_error err;

  if (!dc_unit_has_type (unit->name, "timer"))
    return json_null ();
  if (dc_unit_schedule (unit, &written, &normal, &first, &err) < 0)
    return err.code == DC_ERR_SYSTEM ? NULL : json_null ();
  return first != NULL ? dc_json_bytes (dc_buffer_text (&normal))
                       : json_null ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/profilejson.h"
#include "lib/json.h"
#include "analyzer/unit/unitconverted.h"

static bool
is_service (const struct dc_unit *unit)
{
  const char *dot = strrchr (unit->name, '.');

  return dot != NULL && strcmp (dot, ".service") == 0;
}

/* What every unit has. */
static json_t *
unit_json (const struct dc_unit *unit)
{
  json_t *json = json_object (), *aliases = json_array ();

  for (size_t i = 0; i < unit->aliases.count; i++)
    dc_json_push (&aliases, dc_json_bytes (unit->aliases.items[i]));
  dc_json_put_text (&json, "name", unit->name);
  dc_json_put_text (&json, "manager", dc_manager_name (unit->manager));
  dc_json_put (&json, "aliases", aliases);
  dc_json_put_text (&json, "description",
                    dc_unit_value (unit, "Unit", "Description", NULL));
  dc_json_put_text (&json, "state", dc_unit_state_name (unit->state));
  dc_json_put_bool (&json, "started", unit->is_started);
  dc_json_put_text (&json, "started_by", unit->started_by);
  dc_json_put (&json, "settings", dc_unit_settings_json (unit));
  return json;
}

/* Its file, or the line that a generator makes it of. */
static json_t *
origin_json (const struct dc_unit *unit)
{
  if (unit->file == NULL && unit->setting_count > 0)
    return dc_evidence_json (unit->settings[0].file, unit->settings[0].line);
  return dc_evidence_json (unit->file, 0);
}

/* A unit that is no service. */
static json_t *
other_json (const struct dc_unit *unit)
{
  json_t *json = unit_json (unit);

  dc_json_put (&json, "triggers", dc_unit_triggers_json (unit));
  dc_json_put (&json, "schedule", dc_unit_schedule_json (unit));
  dc_json_put (&json, "evidence", origin_json (unit));
  return json;
}

/* The values of a list setting, as they are written. */
static json_t *
list_json (const struct dc_unit *unit, const char *key)
{
  const struct dc_setting *setting;
  size_t position = 0;
  json_t *json = json_array ();

  while (dc_unit_next (unit, "Service", key, &position, &setting) > 0)
    dc_json_push (&json, dc_json_bytes (setting->value));
  return json;
}

/* Files other than the main one that say something, in the order read. */
static json_t *
drop_ins_json (const struct dc_unit *unit)
{
  const char *last = unit->file;
  json_t *json = json_array ();

  for (size_t i = 0; i < unit->setting_count; i++) {
    const char *file = unit->settings[i].file;
    if (file == NULL || (last != NULL && strcmp (file, last) == 0))
      continue;
    dc_json_push (&json, dc_json_bytes (file));
    last = file;
  }
  return json;
}

/* What systemd takes where Type= is not set: systemd.service(5). */
static const char *
type_of (const struct dc_unit *unit)
{
  const char *type = dc_unit_value (unit, "Service", "Type", NULL);

  if (type != NULL || unit->setting_count == 0)
    return type;
  if (dc_unit_value (unit, "Service", "BusName", NULL) != NULL)
    return "dbus";
  return dc_unit_value (unit, "Service", "ExecStart", NULL) != NULL ? "simple"
                                                                    : "oneshot";
}

/* Its first command, or at least its file. */
static json_t *
evidence_json (const struct dc_unit *unit)
{
  const struct dc_setting *setting;
  size_t position = 0;

  if (dc_unit_next (unit, "Service", "ExecStart", &position, &setting) > 0)
    return dc_evidence_json (setting->file, setting->line);
  return origin_json (unit);
}

/* What a script starts: analyzer/init/scriptdaemon.h. */
static json_t *
daemon_json (const struct dc_unit *unit)
{
  const struct dc_setting *setting = NULL;
  const char *exec = dc_unit_value (unit, "X-Daemon", "ExecStart", &setting);

  if (exec == NULL)
    return json_null ();
  json_t *json = json_object ();
  dc_json_put_text (&json, "exec", exec);
  dc_json_put_bool (&json, "complete",
                    !dc_unit_is (unit, "X-Daemon", "Incomplete", false));
  dc_json_put_text (&json, "user",
                    dc_unit_value (unit, "X-Daemon", "User", NULL));
  dc_json_put_text (&json, "group",
                    dc_unit_value (unit, "X-Daemon", "Group", NULL));
  dc_json_put_text (&json, "pidfile",
                    dc_unit_value (unit, "X-Daemon", "PIDFile", NULL));
  dc_json_put (&json, "evidence",
               dc_evidence_json (setting->file, setting->line));
  return json;
}

static json_t *
service_json (const struct dc_unit *unit,
              const struct dc_services_template *template)
{
  json_t *json = unit_json (unit);

  dc_json_put_text (&json, "left_out", dc_unit_left_out (unit, template));
  dc_json_put_text (&json, "type", type_of (unit));
  dc_json_put (&json, "exec", list_json (unit, "ExecStart"));
  dc_json_put (&json, "daemon", daemon_json (unit));
  dc_json_put_text (&json, "user",
                    dc_unit_value (unit, "Service", "User", NULL));
  dc_json_put_text (&json, "group",
                    dc_unit_value (unit, "Service", "Group", NULL));
  dc_json_put_text (&json, "working_directory",
                    dc_unit_value (unit, "Service", "WorkingDirectory", NULL));
  dc_json_put (&json, "environment_files", list_json (unit, "EnvironmentFile"));
  dc_json_put_text (&json, "restart",
                    dc_unit_value (unit, "Service", "Restart", NULL));
  dc_json_put_text (&json, "file", unit->file);
  dc_json_put (&json, "drop_ins", drop_ins_json (unit));
  dc_json_put_text (&json, "problem", unit->problem);
  dc_json_put (&json, "evidence", evidence_json (unit));
  return json;
}

json_t *
dc_services_json (const struct dc_units *units,
                  const struct dc_services_template *template)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < units->count; i++)
    if (is_service (&units->items[i]))
      dc_json_push (&json, service_json (&units->items[i], template));
  return json;
}

json_t *
dc_units_json (const struct dc_units *units)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < units->count; i++)
    if (!is_service (&units->items[i]))
      dc_json_push (&json, other_json (&units->items[i]));
  return json;
}

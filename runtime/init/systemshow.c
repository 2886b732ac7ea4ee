/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <sys/wait.h>

#include "runtime/init/systemctl.h"
#include "runtime/init/verdict.h"

/* systemshow: the verbs of systemctl that tell how things are. */

/* Of the unit NAME; UNIT is NULL when the plan has none of that name. */
static const char *
active (const char *name, const struct di_unit *unit)
{
  if (unit != NULL)
    return di_unit_active (unit);
  return di_systemctl_is_target (name) ? "active" : "inactive";
}

static bool
is_up (const char *state)
{
  return strcmp (state, "active") == 0 || strcmp (state, "reloading") == 0;
}

int
di_systemctl_is_active (struct di_systemctl *call)
{
  int status = DI_STATUS_UNKNOWN;

  for (size_t i = 1; i < call->count; i++) {
    const char *name = call->words[i];
    const struct di_unit *unit = di_view_find (&call->view, name);
    const char *state = active (name, unit);
    if (!call->is_quiet)
      di_print (state, NULL);
    if (is_up (state))
      status = 0;
    else if (status != 0 && (unit != NULL || di_systemctl_has_file (name)))
      status = DI_STATUS_INACTIVE;
  }
  return status;
}

int
di_systemctl_is_failed (struct di_systemctl *call)
{
  int status = 1;

  for (size_t i = 1; i < call->count; i++) {
    const struct di_unit *unit = di_view_find (&call->view, call->words[i]);
    const char *state = active (call->words[i], unit);
    if (!call->is_quiet)
      di_print (state, NULL);
    if (strcmp (state, "failed") == 0)
      status = 0;
  }
  return status;
}

static const char *
enabled (const char *name, const struct di_unit *unit)
{
  if (unit != NULL)
    return unit->is_on_demand ? "static" : "enabled";
  if (di_systemctl_is_target (name))
    return "static";
  return di_systemctl_has_file (name) ? "disabled" : NULL;
}

int
di_systemctl_is_enabled (struct di_systemctl *call)
{
  int status = 1;

  for (size_t i = 1; i < call->count; i++) {
    const char *name = call->words[i];
    const struct di_unit *unit = di_view_find (&call->view, name);
    const char *state = enabled (name, unit);
    if (state == NULL && !call->is_quiet)
      di_complain ("Failed to get unit file state for ", name,
                   ": No such file or directory", NULL);
    if (state != NULL && !call->is_quiet)
      di_print (state, NULL);
    if (unit != NULL || di_systemctl_is_target (name))
      status = 0;
  }
  return status;
}

int
di_systemctl_is_running (struct di_systemctl *call)
{
  const char *state = call->view.system;

  for (size_t i = 0;
       i < call->view.count && strcmp (call->view.system, "running") == 0;
       i++) {
    if (call->view.units[i].standing == DI_FAILED)
      state = "degraded";
  }
  if (!call->is_quiet)
    di_print (state, NULL);
  return strcmp (state, "running") != 0;
}

static void
print_status (const struct di_unit *unit)
{
  const char *state = di_unit_active (unit);

  di_print (strcmp (state, "failed") == 0 ? "x "
            : is_up (state)               ? "* "
                                          : "o ",
            unit->name, ".service", NULL);
  di_print ("     Loaded: loaded (/.decant/init.plan; ",
            unit->is_on_demand ? "static" : "enabled", ")", NULL);
  di_print ("     Active: ", state, " (", di_unit_sub (unit), ")",
            unit->since_ms > 0 ? " since " : "",
            unit->since_ms > 0 ? DI_TIME (unit->since_ms) : "",
            strcmp (state, "failed") == 0 ? "; result: " : "",
            strcmp (state, "failed") == 0 ? unit->result : "", NULL);
  if (unit->main_pid > 0)
    di_print ("   Main PID: ", DI_NUMBER (unit->main_pid), NULL);
  if (unit->restarts > 0)
    di_print ("   Restarts: ", DI_NUMBER (unit->restarts), NULL);
  if (unit->text[0] != '\0')
    di_print ("     Status: \"", unit->text, "\"", NULL);
}

int
di_systemctl_status (struct di_systemctl *call)
{
  const struct di_unit *units[DI_NAME_COUNT_MAX];
  size_t unknown;
  int status = 0;

  if (call->count < 2)
    return di_systemctl_list (call);
  const size_t count = di_systemctl_units (call, units, &unknown);
  for (size_t i = 0; i < count; i++) {
    if (!call->is_quiet)
      print_status (units[i]);
    if (!is_up (di_unit_active (units[i])))
      status = DI_STATUS_INACTIVE;
  }
  return unknown > 0 ? DI_STATUS_UNKNOWN : status;
}

/* A property's value, in ROOM or constant. */
typedef const char *property (const char *name, const struct di_unit *unit,
                              char *room);

static const char *
show_id (const char *name, const struct di_unit *unit, char *room)
{
  const char *base = unit != NULL ? unit->name : name;
  const size_t size = strlen (base);

  if (unit == NULL && strchr (name, '.') != NULL)
    return name;
  if (size > DI_NAME_MAX)
    return "";
  memcpy (room, base, size);
  memcpy (room + size, ".service", sizeof ".service");
  return room;
}

static const char *
show_active (const char *name, const struct di_unit *unit, char *room)
{
  (void) room;
  return active (name, unit);
}

static const char *
show_sub (const char *name, const struct di_unit *unit, char *room)
{
  (void) room;
  if (unit == NULL)
    return di_systemctl_is_target (name) ? "active" : "dead";
  return di_unit_sub (unit);
}

static const char *
show_load (const char *name, const struct di_unit *unit, char *room)
{
  (void) room;
  return unit != NULL || di_systemctl_is_target (name) ? "loaded" : "not-found";
}

static const char *
show_file_state (const char *name, const struct di_unit *unit, char *room)
{
  const char *state = enabled (name, unit);

  (void) room;
  return state == NULL ? "" : state;
}

static const char *
show_main_pid (const char *name, const struct di_unit *unit, char *room)
{
  (void) name;
  return di_number (room, unit == NULL ? 0 : unit->main_pid);
}

static const char *
show_restarts (const char *name, const struct di_unit *unit, char *room)
{
  (void) name;
  return di_number (room, unit == NULL ? 0 : unit->restarts);
}

static const char *
show_result (const char *name, const struct di_unit *unit, char *room)
{
  (void) name;
  (void) room;
  return unit == NULL ? "success" : unit->result;
}

/* CLD_EXITED and its kin, in systemd's numbers. */
static const char *
show_code (const char *name, const struct di_unit *unit, char *room)
{
  (void) name;
  (void) room;
  if (unit == NULL || unit->main_status < 0)
    return "0";
  return WIFEXITED (unit->main_status) ? "1" : "2";
}

static const char *
show_status_number (const char *name, const struct di_unit *unit, char *room)
{
  (void) name;
  if (unit == NULL || unit->main_status < 0)
    return "0";
  return di_number (room, di_status_number (unit->main_status));
}

static const char *
show_text (const char *name, const struct di_unit *unit, char *room)
{
  (void) name;
  (void) room;
  return unit == NULL ? "" : unit->text;
}

static const char *
show_can_reload (const char *name, const struct di_unit *unit, char *room)
{
  (void) name;
  (void) room;
  return unit != NULL && unit->can_reload ? "yes" : "no";
}

static const char *
show_can (const char *name, const struct di_unit *unit, char *room)
{
  (void) name;
  (void) room;
  return unit != NULL ? "yes" : "no";
}

static const char *
show_no (const char *name, const struct di_unit *unit, char *room)
{
  (void) name;
  (void) unit;
  (void) room;
  return "no";
}

static const char *
show_empty (const char *name, const struct di_unit *unit, char *room)
{
  (void) name;
  (void) unit;
  (void) room;
  return "";
}

static const struct {
  const char *name;
  property *show;
} properties[] = {
  { "Id", show_id },
  { "Names", show_id },
  { "LoadState", show_load },
  { "ActiveState", show_active },
  { "SubState", show_sub },
  { "UnitFileState", show_file_state },
  { "MainPID", show_main_pid },
  { "ExecMainPID", show_main_pid },
  { "NRestarts", show_restarts },
  { "Result", show_result },
  { "ExecMainCode", show_code },
  { "ExecMainStatus", show_status_number },
  { "StatusText", show_text },
  { "CanStart", show_can },
  { "CanStop", show_can },
  { "CanReload", show_can_reload },
  { "NeedDaemonReload", show_no },
  { "Triggers", show_empty },
  { "TriggeredBy", show_empty },
};

static bool
is_wanted (const struct di_systemctl *call, const char *name)
{
  for (size_t i = 0; i < call->property_count; i++) {
    if (strcmp (call->properties[i], name) == 0)
      return true;
  }
  return call->property_count == 0;
}

static void
show_unit (const struct di_systemctl *call, const char *name)
{
  const struct di_unit *unit = di_view_find (&call->view, name);
  char room[DI_NAME_MAX + sizeof ".service"];

  for (size_t i = 0; i < DI_COUNT (properties); i++) {
    if (!is_wanted (call, properties[i].name))
      continue;
    const char *value = properties[i].show (name, unit, room);
    if (call->is_value)
      di_print (value, NULL);
    else
      di_print (properties[i].name, "=", value, NULL);
  }
}

/* Without a name it is about the manager, of which its version matters. */
int
di_systemctl_show (struct di_systemctl *call)
{
  if (call->count < 2 && is_wanted (call, "Version"))
    di_print (call->is_value ? "252" : "Version=252", NULL);
  for (size_t i = 1; i < call->count; i++) {
    if (i > 1)
      di_print ("", NULL);
    show_unit (call, call->words[i]);
  }
  return 0;
}

static bool
is_listed (const struct di_systemctl *call, const struct di_unit *unit)
{
  const struct di_unit *units[DI_NAME_COUNT_MAX];
  size_t unknown;

  if (call->type != NULL && strstr (call->type, "service") == NULL)
    return false;
  if (call->state != NULL && strcmp (call->state, di_unit_active (unit)) != 0 &&
      strcmp (call->state, di_unit_sub (unit)) != 0)
    return false;
  if (call->count < 2)
    return true;
  const size_t count = di_systemctl_units (call, units, &unknown);
  for (size_t i = 0; i < count; i++) {
    if (units[i] == unit)
      return true;
  }
  return false;
}

int
di_systemctl_list (struct di_systemctl *call)
{
  for (size_t i = 0; i < call->view.count; i++) {
    const struct di_unit *unit = &call->view.units[i];
    if (is_listed (call, unit))
      di_print (unit->name, ".service loaded ", di_unit_active (unit), " ",
                di_unit_sub (unit), " ", unit->name, NULL);
  }
  return 0;
}

int
di_systemctl_list_files (struct di_systemctl *call)
{
  for (size_t i = 0; i < call->view.count; i++) {
    const struct di_unit *unit = &call->view.units[i];
    if (is_listed (call, unit))
      di_print (unit->name, ".service ",
                unit->is_on_demand ? "static" : "enabled", NULL);
  }
  return 0;
}

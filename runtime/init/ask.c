/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "runtime/init/client.h"
#include "runtime/init/verdict.h"

/* ask: the verbs of decant-init itself. */
#define STATUS_FAILED 1
#define STATUS_USAGE 2
#define STATUS_INACTIVE 3
#define STATUS_UNKNOWN 4

static void
print_json (const struct di_unit *unit, bool is_first)
{
  const struct {
    const char *key, *value;
  } texts[] = {
    { "name", unit->name },        { "active", di_unit_active (unit) },
    { "sub", di_unit_sub (unit) }, { "since", DI_TIME (unit->since_ms) },
    { "result", unit->result },    { "status", unit->text },
  };
  char line[4096];
  char *to = line;

  for (size_t i = 0; i < DI_COUNT (texts); i++) {
    *to++ = i == 0 ? '{' : ',';
    to = di_json (texts[i].key, strlen (texts[i].key), to, 64);
    *to++ = ':';
    to = di_json (texts[i].value, strlen (texts[i].value), to, 280);
  }
  *to = '\0';
  di_print (is_first ? "[" : ",", line, ",\"pid\":", DI_NUMBER (unit->main_pid),
            ",\"restarts\":", DI_NUMBER (unit->restarts), "}", NULL);
}

static void
print_text (const struct di_unit *unit)
{
  const char *pid =
      unit->main_pid > 0 ? DI_NUMBER (unit->main_pid) : (const char *) "-";

  di_print (unit->name, "  ", di_unit_active (unit), "  ", di_unit_sub (unit),
            "  pid ", pid, "  restarts ", DI_NUMBER (unit->restarts),
            "  since ", unit->since_ms == 0 ? "-" : DI_TIME (unit->since_ms),
            "  ", unit->result, unit->text[0] == '\0' ? "" : "  ", unit->text,
            NULL);
}

static int
show_status (const struct di_view *view, int count, char **names)
{
  const bool is_json = count > 0 && strcmp (names[0], "--json") == 0;
  bool is_first = true;
  int status = 0;

  names += is_json;
  count -= is_json;
  for (int i = 0; i < count; i++) {
    const struct di_unit *unit = di_view_find (view, names[i]);
    if (unit == NULL) {
      di_say (NULL, "there is no service '", names[i], "'", NULL);
      status = STATUS_UNKNOWN;
    } else if (strcmp (di_unit_active (unit), "active") != 0 && status == 0) {
      status = STATUS_INACTIVE;
    }
  }
  for (size_t i = 0; i < view->count; i++) {
    const struct di_unit *unit = &view->units[i];
    bool is_asked = count == 0;
    for (int k = 0; k < count && !is_asked; k++)
      is_asked = di_view_find (view, names[k]) == unit;
    if (is_asked && is_json)
      print_json (unit, is_first);
    else if (is_asked)
      print_text (unit);
    is_first &= !is_asked;
  }
  if (is_json)
    di_print (is_first ? "[]" : "]", NULL);
  return status;
}

static int
show_ready (const struct di_view *view, int count, char **names)
{
  const struct di_unit *unit = di_view_unready (view);

  (void) names;
  if (count > 0)
    return STATUS_USAGE;
  if (unit == NULL)
    return 0;
  di_print (unit->name, " is ", di_unit_active (unit), " (", di_unit_sub (unit),
            ")", NULL);
  return STATUS_FAILED;
}

static const struct {
  const char *name;
  int (*show) (const struct di_view *view, int count, char **names);
} views[] = {
  { "status", show_status },
  { "ready", show_ready },
};

/* Verbs whose words are those of systemctl. */
static const char *const shared[] = {
  "start", "stop",      "restart",   "reload", "try-restart",
  "kill",  "is-active", "is-failed", NULL,
};

static int
show (int (*function) (const struct di_view *view, int count, char **names),
      int count, char **names)
{
  static struct di_view view;
  struct di_error err;
  int status = STATUS_FAILED;

  if (di_view_load (&view, &err) == 0)
    status = function (&view, count, names);
  else
    di_say (NULL, err.text, NULL);
  di_view_release (&view);
  return status;
}

bool
di_client_main (int argc, char **argv, int *status)
{
  static const struct {
    const char *name;
    int (*main) (int argc, char **argv);
  } programs[] = {
    { "systemctl", di_systemctl_main },
    { "service", di_rc_service_main },
    { "rc-service", di_rc_service_main },
    { "initctl", di_initctl_main },
    { "runlevel", di_runlevel_main }, /* links to systemctl, with systemd */
    { "halt", di_halt_main },
    { "poweroff", di_halt_main },
    { "reboot", di_halt_main },
    { "shutdown", di_halt_main },
    { "telinit", di_halt_main },
  };
  const char *slash = argc > 0 ? strrchr (argv[0], '/') : NULL;
  const char *name = slash != NULL ? slash + 1 : argc > 0 ? argv[0] : "";

  for (size_t i = 0; i < DI_COUNT (programs); i++) {
    if (strcmp (programs[i].name, name) == 0) {
      *status = programs[i].main (argc, argv);
      return true;
    }
  }
  for (size_t i = 0; i < DI_COUNT (views) && argc > 1; i++) {
    if (strcmp (views[i].name, argv[1]) == 0) {
      *status = show (views[i].show, argc - 2, argv + 2);
      return true;
    }
  }
  if (argc < 2 || di_choice (shared, argv[1]) < 0)
    return false;
  *status = di_systemctl_main (argc, argv);
  return true;
}

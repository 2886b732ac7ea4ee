/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/init/client.h"
#include "runtime/init/pattern.h"
#include "runtime/init/service.h"
#include "runtime/init/systemctl.h"
#include "runtime/init/verdict.h"

/* systemctl: what scripts of the guest call, answered by decant-init.
 *
 * Source: systemctl(1) of systemd 252, its exit statuses and its words; the
 * callers of Debian 12: service(8), invoke-rc.d(8), deb-systemd-invoke(1p),
 * /lib/lsb/init-functions.d/40-systemd.
 */

static const char service_suffix[] = ".service";

/* What an option does: one of these, or it is ignored. */
enum effect {
  NOTHING,
  QUIET,
  NO_BLOCK,
  NOW,
  VALUE,
  ONLY_FAILED,
  REFUSED,
  PROPERTY, /* from here on with a value */
  ONE_PROPERTY,
  SIGNAL_NAME,
  WHOM,
  TYPE,
  STATE,
  IGNORED_VALUE,
};

static const struct {
  const char *name;
  enum effect effect;
} options[] = {
  { "-q", QUIET },
  { "--quiet", QUIET },
  { "--no-block", NO_BLOCK },
  { "--now", NOW },
  { "--value", VALUE },
  { "--failed", ONLY_FAILED },
  { "--user", REFUSED },
  { "-H", REFUSED },
  { "--host", REFUSED },
  { "-M", REFUSED },
  { "--machine", REFUSED },
  { "--root", REFUSED },
  { "-p", PROPERTY },
  { "--property", PROPERTY },
  { "-P", ONE_PROPERTY },
  { "-s", SIGNAL_NAME },
  { "--signal", SIGNAL_NAME },
  { "--kill-who", WHOM },
  { "--kill-whom", WHOM },
  { "-t", TYPE },
  { "--type", TYPE },
  { "--state", STATE },
  { "-n", IGNORED_VALUE },
  { "--lines", IGNORED_VALUE },
  { "-o", IGNORED_VALUE },
  { "--output", IGNORED_VALUE },
  { "--job-mode", IGNORED_VALUE },
  { "--preset-mode", IGNORED_VALUE },
};

static enum effect
find_option (const char *word, size_t size)
{
  for (size_t i = 0; i < DI_COUNT (options); i++) {
    if (strlen (options[i].name) == size &&
        strncmp (options[i].name, word, size) == 0)
      return options[i].effect;
  }
  return NOTHING;
}

static void
add_properties (struct di_systemctl *call, char *list)
{
  while (list != NULL && call->property_count < DI_PROPERTY_MAX) {
    char *comma = strchr (list, ',');
    if (comma != NULL)
      *comma++ = '\0';
    call->properties[call->property_count++] = list;
    list = comma;
  }
}

static void
apply (struct di_systemctl *call, enum effect effect, char *value)
{
  switch (effect) {
  case QUIET:
    call->is_quiet = true;
    break;
  case NO_BLOCK:
    call->is_no_block = true;
    break;
  case NOW:
    call->is_now = true;
    break;
  case ONE_PROPERTY:
    call->is_value = true;
    add_properties (call, value);
    break;
  case VALUE:
    call->is_value = true;
    break;
  case ONLY_FAILED:
    call->state = "failed";
    break;
  case PROPERTY:
    add_properties (call, value);
    break;
  case SIGNAL_NAME:
    call->signal = value;
    break;
  case WHOM:
    call->whom = value;
    break;
  case TYPE:
    call->type = value;
    break;
  case STATE:
    call->state = value;
    break;
  case NOTHING:
  case REFUSED:
  case IGNORED_VALUE:
    break;
  }
}

/* Sort ARGV into options and words; NULL, or why not. */
static const char *
read_words (struct di_systemctl *call, int argc, char **argv)
{
  bool has_options = true;

  for (int i = 1; i < argc; i++) {
    char *word = argv[i];
    if (!has_options || word[0] != '-' || word[1] == '\0') {
      if (call->count == DI_NAME_COUNT_MAX)
        return "too many words";
      call->words[call->count++] = word;
      continue;
    }
    if (strcmp (word, "--") == 0) {
      has_options = false;
      continue;
    }
    const bool is_long = word[1] == '-';
    const size_t size = is_long ? strcspn (word, "=") : 2;
    const enum effect effect = find_option (word, size);
    char *value = is_long && word[size] == '='  ? word + size + 1
                  : !is_long && word[2] != '\0' ? word + 2
                                                : NULL;
    if (effect == REFUSED)
      return "only the system's own units are here";
    if (effect >= PROPERTY && value == NULL && ++i < argc)
      value = argv[i];
    if (effect >= PROPERTY && value == NULL)
      return "an option has no value";
    apply (call, effect, value);
    for (size_t k = 2; !is_long && effect < PROPERTY && word[k] != '\0'; k++)
      apply (call, word[k] == 'q' ? QUIET : NOTHING, NULL); /* -aq */
  }
  return NULL;
}

static bool
ends_with (const char *name, const char *suffix)
{
  const size_t size = strlen (name), end = strlen (suffix);

  return size > end && strcmp (name + size - end, suffix) == 0;
}

/* A unit that is no service: the boot is over, its targets are reached. */
static bool
is_target (const char *name)
{
  return ends_with (name, ".target") || ends_with (name, ".slice");
}

/* Is there a unit file of that name, which the plan does not have? */
static bool
has_file (const char *name)
{
  static const char *const folders[] = { "/etc/systemd/system/",
                                         "/usr/lib/systemd/system/",
                                         "/lib/systemd/system/" };
  char path[512];
  const size_t size = strlen (name);
  const bool is_bare = strchr (name, '.') == NULL;

  for (size_t i = 0; i < DI_COUNT (folders); i++) {
    const size_t start = strlen (folders[i]);
    if (start + size + sizeof service_suffix > sizeof path)
      return false;
    memcpy (path, folders[i], start);
    memcpy (path + start, name, size + 1);
    if (is_bare)
      memcpy (path + start + size, service_suffix, sizeof service_suffix);
    if (access (path, F_OK) == 0)
      return true;
  }
  return false;
}

static void
say_unknown (const struct di_systemctl *call, const char *name)
{
  if (!call->is_quiet)
    di_complain (
        "Unit ", name, strchr (name, '.') == NULL ? service_suffix : "",
        has_file (name) ? " is not part of this container." : " not found.",
        NULL);
}

static bool
is_pattern (const char *name)
{
  return strpbrk (name, "*?[") != NULL;
}

static bool
fits (const char *pattern, const struct di_unit *unit)
{
  char name[DI_NAME_MAX + sizeof service_suffix];

  memcpy (name, unit->name, strlen (unit->name));
  memcpy (name + strlen (unit->name), service_suffix, sizeof service_suffix);
  return di_pattern_fits (pattern, name) ||
         di_pattern_fits (pattern, unit->name);
}

size_t
di_systemctl_units (const struct di_systemctl *call,
                    const struct di_unit **units, size_t *unknown)
{
  const struct di_view *view = &call->view;
  size_t count = 0;

  *unknown = 0;
  for (size_t i = 1; i < call->count; i++) {
    const char *name = call->words[i];
    if (is_pattern (name)) {
      for (size_t k = 0; k < view->count && count < DI_NAME_COUNT_MAX; k++) {
        if (fits (name, &view->units[k]))
          units[count++] = &view->units[k];
      }
      continue;
    }
    const struct di_unit *unit = di_view_find (view, name);
    if (unit == NULL && !is_target (name)) {
      (*unknown)++;
      say_unknown (call, name);
    } else if (unit != NULL && count < DI_NAME_COUNT_MAX) {
      units[count++] = unit;
    }
  }
  return count;
}

/* Send VERB with FIRST, unless NULL, and the units; the exit status. */
static int
send_order (const struct di_systemctl *call, const char *verb,
            const char *const *first, size_t first_count,
            const struct di_unit *const *units, size_t count)
{
  const char *words[DI_NAME_COUNT_MAX + 4];
  struct di_error err;
  size_t k = 0;

  if (count == 0)
    return 0;
  for (; k < first_count; k++)
    words[k] = first[k];
  for (size_t i = 0; i < count; i++)
    words[k++] = units[i]->name;
  if (di_ask (verb, words, k, NULL, &err) == 0)
    return 0;
  if (!call->is_quiet)
    di_complain (err.text, NULL);
  return DI_STATUS_FAILED;
}

static int
give_order (struct di_systemctl *call)
{
  static const char *const no_block[] = { "--no-block" };
  const struct di_unit *units[DI_NAME_COUNT_MAX];
  size_t unknown;

  if (call->count < 2) {
    di_complain ("Too few arguments.", NULL);
    return DI_STATUS_FAILED;
  }
  const size_t count = di_systemctl_units (call, units, &unknown);
  const char *verb = call->words[0];
  /* The older names of two verbs. */
  if (strcmp (verb, "condrestart") == 0)
    verb = "try-restart";
  else if (strcmp (verb, "force-reload") == 0)
    verb = "try-reload-or-restart";
  const int status =
      send_order (call, verb, no_block, call->is_no_block, units, count);
  return unknown > 0 ? DI_STATUS_NOT_INSTALLED : status;
}

static int
send_signal (struct di_systemctl *call)
{
  const struct di_unit *units[DI_NAME_COUNT_MAX];
  const char *const first[] = {
    call->signal != NULL ? call->signal : "TERM",
    call->whom != NULL ? call->whom : "all",
  };
  size_t unknown;
  const size_t count = di_systemctl_units (call, units, &unknown);
  const int status = send_order (call, "kill", first, 2, units, count);

  return unknown > 0 ? DI_STATUS_NOT_INSTALLED : status;
}

static int
reset_failed (struct di_systemctl *call)
{
  const struct di_unit *units[DI_NAME_COUNT_MAX];
  size_t unknown = 0, count = 0;

  if (call->count > 1)
    count = di_systemctl_units (call, units, &unknown);
  for (size_t i = 0; call->count == 1 && i < call->view.count; i++)
    units[count++] = &call->view.units[i];
  return unknown > 0 ? DI_STATUS_FAILED
                     : send_order (call, "reset-failed", NULL, 0, units, count);
}

/* enable and its kin: which services start was decided by the conversion. */
static int
change_links (struct di_systemctl *call)
{
  static const struct {
    const char *verb, *order;
  } orders[] = { { "enable", "start" },
                 { "reenable", "start" },
                 { "disable", "stop" },
                 { "mask", "stop" } };

  if (!call->is_quiet)
    di_complain ("What starts in this container was decided when it was "
                 "converted: '",
                 call->words[0], "' changes nothing.", NULL);
  for (size_t i = 0; i < DI_COUNT (orders) && call->is_now; i++) {
    const struct di_unit *units[DI_NAME_COUNT_MAX];
    size_t unknown;
    if (strcmp (orders[i].verb, call->words[0]) != 0)
      continue;
    const size_t count = di_systemctl_units (call, units, &unknown);
    return send_order (call, orders[i].order, NULL, 0, units, count);
  }
  return 0;
}

static int
nothing (struct di_systemctl *call)
{
  (void) call; /* units are compiled: there is nothing to read anew */
  return 0;
}

static int
change_variables (struct di_systemctl *call)
{
  const bool is_import = strcmp (call->words[0], "import-environment") == 0;
  const char *words[DI_NAME_COUNT_MAX];
  char text[DI_REQUEST_SIZE];
  struct di_error err;
  size_t count = 0, used = 0;

  for (size_t i = 1; i < call->count; i++) {
    const char *name = call->words[i];
    const char *value = is_import ? getenv (name) : NULL;
    words[count++] = name;
    if (!is_import)
      continue;
    const size_t size = value == NULL ? 0 : strlen (name) + strlen (value) + 2;
    count--;
    if (value == NULL || used + size > sizeof text)
      continue;
    words[count++] = text + used;
    memcpy (text + used, name, strlen (name));
    used += strlen (name);
    text[used++] = '=';
    memcpy (text + used, value, strlen (value) + 1);
    used += strlen (value) + 1;
  }
  if (di_ask (is_import ? "set-environment" : call->words[0], words, count,
              NULL, &err) == 0)
    return 0;
  di_complain (err.text, NULL);
  return DI_STATUS_FAILED;
}

static int
show_variables (struct di_systemctl *call)
{
  struct di_error err;
  char *lines = NULL;

  (void) call; /* it takes no words */
  if (di_ask ("show-environment", NULL, 0, &lines, &err) != 0) {
    di_complain (err.text, NULL);
    return DI_STATUS_FAILED;
  }
  for (char *line = lines; line != NULL && *line != '\0';) {
    char *end = line + strcspn (line, "\n");
    char *next = end + (*end == '\n');
    *end = '\0';
    if (di_unescape (line, &err) == 0)
      di_print (line, NULL);
    line = next;
  }
  free (lines);
  return 0;
}

static int
end_system (struct di_systemctl *call)
{
  struct di_error err;

  (void) call; /* it takes no words */
  if (di_ask ("end", NULL, 0, NULL, &err) == 0)
    return 0;
  di_complain (err.text, NULL);
  return DI_STATUS_FAILED;
}

/* Verbs; those that need the view get it before. */
static const struct verb {
  const char *name;
  int (*run) (struct di_systemctl *call);
  bool needs_view;
} verbs[] = {
  { "start", give_order, true },
  { "stop", give_order, true },
  { "restart", give_order, true },
  { "try-restart", give_order, true },
  { "condrestart", give_order, true },
  { "reload", give_order, true },
  { "reload-or-restart", give_order, true },
  { "try-reload-or-restart", give_order, true },
  { "force-reload", give_order, true },
  { "kill", send_signal, true },
  { "reset-failed", reset_failed, true },
  { "enable", change_links, true },
  { "disable", change_links, true },
  { "reenable", change_links, true },
  { "mask", change_links, true },
  { "unmask", change_links, true },
  { "preset", change_links, true },
  { "preset-all", change_links, true },
  { "add-wants", change_links, true },
  { "daemon-reload", nothing, false },
  { "daemon-reexec", nothing, false },
  { "set-environment", change_variables, false },
  { "unset-environment", change_variables, false },
  { "import-environment", change_variables, false },
  { "show-environment", show_variables, false },
  { "poweroff", end_system, false },
  { "halt", end_system, false },
  { "reboot", end_system, false },
  { "exit", end_system, false },
  { "is-active", di_systemctl_is_active, true },
  { "is-failed", di_systemctl_is_failed, true },
  { "is-enabled", di_systemctl_is_enabled, true },
  { "is-system-running", di_systemctl_is_running, true },
  { "status", di_systemctl_status, true },
  { "show", di_systemctl_show, true },
  { "list-units", di_systemctl_list, true },
  { "list-unit-files", di_systemctl_list_files, true },
};

bool
di_systemctl_has_file (const char *name)
{
  return has_file (name);
}

bool
di_systemctl_is_target (const char *name)
{
  return is_target (name);
}

static int
run_verb (struct di_systemctl *call)
{
  struct di_error err;

  for (size_t i = 0; i < DI_COUNT (verbs); i++) {
    if (strcmp (verbs[i].name, call->words[0]) != 0)
      continue;
    if (verbs[i].needs_view && di_view_load (&call->view, &err) < 0) {
      di_complain (err.text, NULL);
      return DI_STATUS_FAILED;
    }
    return verbs[i].run (call);
  }
  di_complain ("Unknown command verb ", call->words[0],
               ": decant-init stands in for systemd here.", NULL);
  return DI_STATUS_FAILED;
}

int
di_systemctl_main (int argc, char **argv)
{
  static struct di_systemctl call;
  static char list[] = "list-units";

  if (argc > 1 && strcmp (argv[1], "--version") == 0) {
    di_print ("systemd 252 (decant-init)", NULL);
    return 0;
  }
  const char *mistake = read_words (&call, argc, argv);
  if (mistake != NULL) {
    di_complain (mistake, NULL);
    return DI_STATUS_FAILED;
  }
  if (call.count == 0)
    call.words[call.count++] = list;
  const int status = run_verb (&call);
  di_view_release (&call.view);
  return status;
}

/* "service NAME ACTION": what its scripts do for systemd. */
int
di_rc_service_main (int argc, char **argv)
{
  if (argc < 3) {
    di_complain ("usage: service NAME ACTION", NULL);
    return DI_STATUS_FAILED;
  }
  char *words[] = { argv[0], argv[2], argv[1] };
  return di_systemctl_main (3, words);
}

/* "initctl ACTION NAME", of upstart. */
int
di_initctl_main (int argc, char **argv)
{
  return di_systemctl_main (argc < 3 ? argc : 3, argv);
}

/* The last runlevel and this one, which is the one of servers. */
int
di_runlevel_main (int argc, char **argv)
{
  (void) argc;
  (void) argv;
  di_print ("N 3", NULL);
  return 0;
}

/* halt, poweroff, reboot, shutdown, telinit: there is one end. */
int
di_halt_main (int argc, char **argv)
{
  static char verb[] = "poweroff";
  char *words[] = { argv[0], verb };

  (void) argc;
  return di_systemctl_main (2, words);
}

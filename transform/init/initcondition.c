/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/quote.h"
#include "transform/init/initcompiler.h"

/* Source: systemd.unit(5), "Conditions and Asserts". */

/* Those that decant-init can look at when it starts the service. */
static const struct {
  const char *name, *test;
} tests[] = {
  { "DirectoryNotEmpty", "filled-directory" },
  { "FileIsExecutable", "executable" },
  { "FileNotEmpty", "filled-file" },
  { "PathExists", "exists" },
  { "PathExistsGlob", "glob" },
  { "PathIsDirectory", "directory" },
  { "PathIsSymbolicLink", "link" },
};

/* What ConditionVirtualization= says of a container, where we know it. */
static const struct {
  const char *value;
  bool is_true;
} virtualizations[] = {
  { "yes", true },
  { "container", true },
  { "vm", false },
  { "no", false },
  { "kvm", false },
  { "qemu", false },
  { "vmware", false },
  { "microsoft", false },
  { "oracle", false },
  { "xen", false },
  { "amazon", false },
  { "bochs", false },
  { "uml", false },
  { "parallels", false },
  { "bhyve", false },
  { "zvm", false },
  { "lxc", false },
  { "lxc-libvirt", false },
  { "systemd-nspawn", false },
};

struct condition {
  const struct dc_setting *setting;
  const char *name; /* "PathExists" of "ConditionPathExists" */
  const char *value;
  bool is_negated, is_alternative;
};

/* Is SETTING a condition or an assertion? */
static bool
read_name (const struct dc_setting *setting, const char **name)
{
  static const char *const prefixes[] = { "Condition", "Assert" };

  if (strcmp (setting->section, "Unit") != 0)
    return false;
  for (size_t i = 0; i < DC_COUNT (prefixes); i++) {
    const size_t size = strlen (prefixes[i]);
    if (strncmp (setting->key, prefixes[i], size) == 0) {
      *name = setting->key + size;
      return true;
    }
  }
  return false;
}

static void
read_prefixes (struct condition *condition)
{
  condition->is_alternative = condition->value[0] == '|';
  condition->value += condition->is_alternative;
  condition->is_negated = condition->value[0] == '!';
  condition->value += condition->is_negated;
  condition->value += strspn (condition->value, " \t");
}

/* What is known when converting: 1 true, 0 false, -1 not known. */
static int
evaluate (const struct condition *condition)
{
  int is_true = -1;

  if (strcmp (condition->name, "Virtualization") != 0)
    return -1;
  for (size_t i = 0; i < DC_COUNT (virtualizations); i++) {
    if (strcmp (virtualizations[i].value, condition->value) == 0)
      is_true = virtualizations[i].is_true;
  }
  return is_true < 0 ? -1 : is_true != condition->is_negated;
}

static const char *
find_test (const struct condition *condition)
{
  for (size_t i = 0; i < DC_COUNT (tests); i++) {
    if (strcmp (tests[i].name, condition->name) == 0)
      return tests[i].test;
  }
  return NULL;
}

static int
write_test (const struct dc_initservice *service,
            const struct condition *condition, const char *test,
            struct dc_error *err)
{
  char flags[4] = "-";
  size_t used = 0;

  if (condition->value[0] != '/')
    return dc_init_note_value (service, condition->setting, err);
  if (condition->is_negated)
    flags[used++] = 'n';
  if (condition->is_alternative)
    flags[used++] = 't';
  return dc_initline (service->lines, err, "condition", test, flags,
                      condition->value, NULL);
}

/* The alternatives of a unit together, of which one must be true. */
struct alternatives {
  bool has_true; /* is, or is taken as: the others need not be looked at */
  bool has_test; /* one that is looked at at each start */
  bool has_false;
};

/* 1; 0 when it is known to be false; -1. */
static int
write_condition (const struct dc_initservice *service,
                 const struct condition *condition,
                 struct alternatives *alternatives, struct dc_error *err)
{
  const int known = evaluate (condition);
  const char *test = find_test (condition);

  if (test != NULL) {
    if (condition->is_alternative && alternatives->has_true)
      return 1;
    alternatives->has_test |= condition->is_alternative;
    return write_test (service, condition, test, err) < 0 ? -1 : 1;
  }
  if (known < 0)
    return dc_init_note (service->compiler, service->unit, condition->setting,
                         err, "%s=%s is not looked at, taken as true",
                         dc_quote (condition->setting->key).text,
                         dc_quote (condition->setting->value).text) < 0
               ? -1
               : 1;
  if (known == 0 && !condition->is_alternative)
    return dc_init_note (service->compiler, service->unit, condition->setting,
                         err, "left out, because in a container %s=%s is false",
                         dc_quote (condition->setting->key).text,
                         dc_quote (condition->setting->value).text);
  alternatives->has_false |= known == 0;
  return 1;
}

/* An empty condition takes back all before it, of whatever name. */
static size_t
first_setting (const struct dc_unit *unit)
{
  const char *name;
  size_t first = 0;

  for (size_t i = 0; i < unit->setting_count; i++) {
    if (read_name (&unit->settings[i], &name) &&
        unit->settings[i].value[0] == '\0')
      first = i + 1;
  }
  return first;
}

/* Is one of the alternatives from FIRST on true, or taken as such? */
static bool
has_true_alternative (const struct dc_unit *unit, size_t first)
{
  for (size_t i = first; i < unit->setting_count; i++) {
    struct condition condition = { .value = unit->settings[i].value };
    if (!read_name (&unit->settings[i], &condition.name))
      continue;
    read_prefixes (&condition);
    if (condition.is_alternative && find_test (&condition) == NULL &&
        evaluate (&condition) != 0)
      return true;
  }
  return false;
}

int
dc_init_conditions (struct dc_initservice *service, struct dc_error *err)
{
  const struct dc_unit *unit = service->unit;
  const size_t first = first_setting (unit);
  struct alternatives alternatives = { .has_true =
                                           has_true_alternative (unit, first) };

  for (size_t i = first; i < unit->setting_count; i++) {
    AUTO_FREE char *value = NULL;
    struct condition condition = { .setting = &unit->settings[i] };
    if (!read_name (condition.setting, &condition.name))
      continue;
    int status = dc_init_expand (service, condition.setting, &value, err);
    if (status < 0)
      return -1;
    if (status == 0)
      continue;
    condition.value = value;
    read_prefixes (&condition);
    status = write_condition (service, &condition, &alternatives, err);
    if (status <= 0)
      return status;
  }
  if (alternatives.has_false && !alternatives.has_test &&
      !alternatives.has_true)
    return dc_init_note (service->compiler, service->unit, NULL, err,
                         "left out, because in a container none of its "
                         "alternative conditions is true");
  return 1;
}

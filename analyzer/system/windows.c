/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/system/foreign.h"
#include "analyzer/system/hive.h"
#include "analyzer/system/windows.h"
#include "lib/array.h"
#include "lib/text.h"

#define VERSION_KEY "Microsoft\\Windows NT\\CurrentVersion"
#define UNINSTALL_KEY "Microsoft\\Windows\\CurrentVersion\\Uninstall"
#define ROLES_KEY                                                              \
  "Microsoft\\ServerManager\\ServicingStorage\\ServerComponentCache"

/* Of a service's Type: a process of its own, or one in a shared process. */
#define SERVICE_WIN32 0x30u

/* Texts of KEY; what is not there stays NULL. */
static int
read_texts (struct dc_hive *hive, uint32_t key, size_t count,
            const char *const names[], char **const targets[],
            struct dc_error *err)
{
  for (size_t i = 0; i < count; i++)
    if (*targets[i] == NULL &&
        dc_hive_text (hive, key, names[i], targets[i], err) < 0)
      return -1;
  return 0;
}

/* Since Windows 10 two numbers; "CurrentVersion" stayed at 6.3. */
static int
read_numbers (struct dc_hive *hive, uint32_t key, struct dc_windows *windows,
              struct dc_error *err)
{
  uint32_t major = 0, minor = 0, revision = 0;
  const int has_major =
      dc_hive_number (hive, key, "CurrentMajorVersionNumber", &major, err);

  if (has_major < 0 ||
      dc_hive_number (hive, key, "CurrentMinorVersionNumber", &minor, err) < 0)
    return -1;
  if (has_major > 0) {
    free (DC_TAKE (windows->version));
    if (dc_text_print (&windows->version, err, "%u.%u", major, minor) < 0)
      return -1;
  }
  const int has_revision = dc_hive_number (hive, key, "UBR", &revision, err);
  if (has_revision <= 0 || windows->build == NULL)
    return has_revision < 0 ? -1 : 0;
  AUTO_FREE char *build = DC_TAKE (windows->build);
  return dc_text_print (&windows->build, err, "%s.%u", build, revision);
}

static int
read_version (struct dc_hive *hive, struct dc_windows *windows,
              struct dc_error *err)
{
  static const char *const names[] = {
    "ProductName",  "EditionID",          "InstallationType", "CurrentVersion",
    "CurrentBuild", "CurrentBuildNumber", "DisplayVersion",   "ReleaseId",
  };
  char **const targets[] = {
    &windows->product,        &windows->edition,        &windows->installation,
    &windows->version,        &windows->build,          &windows->build,
    &windows->feature_update, &windows->feature_update,
  };
  uint32_t key = 0;
  const int found = dc_hive_find (hive, hive->root, VERSION_KEY, &key, err);

  if (found <= 0)
    return found;
  if (read_texts (hive, key, DC_COUNT (names), names, targets, err) < 0)
    return -1;
  return read_numbers (hive, key, windows, err);
}

/* Do WORK for each key below PATH. */
static int
for_each (struct dc_hive *hive, const char *path,
          int (*work) (struct dc_hive *hive, uint32_t key,
                       struct dc_windows *windows, struct dc_error *err),
          struct dc_windows *windows, struct dc_error *err)
{
  AUTO_FREE uint32_t *items = NULL;
  uint32_t key = 0;
  size_t count = 0;
  const int found = dc_hive_find (hive, hive->root, path, &key, err);

  if (found <= 0)
    return found;
  if (dc_hive_children (hive, key, &items, &count, err) < 0)
    return -1;
  for (size_t i = 0; i < count; i++)
    if (work (hive, items[i], windows, err) < 0)
      return -1;
  return 0;
}

static int
add_role (struct dc_hive *hive, uint32_t key, struct dc_windows *windows,
          struct dc_error *err)
{
  uint32_t state = 0;
  const int found = dc_hive_number (hive, key, "InstallState", &state, err);

  if (found <= 0 || state != 1)
    return found < 0 ? -1 : 0;
  if (DC_ARRAY_GROW (windows->roles, windows->role_count, DC_WINDOWS_ITEM_MAX,
                     "roles", err) < 0 ||
      dc_hive_name (hive, key, &windows->roles[windows->role_count], err) < 0)
    return -1;
  windows->role_count++;
  return 0;
}

static int
add_program (struct dc_hive *hive, uint32_t key, struct dc_windows *windows,
             struct dc_error *err)
{
  if (DC_ARRAY_GROW (windows->programs, windows->program_count,
                     DC_WINDOWS_ITEM_MAX, "programs", err) < 0)
    return -1;
  struct dc_windows_program *program =
      &windows->programs[windows->program_count];
  const int found =
      dc_hive_text (hive, key, "DisplayName", &program->name, err);
  if (found <= 0)
    return found; /* a part of another one */
  windows->program_count++;
  return dc_hive_text (hive, key, "DisplayVersion", &program->version, err) < 0
             ? -1
             : 0;
}

static const char *
start_of (uint32_t start)
{
  return start <= 2 ? "auto" : start == 3 ? "manual" : "disabled";
}

static int
add_service (struct dc_hive *hive, uint32_t key, struct dc_windows *windows,
             struct dc_error *err)
{
  static const char *const names[] = { "DisplayName", "ImagePath",
                                       "ObjectName" };
  uint32_t type = 0, start = 0;
  const int has_type = dc_hive_number (hive, key, "Type", &type, err);

  if (has_type <= 0 || (type & SERVICE_WIN32) == 0)
    return has_type < 0 ? -1 : 0;
  const int has_start = dc_hive_number (hive, key, "Start", &start, err);
  if (has_start <= 0)
    return has_start;
  if (DC_ARRAY_GROW (windows->services, windows->service_count,
                     DC_WINDOWS_ITEM_MAX, "services", err) < 0)
    return -1;
  struct dc_windows_service *service =
      &windows->services[windows->service_count];
  if (dc_hive_name (hive, key, &service->name, err) < 0)
    return -1;
  windows->service_count++;
  service->start = start_of (start);
  char **const targets[] = { &service->display_name, &service->program,
                             &service->account };
  return read_texts (hive, key, DC_COUNT (names), names, targets, err);
}

static int
read_software (struct dc_hive *hive, struct dc_windows *windows,
               struct dc_error *err)
{
  static const char wow64[] = "WOW6432Node\\" UNINSTALL_KEY;

  if (read_version (hive, windows, err) < 0 ||
      for_each (hive, ROLES_KEY, add_role, windows, err) < 0 ||
      for_each (hive, UNINSTALL_KEY, add_program, windows, err) < 0)
    return -1;
  return for_each (hive, wow64, add_program, windows, err);
}

/* A text of the control set that is in use. */
static int
read_control (struct dc_hive *hive, const char *set, const char *path,
              const char *name, char **target, struct dc_error *err)
{
  AUTO_FREE char *whole = NULL;
  uint32_t key = 0;

  if (dc_text_print (&whole, err, "%s\\Control\\%s", set, path) < 0)
    return -1;
  const int found = dc_hive_find (hive, hive->root, whole, &key, err);
  if (found <= 0)
    return found;
  return dc_hive_text (hive, key, name, target, err) < 0 ? -1 : 0;
}

static int
read_system (struct dc_hive *hive, struct dc_windows *windows,
             struct dc_error *err)
{
  AUTO_FREE char *set = NULL, *services = NULL;
  uint32_t select = 0, current = 1;
  const int found = dc_hive_find (hive, hive->root, "Select", &select, err);

  if (found < 0 ||
      (found > 0 &&
       dc_hive_number (hive, select, "Current", &current, err) < 0) ||
      dc_text_print (&set, err, "ControlSet%03u", current) < 0 ||
      dc_text_print (&services, err, "%s\\Services", set) < 0 ||
      read_control (hive, set, "ComputerName\\ComputerName", "ComputerName",
                    &windows->computer_name, err) < 0 ||
      read_control (hive, set, "Session Manager\\Environment",
                    "PROCESSOR_ARCHITECTURE", &windows->processor, err) < 0)
    return -1;
  return for_each (hive, services, add_service, windows, err);
}

/* Below the system's folder, whose name differs. */
static int
read_hive (struct dc_tree *tree, const char *name, char **path,
           int (*read) (struct dc_hive *hive, struct dc_windows *windows,
                        struct dc_error *err),
           struct dc_windows *windows, struct dc_error *err)
{
  static const char *const roots[] = { "Windows", "WINNT" };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
  struct dc_hive hive;
  uint32_t index = DC_TREE_NONE;

  for (size_t i = 0; index == DC_TREE_NONE && i < DC_COUNT (roots); i++) {
    AUTO_FREE char *file = NULL;
    if (dc_text_print (&file, err, "%s/System32/config/%s", roots[i], name) < 0)
      return -1;
    index = dc_foreign_find (tree, file);
  }
  if (index == DC_TREE_NONE || !S_ISREG (tree->entries[index].mode))
    return 0;
  if (dc_tree_path (tree, index, &b, err) < 0 ||
      dc_text_print (path, err, "/%s", dc_buffer_text (&b)) < 0)
    return -1;
  if (dc_hive_open (tree, index, &hive, err) < 0)
    return dc_context (err, "%s", name);
  windows->is_unclean = windows->is_unclean || hive.is_unclean;
  return read (&hive, windows, err) < 0 ? dc_context (err, "%s", name) : 0;
}

int
dc_windows_load (struct dc_tree *tree, struct dc_windows *out,
                 struct dc_error *err)
{
  struct dc_error fault;
  const int software =
      read_hive (tree, "SOFTWARE", &out->software, read_software, out, &fault);

  /* One hive is worth reading without the other. */
  if (software < 0 && fault.code == DC_ERR_SYSTEM) {
    *err = fault;
    return -1;
  }
  if (read_hive (tree, "SYSTEM", &out->system, read_system, out, err) < 0)
    return -1;
  if (software < 0)
    *err = fault;
  return software;
}

void
dc_windows_release (struct dc_windows *windows)
{
  char *const texts[] = {
    windows->software,  windows->system,         windows->product,
    windows->edition,   windows->installation,   windows->version,
    windows->build,     windows->feature_update, windows->computer_name,
    windows->processor,
  };

  for (size_t i = 0; i < DC_COUNT (texts); i++)
    free (texts[i]);
  for (size_t i = 0; i < windows->service_count; i++) {
    free (windows->services[i].name);
    free (windows->services[i].display_name);
    free (windows->services[i].program);
    free (windows->services[i].account);
  }
  for (size_t i = 0; i < windows->program_count; i++) {
    free (windows->programs[i].name);
    free (windows->programs[i].version);
  }
  for (size_t i = 0; i < windows->role_count; i++)
    free (windows->roles[i]);
  free (windows->services);
  free (windows->programs);
  free (windows->roles);
  *windows = (struct dc_windows){ .product = NULL };
}

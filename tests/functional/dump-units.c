/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* dump-units FOLDER: the units of the system in FOLDER as text.
 *
 *   unit NAME STATE PRESET            of each unit
 *     alias NAME
 *     instance                        it is one
 *     starts BECAUSE
 *     problem TEXT
 *     FILE:LINE SECTION KEY=VALUE     of each setting
 *     runs |PROGRAM|ARGV0|...         of each ExecStart=
 */

#include <fcntl.h>
#include <stdio.h>

#include "analyzer/unit/unitexec.h"
#include "analyzer/unit/unitload.h"
#include "lib/tree/backends.h"

static void
print_unit (const struct dc_unit *unit)
{
  static const char *const presets[] = {
    [DC_PRESET_NONE] = "-",
    [DC_PRESET_ENABLE] = "enabled",
    [DC_PRESET_DISABLE] = "disabled",
  };

  printf ("unit %s %s %s\n", unit->name, dc_unit_state_name (unit->state),
          presets[unit->preset]);
  for (size_t i = 0; i < unit->aliases.count; i++)
    printf ("  alias %s\n", unit->aliases.items[i]);
  if (unit->instance != NULL)
    printf ("  instance\n");
  if (unit->is_started)
    printf ("  starts %s\n", unit->started_by);
  if (unit->problem != NULL)
    printf ("  problem %s\n", unit->problem);
  for (size_t i = 0; i < unit->setting_count; i++)
    printf ("  %s:%u %s %s=%s\n", unit->settings[i].file,
            unit->settings[i].line, unit->settings[i].section,
            unit->settings[i].key, unit->settings[i].value);
}

static void
print_commands (const struct dc_unit *unit)
{
  DC_AUTO (dc_execs) *execs = NULL;
  struct dc_error err;

  if (dc_execs_read (unit, "Service", "ExecStart", NULL, &execs, &err) < 0) {
    printf ("  runs %s\n", err.text);
    return;
  }
  for (size_t i = 0; i < execs->count; i++) {
    const struct dc_exec *exec = &execs->items[i];
    printf ("  runs |%s", exec->program);
    for (size_t k = 0; k < exec->argv.count; k++)
      printf ("|%s", exec->argv.items[k]);
    printf ("|\n");
  }
}

static int
dump (const char *folder, struct dc_error *err)
{
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_units) *units = NULL;
  AUTO_CLOSE int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    return dc_fail_errno (err, "cannot open '%s'", folder);
  if (dc_tree_dir (fd, &tree, err) < 0 || dc_units_load (tree, &units, err) < 0)
    return -1;
  for (size_t i = 0; i < units->count; i++) {
    print_unit (&units->items[i]);
    print_commands (&units->items[i]);
  }
  return 0;
}

int
main (int argc, char **argv)
{
  struct dc_error err;

  if (argc != 2) {
    fputs ("usage: dump-units FOLDER\n", stderr);
    return 2;
  }
  if (dump (argv[1], &err) < 0) {
    fprintf (stderr, "dump-units: %s\n", err.text);
    return 1;
  }
  return fflush (stdout) == 0 ? 0 : 1;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/init/initload.h"
#include "analyzer/init/inittab.h"
#include "analyzer/unit/unitscript.h"
#include "lib/quote.h"
#include "lib/text.h"

/* Source: init(8), inittab(5) of sysvinit 3.06; insserv(8), update-rc.d(8) of
 * Debian 12; chkconfig(8) of Red Hat; examples/inittab of BusyBox.
 *
 * S links run in the order of their names.  insserv gives scripts that do
 * not depend on each other equal numbers; a script without a header waits for
 * all before it.
 */

#define EARLIER_MAX 64 /* services that one without a header waits for */

/* The unit of the script that LINK in a folder leads to: 1, 0, -1. */
static int
find_script (struct dc_initload *load, uint32_t link, const char *path,
             uint32_t *unit, struct dc_error *err)
{
  const struct dc_tree *tree = load->tree;
  AUTO_FREE char *name = NULL;
  const uint32_t script = dc_tree_resolve (tree, path);

  if (script == DC_TREE_NONE)
    return dc_profile_note (load->profile, "init.link", path, 0, err,
                            "'%s' leads to no script",
                            dc_quote (tree->entries[link].name).text);
  const int status =
      dc_script_unit_name (dc_span_of (tree->entries[script].name), &name, err);
  if (status <= 0)
    return status;
  *unit = dc_loader_find (&load->loader, name);
  return *unit != DC_TREE_NONE;
}

/* A script without a header comes after the EARLIER ones. */
static int
set_order (struct dc_initload *load, uint32_t unit, struct dc_words *earlier,
           struct dc_proof proof, struct dc_error *err)
{
  const struct dc_unit *own = dc_initload_unit (load, unit);
  const bool has_header =
      dc_unit_value (own, "Service", "SuccessExitStatus", NULL) != NULL;
  const size_t count =
      earlier->count < EARLIER_MAX ? earlier->count : EARLIER_MAX;

  for (size_t i = earlier->count - count; i < earlier->count && !has_header;
       i++)
    if (dc_initload_set (load, unit, "Unit", "After", earlier->items[i], proof,
                         err) < 0)
      return -1;
  return dc_words_add (earlier, dc_initload_unit (load, unit)->name, err);
}

/* S20nginx: 1 when it is one that starts something. */
static bool
is_start_link (const char *name)
{
  return name[0] == 'S' && isdigit ((unsigned char) name[1]) &&
         isdigit ((unsigned char) name[2]) && name[3] != '\0';
}

static int
start_link (struct dc_initload *load, const char *folder, uint32_t link,
            struct dc_words *earlier, struct dc_error *err)
{
  const char *name = load->tree->entries[link].name;
  AUTO_FREE char *path = NULL;
  uint32_t unit = DC_TREE_NONE;

  if (!is_start_link (name))
    return 0;
  if (dc_text_print (&path, err, "%s/%s", folder, name) < 0)
    return -1;
  const int found = find_script (load, link, path, &unit, err);
  if (found <= 0 || dc_initload_unit (load, unit)->is_started)
    return found < 0 ? -1 : 0;
  const char order[] = { name[1], name[2], '\0' };
  const struct dc_proof proof = { path, 0 };
  if (dc_initload_set (load, unit, "X-Init", "Order", order, proof, err) < 0 ||
      set_order (load, unit, earlier, proof, err) < 0)
    return -1;
  return dc_initload_start (load, unit, path, err);
}

int
dc_sysvinit_links (struct dc_initload *load, const char *folder,
                   struct dc_error *err)
{
  const struct dc_tree *tree = load->tree;
  AUTO_WORDS struct dc_words earlier = { NULL, 0 };
  const uint32_t index = dc_tree_resolve (tree, folder);

  if (index == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[index].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling)
    if (start_link (load, folder, i, &earlier, err) < 0)
      return -1;
  return 0;
}

int
dc_sysvinit_scripts (struct dc_initload *load, enum dc_manager manager,
                     struct dc_error *err)
{
  if (dc_sysv_add_scripts (&load->loader, err) < 0)
    return -1;
  for (uint32_t i = 0; i < load->loader.units->count; i++) {
    struct dc_unit *unit = dc_initload_unit (load, i);
    if (unit->state != DC_UNIT_GENERATED)
      continue;
    const char *path = dc_unit_value (unit, "Unit", "SourcePath", NULL);
    unit->manager = manager;
    unit->state = DC_UNIT_DISABLED;
    unit->file = strdup (path != NULL ? path : unit->name);
    if (unit->file == NULL)
      return dc_fail_errno (err, "cannot keep a script");
  }
  return 0;
}

/* The links of the boot and of the run level; where a folder has two names,
 * the second finds everything started.
 */
static int
start_scripts (struct dc_initload *load, struct dc_error *err)
{
  static const char *const prefixes[] = { "/etc/rc", "/etc/rc.d/rc" };
  const char *const levels[] = { "S", load->profile->init.runlevel };

  for (size_t i = 0; i < DC_COUNT (levels) && levels[i] != NULL; i++)
    for (size_t k = 0; k < DC_COUNT (prefixes); k++) {
      AUTO_FREE char *folder = NULL;
      if (dc_text_print (&folder, err, "%s%s.d", prefixes[k], levels[i]) < 0 ||
          dc_sysvinit_links (load, folder, err) < 0)
        return -1;
    }
  return 0;
}

/* BusyBox's rcS, as Buildroot has it, runs the scripts that are named S??*. */
static int
start_by_name (struct dc_initload *load, struct dc_error *err)
{
  for (uint32_t i = 0; i < load->loader.units->count; i++) {
    const struct dc_unit *unit = dc_initload_unit (load, i);
    if (unit->manager == DC_MANAGER_SYSVINIT && is_start_link (unit->name) &&
        dc_initload_start (load, i, "/etc/init.d/rcS", err) < 0)
      return -1;
  }
  return 0;
}

/* Has the script anything to do?  Debian's has only "exit 0". */
static bool
does_something (struct dc_span text)
{
  struct dc_span line;

  while (dc_span_line (&text, &line)) {
    line = dc_span_trim (line);
    if (line.size > 0 && *line.text != '#' && !dc_span_is (line, "exit 0") &&
        !dc_span_is (line, ":"))
      return true;
  }
  return false;
}

static int
add_rc_local (struct dc_initload *load, const char *path, struct dc_error *err)
{
  AUTO_FREE char *command = NULL;
  const struct dc_proof proof = { path, 1 };
  uint32_t unit = DC_TREE_NONE;

  const int added =
      dc_initload_add (load, "rc-local", DC_MANAGER_RC_LOCAL, path, &unit, err);
  if (added <= 0)
    return added;
  if (dc_text_print (&command, err, "%s start", path) < 0 ||
      dc_initload_set (load, unit, "Unit", "Description",
                       "commands at the end of the boot", proof, err) < 0 ||
      dc_initload_set (load, unit, "Service", "Type", "forking", proof, err) <
          0 ||
      dc_initload_set (load, unit, "Service", "RemainAfterExit", "yes", proof,
                       err) < 0 ||
      dc_initload_set (load, unit, "Service", "ExecStart", command, proof,
                       err) < 0)
    return -1;
  return dc_initload_start (load, unit, path, err);
}

int
dc_sysvinit_rc_local (struct dc_initload *load, struct dc_error *err)
{
  static const char *const paths[] = { "/etc/rc.local", "/etc/rc.d/rc.local" };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_SHELL_FILE_MAX);

  for (size_t i = 0; i < DC_COUNT (paths); i++) {
    const uint32_t index = dc_tree_resolve (load->tree, paths[i]);
    if (index == DC_TREE_NONE ||
        (load->tree->entries[index].mode & S_IXUSR) == 0)
      continue;
    const int found = dc_initload_read (load, paths[i], &b, err);
    if (found < 0)
      return -1;
    if (found > 0 &&
        does_something ((struct dc_span){ dc_buffer_text (&b), b.size }))
      return add_rc_local (load, paths[i], err);
  }
  return 0;
}

/* Entries that only begin a run level. */
static bool
is_beginning (const char *process)
{
  static const char *const starts[] = {
    "/etc/init.d/rc", "/etc/rc.d/rc", "/sbin/openrc",
    "/sbin/rc",       "/sbin/init",   "openrc",
    "/lib/rcscripts", "/bin/mount",   "/bin/umount",
  };

  for (size_t i = 0; i < DC_COUNT (starts); i++)
    if (strncmp (process, starts[i], strlen (starts[i])) == 0)
      return true;
  return false;
}

/* "getty@tty1" of a getty's command, as systemd names it, else by its id. */
static int
name_entry (const struct dc_inittab_entry *entry, char **name,
            struct dc_error *err)
{
  static const char *const terminals[] = { "tty", "hvc", "console", "xvc" };
  struct dc_span rest = dc_span_of (entry->process), word;

  while (strstr (entry->process, "getty") != NULL &&
         dc_span_word (&rest, &word))
    for (size_t i = 0; i < DC_COUNT (terminals); i++)
      if (dc_span_starts (word, terminals[i]))
        return dc_text_print (name, err, "getty@%.*s", (int) word.size,
                              word.text);
  return entry->id[0] != '\0'
             ? dc_text_print (name, err, "inittab-%s", entry->id)
             : dc_text_print (name, err, "inittab-%u", entry->line);
}

/* A command line as init runs it: by a shell when it needs one. */
static int
make_command (const char *process, struct dc_buffer *command,
              struct dc_error *err)
{
  struct dc_span rest = dc_span_of (process), word;

  if (strpbrk (process, "~`!$^&*()=|\\{}[];\"'<>?") != NULL) {
    AUTO_FREE char *script = NULL;
    return dc_text_print (&script, err, "exec %s", process) < 0 ||
                   dc_initload_quote (command, "/bin/sh", err) < 0 ||
                   dc_initload_quote (command, "-c", err) < 0
               ? -1
               : dc_initload_quote (command, script, err);
  }
  while (dc_span_word (&rest, &word)) {
    AUTO_FREE char *text = NULL;
    if (dc_span_copy (word, &text, err) < 0 ||
        dc_initload_quote (command, text, err) < 0)
      return -1;
  }
  return 0;
}

static int
add_entry (struct dc_initload *load, const struct dc_inittab_entry *entry,
           struct dc_error *err)
{
  const struct dc_proof proof = { DC_INITTAB_FILE, entry->line };
  const enum dc_manager manager =
      load->profile->init.manager == DC_MANAGER_BUSYBOX ? DC_MANAGER_BUSYBOX
                                                        : DC_MANAGER_SYSVINIT;
  const bool respawns = strcmp (entry->action, "respawn") == 0 ||
                        strcmp (entry->action, "askfirst") == 0;
  AUTO_BUFFER struct dc_buffer command = DC_BUFFER_INIT (DC_UNIT_SIZE_MAX);
  AUTO_FREE char *name = NULL;
  AUTO_FREE char *why = NULL;
  uint32_t unit = DC_TREE_NONE;

  if (name_entry (entry, &name, err) < 0)
    return -1;
  const int added =
      dc_initload_add (load, name, manager, DC_INITTAB_FILE, &unit, err);
  if (added <= 0)
    return added;
  if (make_command (entry->process, &command, err) < 0 ||
      dc_initload_set (load, unit, "Service", "Type",
                       respawns ? "simple" : "oneshot", proof, err) < 0 ||
      (respawns && dc_initload_set (load, unit, "Service", "Restart", "always",
                                    proof, err) < 0) ||
      dc_initload_set (load, unit, "Service", "ExecStart",
                       dc_buffer_text (&command), proof, err) < 0 ||
      dc_text_print (&why, err, "%s:%u", DC_INITTAB_FILE, entry->line) < 0)
    return -1;
  return dc_initload_start (load, unit, why, err);
}

int
dc_sysvinit_inittab (struct dc_initload *load, struct dc_error *err)
{
  const char *level = load->profile->init.runlevel;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_INITTAB_SIZE_MAX);
  DC_AUTO (dc_inittab) *inittab = NULL;
  unsigned line = 0;

  const int found = dc_initload_read (load, DC_INITTAB_FILE, &b, err);
  if (found <= 0)
    return found;
  if (dc_inittab_parse (dc_buffer_text (&b), b.size, &inittab, err) < 0)
    return -1;
  const char own = dc_inittab_level (inittab, &line);
  for (size_t i = 0; i < inittab->count; i++) {
    const struct dc_inittab_entry *entry = &inittab->items[i];
    const char in = own != '\0' || level == NULL ? own : level[0];
    if (dc_inittab_runs_in (entry, in) && entry->process[0] != '\0' &&
        !is_beginning (entry->process) && add_entry (load, entry, err) < 0)
      return -1;
  }
  return inittab->skipped == 0
             ? 0
             : dc_profile_note (load->profile, "init.damaged", DC_INITTAB_FILE,
                                0, err, "%zu lines of inittab are no entries",
                                inittab->skipped);
}

int
dc_sysvinit_load (struct dc_initload *load, struct dc_error *err)
{
  const struct dc_init *init = &load->profile->init;
  const bool is_busybox = init->manager == DC_MANAGER_BUSYBOX;

  if (dc_sysvinit_scripts (load, DC_MANAGER_SYSVINIT, err) < 0 ||
      dc_sysvinit_inittab (load, err) < 0)
    return -1;
  if (is_busybox)
    return start_by_name (load, err);
  if (init->runlevel == NULL &&
      dc_profile_note (load->profile, "init.runlevel", DC_INITTAB_FILE, 0, err,
                       "no default run level is set, so it is unknown which "
                       "scripts start") < 0)
    return -1;
  return start_scripts (load, err) < 0 ? -1 : dc_sysvinit_rc_local (load, err);
}

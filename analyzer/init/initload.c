/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/init/initload.h"
#include "analyzer/init/scriptdaemon.h"
#include "analyzer/unit/unitexec.h"
#include "lib/quote.h"
#include "lib/text.h"

#define FILE_SIZE_MAX ((size_t) 1024 * 1024) /* bytes */

int
dc_initload_add (struct dc_initload *load, const char *name,
                 enum dc_manager manager, const char *file, uint32_t *unit,
                 struct dc_error *err)
{
  AUTO_FREE char *full = NULL;
  char *copy;

  if (strlen (name) > DC_UNIT_NAME_MAX)
    return 0;
  if (dc_text_print (&full, err, "%s.service", name) < 0)
    return -1;
  const enum dc_unit_kind kind = dc_unit_kind (full);
  if (kind != DC_NAME_PLAIN && kind != DC_NAME_INSTANCE)
    return dc_profile_note (load->profile, "service.bad", file, 0, err,
                            "'%s' cannot be the name of a service, left out",
                            dc_quote (name).text);
  if (dc_loader_find (&load->loader, full) != DC_TREE_NONE)
    return 0;
  if (dc_loader_add (&load->loader, full, unit, err) < 0)
    return -1;
  copy = strdup (file);
  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep a service");
  struct dc_unit *added = dc_initload_unit (load, *unit);
  added->manager = manager;
  added->state = DC_UNIT_DISABLED;
  added->file = copy;
  return 1;
}

struct dc_unit *
dc_initload_unit (struct dc_initload *load, uint32_t unit)
{
  return &load->loader.units->items[unit];
}

int
dc_initload_set (struct dc_initload *load, uint32_t unit, const char *section,
                 const char *key, const char *value, struct dc_proof proof,
                 struct dc_error *err)
{
  const struct dc_setting setting = {
    .section = section,
    .key = key,
    .value = value,
    .file = proof.file,
    .line = proof.line,
  };

  return dc_unit_set (dc_initload_unit (load, unit), &setting, err);
}

int
dc_initload_quote (struct dc_buffer *command, const char *word,
                   struct dc_error *err)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-+./:,=@";
  const bool is_plain = *word != '\0' && word[strspn (word, plain)] == '\0';
  const char *blank = command->size > 0 ? " " : "";

  if (dc_buffer_print (command, err, "%s%s", blank, is_plain ? "" : "\"") < 0)
    return -1;
  for (const char *p = word; *p != '\0'; p++) {
    int status;
    if (*p == '\n')
      status = dc_buffer_append (command, "\\n", 2, err);
    else if (*p == '"' || *p == '\\')
      status = dc_buffer_print (command, err, "\\%c", *p);
    else if (*p == '$' || *p == '%')
      status = dc_buffer_print (command, err, "%c%c", *p, *p);
    else
      status = dc_buffer_append (command, p, 1, err);
    if (status < 0)
      return -1;
  }
  return is_plain ? 0 : dc_buffer_append (command, "\"", 1, err);
}

int
dc_initload_start (struct dc_initload *load, uint32_t unit, const char *why,
                   struct dc_error *err)
{
  struct dc_unit *started = dc_initload_unit (load, unit);

  if (started->is_started)
    return 0;
  started->started_by = strdup (why);
  if (started->started_by == NULL)
    return dc_fail_errno (err, "cannot keep why a service starts");
  started->is_started = true;
  started->state = DC_UNIT_ENABLED;
  return 0;
}

int
dc_initload_read (struct dc_initload *load, const char *path,
                  struct dc_buffer *b, struct dc_error *err)
{
  struct dc_error why = { .code = DC_OK };

  dc_buffer_clear (b);
  const int found = dc_tree_read_file (load->tree, path, b, &why);
  if (found < 0 && why.code == DC_ERR_SYSTEM) {
    *err = why;
    return -1;
  }
  const struct dc_span text = { dc_buffer_text (b), b->size };
  if (found > 0 && !dc_span_has (text, '\0'))
    return 1;
  return found == 0
             ? 0
             : dc_profile_note (load->profile, "init.unreadable", path, 0, err,
                                "cannot use '%s': %s", dc_quote (path).text,
                                found < 0 ? why.text : "it holds a NUL byte");
}

struct dc_shell
dc_initload_shell (struct dc_initload *load, const char *name,
                   dc_shell_reader *read, void *self)
{
  return (struct dc_shell){
    .tree = load->tree,
    .name = name,
    .read = read,
    .self = self,
    .budget = &load->shell_budget,
  };
}

static const struct {
  enum dc_manager manager;
  int (*load) (struct dc_initload *load, struct dc_error *err);
} readers[] = {
  { DC_MANAGER_SYSVINIT, dc_sysvinit_load },
  { DC_MANAGER_BUSYBOX, dc_sysvinit_load },
  { DC_MANAGER_OPENRC, dc_openrc_load },
  { DC_MANAGER_RUNIT, dc_runit_load },
  { DC_MANAGER_UPSTART, dc_upstart_load },
};

static int
begin (struct dc_initload *load, struct dc_tree *tree,
       struct dc_profile *profile, struct dc_error *err)
{
  *load = (struct dc_initload){
    .tree = tree,
    .profile = profile,
    .shell_budget = DC_SHELL_TOTAL_MAX,
  };
  return dc_loader_init (&load->loader, tree, err);
}

/* What was loaded becomes part of the profile, also when STATUS says that
 * something of the guest stopped it half way.
 */
static int
end (struct dc_initload *load, int status, struct dc_error *err)
{
  struct dc_error why = *err;
  const bool is_ours = status < 0 && err->code == DC_ERR_SYSTEM;

  if (!is_ours && load->loader.units != NULL &&
      dc_units_join (load->profile->units, load->loader.units, &why) < 0)
    status = -1;
  dc_loader_release (&load->loader);
  *err = why;
  return status;
}

int
dc_inits_load (struct dc_tree *tree, struct dc_profile *profile,
               struct dc_error *err)
{
  struct dc_initload load;

  int status = begin (&load, tree, profile, err);
  for (size_t i = 0; i < DC_COUNT (readers) && status == 0; i++)
    if (readers[i].manager == profile->init.manager)
      status = readers[i].load (&load, err);
  return end (&load, status, err);
}

/* The argument behind OPTION ("-c", or "-cVALUE"), NULL without one. */
static const char *
argument_of (const struct dc_words *argv, const char *option)
{
  const size_t size = strlen (option);

  for (size_t i = 1; i < argv->count; i++) {
    if (strcmp (argv->items[i], option) == 0)
      return i + 1 < argv->count ? argv->items[i + 1] : NULL;
    if (strncmp (argv->items[i], option, size) == 0 && option[1] != '-')
      return argv->items[i] + size;
  }
  return NULL;
}

/* The command of a service may be a manager: read what that starts. */
static int
load_inner (struct dc_initload *load, const struct dc_unit *unit,
            const struct dc_exec *exec, struct dc_error *err)
{
  for (size_t i = 0; i < exec->argv.count; i++) {
    const char *slash = strrchr (exec->argv.items[i], '/');
    const char *name = slash != NULL ? slash + 1 : exec->argv.items[i];
    if (strcmp (name, "supervisord") == 0)
      return dc_supervisor_load (load, argument_of (&exec->argv, "-c"),
                                 unit->is_started, err);
    if (strcmp (name, "runsvdir") == 0 && unit->is_started &&
        exec->argv.count > i + 1 &&
        exec->argv.items[exec->argv.count - 1][0] == '/')
      return dc_runit_folder (load, exec->argv.items[exec->argv.count - 1],
                              err);
    if (strcmp (name, "runsvdir-start") == 0 && unit->is_started)
      return dc_runit_folder (load, "/etc/service", err);
  }
  return 0;
}

static int
load_inner_of (struct dc_initload *load, const struct dc_unit *unit,
               struct dc_error *err)
{
  static const char *const sections[] = { "Service", "X-Daemon" };

  for (size_t k = 0; k < DC_COUNT (sections); k++) {
    DC_AUTO (dc_execs) *execs = NULL;
    if (dc_execs_read (unit, sections[k], "ExecStart", load->profile->hostname,
                       &execs, err) < 0) {
      if (err->code == DC_ERR_SYSTEM)
        return -1;
      continue;
    }
    for (size_t i = 0; i < execs->count; i++)
      if (load_inner (load, unit, &execs->items[i], err) < 0)
        return -1;
  }
  return 0;
}

int
dc_inits_load_inner (struct dc_tree *tree, struct dc_profile *profile,
                     struct dc_error *err)
{
  const struct dc_units *units = profile->units;
  struct dc_initload load;

  int status = begin (&load, tree, profile, err);
  for (size_t i = 0; i < units->count && status == 0; i++)
    if (dc_unit_has_type (units->items[i].name, "service"))
      status = load_inner_of (&load, &units->items[i], err);
  return end (&load, status, err);
}

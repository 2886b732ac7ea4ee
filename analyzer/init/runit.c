/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "analyzer/init/initload.h"
#include "analyzer/init/scriptdaemon.h"
#include "lib/quote.h"
#include "lib/text.h"

/* Source: runsvdir(8), runsv(8), chpst(8), runit(8) of runit 2.1.2; Debian's
 * /etc/runit/2 and /lib/runit/run_sysv_scripts.
 *
 * A folder with an executable "run" is a service, which is in the foreground
 * and restarted whenever it ends; a file "down" beside it keeps it from being
 * started.  "log/run" gets its output.
 */

/* A run script while it is read: its last command is the service. */
struct run {
  struct dc_initload *load;
  uint32_t unit;
  struct dc_words words; /* of the last command */
  unsigned line;
};

static int
remember (void *self, const struct dc_shell_command *command,
          struct dc_error *err)
{
  struct run *run = self;

  if (command->function != NULL)
    return 0;
  dc_words_release (&run->words);
  run->words = (struct dc_words){ NULL, 0 };
  run->line = command->proof.line;
  for (size_t i = 0; i < command->words->count; i++)
    if (dc_words_add (&run->words, command->words->items[i], err) < 0)
      return -1;
  return 0;
}

/* Programs that change something and then become their argument; `values` are
 * the letters of options that have one, `user` the letter of the user's, or
 * '\0' when the user is the first argument.
 */
static const struct wrapper {
  const char *name, *values;
  char user;
  size_t arguments; /* before the program */
} wrappers[] = {
  { "chpst", "uUbeCnlLmdopfcrt/", 'u', 0 },
  { "setuidgid", "", '\0', 1 },
  { "s6-setuidgid", "", '\0', 1 },
  { "su-exec", "", '\0', 1 },
  { "gosu", "", '\0', 1 },
  { "env", "uCS", '-', 0 },
  { "nice", "n", '-', 0 },
  { "ionice", "cnpPu", '-', 0 },
  { "setsid", "", '-', 0 },
  { "softlimit", "madsfloprtc", '-', 0 },
};

static const struct wrapper *
find_wrapper (const char *word)
{
  const char *slash = strrchr (word, '/');

  for (size_t i = 0; i < DC_COUNT (wrappers); i++)
    if (strcmp (slash != NULL ? slash + 1 : word, wrappers[i].name) == 0)
      return &wrappers[i];
  return NULL;
}

/* Where the program behind WRAPPER's options is; in *USER whom they name. */
static size_t
unwrap (const struct wrapper *wrapper, const struct dc_words *words, size_t at,
        const char **user)
{
  const bool is_env = strcmp (wrapper->name, "env") == 0;

  for (; at < words->count; at++) {
    const char *word = words->items[at];
    if (is_env && strchr (word, '=') != NULL)
      continue;
    if (word[0] != '-')
      break;
    if (word[1] == '\0' || strchr (wrapper->values, word[1]) == NULL)
      continue;
    const char *value = word[2] != '\0' ? word + 2 : NULL;
    if (value == NULL && at + 1 < words->count)
      value = words->items[++at];
    if (word[1] == wrapper->user)
      *user = value;
  }
  if (wrapper->user == '\0' && at < words->count)
    *user = words->items[at];
  return at + wrapper->arguments;
}

static int
tell_daemon (struct run *run, const char *path, struct dc_error *err)
{
  const struct dc_shell_command command = {
    .words = &run->words,
    .proof = { path, run->line },
  };
  const char *user = NULL;
  size_t at = 0;

  while (at < run->words.count && find_wrapper (run->words.items[at]) != NULL)
    at = unwrap (find_wrapper (run->words.items[at]), &run->words, at + 1,
                 &user);
  if (at >= run->words.count)
    return 0;
  return dc_scriptdaemon_tell (dc_initload_unit (run->load, run->unit),
                               "X-Daemon", &command, at, user, err) < 0
             ? -1
             : 0;
}

/* What the run script starts.  Debian's invoke-run reads /etc/default/NAME
 * before.
 */
static int
read_run (struct dc_initload *load, uint32_t unit, const char *name,
          const char *path, struct dc_error *err)
{
  struct run run = { .load = load, .unit = unit };
  struct dc_shell shell = dc_initload_shell (load, path, NULL, &run);
  AUTO_FREE char *defaults = NULL;

  int status = dc_text_print (&defaults, err, "/etc/default/%s", name);
  if (status == 0)
    status = dc_shell_read (&shell, defaults, err);
  shell.read = remember;
  if (status >= 0)
    status = dc_shell_read (&shell, path, err);
  if (status > 0)
    status = tell_daemon (&run, path, err);
  dc_shell_release (&shell);
  dc_words_release (&run.words);
  return status < 0 ? -1 : 0;
}

static int
set_service (struct dc_initload *load, uint32_t unit, const char *folder,
             const char *path, struct dc_error *err)
{
  const struct dc_proof proof = { path, 1 };
  const struct {
    const char *section, *key, *value;
  } settings[] = {
    { "Unit", "SourcePath", path },
    { "Service", "Type", "simple" },
    { "Service", "Restart", "always" },
    { "Service", "RestartSec", "1" },
    { "Service", "WorkingDirectory", folder },
    { "Service", "ExecStart", path },
  };

  for (size_t i = 0; i < DC_COUNT (settings); i++)
    if (dc_initload_set (load, unit, settings[i].section, settings[i].key,
                         settings[i].value, proof, err) < 0)
      return -1;
  return 0;
}

static bool
has_file (const struct dc_tree *tree, uint32_t folder, const char *name)
{
  const uint32_t index = dc_tree_resolve_at (tree, folder, name);

  return index != DC_TREE_NONE && S_ISREG (tree->entries[index].mode);
}

static int
add_log (struct dc_initload *load, uint32_t unit, uint32_t folder,
         const char *path, struct dc_error *err)
{
  AUTO_FREE char *log = NULL;

  if (!has_file (load->tree, folder, "log/run"))
    return 0;
  if (dc_text_print (&log, err, "%s/log/run", path) < 0)
    return -1;
  return dc_initload_set (load, unit, "X-Init", "Log", log,
                          (struct dc_proof){ log, 1 }, err);
}

/* The service NAME in the folder at PATH, which is FOLDER of the tree. */
static int
add_service (struct dc_initload *load, const char *name, const char *path,
             uint32_t folder, struct dc_error *err)
{
  AUTO_FREE char *run = NULL;
  uint32_t unit;

  if (!has_file (load->tree, folder, "run"))
    return dc_profile_note (load->profile, "init.link", path, 0, err,
                            "'%s' has no program 'run'", dc_quote (name).text);
  if (dc_text_print (&run, err, "%s/run", path) < 0)
    return -1;
  const int added =
      dc_initload_add (load, name, DC_MANAGER_RUNIT, run, &unit, err);
  if (added <= 0)
    return added;
  if (set_service (load, unit, path, run, err) < 0 ||
      read_run (load, unit, name, run, err) < 0 ||
      add_log (load, unit, folder, path, err) < 0)
    return -1;
  return has_file (load->tree, folder, "down")
             ? 0
             : dc_initload_start (load, unit, path, err);
}

int
dc_runit_folder (struct dc_initload *load, const char *path,
                 struct dc_error *err)
{
  const struct dc_tree *tree = load->tree;
  const uint32_t folder = dc_tree_resolve (tree, path);

  if (folder == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[folder].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling) {
    const char *name = tree->entries[i].name;
    AUTO_FREE char *service = NULL;
    const uint32_t target = dc_tree_resolve_at (tree, folder, name);
    if (name[0] == '.' ||
        (target != DC_TREE_NONE && !S_ISDIR (tree->entries[target].mode)))
      continue;
    if (dc_text_print (&service, err, "%s/%s", path, name) < 0)
      return -1;
    const int status =
        target != DC_TREE_NONE
            ? add_service (load, name, service, target, err)
            : dc_profile_note (load->profile, "init.link", service, 0, err,
                               "'%s' leads to no folder", dc_quote (name).text);
    if (status < 0)
      return -1;
  }
  return 0;
}

/* What the stages of runit run. */
struct stages {
  struct dc_words services; /* folders of runsvdir */
  struct dc_words links;    /* folders whose links Debian runs too */
};

static int
read_stage (void *self, const struct dc_shell_command *command,
            struct dc_error *err)
{
  struct stages *stages = self;
  const struct dc_words *words = command->words;
  struct dc_words *found = NULL;
  const char *first = words->items[0];
  const size_t size = strlen (first), tail = strlen ("/S*");

  /* for script in /etc/rcS.d/S*; do "$script" start */
  if (first[0] == '/' && size > tail &&
      strcmp (first + size - tail, "/S*") == 0) {
    char *folder = strndup (first, size - tail);
    return folder != NULL ? dc_words_take (&stages->links, folder, err)
                          : dc_fail_errno (err, "cannot keep a folder");
  }
  for (size_t i = 0; i < words->count; i++) {
    const char *word = words->items[i];
    const char *slash = strrchr (word, '/');
    const char *name = slash != NULL ? slash + 1 : word;
    if (found != NULL && word[0] == '/' && dc_shell_is_known (word))
      return dc_words_add (found, word, err);
    if (strcmp (name, "runsvdir") == 0)
      found = &stages->services;
    else if (strcmp (name, "run_sysv_scripts") == 0)
      found = &stages->links;
  }
  return 0;
}

static int
read_stages (struct dc_initload *load, struct stages *stages,
             struct dc_error *err)
{
  static const char *const scripts[] = { "/etc/runit/1", "/etc/runit/2" };
  static const char *const usual[] = { "/etc/service", "/var/service",
                                       "/service",
                                       "/etc/runit/runsvdir/current" };

  for (size_t i = 0; i < DC_COUNT (scripts); i++) {
    struct dc_shell shell =
        dc_initload_shell (load, scripts[i], read_stage, stages);
    const int status = dc_shell_read (&shell, scripts[i], err);
    dc_shell_release (&shell);
    if (status < 0)
      return -1;
  }
  for (size_t i = 0; i < DC_COUNT (usual) && stages->services.count == 0; i++)
    if (dc_tree_resolve (load->tree, usual[i]) != DC_TREE_NONE &&
        dc_words_add (&stages->services, usual[i], err) < 0)
      return -1;
  return 0;
}

/* A service of runit stands for a script of its name, so it comes first. */
static int
load_stages (struct dc_initload *load, const struct stages *stages,
             struct dc_error *err)
{
  const bool runs_links =
      stages->links.count > 0 &&
      dc_tree_resolve (load->tree, "/etc/runit/no.emulate.sysv") ==
          DC_TREE_NONE;

  for (size_t i = 0; i < stages->services.count; i++)
    if (dc_runit_folder (load, stages->services.items[i], err) < 0)
      return -1;
  if (!runs_links)
    return 0;
  if (dc_sysvinit_scripts (load, DC_MANAGER_SYSVINIT, err) < 0)
    return -1;
  for (size_t i = 0; i < stages->links.count; i++)
    if (dc_sysvinit_links (load, stages->links.items[i], err) < 0)
      return -1;
  return dc_sysvinit_rc_local (load, err);
}

int
dc_runit_load (struct dc_initload *load, struct dc_error *err)
{
  struct stages stages = { .services = { NULL, 0 } };

  int status = read_stages (load, &stages, err);
  if (status == 0)
    status = load_stages (load, &stages, err);
  dc_words_release (&stages.services);
  dc_words_release (&stages.links);
  return status;
}

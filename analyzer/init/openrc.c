/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/init/initload.h"
#include "analyzer/init/scriptdaemon.h"
#include "lib/quote.h"
#include "lib/text.h"

/* Source: openrc-run(8), rc-update(8) and sh/openrc-run.sh,
 * sh/start-stop-daemon.sh, sh/supervise-daemon.sh of OpenRC 0.45.
 *
 * A script that only sets `command` and its kin says everything; its unit
 * starts the program itself.  One with a start() of its own must be run.
 */

#define SCRIPTS "/etc/init.d"
#define RUNLEVELS "/etc/runlevels"
#define LEVEL_MAX 64 /* runlevels, those in runlevels included */
#define HEAD_MAX 256 /* bytes of a first line that are looked at */

/* A script while it is read. */
struct script {
  struct dc_initload *load;
  struct dc_shell *shell;
  const char *path;
  uint32_t unit;
  bool has_daemon; /* a start-stop-daemon of start() */
};

static int
set_dependency (struct script *script, const char *key, const char *name,
                struct dc_proof proof, struct dc_error *err)
{
  AUTO_FREE char *unit = NULL;

  if (strlen (name) > DC_UNIT_NAME_MAX)
    return 0;
  if (dc_text_print (&unit, err, "%s.service", name) < 0)
    return -1;
  if (dc_unit_kind (unit) != DC_NAME_PLAIN)
    return 0; /* "*", "!net", what is not known */
  if (strcmp (key, "Provides") == 0)
    return dc_loader_add_alias (&script->load->loader, script->unit, unit, err);
  return dc_initload_set (script->load, script->unit, "Unit", key, unit, proof,
                          err);
}

/* A command of depend(). */
static int
read_dependency (struct script *script, const struct dc_shell_command *command,
                 struct dc_error *err)
{
  static const struct {
    const char *word, *keys[2];
  } rows[] = {
    { "need", { "Requires", "After" } }, { "use", { "After", NULL } },
    { "want", { "Wants", "After" } },    { "after", { "After", NULL } },
    { "before", { "Before", NULL } },    { "provide", { "Provides", NULL } },
  };
  const struct dc_words *words = command->words;

  for (size_t i = 0; i < DC_COUNT (rows); i++)
    for (size_t w = 1;
         strcmp (rows[i].word, words->items[0]) == 0 && w < words->count; w++)
      for (size_t k = 0; k < 2 && rows[i].keys[k] != NULL; k++)
        if (set_dependency (script, rows[i].keys[k], words->items[w],
                            command->proof, err) < 0)
          return -1;
  return 0;
}

/* checkpath -d -o USER:GROUP -m MODE PATH...: the folder is there before the
 * start.
 */
static int
read_checkpath (struct script *script, const struct dc_shell_command *command,
                struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer line = DC_BUFFER_INIT (DC_UNIT_SIZE_MAX);
  const struct dc_words *words = command->words;
  const char *owner = NULL, *mode = NULL;
  bool is_folder = false;
  size_t paths = 0;

  for (size_t i = 1; i < words->count; i++) {
    const char *word = words->items[i];
    const char *next = i + 1 < words->count ? words->items[i + 1] : NULL;
    const bool is_option = word[0] == '-';
    if (!dc_shell_is_known (word))
      return 0;
    if (strncmp (word, "--dir", 5) == 0 ||
        (is_option && word[1] != '-' && strpbrk (word, "dD") != NULL))
      is_folder = true;
    const size_t size = strlen (word);
    if (strcmp (word, "--owner") == 0 ||
        (is_option && word[1] != '-' && word[size - 1] == 'o'))
      owner = next;
    if (strcmp (word, "--mode") == 0 ||
        (is_option && word[1] != '-' && word[size - 1] == 'm'))
      mode = next;
    if (!is_option && word[0] == '/' && paths == 0)
      paths = i;
  }
  if (!is_folder || paths == 0)
    return 0;
  if (dc_buffer_print (&line, err, "+/bin/sh -c") < 0)
    return -1;
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (DC_UNIT_SIZE_MAX);
  for (size_t i = paths; i < words->count; i++) {
    const char *path = words->items[i];
    if (path[0] != '/' || strchr (path, '\'') != NULL)
      continue;
    if (dc_buffer_print (&text, err, "%smkdir -p '%s'",
                         text.size > 0 ? " && " : "", path) < 0 ||
        (mode != NULL && strspn (mode, "01234567") == strlen (mode) &&
         dc_buffer_print (&text, err, " && chmod %s '%s'", mode, path) < 0) ||
        (owner != NULL && strpbrk (owner, "' ;&|$`\\") == NULL &&
         dc_shell_is_known (owner) &&
         dc_buffer_print (&text, err, " && chown %s '%s'", owner, path) < 0))
      return -1;
  }
  if (dc_initload_quote (&line, dc_buffer_text (&text), err) < 0)
    return -1;
  return dc_initload_set (script->load, script->unit, "Service", "ExecStartPre",
                          dc_buffer_text (&line), command->proof, err);
}

static int
read_command (void *self, const struct dc_shell_command *command,
              struct dc_error *err)
{
  struct script *script = self;
  const char *function = command->function;

  if (function == NULL)
    return 0;
  if (strcmp (function, "depend") == 0)
    return read_dependency (script, command, err);
  if (strcmp (function, "start_pre") == 0 &&
      strcmp (command->words->items[0], "checkpath") == 0)
    return read_checkpath (script, command, err);
  if (strcmp (function, "start") != 0 || script->has_daemon)
    return 0;
  const int status = dc_scriptdaemon_command (
      dc_initload_unit (script->load, script->unit), "X-Daemon", command, err);
  script->has_daemon = status > 0;
  return status < 0 ? -1 : 0;
}

/* The files of /etc/conf.d for NAME: "net.eth0" reads those of "net" too. */
static int
read_conf (struct script *script, const char *name, struct dc_error *err)
{
  const size_t base = strcspn (name, ".");
  AUTO_FREE char *common = NULL;
  AUTO_FREE char *own = NULL;

  if (dc_text_print (&common, err, "/etc/conf.d/%.*s", (int) base, name) < 0 ||
      dc_text_print (&own, err, "/etc/conf.d/%s", name) < 0)
    return -1;
  if (name[base] != '\0' && dc_shell_read (script->shell, common, err) < 0)
    return -1;
  return dc_shell_read (script->shell, own, err) < 0 ? -1 : 0;
}

static bool
is_yes (const char *value)
{
  static const char *const words[] = {
    "yes", "true", "on", "1", "YES", "TRUE"
  };

  for (size_t i = 0; i < DC_COUNT (words) && value != NULL; i++)
    if (strcmp (value, words[i]) == 0)
      return true;
  return false;
}

/* Append OPTION and the value of VARIABLE, when it is set. */
static int
add_option (struct script *script, struct dc_words *words, const char *option,
            const char *variable, struct dc_error *err)
{
  const struct dc_shell_variable *found =
      dc_shell_find (script->shell, variable);

  if (found == NULL || found->value[0] == '\0')
    return 0;
  return dc_words_add (words, option, err) < 0
             ? -1
             : dc_words_add (words, found->value, err);
}

/* Append the words of VARIABLE. */
static int
add_split (struct script *script, struct dc_words *words, const char *variable,
           struct dc_error *err)
{
  const struct dc_shell_variable *found =
      dc_shell_find (script->shell, variable);

  return found == NULL
             ? 0
             : dc_shell_split (script->shell, found->value, words, err);
}

/* The command that OpenRC makes of the script's variables. */
static int
set_command (struct script *script, const char *section, bool is_supervised,
             bool is_background, struct dc_error *err)
{
  const struct dc_shell_variable *program =
      dc_shell_find (script->shell, "command");
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  if (dc_words_add (&words, "start-stop-daemon", err) < 0 ||
      dc_words_add (&words, "--start", err) < 0 ||
      add_option (script, &words, "--exec", "command", err) < 0 ||
      add_option (script, &words, "--chdir", "directory", err) < 0 ||
      add_option (script, &words, "--chuid", "command_user", err) < 0 ||
      (!is_supervised && !is_background &&
       add_option (script, &words, "--pidfile", "pidfile", err) < 0) ||
      add_split (script, &words,
                 is_supervised ? "supervise_daemon_args"
                               : "start_stop_daemon_args",
                 err) < 0 ||
      dc_words_add (&words, "--", err) < 0 ||
      add_split (script, &words, "command_args", err) < 0 ||
      (is_supervised &&
       add_split (script, &words, "command_args_foreground", err) < 0) ||
      (!is_supervised && is_background &&
       add_split (script, &words, "command_args_background", err) < 0))
    return -1;
  const struct dc_shell_command command = {
    .words = &words,
    .proof = program->proof,
  };
  return dc_scriptdaemon_command (dc_initload_unit (script->load, script->unit),
                                  section, &command, err) < 0
             ? -1
             : 0;
}

static int
set (struct script *script, const char *section, const char *key,
     const char *value, struct dc_proof proof, struct dc_error *err)
{
  return dc_initload_set (script->load, script->unit, section, key, value,
                          proof, err);
}

/* The setting KEY from VARIABLE, when it is set. */
static int
set_from (struct script *script, const char *section, const char *key,
          const char *variable, struct dc_error *err)
{
  const char *value = dc_shell_value (script->shell, variable);

  return value == NULL
             ? 0
             : set (script, section, key, value,
                    dc_shell_find (script->shell, variable)->proof, err);
}

static int
set_declared (struct script *script, struct dc_proof proof,
              struct dc_error *err)
{
  const char *supervisor = dc_shell_value (script->shell, "supervisor");
  const bool is_supervised =
      supervisor != NULL && strcmp (supervisor, "supervise-daemon") == 0;
  const bool is_background =
      is_yes (dc_shell_value (script->shell, "command_background"));

  if (set (script, "Service", "Type",
           is_supervised || is_background ? "simple" : "forking", proof,
           err) < 0 ||
      (is_supervised &&
       set (script, "Service", "Restart", "always", proof, err) < 0) ||
      set_from (script, "Service", "UMask", "umask", err) < 0 ||
      set_from (script, "X-Init", "Log", "output_log", err) < 0)
    return -1;
  return set_command (script, "Service", is_supervised, is_background, err);
}

/* A script that must be run. */
static int
set_script (struct script *script, struct dc_error *err)
{
  static const struct {
    const char *key, *verb;
  } commands[] = { { "ExecStart", "start" }, { "ExecStop", "stop" } };
  const struct dc_proof proof = { script->path, 1 };
  const char *program = dc_shell_value (script->shell, "command");

  if (set (script, "Unit", "SourcePath", script->path, proof, err) < 0 ||
      set (script, "Service", "Type", "forking", proof, err) < 0 ||
      set (script, "Service", "RemainAfterExit", "yes", proof, err) < 0)
    return -1;
  for (size_t i = 0; i < DC_COUNT (commands); i++) {
    AUTO_FREE char *line = NULL;
    if (dc_text_print (&line, err, "%s %s", script->path, commands[i].verb) <
            0 ||
        set (script, "Service", commands[i].key, line, proof, err) < 0)
      return -1;
  }
  return script->has_daemon || program == NULL
             ? 0
             : set_command (script, "X-Daemon", false, false, err);
}

static int
finish (struct script *script, struct dc_error *err)
{
  const struct dc_shell_variable *command =
      dc_shell_find (script->shell, "command");
  const char *program = dc_shell_value (script->shell, "command");
  const bool is_declared = program != NULL && program[0] == '/' &&
                           !dc_words_has (&script->shell->functions, "start");
  const char *about = dc_shell_value (script->shell, "description") != NULL
                          ? "description"
                          : "name";

  if (set_from (script, "Unit", "Description", about, err) < 0)
    return -1;
  return is_declared ? set_declared (script, command->proof, err)
                     : set_script (script, err);
}

/* The variables that OpenRC itself gives to a script. */
static int
set_names (struct script *script, const char *name, struct dc_error *err)
{
  const struct dc_proof proof = { script->path, 0 };

  return dc_shell_set (script->shell, "RC_SVCNAME", name, proof, err) < 0 ||
                 dc_shell_set (script->shell, "SVCNAME", name, proof, err) <
                     0 ||
                 dc_shell_set (script->shell, "RC_SERVICE", script->path, proof,
                               err) < 0
             ? -1
             : 0;
}

static int
add_script (struct dc_initload *load, const char *name, const char *path,
            struct dc_error *err)
{
  struct script script = { .load = load, .path = path };
  struct dc_shell shell = dc_initload_shell (load, path, read_command, &script);

  script.shell = &shell;
  const int added =
      dc_initload_add (load, name, DC_MANAGER_OPENRC, path, &script.unit, err);
  if (added <= 0)
    return added;
  int status = set_names (&script, name, err);
  if (status == 0)
    status = read_conf (&script, name, err);
  if (status == 0)
    status = dc_shell_read (&shell, path, err);
  if (status >= 0)
    status = finish (&script, err);
  if (status == 0 && shell.is_cut)
    status = dc_profile_note (load->profile, "script.cut", path, 0, err,
                              "%s.service: its script is too large or reads "
                              "too many files, what it starts may be wrong",
                              dc_quote (name).text);
  dc_shell_release (&shell);
  return status;
}

/* Is the file a script of OpenRC?  1, 0, -1. */
static int
is_openrc (struct dc_tree *tree, uint32_t index, struct dc_error *err)
{
  const struct dc_entry *entry = &tree->entries[index];
  char head[HEAD_MAX];

  if (!S_ISREG (entry->mode) || (entry->mode & S_IXUSR) == 0)
    return 0;
  const size_t size =
      entry->size < sizeof head ? (size_t) entry->size : sizeof head;
  if (dc_tree_read (tree, index, 0, head, size, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0;
  struct dc_span rest = { head, size }, line;
  if (!dc_span_line (&rest, &line) || !dc_span_starts (line, "#!"))
    return 0;
  return memmem (line.text, line.size, "openrc-run", 10) != NULL ||
         memmem (line.text, line.size, "runscript", 9) != NULL;
}

static int
add_scripts (struct dc_initload *load, struct dc_error *err)
{
  const struct dc_tree *tree = load->tree;
  const uint32_t folder = dc_tree_resolve (tree, SCRIPTS);

  if (folder == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[folder].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling) {
    AUTO_FREE char *path = NULL;
    if (dc_text_print (&path, err, SCRIPTS "/%s", tree->entries[i].name) < 0)
      return -1;
    const uint32_t script = dc_tree_resolve (tree, path);
    int status =
        script == DC_TREE_NONE ? 0 : is_openrc (load->tree, script, err);
    if (status > 0)
      status = add_script (load, tree->entries[i].name, path, err);
    if (status < 0)
      return -1;
  }
  return dc_sysvinit_scripts (load, DC_MANAGER_OPENRC, err);
}

/* The unit NAME, or that which a script of the Linux Standard Base has. */
static uint32_t
find_unit (struct dc_initload *load, const char *name)
{
  char unit[DC_UNIT_NAME_MAX + 1];
  size_t size = strlen (name);
  uint32_t found = DC_TREE_NONE;

  for (unsigned i = 0; i < 2 && found == DC_TREE_NONE; i++) {
    if (size + strlen (".service") > DC_UNIT_NAME_MAX)
      return DC_TREE_NONE;
    memcpy (unit, name, size);
    memcpy (unit + size, ".service", sizeof ".service");
    found = dc_loader_find (&load->loader, unit);
    if (size > 3 && strcmp (name + size - 3, ".sh") == 0)
      size -= 3;
  }
  return found;
}

/* One entry of a runlevel's folder: a folder is a runlevel of its own. */
static int
start_entry (struct dc_initload *load, const char *link, const char *name,
             struct dc_words *levels, struct dc_error *err)
{
  const struct dc_tree *tree = load->tree;
  const uint32_t target = dc_tree_resolve (tree, link);

  if (target != DC_TREE_NONE && S_ISDIR (tree->entries[target].mode)) {
    const char *level = tree->entries[target].name;
    return dc_words_has (levels, level) || levels->count >= LEVEL_MAX
               ? 0
               : dc_words_add (levels, level, err);
  }
  const uint32_t unit =
      target == DC_TREE_NONE ? DC_TREE_NONE : find_unit (load, name);
  return unit != DC_TREE_NONE
             ? dc_initload_start (load, unit, link, err)
             : dc_profile_note (load->profile, "init.link", link, 0, err,
                                "'%s' leads to no script",
                                dc_quote (name).text);
}

/* Start what the folder of a runlevel names. */
static int
start_level (struct dc_initload *load, const char *level,
             struct dc_words *levels, struct dc_error *err)
{
  const struct dc_tree *tree = load->tree;
  AUTO_FREE char *path = NULL;

  if (dc_text_print (&path, err, RUNLEVELS "/%s", level) < 0)
    return -1;
  const uint32_t folder = dc_tree_resolve (tree, path);
  if (folder == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[folder].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling) {
    AUTO_FREE char *link = NULL;
    if (dc_text_print (&link, err, "%s/%s", path, tree->entries[i].name) < 0 ||
        start_entry (load, link, tree->entries[i].name, levels, err) < 0)
      return -1;
  }
  return 0;
}

/* What the unit needs or wants starts too: how many did, or -1. */
static int
start_needed (struct dc_initload *load, uint32_t index, struct dc_error *err)
{
  int count = 0;

  for (size_t i = 0; i < dc_initload_unit (load, index)->setting_count; i++) {
    const struct dc_setting *setting =
        &dc_initload_unit (load, index)->settings[i];
    AUTO_FREE char *why = NULL;
    if (strcmp (setting->key, "Requires") != 0 &&
        strcmp (setting->key, "Wants") != 0)
      continue;
    const uint32_t needed = dc_loader_find (&load->loader, setting->value);
    if (needed == DC_TREE_NONE || dc_initload_unit (load, needed)->is_started)
      continue;
    if (dc_text_print (&why, err, "%s:%u", setting->file, setting->line) < 0 ||
        dc_initload_start (load, needed, why, err) < 0)
      return -1;
    count++;
  }
  return count;
}

/* Each round starts one at least, and follows only those that are new. */
static int
start_all_needed (struct dc_initload *load, struct dc_error *err)
{
  const size_t count = load->loader.units->count;
  AUTO_FREE bool *is_done = calloc (count + 1, sizeof *is_done);
  bool goes_on = is_done != NULL;

  if (is_done == NULL)
    return dc_fail_errno (err, "cannot keep which services start");
  while (goes_on) {
    goes_on = false;
    for (uint32_t i = 0; i < count; i++) {
      if (is_done[i] || !dc_initload_unit (load, i)->is_started)
        continue;
      is_done[i] = true;
      const int status = start_needed (load, i, err);
      if (status < 0)
        return -1;
      goes_on = goes_on || status > 0;
    }
  }
  return 0;
}

/* The scripts of /etc/local.d that the service "local" runs. */
static int
add_local (struct dc_initload *load, struct dc_error *err)
{
  const struct dc_tree *tree = load->tree;
  const uint32_t local = dc_loader_find (&load->loader, "local.service");
  const uint32_t folder = dc_tree_resolve (tree, "/etc/local.d");

  if (local == DC_TREE_NONE || folder == DC_TREE_NONE ||
      !dc_initload_unit (load, local)->is_started)
    return 0;
  for (uint32_t i = tree->entries[folder].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling) {
    const char *name = tree->entries[i].name;
    const size_t size = strlen (name), tail = strlen (".start");
    AUTO_FREE char *path = NULL;
    AUTO_FREE char *unit = NULL;
    uint32_t index;
    if (size <= tail || strcmp (name + size - tail, ".start") != 0 ||
        (tree->entries[i].mode & S_IXUSR) == 0)
      continue;
    if (dc_text_print (&path, err, "/etc/local.d/%s", name) < 0 ||
        dc_text_print (&unit, err, "local-%.*s", (int) (size - tail), name) < 0)
      return -1;
    const struct dc_proof proof = { path, 1 };
    const int added =
        dc_initload_add (load, unit, DC_MANAGER_RC_LOCAL, path, &index, err);
    if (added < 0)
      return -1;
    if (added > 0 && (dc_initload_set (load, index, "Service", "Type",
                                       "oneshot", proof, err) < 0 ||
                      dc_initload_set (load, index, "Service", "ExecStart",
                                       path, proof, err) < 0 ||
                      dc_initload_start (load, index, path, err) < 0))
      return -1;
  }
  return 0;
}

int
dc_openrc_load (struct dc_initload *load, struct dc_error *err)
{
  AUTO_WORDS struct dc_words levels = { NULL, 0 };

  if (add_scripts (load, err) < 0 || dc_sysvinit_inittab (load, err) < 0)
    return -1;
  if (dc_words_add (&levels, "sysinit", err) < 0 ||
      dc_words_add (&levels, "boot", err) < 0 ||
      dc_words_add (&levels, load->profile->init.runlevel, err) < 0)
    return -1;
  for (size_t i = 0; i < levels.count; i++)
    if (start_level (load, levels.items[i], &levels, err) < 0)
      return -1;
  if (start_all_needed (load, err) < 0 || add_local (load, err) < 0)
    return -1;
  const uint32_t script = dc_loader_find (&load->loader, "rc.local.service");
  return script != DC_TREE_NONE && dc_initload_unit (load, script)->is_started
             ? dc_sysvinit_rc_local (load, err)
             : 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/init/scriptdaemon.h"
#include "lib/quote.h"

/* What a command line says. */
struct daemon {
  const char *program, *alias, *user, *group, *pidfile, *folder;
  size_t first; /* of the daemon's arguments */
  bool starts, is_incomplete;
};

enum kind {
  FLAG,
  START,
  EXEC,
  ALIAS,
  USER,
  GROUP,
  PIDFILE,
  FOLDER,
  VALUE /* one that we do not need */
};

struct option {
  const char *name;
  char letter; /* '\0': none */
  enum kind kind;
};

static const struct option ssd_options[] = {
  { "start", 'S', START },
  { "exec", 'x', EXEC },
  { "startas", 'a', ALIAS },
  { "chuid", 'c', USER },
  { "group", 'g', GROUP },
  { "pidfile", 'p', PIDFILE },
  { "chdir", 'd', FOLDER },
  { "background", 'b', FLAG },
  { "user", 'u', USER },
  { "name", 'n', VALUE },
  { "nicelevel", 'N', VALUE },
  { "procsched", 'P', VALUE },
  { "iosched", 'I', VALUE },
  { "umask", 'k', VALUE },
  { "retry", 'R', VALUE },
  { "signal", 's', VALUE },
  { "chroot", 'r', VALUE },
  { "pid", '\0', VALUE },
  { "ppid", '\0', VALUE },
  { "output", 'O', VALUE },
  { "stdout", '1', VALUE },
  { "stderr", '2', VALUE },
  { "env", 'e', VALUE },
  { "wait", 'w', VALUE },
  { "notify-timeout", '\0', VALUE },
  { "respawn-delay", '\0', VALUE },
  { "respawn-max", '\0', VALUE },
  { "respawn-period", '\0', VALUE },
};
static const struct option daemon_options[] = {
  { "user", '\0', USER },
  { "pidfile", 'p', PIDFILE },
  { "check", '\0', VALUE },
  { "nicelevel", 'n', VALUE },
};

/* Commands that start a daemon. */
static const struct starter {
  const char *name;
  const struct option *options;
  size_t count;
  bool takes_program; /* as its first argument, without an option */
} starters[] = {
  { "start-stop-daemon", ssd_options, DC_COUNT (ssd_options), false },
  { "supervise-daemon", ssd_options, DC_COUNT (ssd_options), false },
  { "daemon", daemon_options, DC_COUNT (daemon_options), true },
  { "start_daemon", daemon_options, DC_COUNT (daemon_options), true },
};

static void
take (struct daemon *daemon, enum kind kind, const char *value)
{
  switch (kind) {
  case START:
    daemon->starts = true;
    break;
  case EXEC:
    daemon->program = value;
    break;
  case ALIAS:
    daemon->alias = value;
    break;
  case USER:
    daemon->user = value;
    break;
  case GROUP:
    daemon->group = value;
    break;
  case PIDFILE:
    daemon->pidfile = value;
    break;
  case FOLDER:
    daemon->folder = value;
    break;
  case FLAG:
  case VALUE:
    break;
  }
}

static bool
has_value (enum kind kind)
{
  return kind != FLAG && kind != START;
}

/* The option WORD, whose value may be in it or be the next word: how many
 * words it takes.
 */
static size_t
read_long (const struct starter *starter, struct daemon *daemon,
           const char *word, const char *next)
{
  const size_t size = strcspn (word, "=");

  for (size_t i = 0; i < starter->count; i++) {
    const struct option *option = &starter->options[i];
    if (strlen (option->name) != size ||
        strncmp (option->name, word, size) != 0)
      continue;
    if (!has_value (option->kind)) {
      take (daemon, option->kind, NULL);
      return 1;
    }
    const bool is_here = word[size] == '=';
    take (daemon, option->kind, is_here ? word + size + 1 : next);
    return is_here || starter->takes_program ? 1 : 2;
  }
  return 1;
}

/* A word of letters: the same. */
static size_t
read_letters (const struct starter *starter, struct daemon *daemon,
              const char *word, const char *next)
{
  for (const char *p = word; *p != '\0'; p++)
    for (size_t i = 0; i < starter->count; i++) {
      const struct option *option = &starter->options[i];
      if (option->letter != *p || option->letter == '\0')
        continue;
      if (has_value (option->kind)) {
        take (daemon, option->kind, p[1] != '\0' ? p + 1 : next);
        return p[1] != '\0' ? 1 : 2;
      }
      take (daemon, option->kind, NULL);
      break;
    }
  return 1;
}

static void
read_options (const struct starter *starter, const struct dc_words *words,
              size_t first, struct daemon *daemon)
{
  size_t i = first;

  while (i < words->count) {
    const char *word = words->items[i];
    const char *next = i + 1 < words->count ? words->items[i + 1] : NULL;
    if (strcmp (word, "--") == 0) {
      i++;
      break;
    }
    if (starter->takes_program && word[0] != '-' && word[0] != '+')
      break;
    if (word[0] == '-' && word[1] == '-')
      i += read_long (starter, daemon, word + 2, next);
    else if (word[0] == '-')
      i += read_letters (starter, daemon, word + 1, next);
    else
      i++;
  }
  if (starter->takes_program && i < words->count)
    daemon->program = words->items[i++];
  daemon->starts = daemon->starts || starter->takes_program ||
                   strcmp (starter->name, "supervise-daemon") == 0;
  daemon->first = i;
}

static int
set (struct dc_unit *unit, const char *section, const char *key,
     const char *value, struct dc_proof proof, struct dc_error *err)
{
  const struct dc_setting setting = { section, key, value, proof.file,
                                      proof.line };

  return dc_unit_set (unit, &setting, err);
}

/* VALUE when the script says it: what only running tells is left out. */
static int
set_known (struct dc_unit *unit, const char *section, const char *key,
           const char *value, struct dc_proof proof, struct dc_error *err)
{
  return value == NULL || *value == '\0' || !dc_shell_is_known (value)
             ? 0
             : set (unit, section, key, value, proof, err);
}

/* A path that is known.  A program's name alone may be a function of the
 * script.
 */
static bool
is_path (const char *text)
{
  return text != NULL && text[0] == '/' && dc_shell_is_known (text);
}

/* "redis:redis" are the user and the group. */
static int
set_user (struct dc_unit *unit, const char *section, const char *user,
          struct dc_proof proof, struct dc_error *err)
{
  AUTO_FREE char *name = NULL;
  const struct dc_span all = dc_span_of (user != NULL ? user : "");
  struct dc_span rest = all, field;

  if (all.size == 0 || !dc_shell_is_known (user) ||
      !dc_span_field (&rest, ':', &field) || field.size == 0)
    return 0;
  if (dc_span_copy (field, &name, err) < 0 ||
      set (unit, section, "User", name, proof, err) < 0)
    return -1;
  return rest.text == NULL || rest.size == 0
             ? 0
             : set (unit, section, "Group", user + field.size + 1, proof, err);
}

/* The program and its arguments, as systemd writes a command line. */
static int
set_command (struct dc_unit *unit, const char *section,
             const struct daemon *daemon, const struct dc_words *words,
             struct dc_proof proof, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer line = DC_BUFFER_INIT (DC_UNIT_SIZE_MAX);
  const char *program =
      daemon->alias != NULL && dc_shell_is_known (daemon->alias)
          ? daemon->alias
          : daemon->program;
  bool is_incomplete = daemon->is_incomplete;

  if (dc_initload_quote (&line, program, err) < 0)
    return -1;
  for (size_t i = daemon->first; words != NULL && i < words->count; i++) {
    const char *word = words->items[i];
    if (!dc_shell_is_known (word))
      is_incomplete = true;
    else if (strcmp (word, "&") != 0 &&
             dc_initload_quote (&line, word, err) < 0)
      return -1;
  }
  if (set (unit, section, "ExecStart", dc_buffer_text (&line), proof, err) < 0)
    return -1;
  return is_incomplete ? set (unit, section, "Incomplete", "yes", proof, err)
                       : 0;
}

static int
tell (struct dc_unit *unit, const char *section, const struct daemon *daemon,
      const struct dc_words *words, struct dc_proof proof, struct dc_error *err)
{
  if (set_command (unit, section, daemon, words, proof, err) < 0 ||
      set_user (unit, section, daemon->user, proof, err) < 0 ||
      set_known (unit, section, "Group", daemon->group, proof, err) < 0 ||
      (is_path (daemon->pidfile) &&
       set (unit, section, "PIDFile", daemon->pidfile, proof, err) < 0) ||
      set_known (unit, section, "WorkingDirectory", daemon->folder, proof,
                 err) < 0)
    return -1;
  return 1;
}

static const struct starter *
find_starter (const char *word)
{
  const char *slash = strrchr (word, '/');

  for (size_t i = 0; i < DC_COUNT (starters); i++)
    if (strcmp (slash != NULL ? slash + 1 : word, starters[i].name) == 0)
      return &starters[i];
  return NULL;
}

int
dc_scriptdaemon_command (struct dc_unit *unit, const char *section,
                         const struct dc_shell_command *command,
                         struct dc_error *err)
{
  const struct dc_words *words = command->words;
  const struct starter *starter = NULL;
  struct daemon daemon = { .program = NULL };
  size_t at = 0;

  for (; at < words->count && starter == NULL; at++)
    starter = find_starter (words->items[at]);
  if (starter == NULL || dc_words_has (words, "--stop") ||
      dc_words_has (words, "--test") || dc_words_has (words, "-K") ||
      (starter->takes_program && at != 1))
    return 0;
  read_options (starter, words, at, &daemon);
  if (starter == &starters[1] && daemon.program == NULL && words->count > at &&
      words->items[at][0] != '-')
    daemon.program = words->items[at];
  if (!daemon.starts || (!is_path (daemon.program) && !is_path (daemon.alias)))
    return 0;
  if (!is_path (daemon.program))
    daemon.program = daemon.alias;
  return tell (unit, section, &daemon, words, command->proof, err);
}

int
dc_scriptdaemon_tell (struct dc_unit *unit, const char *section,
                      const struct dc_shell_command *command, size_t at,
                      const char *user, struct dc_error *err)
{
  const struct daemon daemon = {
    .program = command->words->items[at],
    .user = user,
    .first = at + 1,
  };

  if (!dc_shell_is_known (daemon.program) || daemon.program[0] == '\0')
    return 0;
  return tell (unit, section, &daemon, command->words, command->proof, err);
}

/* A script while it is read. */
struct search {
  struct dc_unit *unit;
  bool is_found;
};

static int
read_command (void *self, const struct dc_shell_command *command,
              struct dc_error *err)
{
  struct search *search = self;

  if (search->is_found)
    return 0;
  const int status =
      dc_scriptdaemon_command (search->unit, "X-Daemon", command, err);
  search->is_found = status > 0;
  return status < 0 ? -1 : 0;
}

/* What the variables say where no command does.  Arguments are known only to
 * init-d-script(5), which has a variable for them.
 */
static int
read_variables (struct dc_unit *unit, struct dc_shell *shell,
                struct dc_error *err)
{
  static const char *const args[] = { "DAEMON_ARGS", "START_ARGS" };
  const struct dc_shell_variable *program = dc_shell_find (shell, "DAEMON");
  AUTO_WORDS struct dc_words words = { NULL, 0 };
  AUTO_WORDS struct dc_words options = { NULL, 0 };

  if (program == NULL || !is_path (program->value))
    return 0;
  struct daemon daemon = {
    .program = program->value,
    .pidfile = dc_shell_value (shell, "PIDFILE"),
    .is_incomplete = true,
  };
  const struct dc_shell_variable *line = dc_shell_find (shell, args[0]);
  if (line != NULL && dc_shell_split (shell, line->value, &words, err) < 0)
    return -1;
  line = dc_shell_find (shell, args[1]);
  if (line != NULL) {
    if (dc_shell_split (shell, line->value, &options, err) < 0)
      return -1;
    read_options (&starters[0], &options, 0, &daemon);
  }
  daemon.first = 0;
  return tell (unit, "X-Daemon", &daemon, &words, program->proof, err);
}

static int
find_daemon (struct dc_initload *load, struct dc_unit *unit,
             struct dc_error *err)
{
  const char *path = dc_unit_value (unit, "Unit", "SourcePath", NULL);
  struct search search = { .unit = unit };
  struct dc_shell shell = dc_initload_shell (load, path, read_command, &search);

  shell.argument = "start";
  int status = dc_shell_read (&shell, path, err);
  if (status > 0 && !search.is_found)
    status = read_variables (unit, &shell, err);
  if (status >= 0 && shell.is_cut)
    status = dc_profile_note (load->profile, "script.cut", path, 0, err,
                              "%s: its script is too large or reads too many "
                              "files, what it starts may be wrong",
                              unit->name);
  dc_shell_release (&shell);
  return status < 0 ? -1 : 0;
}

int
dc_scriptdaemons_find (struct dc_tree *tree, struct dc_profile *profile,
                       struct dc_error *err)
{
  struct dc_initload load = {
    .tree = tree,
    .profile = profile,
    .shell_budget = DC_SHELL_TOTAL_MAX,
  };

  for (size_t i = 0; i < profile->units->count; i++) {
    struct dc_unit *unit = &profile->units->items[i];
    if (dc_unit_is_script (unit) &&
        dc_unit_value (unit, "X-Daemon", "ExecStart", NULL) == NULL &&
        find_daemon (&load, unit, err) < 0)
      return -1;
  }
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/program/elf.h"
#include "lib/quote.h"
#include "transform/init/initcompiler.h"

/* Where a program without a path is looked up, in this order. */
static const char *const search_path[] = {
  "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
};

static const struct {
  const char *key, *phase;
} phases[] = {
  { "ExecCondition", "condition" }, { "ExecStartPre", "pre" },
  { "ExecStart", "start" },         { "ExecStartPost", "post" },
  { "ExecStop", "stop" },           { "ExecStopPost", "stop-post" },
  { "ExecReload", "reload" },
};

static bool
is_there (const struct dc_tree *tree, const char *path)
{
  return dc_tree_resolve (tree, path) != DC_TREE_NONE;
}

/* The path of a program into B: 1, or 0 when the guest does not have it, then
 * with what is most likely.
 */
static int
find_program (const struct dc_tree *tree, const char *program,
              struct dc_buffer *b, struct dc_error *err)
{
  if (program[0] == '/')
    return dc_buffer_print (b, err, "%s", program) < 0
               ? -1
               : is_there (tree, program);
  for (size_t i = 0; i < DC_COUNT (search_path); i++) {
    dc_buffer_clear (b);
    if (dc_buffer_print (b, err, "%s/%s", search_path[i], program) < 0)
      return -1;
    if (is_there (tree, dc_buffer_text (b)))
      return 1;
  }
  return 0;
}

/* The letters of the plan for the flags of a command. */
static void
flag_letters (unsigned flags, char letters[8])
{
  char *s = letters;

  if ((flags & DC_EXEC_IGNORE_FAILURE) != 0)
    *s++ = 'i';
  if ((flags & DC_EXEC_NO_VARIABLES) != 0)
    *s++ = 'n';
  /* "!!" means the user's own rights wherever ambient capabilities exist. */
  if ((flags & (DC_EXEC_FULL_PRIVILEGES | DC_EXEC_NO_SETUID)) != 0)
    *s++ = 'p';
  if ((flags & DC_EXEC_FULL_PRIVILEGES) != 0)
    *s++ = 'u';
  if (s == letters)
    *s++ = '-';
  *s = '\0';
}

/* A program that cannot run here is said, not refused: others may. */
static int
note_program (const struct dc_initservice *service, const struct dc_exec *exec,
              const char *path, const struct dc_setting *where,
              struct dc_error *err)
{
  const struct dc_initcompiler *compiler = service->compiler;
  const uint32_t index = dc_tree_resolve (compiler->tree, path);
  const char *arch = NULL;

  if ((exec->flags & DC_EXEC_IGNORE_FAILURE) != 0)
    return 0;
  if (index == DC_TREE_NONE)
    return dc_init_note (service->compiler, service->unit, where, err,
                         "program '%s' is not in the guest, the command will "
                         "fail",
                         dc_quote (exec->program).text);
  const int is_known = dc_elf_program_arch (compiler->tree, index, &arch, err);
  if (is_known <= 0 || compiler->arch == NULL ||
      dc_elf_runs_on (arch, compiler->arch))
    return is_known < 0 ? -1 : 0;
  return dc_init_note (service->compiler, service->unit, where, err,
                       "program '%s' is for %s and the guest is %s, the "
                       "command will fail",
                       dc_quote (exec->program).text, arch, compiler->arch);
}

static int
write_command (const struct dc_initservice *service, const char *phase,
               const struct dc_exec *exec, const struct dc_setting *where,
               struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_UNIT_WORD_MAX);
  char flags[8];

  if (find_program (service->compiler->tree, exec->program, &path, err) < 0)
    return -1;
  /* What is in a root of its own may be mounted there. */
  const bool has_root =
      dc_unit_value (service->unit, "Service", "RootDirectory", NULL) != NULL;
  if (!has_root &&
      note_program (service, exec, dc_buffer_text (&path), where, err) < 0)
    return -1;
  flag_letters (exec->flags, flags);
  const char *const head[] = { phase, flags, dc_buffer_text (&path) };
  if (dc_initline_begin (service->lines, "exec", err) < 0)
    return -1;
  for (size_t i = 0; i < DC_COUNT (head); i++) {
    if (dc_initline_word (service->lines, head[i], err) < 0)
      return -1;
  }
  for (size_t i = 0; i < exec->argv.count; i++) {
    if (dc_initline_word (service->lines, exec->argv.items[i], err) < 0)
      return -1;
  }
  return dc_initline_end (service->lines, err);
}

/* The commands of KEY: 1 and *EXECS; 0 when systemd would not start the unit
 * for them, or only a running system knows what they say.
 */
static int
read_commands (const struct dc_initservice *service, const struct dc_unit *unit,
               const char *key, struct dc_execs **execs, struct dc_error *err)
{
  if (dc_execs_read (unit, "Service", key, service->compiler->hostname, execs,
                     err) == 0)
    return 1;
  if (err->code != DC_ERR_INVALID && err->code != DC_ERR_UNSUPPORTED)
    return -1;
  return dc_init_note (service->compiler, service->unit, NULL, err,
                       "left out, because of %s=: %s", key, err->text);
}

/* What the converter itself wants to be run first, as root. */
static int
write_prepared (const struct dc_initservice *service, const char *command,
                struct dc_error *err)
{
  struct dc_unit unit = { .name = service->unit->name };
  char section[] = "Service", key[] = "ExecStartPre", file[] = "services.yaml";
  AUTO_FREE char *value = strdup (command);
  struct dc_setting setting = {
    .section = section, .key = key, .value = value, .file = file
  };
  DC_AUTO (dc_execs) *execs = NULL;

  if (value == NULL)
    return dc_fail_errno (err, "cannot keep a command");
  unit.settings = &setting;
  unit.setting_count = 1;
  if (dc_execs_read (&unit, "Service", "ExecStartPre",
                     service->compiler->hostname, &execs, err) < 0)
    return dc_context (err, "command '%s' to prepare %s",
                       dc_quote (command).text,
                       dc_quote (service->unit->name).text);
  for (size_t i = 0; i < execs->count; i++) {
    execs->items[i].flags |= DC_EXEC_FULL_PRIVILEGES;
    if (write_command (service, "pre", &execs->items[i], NULL, err) < 0)
      return -1;
  }
  return 0;
}

static int
write_phase (const struct dc_initservice *service, const char *key,
             const char *phase, struct dc_error *err)
{
  DC_AUTO (dc_execs) *execs = NULL;
  const int status = read_commands (service, service->unit, key, &execs, err);

  if (status <= 0)
    return status;
  const bool is_start = strcmp (phase, "start") == 0;
  const bool is_oneshot = strcmp (service->type, "oneshot") == 0;
  if (is_start && !is_oneshot && execs->count != 1)
    return dc_init_note (service->compiler, service->unit, NULL, err,
                         "left out: it has %zu start commands, not one",
                         execs->count);
  /* The old way to say "+" for all but the main command. */
  const bool is_privileged =
      !is_start &&
      dc_unit_is (service->unit, "Service", "PermissionsStartOnly", false);
  for (size_t i = 0; i < execs->count; i++) {
    if (is_privileged)
      execs->items[i].flags |= DC_EXEC_FULL_PRIVILEGES;
    if (write_command (service, phase, &execs->items[i],
                       execs->items[i].setting, err) < 0)
      return -1;
  }
  return 1;
}

int
dc_init_execs (struct dc_initservice *service, struct dc_error *err)
{
  const struct dc_words *prepare = service->choice->prepare;

  for (size_t i = 0; prepare != NULL && i < prepare->count; i++) {
    if (write_prepared (service, prepare->items[i], err) < 0)
      return -1;
  }
  for (size_t i = 0; i < DC_COUNT (phases); i++) {
    const int status =
        write_phase (service, phases[i].key, phases[i].phase, err);
    if (status <= 0)
      return status;
  }
  return 1;
}

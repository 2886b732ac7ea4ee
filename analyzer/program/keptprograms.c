/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "analyzer/program/keeper.h"
#include "analyzer/unit/unitenv.h"
#include "analyzer/unit/unitexec.h"
#include "lib/text.h"

#define MISSING_MAX 200 /* of one service */

static bool
is_file (const struct dc_tree *tree, uint32_t index)
{
  return index != DC_TREE_NONE && S_ISREG (tree->entries[index].mode);
}

/* WHAT is not in the guest; WHO wants it. */
static int
miss (struct dc_keeping *keeping, const char *what, uint32_t who,
      struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
  AUTO_FREE char *text = NULL;

  if (keeping->kept->missing.count >= MISSING_MAX)
    return 0;
  if (who == DC_TREE_NONE)
    return dc_words_add (&keeping->kept->missing, what, err);
  if (dc_tree_path (keeping->keeper->tree, who, &path, err) < 0 ||
      dc_text_print (&text, err, "/%s: %s", dc_buffer_text (&path), what) < 0)
    return -1;
  return dc_words_take (&keeping->kept->missing, DC_TAKE (text), err);
}

/* A word of a command line that is the path of a file. */
static int
keep_word (struct dc_keeping *keeping, const char *word, struct dc_error *err)
{
  const uint32_t index = *word == '/'
                             ? dc_tree_resolve (keeping->keeper->tree, word)
                             : DC_TREE_NONE;

  return is_file (keeping->keeper->tree, index)
             ? dc_keep_entry (keeping, index, DC_KEPT_NAMED, DC_TREE_NONE, err)
             : 0;
}

static int
keep_command (struct dc_keeping *keeping, const struct dc_exec *command,
              const struct dc_words *environment, struct dc_error *err)
{
  const struct dc_keeper *keeper = keeping->keeper;
  const uint32_t program =
      dc_programs_find (keeper->programs, command->program);
  AUTO_WORDS struct dc_words argv = { NULL, 0 };

  if (!is_file (keeper->tree, program))
    return (command->flags & DC_EXEC_IGNORE_FAILURE) != 0
               ? 0
               : miss (keeping, command->program, DC_TREE_NONE, err);
  if (dc_keep_entry (keeping, program, DC_KEPT_COMMAND, DC_TREE_NONE, err) <
          0 ||
      dc_words_add (&keeping->kept->programs, command->program, err) < 0)
    return -1;
  if (dc_exec_argv (command, environment, &argv, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0;
  for (size_t i = 1; i < argv.count; i++)
    if (keep_word (keeping, argv.items[i], err) < 0)
      return -1;
  return 0;
}

int
dc_keep_commands (struct dc_keeping *keeping, struct dc_error *err)
{
  static const char *const keys[] = {
    "ExecCondition", "ExecStartPre", "ExecStart",    "ExecStartPost",
    "ExecReload",    "ExecStop",     "ExecStopPost",
  };
  const struct dc_keeper *keeper = keeping->keeper;
  const char *hostname = keeper->profile->hostname;
  AUTO_WORDS struct dc_words environment = { NULL, 0 };
  AUTO_FREE char *missing = NULL;

  if (dc_unit_environment (keeper->tree, keeping->unit, "Service", hostname,
                           &environment, &missing, err) < 0 &&
      err->code == DC_ERR_SYSTEM)
    return -1;
  for (size_t k = 0; k < DC_COUNT (keys); k++) {
    DC_AUTO (dc_execs) *execs = NULL;
    if (dc_execs_read (keeping->unit, "Service", keys[k], hostname, &execs,
                       err) < 0) {
      if (err->code == DC_ERR_SYSTEM)
        return -1;
      continue; /* systemd would not run it either */
    }
    for (size_t i = 0; i < execs->count; i++)
      if (keep_command (keeping, &execs->items[i], &environment, err) < 0)
        return -1;
  }
  dc_words_sort (&keeping->kept->programs);
  return 0;
}

/* What is loaded already by some other way has its name: then the loader does
 * not search.
 */
static uint32_t
find_loaded (const struct dc_keeping *keeping, const char *name)
{
  const struct dc_entry *entries = keeping->keeper->tree->entries;
  const struct dc_kept *kept = keeping->kept;

  for (size_t i = 0; i < kept->count; i++)
    if (kept->items[i].reason == DC_KEPT_LIBRARY &&
        strcmp (entries[kept->items[i].index].name, name) == 0)
      return kept->items[i].index;
  return DC_TREE_NONE;
}

static int
keep_libraries (struct dc_keeping *keeping, const struct dc_program *program,
                bool is_optional, struct dc_error *err)
{
  struct dc_keeper *keeper = keeping->keeper;

  for (size_t i = 0; i < program->elf.needed.count; i++) {
    const char *name = program->elf.needed.items[i];
    uint32_t library;
    const int found =
        dc_programs_library (keeper->programs, program, name, &library, err);
    if (found < 0 ||
        (found > 0 && dc_keep_entry (keeping, library, DC_KEPT_LIBRARY,
                                     program->index, err) < 0))
      return -1;
    if (found == 0 && !is_optional &&
        find_loaded (keeping, name) == DC_TREE_NONE &&
        miss (keeping, name, program->index, err) < 0)
      return -1;
  }
  return 0;
}

static int
keep_elf (struct dc_keeping *keeping, const struct dc_program *program,
          bool is_optional, struct dc_error *err)
{
  const char *loader = program->elf.interpreter;

  if (loader != NULL) {
    const uint32_t index = dc_tree_resolve (keeping->keeper->tree, loader);
    if (!is_file (keeping->keeper->tree, index)
            ? miss (keeping, loader, program->index, err) < 0
            : dc_keep_entry (keeping, index, DC_KEPT_LOADER, program->index,
                             err) < 0)
      return -1;
  }
  return keep_libraries (keeping, program, is_optional, err);
}

static int
keep_script (struct dc_keeping *keeping, const struct dc_program *program,
             struct dc_error *err)
{
  const struct dc_keeper *keeper = keeping->keeper;
  const uint32_t interpreter =
      dc_programs_find (keeper->programs, program->interpreter);

  if (!is_file (keeper->tree, interpreter)) {
    if (miss (keeping, program->interpreter, program->index, err) < 0)
      return -1;
  } else if (dc_keep_entry (keeping, interpreter, DC_KEPT_INTERPRETER,
                            program->index, err) < 0) {
    return -1;
  }
  for (size_t i = 0; i < program->named.count; i++) {
    const uint32_t index =
        dc_tree_resolve (keeper->tree, program->named.items[i]);
    if (is_file (keeper->tree, index) &&
        dc_keep_entry (keeping, index, DC_KEPT_NAMED, program->index, err) < 0)
      return -1;
  }
  return 0;
}

/* A file that lies in a package is followed if it looks like something that is
 * run or loaded, for looking at a file costs a read.
 */
static bool
is_worth_a_look (const struct dc_tree *tree, const struct dc_kept_file *file)
{
  const struct dc_entry *entry = &tree->entries[file->index];

  if (!S_ISREG (entry->mode) || entry->size < 4)
    return false;
  if (file->reason < DC_KEPT_CONFIGURATION)
    return file->reason != DC_KEPT_UNIT;
  return file->reason == DC_KEPT_PACKAGE &&
         ((entry->mode & 0111) != 0 || strstr (entry->name, ".so") != NULL);
}

int
dc_keep_programs (struct dc_keeping *keeping, struct dc_error *err)
{
  struct dc_kept *kept = keeping->kept;

  for (; keeping->looked_at < kept->count; keeping->looked_at++) {
    const struct dc_kept_file file = kept->items[keeping->looked_at];
    const struct dc_program *program;
    if (!is_worth_a_look (keeping->keeper->tree, &file))
      continue;
    if (dc_programs_get (keeping->keeper->programs, file.index, &program, err) <
        0)
      return -1;
    /* What else lies in the package need not all work. */
    const bool is_optional = file.reason == DC_KEPT_PACKAGE;
    int status = 0;
    if (program->kind == DC_PROGRAM_ELF)
      status = keep_elf (keeping, program, is_optional, err);
    else if (program->kind == DC_PROGRAM_SCRIPT && !is_optional)
      status = keep_script (keeping, program, err);
    if (status < 0)
      return -1;
  }
  return 0;
}

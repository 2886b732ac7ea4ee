/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/program/programs.h"
#include "lib/span.h"
#include "lib/text.h"

#define HEAD_SIZE ((size_t) 256) /* bytes: as the kernel, BINPRM_BUF_SIZE */
#define FIRST_SLOTS ((size_t) 1024)

int
dc_programs_make (struct dc_tree *tree, struct dc_programs **out,
                  struct dc_error *err)
{
  DC_AUTO (dc_programs) *programs = calloc (1, sizeof *programs);

  if (programs == NULL)
    return dc_fail_errno (err, "cannot keep the programs");
  programs->tree = tree;
  programs->slot_count = FIRST_SLOTS;
  programs->slots = calloc (FIRST_SLOTS, sizeof (struct dc_program *));
  if (programs->slots == NULL)
    return dc_fail_errno (err, "cannot keep the programs");
  if (dc_libraries_load (tree, &programs->libraries, err) < 0)
    return -1;
  *out = DC_TAKE (programs);
  return 0;
}

/* The slot of the entry: its program's, or the empty one where it belongs. */
static struct dc_program **
find_slot (struct dc_program **slots, size_t count, uint32_t index)
{
  size_t at = (index * 2654435761u) & (count - 1);

  while (slots[at] != NULL && slots[at]->index != index)
    at = (at + 1) & (count - 1);
  return &slots[at];
}

/* At most half of the slots are taken. */
static int
make_room (struct dc_programs *programs, struct dc_error *err)
{
  const size_t count = programs->slot_count * 2;

  if (programs->count >= DC_PROGRAM_COUNT_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "more than %zu programs",
                    DC_PROGRAM_COUNT_MAX);
  if (programs->count * 2 < programs->slot_count)
    return 0;
  struct dc_program **slots = calloc (count, sizeof (struct dc_program *));
  if (slots == NULL)
    return dc_fail_errno (err, "cannot keep the programs");
  for (size_t i = 0; i < programs->slot_count; i++)
    if (programs->slots[i] != NULL)
      *find_slot (slots, count, programs->slots[i]->index) = programs->slots[i];
  free (programs->slots);
  programs->slots = slots;
  programs->slot_count = count;
  return 0;
}

/* "#!/usr/bin/env -S python3 -u": env says no more than the next word. */
static int
read_interpreter (struct dc_span line, char **out, struct dc_error *err)
{
  struct dc_span word;
  AUTO_FREE char *name = NULL;

  if (!dc_span_word (&line, &word) || dc_span_has (word, '\0'))
    return 0;
  if (dc_span_copy (word, &name, err) < 0)
    return -1;
  if (strcmp (dc_text_last_component (name), "env") == 0)
    while (dc_span_word (&line, &word))
      if (*word.text != '-' && !dc_span_has (word, '=') &&
          !dc_span_has (word, '\0')) {
        free (DC_TAKE (name));
        if (dc_span_copy (word, &name, err) < 0)
          return -1;
        break;
      }
  *out = DC_TAKE (name);
  return 1;
}

static bool
is_path_byte (char byte)
{
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') ||
         (byte != '\0' && strchr ("/._-+@", byte) != NULL);
}

/* The absolute paths in the text of a script, which it may use. */
static int
read_named (struct dc_program *program, struct dc_span text,
            struct dc_error *err)
{
  for (size_t i = 0; i < text.size; i++) {
    size_t end = i;
    while (end < text.size && is_path_byte (text.text[end]))
      end++;
    const size_t size = end - i;
    if (size > 2 && text.text[i] == '/' && size < 256 &&
        program->named.count < DC_SCRIPT_PATH_MAX &&
        dc_words_add_bytes (&program->named, text.text + i, size, err) < 0)
      return -1;
    if (end > i)
      i = end;
  }
  dc_words_sort (&program->named);
  return 0;
}

static int
read_script (struct dc_programs *programs, struct dc_program *program,
             struct dc_error *err)
{
  const uint64_t size = programs->tree->entries[program->index].size;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_SCRIPT_SIZE_MAX);
  const size_t wanted =
      size < DC_SCRIPT_SIZE_MAX ? (size_t) size : DC_SCRIPT_SIZE_MAX;
  struct dc_span line;

  if (dc_buffer_reserve (&b, wanted, err) < 0 ||
      dc_tree_read (programs->tree, program->index, 0, b.data, wanted, err) < 0)
    return -1;
  struct dc_span rest = { b.data, wanted };
  if (!dc_span_line (&rest, &line))
    return 0;
  const int found =
      read_interpreter (dc_span_skip (line, 2), &program->interpreter, err);
  if (found <= 0)
    return found;
  program->kind = DC_PROGRAM_SCRIPT;
  return read_named (program, rest, err);
}

static int
read_program (struct dc_programs *programs, struct dc_program *program,
              struct dc_error *err)
{
  const struct dc_entry *entry = &programs->tree->entries[program->index];
  char head[4];

  if (!S_ISREG (entry->mode) || entry->size < sizeof head)
    return 0;
  if (dc_tree_read (programs->tree, program->index, 0, head, sizeof head, err) <
      0)
    return -1;
  if (memcmp (head, "#!", 2) == 0)
    return read_script (programs, program, err);
  const int status =
      memcmp (head, "\177ELF", 4) != 0
          ? 0
          : dc_elf_read (programs->tree, program->index, &program->elf, err);
  if (status > 0)
    program->kind = DC_PROGRAM_ELF;
  return status < 0 ? -1 : 0;
}

static void
free_program (struct dc_program *program)
{
  if (program == NULL)
    return;
  dc_elf_release (&program->elf);
  free (program->interpreter);
  dc_words_release (&program->named);
  free (program);
}

int
dc_programs_get (struct dc_programs *programs, uint32_t index,
                 const struct dc_program **out, struct dc_error *err)
{
  index = programs->tree->entries[index].hardlink == DC_TREE_NONE
              ? index
              : programs->tree->entries[index].hardlink;
  if (make_room (programs, err) < 0)
    return -1;
  struct dc_program **slot =
      find_slot (programs->slots, programs->slot_count, index);
  if (*slot == NULL) {
    struct dc_program *program = calloc (1, sizeof *program);
    if (program == NULL)
      return dc_fail_errno (err, "cannot keep a program");
    program->index = index;
    if (read_program (programs, program, err) < 0) {
      free_program (program);
      return -1;
    }
    *slot = program;
    programs->count++;
  }
  *out = *slot;
  return 0;
}

/* The library in one folder, for the same machine as USER. */
static int
look_in (struct dc_programs *programs, const struct dc_program *user,
         const char *folder, const char *name, uint32_t *index,
         struct dc_error *err)
{
  char path[2 * DC_ELF_TEXT_MAX];
  const struct dc_program *found;

  const int size = snprintf (path, sizeof path, "%s/%s", folder, name);
  if (size < 0 || (size_t) size >= sizeof path)
    return 0;
  const uint32_t entry = dc_tree_resolve (programs->tree, path);
  if (entry == DC_TREE_NONE || !S_ISREG (programs->tree->entries[entry].mode))
    return 0;
  if (dc_programs_get (programs, entry, &found, err) < 0)
    return -1;
  if (found->kind != DC_PROGRAM_ELF ||
      found->elf.machine != user->elf.machine ||
      found->elf.is_64 != user->elf.is_64)
    return 0;
  *index = entry;
  return 1;
}

int
dc_programs_library (struct dc_programs *programs,
                     const struct dc_program *user, const char *name,
                     uint32_t *index, struct dc_error *err)
{
  const uint32_t home = programs->tree->entries[user->index].parent;
  const char *own =
      user->elf.runpath != NULL ? user->elf.runpath : user->elf.rpath;
  AUTO_WORDS struct dc_words folders = { NULL, 0 };
  int status = 0;

  if (strchr (name, '/') != NULL)
    return look_in (programs, user, "", name, index, err);
  if (own != NULL &&
      dc_libraries_path (&programs->libraries, own, home, &folders, err) < 0)
    return -1;
  for (size_t i = 0; i < folders.count && status == 0; i++)
    status = look_in (programs, user, folders.items[i], name, index, err);
  for (size_t i = 0; i < programs->libraries.folders.count && status == 0; i++)
    status = look_in (programs, user, programs->libraries.folders.items[i],
                      name, index, err);
  return status;
}

uint32_t
dc_programs_find (const struct dc_programs *programs, const char *name)
{
  static const char *const folders[] = {
    "/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
    "/usr/bin",        "/sbin",          "/bin",
  };
  char path[DC_ELF_TEXT_MAX];

  if (strchr (name, '/') != NULL)
    return dc_tree_resolve (programs->tree, name);
  for (size_t i = 0; i < DC_COUNT (folders); i++) {
    const int size = snprintf (path, sizeof path, "%s/%s", folders[i], name);
    const uint32_t found = size < 0 || (size_t) size >= sizeof path
                               ? DC_TREE_NONE
                               : dc_tree_resolve (programs->tree, path);
    if (found != DC_TREE_NONE && S_ISREG (programs->tree->entries[found].mode))
      return found;
  }
  return DC_TREE_NONE;
}

void
dc_programs_free (struct dc_programs *programs)
{
  if (programs == NULL)
    return;
  for (size_t i = 0; i < programs->slot_count && programs->slots != NULL; i++)
    free_program (programs->slots[i]);
  free (programs->slots);
  dc_libraries_release (&programs->libraries);
  free (programs);
}

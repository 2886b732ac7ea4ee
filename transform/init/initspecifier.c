/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/unit/unitenv.h"
#include "transform/init/initspecifier.h"

#define FILE_SIZE_MAX ((size_t) 64 * 1024) /* bytes */

/* Where the guest says it; a variable of the first of its files. */
static const struct {
  char letter;
  const char *variable;
  const char *files[2];
} told[] = {
  { 'A', "IMAGE_VERSION", { "etc/os-release", "usr/lib/os-release" } },
  { 'B', "BUILD_ID", { "etc/os-release", "usr/lib/os-release" } },
  { 'M', "IMAGE_ID", { "etc/os-release", "usr/lib/os-release" } },
  { 'W', "VARIANT_ID", { "etc/os-release", "usr/lib/os-release" } },
  { 'o', "ID", { "etc/os-release", "usr/lib/os-release" } },
  { 'q', "PRETTY_HOSTNAME", { "etc/machine-info", NULL } },
  { 'w', "VERSION_ID", { "etc/os-release", "usr/lib/os-release" } },
};

static const char *
architecture (void)
{
  static const struct {
    uint32_t arch;
    const char *name;
  } names[] = {
    { SCMP_ARCH_X86_64, "x86-64" },   { SCMP_ARCH_AARCH64, "arm64" },
    { SCMP_ARCH_RISCV64, "riscv64" }, { SCMP_ARCH_PPC64LE, "ppc64-le" },
    { SCMP_ARCH_S390X, "s390x" },
  };
  const uint32_t native = seccomp_arch_native ();

  for (size_t i = 0; i < DC_COUNT (names); i++) {
    if (names[i].arch == native)
      return names[i].name;
  }
  return "";
}

static const char *
root_shell (const struct dc_users *users)
{
  const struct dc_user *root = dc_users_find_uid (users, 0);

  return root == NULL || root->shell == NULL ? "/bin/sh" : root->shell;
}

/* Append VALUE, which is not to be expanded again. */
static int
add_plain (struct dc_buffer *b, const char *value, struct dc_error *err)
{
  for (const char *s = value; *s != '\0'; s++) {
    if (dc_buffer_append (b, *s == '%' ? "%%" : s, *s == '%' ? 2 : 1, err) < 0)
      return -1;
  }
  return 0;
}

/* Is it one word, however it is quoted? */
static bool
is_word (const char *value)
{
  return strpbrk (value, " \t\n\r\"'\\;") == NULL;
}

/* The variable of row ROW; nothing when it is not set. */
static int
add_told (struct dc_initcompiler *compiler, size_t row, struct dc_buffer *b,
          struct dc_error *err)
{
  AUTO_WORDS struct dc_words variables = { NULL, 0 };
  const char *name = told[row].variable;
  int status = 0;

  for (size_t i = 0; i < 2 && told[row].files[i] != NULL && status == 0; i++) {
    AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (FILE_SIZE_MAX);
    status = dc_tree_read_file (compiler->tree, told[row].files[i], &text, err);
    if (status == 1 && dc_environment_parse (dc_buffer_text (&text), text.size,
                                             &variables, err) < 0)
      status = -1;
    if (status < 0 && err->code != DC_ERR_INVALID && err->code != DC_ERR_LIMIT)
      return -1;
  }
  const char *value = dc_environment_get (&variables, name, strlen (name));
  if (value == NULL && told[row].letter == 'q')
    value = compiler->hostname;
  return value != NULL && is_word (value) ? add_plain (b, value, err) : 0;
}

/* Append what %LETTER stands for; as it is when it is not ours. */
static int
add_specifier (struct dc_initcompiler *compiler, char letter,
               struct dc_buffer *b, struct dc_error *err)
{
  const char whole[] = { '%', letter };
  const char low = (char) (0x80 | (letter & 0x3f));

  for (size_t i = 0; i < DC_COUNT (told); i++) {
    if (told[i].letter == letter)
      return add_told (compiler, i, b, err);
  }
  if (letter == 'a')
    return add_plain (b, architecture (), err);
  if (letter == 's')
    return add_plain (b, root_shell (compiler->users), err);
  if (letter != '\0' && strchr (DC_INIT_LIVE_LETTERS, letter) != NULL)
    return dc_buffer_print (b, err, "%s%c", DC_INIT_LIVE_MARK, low);
  return dc_buffer_append (b, whole, letter == '\0' ? 1 : 2, err);
}

/* The value TEXT with its specifiers put in, into WORDS. */
static int
add_value (struct dc_initcompiler *compiler, const char *text,
           struct dc_words *words, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_UNIT_WORD_MAX);

  while (*text != '\0') {
    const size_t plain = strcspn (text, "%");
    if (dc_buffer_append (&b, text, plain, err) < 0)
      return -1;
    text += plain;
    if (*text == '\0')
      break;
    if (add_specifier (compiler, text[1], &b, err) < 0)
      return -1;
    text += text[1] == '\0' ? 1 : 2;
  }
  return dc_words_add (words, dc_buffer_text (&b), err);
}

int
dc_init_unit_read (struct dc_initcompiler *compiler, const struct dc_unit *unit,
                   struct dc_init_unit *out, struct dc_error *err)
{
  out->unit = *unit;
  out->settings = calloc (unit->setting_count + 1, sizeof *out->settings);
  if (out->settings == NULL)
    return dc_fail_errno (err, "cannot keep a unit");
  for (size_t i = 0; i < unit->setting_count; i++) {
    out->settings[i] = unit->settings[i];
    if (strchr (unit->settings[i].value, '%') == NULL)
      continue;
    if (add_value (compiler, unit->settings[i].value, &out->texts, err) < 0)
      return -1;
    out->settings[i].value = out->texts.items[out->texts.count - 1];
  }
  out->unit.settings = out->settings;
  return 0;
}

void
dc_init_unit_release (struct dc_init_unit *unit)
{
  free (unit->settings);
  dc_words_release (&unit->texts);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/quote.h"
#include "transform/init/initcompiler.h"

#define DATA_MAX ((size_t) 256 * 1024) /* bytes of standard input */

/* What becomes of a word of StandardInput=, StandardOutput=, StandardError=.
 */
static const struct word {
  const char *name;
  const char *kind; /* the plan's; NULL: nothing to write, it is the default */
  bool has_path;    /* behind a colon */
  const char *remark; /* for a finding, or NULL */
} inputs[] = {
  { "null", NULL, false, NULL },
  { "data", "data", false, NULL },
  { "file", "file", true, NULL },
  { "socket", "socket", false, NULL },
  { "fd", NULL, true, NULL },
  { "tty", NULL, false, "there is no terminal, its input is empty" },
  { "tty-force", NULL, false, "there is no terminal, its input is empty" },
  { "tty-fail", NULL, false, "there is no terminal, its input is empty" },
}, outputs[] = {
  { "inherit", "inherit", false, NULL },
  { "null", "null", false, NULL },
  { "file", "file", true, NULL },
  { "append", "append", true, NULL },
  { "truncate", "truncate", true, NULL },
  { "journal", "log", false, NULL },
  { "journal+console", "log", false, NULL },
  { "syslog", "log", false, NULL },
  { "syslog+console", "log", false, NULL },
  { "kmsg", "log", false, NULL },
  { "kmsg+console", "log", false, NULL },
  { "tty", "log", false, "there is no terminal, it goes to the log" },
  { "socket", "socket", false, NULL },
  { "fd", "log", true, NULL },
};

/* One stream as it is set. */
struct stream {
  const struct word *word; /* NULL: not set, or not understood */
  char *path;
};

static void
release_stream (struct stream *stream)
{
  free (stream->path);
}
#define AUTO_STREAM __attribute__ ((__cleanup__ (release_stream)))

static int
read_stream (const struct dc_initservice *service, const char *key,
             const struct word *words, size_t count, struct stream *stream,
             struct dc_error *err)
{
  AUTO_FREE char *value = NULL;
  const struct dc_setting *where = NULL;
  const int status =
      dc_init_value (service, "Service", key, &value, &where, err);

  if (status <= 0)
    return status;
  const size_t size = strcspn (value, ":");
  for (size_t i = 0; i < count; i++) {
    const struct word *word = &words[i];
    if (strlen (word->name) != size || strncmp (word->name, value, size) != 0)
      continue;
    const char *path = value[size] == ':' ? value + size + 1 : "";
    const bool is_file = word->kind != NULL && word->has_path;
    if (is_file && path[0] != '/')
      break;
    stream->word = word;
    stream->path = strdup (path);
    if (stream->path == NULL)
      return dc_fail_errno (err, "cannot keep a stream");
    return word->remark == NULL
               ? 0
               : dc_init_note (service->compiler, service->unit, where, err,
                               "%s=%s: %s", key, word->name, word->remark);
  }
  return dc_init_note_value (service, where, err);
}

/* Do A and B open the same file in the same way? */
static bool
is_same (const struct stream *a, const struct stream *b)
{
  return a->word == b->word && a->word != NULL && a->word->has_path &&
         strcmp (a->path, b->path) == 0;
}

static int
write_stream (const struct dc_initservice *service, const char *keyword,
              const struct stream *stream, struct dc_error *err)
{
  const struct word *word = stream->word;

  if (word == NULL || word->kind == NULL)
    return 0;
  return dc_initline (
      service->lines, err, keyword, word->kind,
      word->has_path && strcmp (word->kind, "log") != 0 ? stream->path : NULL,
      NULL);
}

/* The value of a base64 digit, -1 of none. */
static int
base64_digit (char c)
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz0123456789+/";
  const char *found = c == '\0' ? NULL : strchr (digits, c);

  return found == NULL ? -1 : (int) (found - digits);
}

/* Append what the base64 TEXT means, blanks left out: 1; 0 if it is none, or
 * holds a NUL.
 */
static int
add_base64 (const char *text, struct dc_buffer *b, struct dc_error *err)
{
  uint32_t bits = 0;
  unsigned count = 0;

  for (; *text != '\0' && *text != '='; text++) {
    if (strchr (" \t\n\r", *text) != NULL)
      continue;
    const int digit = base64_digit (*text);
    if (digit < 0)
      return 0;
    bits = bits << 6 | (uint32_t) digit;
    count += 6;
    if (count < 8)
      continue;
    count -= 8;
    const char byte = (char) (bits >> count & 0xff);
    if (byte == '\0')
      return 0;
    if (dc_buffer_append (b, &byte, 1, err) < 0)
      return -1;
  }
  return text[strspn (text, "= \t\n\r")] == '\0';
}

/* One line of StandardInputText=, its escapes and specifiers replaced. */
static int
add_text (const struct dc_initservice *service,
          const struct dc_setting *setting, struct dc_buffer *b,
          struct dc_error *err)
{
  AUTO_FREE char *expanded = NULL;
  AUTO_FREE char *plain = NULL;

  if (dc_unit_text (setting->value, &plain, err) < 0)
    return err->code == DC_ERR_INVALID ? 0 : -1;
  const struct dc_setting one = { .section = setting->section,
                                  .key = setting->key,
                                  .value = plain,
                                  .file = setting->file,
                                  .line = setting->line };
  const int status = dc_init_expand (service, &one, &expanded, err);
  if (status <= 0)
    return status < 0 ? -1 : 1;
  return dc_buffer_print (b, err, "%s\n", expanded) < 0 ? -1 : 1;
}

static int
read_data (const struct dc_initservice *service, struct dc_buffer *b,
           struct dc_error *err)
{
  const struct dc_unit *unit = service->unit;

  for (size_t i = 0; i < unit->setting_count; i++) {
    const struct dc_setting *setting = &unit->settings[i];
    int status = 1;
    const bool is_text = strcmp (setting->key, "StandardInputText") == 0;
    const bool is_data = strcmp (setting->key, "StandardInputData") == 0;
    if (strcmp (setting->section, "Service") != 0 || (!is_text && !is_data))
      continue;
    if (setting->value[0] == '\0')
      dc_buffer_clear (b);
    else
      status = is_text ? add_text (service, setting, b, err)
                       : add_base64 (setting->value, b, err);
    if (status < 0 ||
        (status == 0 && dc_init_note_value (service, setting, err) < 0))
      return -1;
  }
  return 0;
}

/* Where there is nothing to inherit, output goes nowhere. */
static int
write_output (const struct dc_initservice *service, const struct stream *input,
              const struct stream *output, struct dc_error *err)
{
  const bool is_inherited =
      output->word != NULL && strcmp (output->word->kind, "inherit") == 0;
  const bool is_socket =
      input->word != NULL && strcmp (input->word->name, "socket") == 0;
  const bool has_input =
      is_socket || (input->word != NULL && input->word->kind != NULL &&
                    input->word->has_path);

  /* The answer goes where the question came from. */
  if (is_socket && output->word == NULL)
    return dc_initline (service->lines, err, "stdout", "inherit", NULL);

  return is_inherited && !has_input
             ? dc_initline (service->lines, err, "stdout", "null", NULL)
             : write_stream (service, "stdout", output, err);
}

/* Without a word for it, data is what it is there for. */
static int
write_input (const struct dc_initservice *service, const struct stream *input,
             struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer data = DC_BUFFER_INIT (DATA_MAX);

  if (read_data (service, &data, err) < 0)
    return -1;
  const bool has_data = input->word == NULL
                            ? data.size > 0
                            : strcmp (input->word->name, "data") == 0;
  return has_data ? dc_initline (service->lines, err, "stdin", "data",
                                 dc_buffer_text (&data), NULL)
                  : write_stream (service, "stdin", input, err);
}

int
dc_init_streams (struct dc_initservice *service, struct dc_error *err)
{
  AUTO_STREAM struct stream input = { NULL, NULL };
  AUTO_STREAM struct stream output = { NULL, NULL };
  AUTO_STREAM struct stream error = { NULL, NULL };

  if (read_stream (service, "StandardInput", inputs, DC_COUNT (inputs), &input,
                   err) < 0 ||
      read_stream (service, "StandardOutput", outputs, DC_COUNT (outputs),
                   &output, err) < 0 ||
      read_stream (service, "StandardError", outputs, DC_COUNT (outputs),
                   &error, err) < 0 ||
      write_input (service, &input, err) < 0 ||
      write_output (service, &input, &output, err) < 0)
    return -1;
  /* The same file is one descriptor, which it inherits. */
  if (!is_same (&output, &error) &&
      write_stream (service, "stderr", &error, err) < 0)
    return -1;
  return 1;
}

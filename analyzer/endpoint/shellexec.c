/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/endpoint/shellexec.h"
#include "lib/buffer.h"
#include "lib/span.h"

#define BLANKS " \t\r"
#define ENDS ";&|\n()"

struct script {
  struct dc_span rest;
  struct dc_words command; /* the simple command that is being read */
  struct dc_words last;    /* the one that counts */
  size_t count;            /* of commands */
  bool has_exec;           /* LAST comes from one */
  bool is_redirected;      /* the next word is a file, no argument */
};

static bool
is_one_of (char c, const char *bytes)
{
  return c != '\0' && strchr (bytes, c) != NULL;
}

/* A dollar of the shell stays one, any other is doubled. */
static int
add_byte (struct dc_buffer *word, char c, bool is_literal, struct dc_error *err)
{
  if (c == '$' && is_literal && dc_buffer_append (word, "$", 1, err) < 0)
    return -1;
  return dc_buffer_append (word, &c, 1, err);
}

/* Up to QUOTE, which is the first byte of what is left. */
static int
read_quoted (struct script *script, struct dc_buffer *word,
             struct dc_error *err)
{
  const char quote = script->rest.text[0];

  for (script->rest = dc_span_skip (script->rest, 1); script->rest.size > 0;
       script->rest = dc_span_skip (script->rest, 1)) {
    const bool is_escape = script->rest.text[0] == '\\' && quote == '"' &&
                           script->rest.size > 1 &&
                           is_one_of (script->rest.text[1], "$`\"\\\n");
    if (script->rest.text[0] == quote) {
      script->rest = dc_span_skip (script->rest, 1);
      return 0;
    }
    if (is_escape)
      script->rest = dc_span_skip (script->rest, 1);
    if (add_byte (word, script->rest.text[0], is_escape || quote == '\'', err) <
        0)
      return -1;
  }
  return 0; /* the shell would complain; so be it */
}

/* "$(...)" and "`...`" are nothing, because nobody knows what they print. */
static bool
skip_substitution (struct script *script)
{
  struct dc_span rest = script->rest;
  const bool is_old = rest.text[0] == '`';
  size_t depth = 1;

  if (!is_old && !dc_span_starts (rest, "$("))
    return false;
  for (rest = dc_span_skip (rest, is_old ? 1 : 2); rest.size > 0 && depth > 0;
       rest = dc_span_skip (rest, 1)) {
    if (!is_old && rest.text[0] == '(')
      depth++;
    else if (rest.text[0] == (is_old ? '`' : ')'))
      depth--;
  }
  script->rest = rest;
  return true;
}

static int
read_word (struct script *script, struct dc_buffer *word, struct dc_error *err)
{
  while (script->rest.size > 0 &&
         !is_one_of (script->rest.text[0], BLANKS ENDS "<>")) {
    const char c = script->rest.text[0];
    int status = 0;
    if (c == '\'' || c == '"') {
      status = read_quoted (script, word, err);
    } else if (!skip_substitution (script)) {
      const bool is_escape = c == '\\' && script->rest.size > 1;
      script->rest = dc_span_skip (script->rest, is_escape);
      if (!is_escape || script->rest.text[0] != '\n')
        status = add_byte (word, script->rest.text[0], is_escape, err);
      script->rest = dc_span_skip (script->rest, 1);
    }
    if (status < 0)
      return -1;
  }
  return 0;
}

/* "NAME=" */
static bool
is_assignment (const char *word)
{
  static const char letters[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  const size_t size = strspn (word, letters);
  return size > 0 && word[size] == '=';
}

/* What may stand before a program without being one. */
static bool
is_before (const char *word)
{
  static const char *const words[] = { "!",    "{",  "if",    "then", "else",
                                       "elif", "do", "while", "until" };

  for (size_t i = 0; i < DC_COUNT (words); i++)
    if (strcmp (word, words[i]) == 0)
      return true;
  return is_assignment (word);
}

/* A simple command is over. */
static int
end_command (struct script *script, struct dc_error *err)
{
  struct dc_words *command = &script->command;
  size_t first = 0;

  while (first < command->count && is_before (command->items[first]))
    first++;
  const bool is_exec =
      first < command->count && strcmp (command->items[first], "exec") == 0;
  if (is_exec)
    first++;
  while (is_exec && first < command->count && command->items[first][0] == '-')
    first += strcmp (command->items[first], "-a") == 0 ? 2 : 1; /* of exec */
  if (first < command->count) {
    script->count++;
    if (is_exec || !script->has_exec) {
      dc_words_release (&script->last);
      script->has_exec = is_exec;
      for (size_t i = first; i < command->count; i++)
        if (dc_words_add (&script->last, command->items[i], err) < 0)
          return -1;
    }
  }
  dc_words_release (command);
  script->is_redirected = false;
  return 0;
}

/* "2>&1", ">/dev/null", "< /x": the word before the sign may be a number. */
static void
begin_redirection (struct script *script)
{
  const char *const text = script->rest.text;
  size_t size = 0;

  while (size < script->rest.size && is_one_of (text[size], "<>&|"))
    size++;
  script->rest = dc_span_skip (script->rest, size);
  script->is_redirected = true;
}

static int
read_part (struct script *script, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer word = DC_BUFFER_INIT (2 * script->rest.size);
  const char c = script->rest.text[0];

  if (dc_span_starts (script->rest, "\\\n")) {
    script->rest = dc_span_skip (script->rest, 2);
    return 0;
  }
  if (is_one_of (c, BLANKS ENDS)) {
    script->rest = dc_span_skip (script->rest, 1);
    return is_one_of (c, ENDS) ? end_command (script, err) : 0;
  }
  if (c == '#') {
    const char *end = memchr (script->rest.text, '\n', script->rest.size);
    script->rest = dc_span_skip (
        script->rest,
        end != NULL ? (size_t) (end - script->rest.text) : script->rest.size);
    return 0;
  }
  if (is_one_of (c, "<>")) {
    begin_redirection (script);
    return 0;
  }
  const struct dc_span before = script->rest;
  if (read_word (script, &word, err) < 0)
    return -1;
  const bool is_number =
      before.size > script->rest.size && script->rest.size > 0 &&
      is_one_of (script->rest.text[0], "<>") &&
      strspn (dc_buffer_text (&word), "0123456789") == word.size;
  const bool is_file = script->is_redirected;
  script->is_redirected = false;
  return is_number || is_file
             ? 0
             : dc_words_add (&script->command, dc_buffer_text (&word), err);
}

int
dc_shellexec_parse (const char *text, size_t size, struct dc_words *argv,
                    struct dc_error *err)
{
  struct script script = { .rest = { text, size } };
  int status = 0;

  if (size > DC_SHELL_SIZE_MAX || memchr (text, '\0', size) != NULL)
    return 0;
  while (status == 0 && script.rest.size > 0)
    status = read_part (&script, err);
  if (status == 0)
    status = end_command (&script, err);
  const bool is_found =
      script.last.count > 0 && (script.has_exec || script.count == 1);
  for (size_t i = 0; status == 0 && is_found && i < script.last.count; i++)
    status = dc_words_add (argv, script.last.items[i], err);
  dc_words_release (&script.command);
  dc_words_release (&script.last);
  if (status < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0;
  return is_found;
}

static bool
is_shell (const char *program)
{
  static const char *const shells[] = { "sh", "bash", "dash" };
  const char *slash = strrchr (program, '/');

  for (size_t i = 0; i < DC_COUNT (shells); i++)
    if (strcmp (slash != NULL ? slash + 1 : program, shells[i]) == 0)
      return true;
  return false;
}

int
dc_shellexec (const struct dc_exec *exec, struct dc_exec *out,
              struct dc_error *err)
{
  const struct dc_words *argv = &exec->argv;
  const char *script = NULL;

  /* "-c", "-ec", "-l -c"; the script is the word behind it. */
  for (size_t i = 1; script == NULL && i + 1 < argv->count; i++)
    if (argv->items[i][0] == '-' && argv->items[i][1] != '-' &&
        strchr (argv->items[i], 'c') != NULL)
      script = argv->items[i + 1];
  if (!is_shell (exec->program) || script == NULL)
    return 0;

  struct dc_exec inner = { .flags =
                               exec->flags & ~(unsigned) DC_EXEC_NO_VARIABLES,
                           .setting = exec->setting };
  const int status =
      dc_shellexec_parse (script, strlen (script), &inner.argv, err);
  if (status > 0) {
    inner.program = strdup (inner.argv.items[0]);
    if (inner.program != NULL) {
      *out = inner;
      return 1;
    }
    (void) dc_fail_errno (err, "cannot keep a command");
  }
  dc_words_release (&inner.argv);
  return status > 0 ? -1 : status;
}

void
dc_shellexec_release (struct dc_exec *exec)
{
  free (exec->program);
  dc_words_release (&exec->argv);
}

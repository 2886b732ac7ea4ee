/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/init/shelllex.h"
#include "lib/array.h"
#include "lib/text.h"

#define FILE_MAX 1000    /* read by one script, all together */
#define NAME_SIZE_MAX 64 /* bytes of a variable's name that we keep */

/* A statement while it is read. */
struct statement {
  struct dc_words names, values; /* of NAME=VALUE before the command */
  struct dc_words words;
  struct dc_proof proof;
  bool is_skipped; /* the head of a for or a case */
  bool is_for;
};

/* Where in a file the reader is. */
struct reader {
  struct dc_shell_lex lex;
  struct dc_shell *shell;
  const char *file;
  unsigned depth;          /* of if, case, loops and braces */
  bool is_behind_operator; /* && or || */
  bool has_ended;          /* exit or return at the outermost level */
  char *function;          /* of whose body we are in */
  unsigned function_depth; /* its braces */
  char *pending;           /* a function's name, its body not begun */
};

bool
dc_shell_is_known (const char *text)
{
  return strchr (text, DC_SHELL_UNKNOWN) == NULL;
}

const struct dc_shell_variable *
dc_shell_find (const struct dc_shell *shell, const char *name)
{
  for (size_t i = 0; i < shell->count; i++)
    if (strcmp (shell->variables[i].name, name) == 0)
      return &shell->variables[i];
  return NULL;
}

const char *
dc_shell_value (const struct dc_shell *shell, const char *name)
{
  const struct dc_shell_variable *variable = dc_shell_find (shell, name);

  return variable != NULL && variable->value[0] != '\0' &&
                 dc_shell_is_known (variable->value)
             ? variable->value
             : NULL;
}

static struct dc_shell_variable *
find_or_add (struct dc_shell *shell, const char *name, struct dc_error *err)
{
  const struct dc_shell_variable *known = dc_shell_find (shell, name);

  if (known != NULL)
    return &shell->variables[known - shell->variables];
  if (DC_ARRAY_GROW (shell->variables, shell->count, DC_SHELL_VARIABLE_MAX,
                     "variables", err) < 0)
    return NULL;
  struct dc_shell_variable *added = &shell->variables[shell->count];
  added->name = strdup (name);
  added->value = strdup ("");
  if (added->name == NULL || added->value == NULL) {
    free (added->name);
    free (added->value);
    (void) dc_fail_errno (err, "cannot keep a variable");
    return NULL;
  }
  shell->count++;
  return added;
}

int
dc_shell_set (struct dc_shell *shell, const char *name, const char *value,
              struct dc_proof proof, struct dc_error *err)
{
  if (strlen (name) > NAME_SIZE_MAX)
    return 0;
  char *copy = strdup (value);
  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep a variable");
  struct dc_shell_variable *variable = find_or_add (shell, name, err);
  if (variable == NULL) {
    free (copy);
    shell->is_cut = true;
    return err->code == DC_ERR_LIMIT ? 0 : -1;
  }
  free (variable->value);
  variable->value = copy;
  if (proof.file == NULL && shell->files.count > 0)
    proof.file = shell->files.items[shell->files.count - 1];
  variable->proof = proof;
  return 0;
}

static void
release_statement (struct statement *statement)
{
  dc_words_release (&statement->names);
  dc_words_release (&statement->values);
  dc_words_release (&statement->words);
}

/* Keep NAME=VALUE, or append for NAME+=, as the place of it allows. */
static int
assign (struct reader *reader, const char *name, const char *value,
        struct dc_proof proof, struct dc_error *err)
{
  AUTO_FREE char *plain = NULL;
  AUTO_FREE char *joined = NULL;
  const size_t size = strlen (name);
  const bool appends = size > 1 && name[size - 1] == '+';

  if (dc_text_print (&plain, err, "%.*s", (int) (size - appends), name) < 0)
    return -1;
  const struct dc_shell_variable *known = dc_shell_find (reader->shell, plain);
  const bool is_conditional = reader->depth > 0 || reader->is_behind_operator;
  if (is_conditional && known != NULL && known->value[0] != '\0')
    return 0;
  if (appends && known != NULL) {
    if (strlen (known->value) + strlen (value) > DC_SHELL_VALUE_MAX) {
      reader->shell->is_cut = true;
      return 0;
    }
    if (dc_text_print (&joined, err, "%s%s", known->value, value) < 0)
      return -1;
  }
  return dc_shell_set (reader->shell, plain, joined != NULL ? joined : value,
                       proof, err);
}

/* export NAME=VALUE ... */
static int
export_words (struct reader *reader, const struct statement *statement,
              struct dc_error *err)
{
  for (size_t i = 1; i < statement->words.count; i++) {
    const char *word = statement->words.items[i];
    const char *equals = strchr (word, '=');
    AUTO_FREE char *name = NULL;
    if (equals == NULL || !dc_shell_is_name_byte (word[0], true))
      continue;
    if (dc_text_print (&name, err, "%.*s", (int) (equals - word), word) < 0 ||
        assign (reader, name, equals + 1, statement->proof, err) < 0)
      return -1;
  }
  return 0;
}

/* Files with functions of init scripts set nothing that tells about one. */
static bool
is_followed (const char *path)
{
  static const char *const others[] = {
    "/etc/init.d/functions",
    "/etc/rc.d/init.d/functions",
    "/etc/init.d/functions.sh",
  };

  for (size_t i = 0; i < DC_COUNT (others); i++)
    if (strcmp (path, others[i]) == 0)
      return false;
  return strncmp (path, "/etc/", 5) == 0 && dc_shell_is_known (path);
}

static int
run (struct reader *reader, const struct statement *statement,
     struct dc_error *err)
{
  const char *name = statement->words.items[0];
  const struct dc_shell_command command = {
    .words = &statement->words,
    .function = reader->function,
    .proof = statement->proof,
  };

  if (strcmp (name, "export") == 0 || strcmp (name, "readonly") == 0 ||
      strcmp (name, "declare") == 0)
    return export_words (reader, statement, err);
  if (strcmp (name, ".") == 0 || strcmp (name, "source") == 0)
    return statement->words.count < 2 ||
                   !is_followed (statement->words.items[1])
               ? 0
               : dc_shell_read (reader->shell, statement->words.items[1], err);
  if (strcmp (name, "exit") == 0 || strcmp (name, "return") == 0)
    reader->has_ended = reader->depth == 0 && !reader->is_behind_operator;
  return reader->shell->read != NULL
             ? reader->shell->read (reader->shell->self, &command, err)
             : 0;
}

/* for NAME in WORD: a loop over one word, or pattern, is read as if that were
 * the value.
 */
static int
read_for (struct reader *reader, const struct statement *statement,
          struct dc_error *err)
{
  static const char unknown[] = { DC_SHELL_UNKNOWN, '\0' };
  const struct dc_words *words = &statement->words;

  if (words->count < 3 || strcmp (words->items[1], "in") != 0)
    return 0;
  return assign (reader, words->items[0],
                 words->count == 3 ? words->items[2] : unknown,
                 statement->proof, err);
}

static int
finish (struct reader *reader, const struct statement *statement,
        struct dc_error *err)
{
  if (statement->is_skipped)
    return statement->is_for ? read_for (reader, statement, err) : 0;
  if (statement->words.count > 0)
    return run (reader, statement, err) < 0 ? -1 : 0;
  for (size_t i = 0; i < statement->names.count; i++)
    if (assign (reader, statement->names.items[i], statement->values.items[i],
                statement->proof, err) < 0)
      return -1;
  return 0;
}

static void
skip_blanks (struct dc_shell_lex *lex)
{
  for (; lex->p < lex->end; lex->p++) {
    if (*lex->p == '\\' && lex->end - lex->p > 1 && lex->p[1] == '\n')
      lex->p++;
    else if (strchr (" \t\r", *lex->p) == NULL)
      break;
  }
  if (lex->p < lex->end && *lex->p == '#')
    while (lex->p < lex->end && *lex->p != '\n')
      lex->p++;
}

/* At a newline: the here-documents that were announced follow it. */
static void
skip_here (struct dc_shell_lex *lex)
{
  struct dc_span rest = { lex->p + 1, (size_t) (lex->end - lex->p) - 1 };
  struct dc_span line;

  for (size_t i = 0; i < lex->here_count; i++)
    while (dc_span_line (&rest, &line))
      if (dc_span_compare (dc_span_trim (line), lex->here[i]) == 0)
        break;
  lex->here_count = 0;
  lex->p = lex->end - rest.size;
}

/* At < or >: skip the redirection; a delimiter is remembered. */
static int
skip_redirection (struct dc_shell_lex *lex, struct dc_error *err)
{
  const char *start = lex->p;
  struct dc_shell_word word = { .text =
                                    DC_BUFFER_INIT (DC_SHELL_VALUE_MAX + 1) };

  while (lex->p < lex->end && strchr ("<>&|-", *lex->p) != NULL)
    lex->p++;
  const bool is_here = lex->p - start >= 2 && memcmp (start, "<<", 2) == 0 &&
                       !(lex->p - start >= 3 && start[2] == '<');
  while (lex->p < lex->end && (*lex->p == ' ' || *lex->p == '\t'))
    lex->p++;
  const char *from = lex->p;
  const int status = dc_shell_expand (lex, &word, false, err);
  dc_buffer_release (&word.text);
  if (is_here && lex->here_count < DC_SHELL_HERE_MAX) {
    struct dc_span name = { from, (size_t) (lex->p - from) };
    if (name.size >= 2 && (*from == '\'' || *from == '"'))
      name = (struct dc_span){ from + 1, name.size - 2 };
    name = dc_span_skip (name, dc_span_starts (name, "\\"));
    lex->here[lex->here_count++] = name;
  }
  return status;
}

/* Words that only say how statements belong together: 1 when the text was
 * one, 0.
 */
static int
read_reserved (struct reader *reader, struct statement *statement,
               struct dc_span text)
{
  static const struct {
    const char *word;
    int change; /* of the depth */
    bool skips; /* what follows is no command */
  } reserved[] = {
    { "if", 1, false },      { "then", 0, false }, { "else", 0, false },
    { "elif", 0, false },    { "fi", -1, false },  { "while", 1, false },
    { "until", 1, false },   { "do", 0, false },   { "done", -1, false },
    { "for", 1, true },      { "case", 1, true },  { "esac", -1, false },
    { "{", 1, false },       { "}", -1, false },   { "!", 0, false },
    { "time", 0, false },    { "exec", 0, false }, { "in", 0, true },
    { "command", 0, false }, { "eval", 0, false }, { "function", 0, true },
  };

  for (size_t i = 0; i < DC_COUNT (reserved); i++) {
    if (!dc_span_is (text, reserved[i].word))
      continue;
    if (reserved[i].change > 0)
      reader->depth++;
    if (*text.text == '{' && reader->pending != NULL) {
      free (reader->function);
      reader->function = DC_TAKE (reader->pending);
      reader->function_depth = reader->depth;
    }
    if (*text.text == '}' && reader->depth == reader->function_depth) {
      free (DC_TAKE (reader->function));
      reader->function_depth = 0;
    }
    if (reserved[i].change < 0 && reader->depth > 0)
      reader->depth--;
    reader->lex.is_in_function = reader->function != NULL;
    statement->is_skipped = statement->is_skipped || reserved[i].skips;
    statement->is_for = dc_span_is (text, "for");
    return 1;
  }
  return 0;
}

/* How many bytes of the text at P are NAME= or NAME+=, 0 when none. */
static size_t
size_of_name (const char *p, const char *end)
{
  const char *s = p;

  while (s < end && dc_shell_is_name_byte (*s, s == p))
    s++;
  if (s == p || s == end)
    return 0;
  if (*s == '+' && end - s > 1)
    s++;
  return *s == '=' ? (size_t) (s - p) + 1 : 0;
}

/* The value behind NAME=, where a list in brackets is its text. */
static int
read_value (struct reader *reader, struct statement *statement,
            size_t name_size, struct dc_error *err)
{
  struct dc_shell_lex *lex = &reader->lex;
  AUTO_BUFFER struct dc_buffer list = DC_BUFFER_INIT (DC_SHELL_VALUE_MAX + 1);
  struct dc_shell_word word = { .text =
                                    DC_BUFFER_INIT (DC_SHELL_VALUE_MAX + 1) };

  if (dc_words_add_bytes (&statement->names, lex->p, name_size - 1, err) < 0)
    return -1;
  lex->p += name_size;
  int status;
  if (lex->p < lex->end && *lex->p == '(') {
    const char *start = lex->p + 1;
    lex->p = dc_shell_close (start, lex->end, '(', ')');
    const size_t size = (size_t) (lex->p - start);
    const char *end = lex->p;
    struct dc_shell_lex inner = *lex;
    inner.p = start;
    inner.end = end - (size > 0);
    status = dc_shell_spend (reader->shell, size)
                 ? dc_shell_expand (&inner, &word, true, err)
                 : 0;
  } else {
    status = dc_shell_expand (lex, &word, false, err);
  }
  if (status == 0)
    status =
        dc_words_add (&statement->values, dc_buffer_text (&word.text), err);
  dc_buffer_release (&word.text);
  return status;
}

/* A word of a command, or what stands before one. */
static int
read_word (struct reader *reader, struct statement *statement,
           struct dc_error *err)
{
  struct dc_shell_lex *lex = &reader->lex;
  const char *start = lex->p;
  const size_t before = statement->words.count;
  const size_t name_size = size_of_name (start, lex->end);

  if (before == 0 && name_size > 0)
    return read_value (reader, statement, name_size, err);
  struct dc_shell_word word = {
    .text = DC_BUFFER_INIT (DC_SHELL_VALUE_MAX + 1),
    .words = &statement->words,
  };
  int status = dc_shell_expand (lex, &word, false, err);
  const struct dc_span raw = { start, (size_t) (lex->p - start) };
  /* The digit of "2>" is none of the command's words. */
  const bool is_descriptor = raw.size == 1 && *start >= '0' && *start <= '9' &&
                             lex->p < lex->end &&
                             (*lex->p == '<' || *lex->p == '>');
  if (status == 0 && !is_descriptor && (word.text.size > 0 || word.is_quoted)) {
    if (before > 0 || !read_reserved (reader, statement, raw))
      status =
          dc_words_add (&statement->words, dc_buffer_text (&word.text), err);
  }
  dc_buffer_release (&word.text);
  return status;
}

/* An operator ends the statement: NAME ( begins a function. */
static int
read_operator (struct reader *reader, const struct statement *statement,
               struct dc_error *err)
{
  struct dc_shell_lex *lex = &reader->lex;
  const char op = *lex->p++;

  const bool is_double = lex->p < lex->end && *lex->p == op;
  lex->p += is_double && strchr ("&|;", op) != NULL;
  if (op == '(' && statement->words.count == 1) {
    if (dc_words_add (&reader->shell->functions, statement->words.items[0],
                      err) < 0)
      return -1;
    free (DC_TAKE (reader->pending));
    return dc_text_print (&reader->pending, err, "%s",
                          statement->words.items[0]);
  }
  if (finish (reader, statement, err) < 0)
    return -1;
  reader->is_behind_operator = is_double && (op == '&' || op == '|');
  return 0;
}

/* The next statement, and what ends it. */
static int
read_statement (struct reader *reader, struct statement *statement,
                struct dc_error *err)
{
  struct dc_shell_lex *lex = &reader->lex;

  skip_blanks (lex);
  statement->proof = (struct dc_proof){ reader->file, dc_shell_line (lex) };
  while (lex->p < lex->end) {
    if (*lex->p == '\n') {
      if (finish (reader, statement, err) < 0)
        return -1;
      const bool goes_on =
          statement->words.count == 0 && statement->names.count == 0;
      reader->is_behind_operator = reader->is_behind_operator && goes_on;
      skip_here (lex);
      return 0;
    }
    if (strchr (";&|()", *lex->p) != NULL)
      return read_operator (reader, statement, err);
    if ((*lex->p == '<' || *lex->p == '>'
             ? skip_redirection (lex, err)
             : read_word (reader, statement, err)) < 0)
      return -1;
    skip_blanks (lex);
  }
  return finish (reader, statement, err);
}

static int
read_statements (struct reader *reader, struct dc_error *err)
{
  struct dc_shell_lex *lex = &reader->lex;

  while (lex->p < lex->end && !reader->has_ended &&
         *reader->shell->budget > 0) {
    struct statement statement = { .is_skipped = false };
    const int status = read_statement (reader, &statement, err);
    release_statement (&statement);
    if (status < 0)
      return -1;
  }
  return 0;
}

int
dc_shell_parse (struct dc_shell *shell, const char *text, size_t size,
                const char *file, struct dc_error *err)
{
  if (shell->files.count >= FILE_MAX || !dc_shell_spend (shell, size)) {
    shell->is_cut = true;
    return 0;
  }
  if (dc_words_add (&shell->files, file, err) < 0)
    return -1;
  struct reader reader = {
    .lex = { .shell = shell,
             .p = text,
             .end = text + size,
             .counted = text,
             .line = 1 },
    .shell = shell,
    .file = shell->files.items[shell->files.count - 1],
  };
  const int status = read_statements (&reader, err);
  free (reader.function);
  free (reader.pending);
  return status;
}

int
dc_shell_read (struct dc_shell *shell, const char *path, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_SHELL_FILE_MAX);

  if (shell->depth >= DC_SHELL_DEPTH_MAX) {
    shell->is_cut = true;
    return 0;
  }
  const int found = dc_tree_read_file (shell->tree, path, &b, err);
  if (found < 0 && err->code == DC_ERR_SYSTEM)
    return -1;
  shell->is_cut = shell->is_cut || found < 0;
  const struct dc_span text = { dc_buffer_text (&b), b.size };
  if (found <= 0 || dc_span_has (text, '\0'))
    return 0;
  shell->depth++;
  const int status = dc_shell_parse (shell, text.text, text.size, path, err);
  shell->depth--;
  return status < 0 ? -1 : 1;
}

int
dc_shell_split (struct dc_shell *shell, const char *text,
                struct dc_words *words, struct dc_error *err)
{
  const char *end = text + strlen (text);
  struct dc_shell_lex lex = {
    .shell = shell, .p = text, .end = end, .counted = text
  };

  for (skip_blanks (&lex); lex.p < end; skip_blanks (&lex)) {
    struct dc_shell_word word = {
      .text = DC_BUFFER_INIT (DC_SHELL_VALUE_MAX + 1),
      .words = words,
    };
    int status = 0;
    if (strchr ("\n;&|()<>", *lex.p) != NULL)
      lex.p++;
    else
      status = dc_shell_expand (&lex, &word, false, err);
    if (status == 0 && (word.text.size > 0 || word.is_quoted))
      status = dc_words_add (words, dc_buffer_text (&word.text), err);
    dc_buffer_release (&word.text);
    if (status < 0)
      return -1;
  }
  return 0;
}

void
dc_shell_release (struct dc_shell *shell)
{
  for (size_t i = 0; i < shell->count; i++) {
    free (shell->variables[i].name);
    free (shell->variables[i].value);
  }
  free (shell->variables);
  shell->variables = NULL;
  shell->count = 0;
  dc_words_release (&shell->files);
  dc_words_release (&shell->functions);
  shell->files = shell->functions = (struct dc_words){ NULL, 0 };
  shell->is_cut = false;
}

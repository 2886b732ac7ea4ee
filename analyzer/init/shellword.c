/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/init/shelllex.h"
#include "lib/glob.h"

static const char unknown[] = { DC_SHELL_UNKNOWN, '\0' };

/* Does C end a word that is not quoted? */
static bool
ends_word (char c)
{
  return strchr (" \t\r\n;&|()<>", c) != NULL; /* and NUL */
}

static int
flush (struct dc_shell_word *word, struct dc_error *err)
{
  if (word->text.size == 0)
    return 0;
  if (dc_words_add (word->words, dc_buffer_text (&word->text), err) < 0)
    return -1;
  dc_buffer_clear (&word->text);
  return 0;
}

/* Append SIZE bytes of which blanks make words, unless QUOTED.  A value that
 * becomes too long is not known.
 */
static int
add (struct dc_shell_lex *lex, struct dc_shell_word *word, const char *bytes,
     size_t size, bool quoted, struct dc_error *err)
{
  if (!dc_shell_spend (lex->shell, size))
    return 0;
  for (size_t i = 0; i < size; i++) {
    const bool is_blank = strchr (" \t\r\n", bytes[i]) != NULL;
    if (!quoted && word->words != NULL && is_blank && bytes[i] != '\0') {
      if (flush (word, err) < 0)
        return -1;
      continue;
    }
    if (word->text.size >= DC_SHELL_VALUE_MAX) {
      lex->shell->is_cut = true;
      word->text.data[0] = DC_SHELL_UNKNOWN;
      return 0;
    }
    if (dc_buffer_append (&word->text, &bytes[i], 1, err) < 0)
      return -1;
  }
  return 0;
}

/* TEXT less its shortest or longest beginning (# ##) or end (% %%) that fits
 * PATTERN, in place.
 */
static void
cut (char *text, const char *pattern, char side, bool longest)
{
  const size_t size = strlen (text);

  for (size_t i = 0; i <= size; i++) {
    const size_t n = longest ? size - i : i; /* bytes to cut */
    if (side == '%') {
      if (dc_glob_match (pattern, text + size - n)) {
        text[size - n] = '\0';
        return;
      }
      continue;
    }
    const char kept = text[n];
    text[n] = '\0';
    const bool fits = dc_glob_match (pattern, text);
    text[n] = kept;
    if (fits) {
      memmove (text, text + n, size - n + 1);
      return;
    }
  }
}

/* The operand of an expansion, as text. */
static int
expand_operand (struct dc_shell_lex *lex, struct dc_span operand, unsigned nest,
                char **out, struct dc_error *err)
{
  struct dc_shell_lex inner = {
    .shell = lex->shell,
    .p = operand.text,
    .end = operand.text + operand.size,
    .counted = operand.text,
    .is_in_function = lex->is_in_function,
  };
  struct dc_shell_word word = {
    .text = DC_BUFFER_INIT (DC_SHELL_VALUE_MAX + 1),
    .nest = nest + 1,
  };

  const int status = dc_shell_expand (&inner, &word, true, err);
  if (status == 0)
    *out = dc_buffer_take (&word.text);
  dc_buffer_release (&word.text);
  if (status == 0 && *out == NULL)
    return dc_fail_errno (err, "cannot keep a word");
  return status;
}

/* The value of a parameter: NULL when it is not set. */
static const char *
value_of (const struct dc_shell_lex *lex, const char *name)
{
  const struct dc_shell *shell = lex->shell;

  if (name[0] >= '1' && name[0] <= '9' && !lex->is_in_function)
    return name[0] == '1' ? shell->argument : NULL;
  if (strcmp (name, "0") == 0)
    return shell->name != NULL ? shell->name : unknown;
  if (!dc_shell_is_name_byte (name[0], true))
    return unknown;
  const struct dc_shell_variable *variable = dc_shell_find (shell, name);
  return variable != NULL ? variable->value : NULL;
}

/* ${NAME OPERATOR OPERAND}: # and % cut, the others choose. */
static int
apply (struct dc_shell_lex *lex, struct dc_shell_word *word, const char *name,
       struct dc_span rest, bool quoted, struct dc_error *err)
{
  const char *value = value_of (lex, name);
  const bool has_colon = rest.size > 1 && rest.text[0] == ':';
  const bool is_unset = value == NULL || (has_colon && *value == '\0');
  rest = dc_span_skip (rest, has_colon);
  const char op = rest.text[0];
  AUTO_FREE char *operand = NULL;
  AUTO_FREE char *cut_value = NULL;

  if (strchr ("-=+#%", op) == NULL || word->nest >= DC_SHELL_NEST_MAX ||
      (has_colon && strchr ("#%", op) != NULL))
    return add (lex, word, unknown, 1, quoted, err);
  const bool longest =
      strchr ("#%", op) != NULL && rest.size > 1 && rest.text[1] == op;
  if (expand_operand (lex, dc_span_skip (rest, 1 + longest), word->nest,
                      &operand, err) < 0)
    return -1;
  if (op == '#' || op == '%') {
    cut_value = strdup (value != NULL ? value : "");
    if (cut_value == NULL)
      return dc_fail_errno (err, "cannot keep a value");
    const size_t size = strlen (cut_value);
    if (dc_shell_is_known (cut_value) && dc_shell_is_known (operand) &&
        dc_shell_spend (lex->shell, size * size))
      cut (cut_value, operand, op, longest);
    return add (lex, word, cut_value, strlen (cut_value), quoted, err);
  }
  if (op == '+')
    return is_unset ? 0
                    : add (lex, word, operand, strlen (operand), quoted, err);
  if (is_unset && op == '=' && dc_shell_is_name_byte (name[0], true) &&
      dc_shell_set (lex->shell, name, operand,
                    (struct dc_proof){ NULL, dc_shell_line (lex) }, err) < 0)
    return -1;
  const char *chosen = is_unset ? operand : value;
  return add (lex, word, chosen, strlen (chosen), quoted, err);
}

/* The expansion whose '{' is before P. */
static int
add_braced (struct dc_shell_lex *lex, struct dc_shell_word *word, bool quoted,
            struct dc_error *err)
{
  const char *start = lex->p;
  const char *close = dc_shell_close (start, lex->end, '{', '}');
  AUTO_FREE char *name = NULL;
  size_t size = 0;

  (void) dc_shell_spend (lex->shell, (size_t) (close - start));
  const struct dc_span inside = { start,
                                  (size_t) (close - start) - (close > start) };
  lex->p = close;
  if (inside.size > 0 && dc_shell_is_name_byte (inside.text[0], true))
    while (size < inside.size &&
           dc_shell_is_name_byte (inside.text[size], false))
      size++;
  else
    size = inside.size > 0 && inside.text[0] >= '0' && inside.text[0] <= '9';
  if (size == 0)
    return add (lex, word, unknown, 1, quoted, err);
  if (dc_span_copy ((struct dc_span){ inside.text, size }, &name, err) < 0)
    return -1;
  if (size < inside.size)
    return apply (lex, word, name, dc_span_skip (inside, size), quoted, err);
  const char *value = value_of (lex, name);
  return value == NULL ? 0
                       : add (lex, word, value, strlen (value), quoted, err);
}

/* What stands behind a '$'. */
static int
add_dollar (struct dc_shell_lex *lex, struct dc_shell_word *word, bool quoted,
            struct dc_error *err)
{
  AUTO_FREE char *name = NULL;
  const char *start = ++lex->p;

  if (start < lex->end && *start == '{') {
    lex->p++;
    return add_braced (lex, word, quoted, err);
  }
  if (start < lex->end && *start == '(') {
    lex->p = dc_shell_close (start + 1, lex->end, '(', ')');
    return add (lex, word, unknown, 1, quoted, err);
  }
  while (lex->p < lex->end && dc_shell_is_name_byte (*lex->p, lex->p == start))
    lex->p++;
  if (lex->p == start && lex->p < lex->end && *start >= '0' && *start <= '9')
    lex->p++;
  if (lex->p > start) {
    if (dc_span_copy ((struct dc_span){ start, (size_t) (lex->p - start) },
                      &name, err) < 0)
      return -1;
    const char *value = value_of (lex, name);
    return value == NULL ? 0
                         : add (lex, word, value, strlen (value), quoted, err);
  }
  if (start < lex->end && strchr ("@*#?$!-", *start) != NULL) {
    lex->p++;
    return add (lex, word, unknown, 1, quoted, err);
  }
  return add (lex, word, "$", 1, true, err);
}

static int
add_backquoted (struct dc_shell_lex *lex, struct dc_shell_word *word,
                bool quoted, struct dc_error *err)
{
  for (lex->p++; lex->p < lex->end && *lex->p != '`'; lex->p++)
    if (*lex->p == '\\' && lex->p + 1 < lex->end)
      lex->p++;
  lex->p += lex->p < lex->end;
  return add (lex, word, unknown, 1, quoted, err);
}

/* What a backslash protects; in quotes it protects only some bytes. */
static int
add_escaped (struct dc_shell_lex *lex, struct dc_shell_word *word, bool quoted,
             struct dc_error *err)
{
  const char *start = lex->p;

  if (start + 1 >= lex->end) {
    lex->p = lex->end;
    return 0;
  }
  lex->p += 2;
  if (start[1] == '\n')
    return 0;
  if (quoted && strchr ("$`\"\\", start[1]) == NULL)
    return add (lex, word, start, 2, true, err);
  return add (lex, word, start + 1, 1, true, err);
}

static int
add_single_quoted (struct dc_shell_lex *lex, struct dc_shell_word *word,
                   struct dc_error *err)
{
  const char *start = ++lex->p;

  while (lex->p < lex->end && *lex->p != '\'')
    lex->p++;
  const size_t size = (size_t) (lex->p - start);
  lex->p += lex->p < lex->end;
  word->is_quoted = true;
  return add (lex, word, start, size, true, err);
}

/* One byte or expansion. */
static int
add_one (struct dc_shell_lex *lex, struct dc_shell_word *word, bool quoted,
         struct dc_error *err)
{
  switch (*lex->p) {
  case '\\':
    return add_escaped (lex, word, quoted, err);
  case '$':
    return add_dollar (lex, word, quoted, err);
  case '`':
    return add_backquoted (lex, word, quoted, err);
  default:
    return add (lex, word, lex->p++, 1, true, err);
  }
}

static int
add_double_quoted (struct dc_shell_lex *lex, struct dc_shell_word *word,
                   struct dc_error *err)
{
  word->is_quoted = true;
  for (lex->p++; lex->p < lex->end && *lex->p != '"';)
    if (add_one (lex, word, true, err) < 0)
      return -1;
  lex->p += lex->p < lex->end;
  return 0;
}

int
dc_shell_expand (struct dc_shell_lex *lex, struct dc_shell_word *word,
                 bool whole, struct dc_error *err)
{
  while (lex->p < lex->end && (whole || !ends_word (*lex->p))) {
    int status;
    if (*lex->p == '\'')
      status = add_single_quoted (lex, word, err);
    else if (*lex->p == '"')
      status = add_double_quoted (lex, word, err);
    else
      status = add_one (lex, word, false, err);
    if (status < 0)
      return -1;
  }
  return 0;
}

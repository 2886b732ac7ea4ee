/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/unit/unitenv.h"
#include "analyzer/unit/unitexec.h"
#include "lib/array.h"
#include "lib/buffer.h"
#include "lib/quote.h"

/* What the reading of one setting's commands needs to know. */
struct reader {
  const struct dc_unit *unit;
  const struct dc_setting *setting;
  const char *hostname;
  struct dc_execs *execs;
};

static const char blanks[] = " \t\n\r";

static void
release (struct dc_exec *exec)
{
  free (exec->program);
  dc_words_release (&exec->argv);
}

void
dc_execs_free (struct dc_execs *execs)
{
  if (execs == NULL)
    return;
  for (size_t i = 0; i < execs->count; i++)
    release (&execs->items[i]);
  free (execs->items);
  free (execs);
}

/* Take the prefixes off *WORD.  Each counts once, and only one of + ! and !!
 * does; one too many belongs to the program, which then is refused.
 */
static unsigned
read_prefixes (const char **word)
{
  static const struct {
    char letter;
    enum dc_exec_flag flag;
    unsigned excluded; /* those that may not be there yet */
  } prefixes[] = {
    { '-', DC_EXEC_IGNORE_FAILURE, DC_EXEC_IGNORE_FAILURE },
    { '@', DC_EXEC_OWN_ARGV0, DC_EXEC_OWN_ARGV0 },
    { ':', DC_EXEC_NO_VARIABLES, DC_EXEC_NO_VARIABLES },
    { '+', DC_EXEC_FULL_PRIVILEGES,
      DC_EXEC_FULL_PRIVILEGES | DC_EXEC_NO_SETUID | DC_EXEC_AMBIENT },
    { '!', DC_EXEC_NO_SETUID,
      DC_EXEC_FULL_PRIVILEGES | DC_EXEC_NO_SETUID | DC_EXEC_AMBIENT },
    { '!', DC_EXEC_AMBIENT, DC_EXEC_FULL_PRIVILEGES | DC_EXEC_AMBIENT },
  };
  unsigned flags = 0;

  for (;; (*word)++) {
    size_t i = 0;
    while (i < DC_COUNT (prefixes) && (**word != prefixes[i].letter ||
                                       (flags & prefixes[i].excluded) != 0))
      i++;
    if (i == DC_COUNT (prefixes))
      return flags;
    flags |= prefixes[i].flag;
    if (prefixes[i].flag == DC_EXEC_AMBIENT)
      flags &= ~(unsigned) DC_EXEC_NO_SETUID;
  }
}

/* An absolute path or a file's name, not a folder. */
static int
check_program (const char *program, struct dc_error *err)
{
  const size_t size = strlen (program);
  if (size == 0)
    return dc_fail (err, DC_ERR_INVALID, "the command is empty");
  if (program[size - 1] == '/')
    return dc_fail (err, DC_ERR_INVALID, "command '%s' is a folder",
                    dc_quote (program).text);
  if (program[0] != '/' &&
      (strchr (program, '/') != NULL || strcmp (program, ".") == 0 ||
       strcmp (program, "..") == 0))
    return dc_fail (err, DC_ERR_INVALID,
                    "command '%s' is neither an absolute path nor a name",
                    dc_quote (program).text);
  return 0;
}

/* The program, its prefixes and argv[0] from WORD. */
static int
read_program (const struct reader *reader, const char *word,
              struct dc_exec *exec, struct dc_error *err)
{
  exec->flags = read_prefixes (&word);
  if (dc_unit_expand (reader->unit, word, reader->hostname, &exec->program,
                      err) < 0 ||
      check_program (exec->program, err) < 0)
    return -1;
  return (exec->flags & DC_EXEC_OWN_ARGV0) != 0
             ? 0
             : dc_words_add (&exec->argv, exec->program, err);
}

/* Is the unquoted TOKEN the next word at S? */
static bool
is_token (const char *s, const char *token)
{
  const size_t size = strlen (token);
  return strncmp (s, token, size) == 0 &&
         (s[size] == '\0' || strchr (blanks, s[size]) != NULL);
}

/* The words of one command up to a lone ';' or the end.  The backslash of \;
 * must be seen before the word is unquoted: ";" and \\; are other words.
 */
static int
read_words (const struct reader *reader, const char **s, struct dc_exec *exec,
            struct dc_error *err)
{
  for (;;) {
    *s += strspn (*s, blanks);
    if (is_token (*s, ";") && exec->argv.count > 0)
      return 0;
    if (is_token (*s, "\\;")) {
      *s += 2;
      if (dc_words_add (&exec->argv, ";", err) < 0)
        return -1;
      continue;
    }
    AUTO_FREE char *word = NULL;
    char *expanded = NULL;
    const int status = dc_unit_word (s, &word, err);
    if (status == 0 && exec->argv.count == 0)
      return dc_fail (err, DC_ERR_INVALID, "'@' without a process name");
    if (status <= 0)
      return status;
    if (dc_unit_expand (reader->unit, word, reader->hostname, &expanded, err) <
            0 ||
        dc_words_take (&exec->argv, expanded, err) < 0)
      return -1;
  }
}

/* A command with '-' that cannot be read ends the setting, not the unit. */
static int
read_command (const struct reader *reader, const char *word, const char **s,
              struct dc_error *err)
{
  struct dc_execs *execs = reader->execs;
  if (DC_ARRAY_GROW (execs->items, execs->count, DC_EXEC_COUNT_MAX,
                     "commands of one unit", err) < 0)
    return -1;
  struct dc_exec *exec = &execs->items[execs->count];
  exec->setting = reader->setting;
  if (read_program (reader, word, exec, err) < 0 ||
      read_words (reader, s, exec, err) < 0) {
    const bool is_left_out = (exec->flags & DC_EXEC_IGNORE_FAILURE) != 0 &&
                             err->code == DC_ERR_INVALID;
    release (exec);
    *s = "";
    return is_left_out ? 0 : -1;
  }
  execs->count++;
  return 0;
}

/* All commands of one setting; lone semicolons part them. */
static int
read_setting (const struct reader *reader, struct dc_error *err)
{
  const char *s = reader->setting->value;

  for (;;) {
    AUTO_FREE char *word = NULL;
    const int status = dc_unit_word (&s, &word, err);
    if (status <= 0)
      return status;
    if (strcmp (word, ";") != 0 && read_command (reader, word, &s, err) < 0)
      return -1;
  }
}

int
dc_execs_read (const struct dc_unit *unit, const char *section, const char *key,
               const char *hostname, struct dc_execs **out,
               struct dc_error *err)
{
  DC_AUTO (dc_execs) *execs = calloc (1, sizeof *execs);
  if (execs == NULL)
    return dc_fail_errno (err, "cannot keep commands");

  struct reader reader = {
    .unit = unit,
    .hostname = hostname,
    .execs = execs,
  };
  size_t position = 0;
  while (dc_unit_next (unit, section, key, &position, &reader.setting) == 1)
    if (read_setting (&reader, err) < 0)
      return dc_context (err, "%s:%u", dc_quote (reader.setting->file).text,
                         reader.setting->line);
  *out = DC_TAKE (execs);
  return 0;
}

/* Append the value of the variable named by the SIZE bytes at NAME. */
static int
add_value (const struct dc_words *environment, const char *name, size_t size,
           struct dc_buffer *b, struct dc_error *err)
{
  const char *value = dc_environment_get (environment, name, size);
  return value != NULL ? dc_buffer_append (b, value, strlen (value), err) : 0;
}

/* Is there a ${NAME} at WORD?  NAME may be empty, which no variable is.
 * ${X:-y} is not understood by systemd either and stays as it is.
 */
static bool
has_name (const char *word, size_t *size)
{
  if (strncmp (word, "${", 2) != 0)
    return false;
  *size = strcspn (word + 2, ":}");
  return word[2 + *size] == '}';
}

/* Put the ${X} of WORD in, and make $$ one dollar. */
static int
add_replaced (const char *word, const struct dc_words *environment,
              struct dc_words *argv, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_UNIT_WORD_MAX);

  while (*word != '\0') {
    size_t name = 0, taken, is_dollar = 0;
    int status;
    if (has_name (word, &name)) {
      taken = name + strlen ("${}");
      status = add_value (environment, word + 2, name, &b, err);
    } else {
      is_dollar = strncmp (word, "$$", 2) == 0;
      taken = is_dollar ? 2 : 1 + strcspn (word + 1, "$");
      status = dc_buffer_append (&b, word + is_dollar, taken - is_dollar, err);
    }
    if (status < 0)
      return -1;
    word += taken;
  }
  char *replaced = dc_buffer_take (&b);
  if (replaced == NULL)
    return dc_fail_errno (err, "cannot keep a word");
  return dc_words_take (argv, replaced, err);
}

/* The words in the value of a variable that is a word of its own. */
static int
add_split (const char *name, const struct dc_words *environment,
           struct dc_words *argv, struct dc_error *err)
{
  const char *rest = dc_environment_get (environment, name, strlen (name));
  char *word = NULL;

  while (rest != NULL) {
    const int status = dc_unit_variable_word (&rest, &word, err);
    if (status <= 0)
      return status;
    if (dc_words_take (argv, word, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_exec_argv (const struct dc_exec *exec, const struct dc_words *environment,
              struct dc_words *argv, struct dc_error *err)
{
  for (size_t i = 0; i < exec->argv.count; i++) {
    const char *word = exec->argv.items[i];
    int status;
    if ((exec->flags & DC_EXEC_NO_VARIABLES) != 0)
      status = dc_words_add (argv, word, err);
    else if (word[0] == '$' && word[1] != '{' && word[1] != '$')
      status = add_split (word + 1, environment, argv, err);
    else
      status = add_replaced (word, environment, argv, err);
    if (status < 0)
      return -1;
  }
  return 0;
}

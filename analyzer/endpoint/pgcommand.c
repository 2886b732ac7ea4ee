/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/pgcommand.h"
#include "analyzer/unit/unit.h"
#include "lib/text.h"

static int
add (struct dc_words *words, const char *option, const char *value,
     struct dc_error *err)
{
  if (dc_words_add (words, option, err) < 0 ||
      dc_words_add (words, value, err) < 0)
    return -1;
  return 0;
}

/* The words of -o, which a shell would split; with a quote that stays open
 * nothing starts.
 */
static int
add_options (struct dc_words *words, const char *text, struct dc_error *err)
{
  if (dc_unit_words (text, words, err) == 0)
    return 0;
  return err->code == DC_ERR_SYSTEM ? -1 : 0;
}

/* The value of an option of pg_ctl, at *INDEX: "-Dx", "-D x", "--pgdata=x",
 * "--pgdata x"; NULL when it is another one.
 */
static const char *
value_of (const struct dc_words *argv, size_t *index, const char *letter,
          const char *name)
{
  const char *word = argv->items[*index];
  const size_t size = strlen (name);
  const char *value = NULL;

  if (strncmp (word, letter, 2) == 0)
    value = word + 2;
  else if (strncmp (word, name, size) == 0)
    value = word[size] == '=' ? word + size + 1 : "";
  if (value == NULL || value[0] != '\0' || *index + 1 == argv->count)
    return value;
  return argv->items[++*index];
}

static int
from_pg_ctl (const struct dc_words *argv, struct dc_words *postgres,
             struct dc_error *err)
{
  for (size_t i = 1; i < argv->count; i++) {
    const char *word = argv->items[i];
    const char *folder = value_of (argv, &i, "-D", "--pgdata");
    const char *options =
        folder == NULL ? value_of (argv, &i, "-o", "--options") : NULL;
    if (folder != NULL && add (postgres, "-D", folder, err) < 0)
      return -1;
    if (options != NULL && add_options (postgres, options, err) < 0)
      return -1;
    if (folder == NULL && options == NULL && word[0] == '-' &&
        word[1] != '\0' && strchr ("lmtpUPS", word[1]) != NULL &&
        word[2] == '\0')
      i++;
  }
  return 0;
}

/* pg_ctlcluster OPTIONS VERSION-NAME|VERSION/NAME|VERSION NAME ACTION */
static int
from_pg_ctlcluster (const struct dc_words *argv, struct dc_words *postgres,
                    struct dc_error *err)
{
  const char *words[2] = { NULL, "" };
  size_t count = 0;
  AUTO_FREE char *option = NULL;

  for (size_t i = 1; i < argv->count; i++) {
    const char *word = argv->items[i];
    const char *options = value_of (argv, &i, "-o", "--options");
    if (options != NULL && add_options (postgres, options, err) < 0)
      return -1;
    if (strcmp (word, "-m") == 0)
      i++;
    else if (word[0] != '-' && count < 2)
      words[count++] = word;
  }
  if (count == 0)
    return 0;
  const size_t size = strcspn (words[0], "-/");
  const char *name = words[0][size] != '\0' ? words[0] + size + 1 : words[1];
  if (dc_text_print (&option, err,
                     "config_file=" DC_PG_CLUSTERS "/%.*s/%s/postgresql.conf",
                     (int) size, words[0], name) < 0)
    return -1;
  return add (postgres, "-c", option, err);
}

int
dc_pgcommand (const struct dc_words *argv, struct dc_words *postgres,
              struct dc_error *err)
{
  const char *program = argv->items[0];
  const char *slash = strrchr (program, '/');
  const char *name = slash != NULL ? slash + 1 : program;

  if (dc_words_add (postgres, name, err) < 0)
    return -1;
  if (strcmp (name, "pg_ctl") == 0)
    return from_pg_ctl (argv, postgres, err);
  if (strcmp (name, "pg_ctlcluster") == 0)
    return from_pg_ctlcluster (argv, postgres, err);
  for (size_t i = 1; i < argv->count; i++)
    if (dc_words_add (postgres, argv->items[i], err) < 0)
      return -1;
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/unit/unitenv.h"
#include "lib/buffer.h"
#include "lib/tree/glob.h"

const char *
dc_environment_get (const struct dc_words *environment, const char *name,
                    size_t size)
{
  for (size_t i = 0; i < environment->count; i++)
    if (strncmp (environment->items[i], name, size) == 0 &&
        environment->items[i][size] == '=')
      return environment->items[i] + size + 1;
  return NULL;
}

/* The size of the name in "NAME=value", 0 when it is no assignment.  A value
 * may not hold control characters other than tab and newline.
 */
static size_t
name_size (const char *assignment)
{
  static const char name_bytes[] =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  const size_t size = strspn (assignment, name_bytes);
  if (size == 0 || assignment[size] != '=' || assignment[0] <= '9')
    return 0;
  for (const char *p = assignment + size; *p != '\0'; p++)
    if (((unsigned char) *p < ' ' && *p != '\t' && *p != '\n') || *p == 0x7f)
      return 0;
  return size;
}

int
dc_environment_set (struct dc_words *environment, const char *assignment,
                    struct dc_error *err)
{
  const size_t size = name_size (assignment);
  if (size == 0)
    return 0;
  for (size_t i = 0; i < environment->count; i++) {
    char **item = &environment->items[i];
    if (strncmp (*item, assignment, size + 1) != 0)
      continue;
    char *copy = strdup (assignment);
    if (copy == NULL)
      return dc_fail_errno (err, "cannot keep a variable");
    free (*item);
    *item = copy;
    return 0;
  }
  if (environment->count >= DC_ENVIRONMENT_COUNT_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "more than %d variables",
                    DC_ENVIRONMENT_COUNT_MAX);
  return dc_words_add (environment, assignment, err);
}

/* What one Environment= says.  As systemd: from an open quote on it is
 * ignored, and so is a value whose specifier cannot be expanded.
 */
static int
add_setting (const struct dc_unit *unit, const struct dc_setting *setting,
             const char *hostname, struct dc_words *environment,
             struct dc_error *err)
{
  const char *s = setting->value;

  for (;;) {
    AUTO_FREE char *word = NULL;
    AUTO_FREE char *expanded = NULL;
    int status = dc_unit_word (&s, &word, err);
    if (status < 0 && err->code == DC_ERR_INVALID)
      return 0;
    if (status <= 0)
      return status;
    status = dc_unit_expand (unit, word, hostname, &expanded, err);
    if (status < 0 && err->code == DC_ERR_UNSUPPORTED)
      continue;
    if (status < 0 || dc_environment_set (environment, expanded, err) < 0)
      return -1;
  }
}

/* Read the file at PATH: 1, 0 when there is none or it cannot be used. */
static int
add_file (struct dc_tree *tree, const char *path, struct dc_words *environment,
          struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_ENVIRONMENT_SIZE_MAX);

  int status = dc_tree_read_file (tree, path, &b, err);
  if (status == 1 &&
      dc_environment_parse (dc_buffer_text (&b), b.size, environment, err) < 0)
    status = -1;
  return status < 0 && err->code != DC_ERR_SYSTEM ? 0 : status;
}

/* What one EnvironmentFile= says: 1, or 0 when a file that must be there is
 * not.
 */
static int
add_files (struct dc_tree *tree, const char *pattern,
           struct dc_words *environment, struct dc_error *err)
{
  AUTO_WORDS struct dc_words paths = { NULL, 0 };
  const bool is_optional = pattern[0] == '-';

  if (pattern[is_optional] != '/')
    return 1; /* as systemd: the setting is ignored */
  if (dc_tree_glob (tree, pattern + is_optional, &paths, err) < 0 &&
      err->code == DC_ERR_SYSTEM)
    return -1;
  bool is_complete = paths.count > 0;
  for (size_t i = 0; i < paths.count; i++) {
    const int status = add_file (tree, paths.items[i], environment, err);
    if (status < 0)
      return -1;
    is_complete = is_complete && status == 1;
  }
  return is_complete || is_optional;
}

int
dc_unit_environment (struct dc_tree *tree, const struct dc_unit *unit,
                     const char *section, const char *hostname,
                     struct dc_words *environment, char **missing,
                     struct dc_error *err)
{
  const struct dc_setting *setting;
  AUTO_FREE char *first_missing = NULL;

  for (size_t at = 0;
       dc_unit_next (unit, section, "Environment", &at, &setting) == 1;)
    if (add_setting (unit, setting, hostname, environment, err) < 0)
      return -1;
  for (size_t at = 0;
       dc_unit_next (unit, section, "EnvironmentFile", &at, &setting) == 1;) {
    AUTO_FREE char *pattern = NULL;
    if (dc_unit_expand (unit, setting->value, hostname, &pattern, err) < 0) {
      if (err->code != DC_ERR_UNSUPPORTED)
        return -1;
      continue; /* as systemd: the setting is ignored */
    }
    const int status = add_files (tree, pattern, environment, err);
    if (status < 0)
      return -1;
    if (status == 0 && first_missing == NULL)
      first_missing = DC_TAKE (pattern);
  }
  *missing = DC_TAKE (first_missing);
  return 0;
}

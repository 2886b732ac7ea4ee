/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "analyzer/security/secretsearch.h"
#include "lib/tree/glob.h"
#include "lib/text.h"

/* What a file is taken as, and when it counts. */
struct rule {
  const char *kind;
  const char *only_with; /* bytes of the content; NULL: any */
  bool needs_value;
};

/* Does a file of passwords hold one?  What is not text does. */
static bool
has_value (struct dc_span text)
{
  struct dc_span line, value;

  if (dc_span_has (text, '\0'))
    return true;
  while (dc_span_line (&text, &line))
    if (dc_secret_value (line, &value))
      return true;
  return false;
}

static int
take_file (struct dc_secret_search *search, uint32_t index,
           const struct rule *rule, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_SECRET_FILE_SIZE_MAX);

  if (search->is_seen[index] != 0)
    return 0;
  const int found = dc_secret_open (search, index, &b, err);
  if (found <= 0)
    return found;
  const struct dc_span text = { b.data, b.size };
  if ((rule->only_with != NULL && memmem (b.data, b.size, rule->only_with,
                                          strlen (rule->only_with)) == NULL) ||
      (rule->needs_value && !has_value (text)))
    return 0;
  search->is_seen[index] = 1;
  return dc_secret_add (search, index, 0, rule->kind, NULL, text, err);
}

static int
take_pattern (struct dc_secret_search *search, const char *pattern,
              const struct rule *rule, struct dc_error *err)
{
  AUTO_WORDS struct dc_words paths = { NULL, 0 };

  if (dc_tree_glob (search->tree, pattern, &paths, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0;
  for (size_t i = 0; i < paths.count; i++) {
    const uint32_t index = dc_tree_resolve (search->tree, paths.items[i]);
    if (index != DC_TREE_NONE && S_ISREG (search->tree->entries[index].mode) &&
        take_file (search, index, rule, err) < 0)
      return -1;
  }
  return 0;
}

static int
take_places (struct dc_secret_search *search, struct dc_error *err)
{
  const struct dc_secret_file_rule *rules = search->template->files.items;

  for (size_t r = 0; r < search->template->files.count; r++) {
    const struct rule rule = { rules[r].kind, rules[r].only_with,
                               rules[r].needs_value };
    for (size_t i = 0; i < rules[r].paths.count; i++)
      if (take_pattern (search, rules[r].paths.items[i], &rule, err) < 0)
        return -1;
  }
  return 0;
}

/* Mark all entries below folders where people put things of their own. */
static void
mark_own (const struct dc_tree *tree, uint8_t *is_own)
{
  static const char *const folders[] = {
    "/etc", "/root", "/home", "/opt", "/srv", "/usr/local", "/var/www", "/app",
  };

  dc_tree_mark_below (tree, folders, DC_COUNT (folders), is_own);
}

static int
take_named (struct dc_secret_search *search, uint32_t index,
            struct dc_error *err)
{
  const struct dc_secret_suffix_rule *rules = search->template->suffixes.items;
  const char *name = search->tree->entries[index].name;

  for (size_t r = 0; r < search->template->suffixes.count; r++) {
    const struct rule rule = { rules[r].kind, rules[r].only_with, false };
    if (dc_text_ends_in (name, rules[r].suffix))
      return take_file (search, index, &rule, err);
  }
  return 0;
}

int
dc_secret_files (struct dc_secret_search *search, struct dc_error *err)
{
  const struct dc_tree *tree = search->tree;
  AUTO_FREE uint8_t *is_own = calloc ((size_t) tree->count + 1, 1);

  if (is_own == NULL)
    return dc_fail_errno (err, "cannot look for secrets");
  if (take_places (search, err) < 0)
    return -1;
  mark_own (tree, is_own);
  for (uint32_t i = 0; i < tree->count; i++)
    if (is_own[i] && S_ISREG (tree->entries[i].mode) &&
        take_named (search, i, err) < 0)
      return -1;
  return 0;
}

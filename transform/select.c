/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "transform/select.h"

#define RULE_MAX 255
#define COMPONENT_MAX 256 /* bytes; the patterns are our own */

/* One pattern on its way down the tree. */
struct search {
  const struct dc_tree *tree;
  uint8_t *rules;
  uint8_t rule;
  bool only_files;
};

static void
mark (const struct search *search, uint32_t index)
{
  const struct dc_entry *entry = &search->tree->entries[index];

  if (search->rules[index] == 0 &&
      (!search->only_files || S_ISREG (entry->mode)))
    search->rules[index] = search->rule;
}

/* Mark what is below FOLDER.  Where folders are marked too, their children
 * follow them later and need no visit.
 */
static void
mark_below (const struct search *search, uint32_t folder)
{
  const struct dc_entry *entries = search->tree->entries;
  uint32_t i = entries[folder].first_child;

  while (i != DC_TREE_NONE) {
    mark (search, i);
    if (search->only_files && entries[i].first_child != DC_TREE_NONE) {
      i = entries[i].first_child;
      continue;
    }
    while (entries[i].next_sibling == DC_TREE_NONE &&
           entries[i].parent != folder)
      i = entries[i].parent;
    i = entries[i].next_sibling;
  }
}

static void find (const struct search *search, uint32_t folder,
                  const char *pattern);

static void
found (const struct search *search, uint32_t index, const char *rest)
{
  if (rest == NULL)
    mark (search, index);
  else if (strcmp (rest, "**") == 0)
    mark_below (search, index);
  else
    find (search, index, rest);
}

/* PATTERN's components are few, so this recursion is shallow. */
static void
find (const struct search *search, uint32_t folder, const char *pattern)
{
  const struct dc_tree *tree = search->tree;
  const char *slash = strchr (pattern, '/');
  const char *rest = slash != NULL ? slash + 1 : NULL;
  const size_t size =
      slash != NULL ? (size_t) (slash - pattern) : strlen (pattern);
  char component[COMPONENT_MAX];

  if (size >= sizeof component)
    return;
  memcpy (component, pattern, size);
  component[size] = '\0';
  if (strpbrk (component, "*?[") == NULL) {
    const uint32_t child = dc_tree_child (tree, folder, component);
    if (child != DC_TREE_NONE)
      found (search, child, rest);
    return;
  }
  for (uint32_t i = tree->entries[folder].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling)
    if (fnmatch (component, tree->entries[i].name, 0) == 0)
      found (search, i, rest);
}

static bool
is_one_of (const struct dc_yaml_texts *patterns, const char *name)
{
  for (size_t i = 0; i < patterns->count; i++)
    if (fnmatch (patterns->items[i], name, 0) == 0)
      return true;
  return false;
}

/* The files of packages that RULE names. */
static int
mark_packages (const struct search *search, const struct dc_select_rule *rule,
               const struct dc_packages *packages, const uint32_t *owners,
               struct dc_error *err)
{
  const struct dc_tree *tree = search->tree;

  if (rule->packages.count == 0 || packages->count == 0)
    return 0;
  AUTO_FREE bool *is_named = calloc (packages->count, sizeof *is_named);
  if (is_named == NULL)
    return dc_fail_errno (err, "cannot keep %zu marks", packages->count);
  for (size_t i = 0; i < packages->count; i++)
    is_named[i] = is_one_of (&rule->packages, packages->items[i].name);
  for (uint32_t i = 0; i < tree->count; i++)
    if (owners[i] != DC_TREE_NONE && is_named[owners[i]] &&
        !S_ISDIR (tree->entries[i].mode))
      mark (search, i);
  return 0;
}

int
dc_select (const struct dc_tree *tree, const struct dc_packages *packages,
           const uint32_t *owners, struct dc_selection **out,
           struct dc_error *err)
{
  DC_AUTO (dc_selection) *selection = calloc (1, sizeof *selection);

  if (selection == NULL)
    return dc_fail_errno (err, "cannot keep a selection");
  if (dc_select_template_load (&selection->template, err) < 0)
    return -1;
  const struct dc_yaml_list *list = &selection->template->leave_out;
  if (list->count >= RULE_MAX)
    return dc_fail (err, DC_ERR_INVALID, "select.yaml: more than %d rules",
                    RULE_MAX - 1);
  selection->count = tree->count;
  selection->rules = calloc (tree->count, 1);
  if (selection->rules == NULL)
    return dc_fail_errno (err, "cannot keep %u marks", tree->count);

  const struct dc_select_rule *rules = list->items;
  for (size_t i = 0; i < list->count; i++) {
    const struct search search = { tree, selection->rules, (uint8_t) (i + 1),
                                   rules[i].only_files };
    for (size_t j = 0; j < rules[i].paths.count; j++)
      find (&search, 0, rules[i].paths.items[j]);
    if (mark_packages (&search, &rules[i], packages, owners, err) < 0)
      return -1;
  }
  /* A folder comes before what is in it, so one pass carries marks down. */
  for (uint32_t i = 1; i < tree->count; i++)
    if (selection->rules[i] == 0)
      selection->rules[i] = selection->rules[tree->entries[i].parent];
  *out = DC_TAKE (selection);
  return 0;
}

const char *
dc_selection_reason (const struct dc_selection *selection, uint32_t index)
{
  const struct dc_select_rule *rules = selection->template->leave_out.items;

  return selection->rules[index] == 0
             ? NULL
             : rules[selection->rules[index] - 1].reason;
}

void
dc_selection_free (struct dc_selection *selection)
{
  if (selection == NULL)
    return;
  dc_select_template_free (selection->template);
  free (selection->rules);
  free (selection);
}

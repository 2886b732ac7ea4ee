/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "transform/select.h"

#define COMPONENT_MAX 256 /* bytes; the patterns are our own */

/* One pattern on its way down the tree. */
struct search {
  const struct dc_tree *tree;
  uint8_t *rules; /* NULL: only look */
  uint8_t rule;
  bool only_files;
  bool goes_down; /* mark also what is below; else somebody carries it down */
  bool has_found; /* anything */
};

static void
mark (struct search *search, uint32_t index)
{
  const struct dc_entry *entry = &search->tree->entries[index];

  search->has_found = true;
  if (search->rules != NULL && search->rules[index] == 0 &&
      (!search->only_files || S_ISREG (entry->mode)))
    search->rules[index] = search->rule;
}

/* Mark what is below FOLDER.  Where folders are marked too, their children
 * follow them later and need no visit.
 */
static void
mark_below (struct search *search, uint32_t folder)
{
  const struct dc_entry *entries = search->tree->entries;
  uint32_t i = entries[folder].first_child;

  while (i != DC_TREE_NONE) {
    mark (search, i);
    if ((search->only_files || search->goes_down) &&
        entries[i].first_child != DC_TREE_NONE) {
      i = entries[i].first_child;
      continue;
    }
    while (entries[i].next_sibling == DC_TREE_NONE &&
           entries[i].parent != folder)
      i = entries[i].parent;
    i = entries[i].next_sibling;
  }
}

/* Mark INDEX and all that is below it. */
static void
mark_all (struct search *search, uint32_t index)
{
  const struct dc_entry *entries = search->tree->entries;
  uint32_t i = entries[index].first_child;

  mark (search, index);
  while (i != DC_TREE_NONE && i != index) {
    mark (search, i);
    if (entries[i].first_child != DC_TREE_NONE) {
      i = entries[i].first_child;
      continue;
    }
    while (i != index && entries[i].next_sibling == DC_TREE_NONE)
      i = entries[i].parent;
    if (i != index)
      i = entries[i].next_sibling;
  }
}

static void find (struct search *search, uint32_t folder, const char *pattern);

/* The rest of the pattern in the folder INDEX and all below it. */
static void
find_below (struct search *search, uint32_t folder, const char *rest)
{
  const struct dc_entry *entries = search->tree->entries;
  uint32_t i = folder;

  for (;;) {
    if (S_ISDIR (entries[i].mode))
      find (search, i, rest);
    if (entries[i].first_child != DC_TREE_NONE) {
      i = entries[i].first_child;
      continue;
    }
    while (i != folder && entries[i].next_sibling == DC_TREE_NONE)
      i = entries[i].parent;
    if (i == folder)
      return;
    i = entries[i].next_sibling;
  }
}

static void
found (struct search *search, uint32_t index, const char *rest)
{
  if (rest == NULL && search->goes_down)
    mark_all (search, index);
  else if (rest == NULL)
    mark (search, index);
  else if (strncmp (rest, "**/", 3) == 0)
    find_below (search, index, rest + 3);
  else if (strcmp (rest, "**") == 0)
    mark_below (search, index);
  else
    find (search, index, rest);
}

/* PATTERN's components are few, so this recursion is shallow. */
static void
find (struct search *search, uint32_t folder, const char *pattern)
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
mark_packages (struct search *search, const struct dc_select_rule *rule,
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

/* A folder comes before what is in it, so one pass carries marks down. */
static void
carry_down (struct dc_selection *selection, const struct dc_tree *tree)
{
  for (uint32_t i = 1; i < tree->count; i++)
    if (selection->rules[i] == 0)
      selection->rules[i] = selection->rules[tree->entries[i].parent];
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
  if (list->count > DC_SELECT_REASON_MAX)
    return dc_fail (err, DC_ERR_INVALID, "select.yaml: more than %d rules",
                    DC_SELECT_REASON_MAX);
  selection->count = tree->count;
  selection->rules = calloc (tree->count, 1);
  if (selection->rules == NULL)
    return dc_fail_errno (err, "cannot keep %u marks", tree->count);

  const struct dc_select_rule *rules = list->items;
  for (size_t i = 0; i < list->count; i++) {
    struct search search = { .tree = tree,
                             .rules = selection->rules,
                             .rule = (uint8_t) (i + 1),
                             .only_files = rules[i].only_files };
    selection->reasons[selection->reason_count++] = rules[i].reason;
    for (size_t j = 0; j < rules[i].paths.count; j++)
      find (&search, 0, rules[i].paths.items[j]);
    if (mark_packages (&search, &rules[i], packages, owners, err) < 0)
      return -1;
  }
  carry_down (selection, tree);
  *out = DC_TAKE (selection);
  return 0;
}

/* The rule number of REASON; 0 when there is no room for another one. */
static uint8_t
add_reason (struct dc_selection *selection, const char *reason,
            struct dc_error *err)
{
  for (size_t i = 0; i < selection->reason_count; i++)
    if (strcmp (selection->reasons[i], reason) == 0)
      return (uint8_t) (i + 1);
  if (selection->reason_count >= DC_SELECT_REASON_MAX) {
    (void) dc_fail (err, DC_ERR_LIMIT,
                    "more than %d reasons to leave something out",
                    DC_SELECT_REASON_MAX);
    return 0;
  }
  selection->reasons[selection->reason_count++] = reason;
  return (uint8_t) selection->reason_count;
}

int
dc_selection_leave (struct dc_selection *selection, const struct dc_tree *tree,
                    uint32_t index, const char *reason, struct dc_error *err)
{
  struct search search = { .tree = tree,
                           .rules = selection->rules,
                           .rule = add_reason (selection, reason, err) };

  if (search.rule == 0)
    return -1;
  mark_all (&search, index);
  return 0;
}

int
dc_selection_leave_pattern (struct dc_selection *selection,
                            const struct dc_tree *tree, const char *pattern,
                            const char *reason, struct dc_error *err)
{
  struct search search = { .tree = tree,
                           .rules = selection->rules,
                           .rule = add_reason (selection, reason, err),
                           .goes_down = true };

  if (search.rule == 0)
    return -1;
  find (&search, 0, pattern + (pattern[0] == '/'));
  return 0;
}

int
dc_selection_keep (struct dc_selection *selection, const bool *is_kept,
                   const char *reason, struct dc_error *err)
{
  const uint8_t rule = add_reason (selection, reason, err);

  if (rule == 0)
    return -1;
  for (uint32_t i = 1; i < selection->count; i++)
    if (selection->rules[i] == 0 && !is_kept[i])
      selection->rules[i] = rule;
  return 0;
}

bool
dc_select_fits (const struct dc_tree *tree, const char *pattern)
{
  struct search search = { .tree = tree };

  find (&search, 0, pattern + (pattern[0] == '/'));
  return search.has_found;
}

const char *
dc_selection_reason (const struct dc_selection *selection, uint32_t index)
{
  return selection->rules[index] == 0
             ? NULL
             : selection->reasons[selection->rules[index] - 1];
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

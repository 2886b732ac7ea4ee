/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/program/keeper.h"
#include "lib/array.h"
#include "lib/quote.h"
#include "lib/tree/glob.h"

int
dc_keep_entry (struct dc_keeping *keeping, uint32_t index,
               enum dc_kept_reason reason, uint32_t because,
               struct dc_error *err)
{
  struct dc_kept *kept = keeping->kept;

  if (keeping->keeper->is_kept[index])
    return 0;
  if (DC_ARRAY_GROW (kept->items, kept->count, DC_TREE_ENTRY_MAX, "kept files",
                     err) < 0)
    return -1;
  keeping->keeper->is_kept[index] = 1;
  kept->items[kept->count++] = (struct dc_kept_file){ index, because, reason };
  return 0;
}

/* What follows a folder in the order of paths, and is below it. */
static uint32_t
next_below (const struct dc_tree *tree, uint32_t root, uint32_t index)
{
  const struct dc_entry *entries = tree->entries;

  if (entries[index].first_child != DC_TREE_NONE)
    return entries[index].first_child;
  while (index != root && entries[index].next_sibling == DC_TREE_NONE)
    index = entries[index].parent;
  return index == root ? DC_TREE_NONE : entries[index].next_sibling;
}

int
dc_keep_below (struct dc_keeping *keeping, uint32_t index,
               enum dc_kept_reason reason, uint32_t because,
               struct dc_error *err)
{
  const struct dc_tree *tree = keeping->keeper->tree;

  for (uint32_t i = index; i != DC_TREE_NONE; i = next_below (tree, index, i))
    if (dc_keep_entry (keeping, i, reason, because, err) < 0)
      return -1;
  return 0;
}

/* All that fits PATTERN, folders with what is in them. */
static int
keep_pattern (struct dc_keeping *keeping, const char *pattern,
              enum dc_kept_reason reason, uint32_t because,
              struct dc_error *err)
{
  AUTO_WORDS struct dc_words paths = { NULL, 0 };

  if (dc_tree_glob (keeping->keeper->tree, pattern, &paths, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0;
  for (size_t i = 0; i < paths.count; i++) {
    const uint32_t index =
        dc_tree_resolve (keeping->keeper->tree, paths.items[i]);
    if (index != DC_TREE_NONE && index != 0 &&
        dc_keep_below (keeping, index, reason, because, err) < 0)
      return -1;
  }
  return 0;
}

static int
keep_patterns (struct dc_keeping *keeping, const struct dc_yaml_texts *patterns,
               enum dc_kept_reason reason, uint32_t because,
               struct dc_error *err)
{
  for (size_t i = 0; i < patterns->count; i++)
    if (keep_pattern (keeping, patterns->items[i], reason, because, err) < 0)
      return -1;
  return 0;
}

static int
keep_path (struct dc_keeping *keeping, const char *path,
           enum dc_kept_reason reason, struct dc_error *err)
{
  const uint32_t index = path == NULL
                             ? DC_TREE_NONE
                             : dc_tree_resolve (keeping->keeper->tree, path);

  return index == DC_TREE_NONE || index == 0
             ? 0
             : dc_keep_entry (keeping, index, reason, DC_TREE_NONE, err);
}

/* The unit's own files, its drop-ins, and files of variables. */
static int
keep_unit (struct dc_keeping *keeping, struct dc_error *err)
{
  const struct dc_unit *unit = keeping->unit;
  const struct dc_setting *setting;
  size_t position = 0;

  if (keep_path (keeping, unit->file, DC_KEPT_UNIT, err) < 0)
    return -1;
  for (size_t i = 0; i < unit->setting_count; i++)
    if (keep_path (keeping, unit->settings[i].file, DC_KEPT_UNIT, err) < 0)
      return -1;
  while (dc_unit_next (unit, "Service", "EnvironmentFile", &position,
                       &setting) > 0)
    if (keep_path (keeping, setting->value + (*setting->value == '-'),
                   DC_KEPT_UNIT, err) < 0)
      return -1;
  return 0;
}

/* The application of the unit, if we know it. */
static int
keep_application (struct dc_keeping *keeping, struct dc_error *err)
{
  struct dc_keeper *keeper = keeping->keeper;
  const struct dc_app *app = NULL;
  int found = 0;

  for (size_t i = 0; i < keeping->kept->programs.count && found == 0; i++) {
    const char *path = keeping->kept->programs.items[i];
    const char *slash = strrchr (path, '/');
    found = dc_apps_find (&keeper->apps, DC_APP_PROGRAMS,
                          slash != NULL ? slash + 1 : path, &app, err);
  }
  if (found == 0)
    found = dc_apps_find (&keeper->apps, DC_APP_UNITS, keeping->unit->name,
                          &app, err);
  if (found <= 0)
    return found;
  if (keep_patterns (keeping, &app->config, DC_KEPT_CONFIGURATION, DC_TREE_NONE,
                     err) < 0)
    return -1;
  return keep_patterns (keeping, &app->data, DC_KEPT_DATA, DC_TREE_NONE, err);
}

static int
keep_always (struct dc_keeping *keeping, struct dc_error *err)
{
  const struct dc_yaml_list *always = &keeping->keeper->template->always;
  const struct dc_keep_rule *rules = always->items;

  for (size_t i = 0; i < always->count; i++)
    if (keep_patterns (keeping, &rules[i].paths, DC_KEPT_ALWAYS, (uint32_t) i,
                       err) < 0)
      return -1;
  return dc_keep_programs (keeping, err);
}

/* Where the links lead that are kept since FIRST, and the folders above. */
static int
keep_around (struct dc_keeping *keeping, size_t first, struct dc_error *err)
{
  const struct dc_tree *tree = keeping->keeper->tree;

  for (size_t i = first; i < keeping->kept->count; i++) {
    const uint32_t index = keeping->kept->items[i].index;
    const struct dc_entry *entry = &tree->entries[index];
    const uint32_t target =
        entry->target == NULL
            ? DC_TREE_NONE
            : dc_tree_resolve_at (tree, entry->parent, entry->target);
    if (target != DC_TREE_NONE &&
        dc_keep_entry (keeping, target, DC_KEPT_TARGET, index, err) < 0)
      return -1;
    if (dc_keep_entry (keeping, entry->parent, DC_KEPT_WAY, index, err) < 0)
      return -1;
  }
  return 0;
}

/* Links to what is kept, and the folders above all, to which there may be
 * further links: /lib leads to usr/lib.
 */
static int
keep_ways (struct dc_keeping *keeping, struct dc_error *err)
{
  const struct dc_keeper *keeper = keeping->keeper;
  size_t before = 0;

  for (int round = 0; round < DC_TREE_LINK_MAX; round++) {
    if (keep_around (keeping, before, err) < 0)
      return -1;
    before = keeping->kept->count;
    for (uint32_t i = 0; i < keeper->link_count; i++)
      if (keeper->is_kept[keeper->targets[i]] &&
          dc_keep_entry (keeping, keeper->links[i], DC_KEPT_WAY,
                         keeper->targets[i], err) < 0)
        return -1;
    if (keeping->kept->count == before)
      break;
  }
  return 0;
}

static int
by_index (const void *a, const void *b)
{
  const struct dc_kept_file *x = a, *y = b;
  return (x->index > y->index) - (x->index < y->index);
}

static int
collect (struct dc_keeping *keeping, struct dc_error *err)
{
  static int (*const steps[]) (struct dc_keeping *, struct dc_error *) = {
    keep_unit,        dc_keep_commands, dc_keep_programs, keep_application,
    dc_keep_packages, keep_always,      keep_ways,
  };

  for (size_t i = 0; i < DC_COUNT (steps); i++)
    if (steps[i](keeping, err) < 0)
      return -1;
  dc_words_sort (&keeping->kept->missing);
  return 0;
}

int
dc_keeper_service (struct dc_keeper *keeper, const struct dc_unit *unit,
                   struct dc_kept *out, struct dc_error *err)
{
  struct dc_kept kept = { .count = 0 };
  struct dc_keeping keeping = { keeper, unit, &kept, 0 };

  const int status = collect (&keeping, err);
  for (size_t i = 0; i < kept.count; i++)
    keeper->is_kept[kept.items[i].index] = 0;
  if (status < 0) {
    dc_kept_release (&kept);
    return -1;
  }
  qsort (kept.items, kept.count, sizeof *kept.items, by_index);
  *out = kept;
  return 0;
}

void
dc_kept_release (struct dc_kept *kept)
{
  free (kept->items);
  dc_words_release (&kept->programs);
  dc_words_release (&kept->missing);
  dc_words_release (&kept->packages);
  dc_words_release (&kept->plugins);
  *kept = (struct dc_kept){ .count = 0 };
}

static const struct {
  const char *name, *text; /* %s: what BECAUSE is */
} reasons[DC_KEPT_REASON_COUNT] = {
  [DC_KEPT_UNIT] = { "unit", "the service manager reads it" },
  [DC_KEPT_COMMAND] = { "command", "the service runs it" },
  [DC_KEPT_INTERPRETER] = { "interpreter", "it runs %s" },
  [DC_KEPT_LOADER] = { "loader", "it loads %s" },
  [DC_KEPT_LIBRARY] = { "library", "%s is linked to it" },
  [DC_KEPT_NAMED] = { "named", "%s names it" },
  [DC_KEPT_CONFIGURATION] = { "configuration", "the application reads it" },
  [DC_KEPT_DATA] = { "data", "the application's data" },
  [DC_KEPT_PACKAGE] = { "package", "it lies in the package of %s" },
  [DC_KEPT_NEEDED] = { "needed", "package %s is needed by another" },
  [DC_KEPT_ALWAYS] = { "always", "%s" },
  [DC_KEPT_TARGET] = { "target", "%s leads to it" },
  [DC_KEPT_WAY] = { "way", "it leads to %s" },
};

const char *
dc_kept_reason_name (enum dc_kept_reason reason)
{
  return reasons[reason].name;
}

int
dc_kept_because (const struct dc_keeper *keeper,
                 const struct dc_kept_file *file, struct dc_buffer *b,
                 struct dc_error *err)
{
  const char *text = reasons[file->reason].text;
  const char *place = strstr (text, "%s");
  const struct dc_keep_rule *rules = keeper->template->always.items;
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);

  dc_buffer_clear (b);
  if (place == NULL)
    return dc_buffer_print (b, err, "%s", text);
  if (file->reason == DC_KEPT_ALWAYS)
    return dc_buffer_print (b, err, "%s", rules[file->because].reason);
  if (file->reason == DC_KEPT_NEEDED) {
    if (dc_buffer_print (&path, err, "%s",
                         keeper->profile->packages->items[file->because].name) <
        0)
      return -1;
  } else if (file->because == DC_TREE_NONE) {
    if (dc_buffer_print (&path, err, "the service") < 0)
      return -1;
  } else {
    AUTO_BUFFER struct dc_buffer rest = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
    if (dc_tree_path (keeper->tree, file->because, &rest, err) < 0 ||
        dc_buffer_print (&path, err, "/%s", dc_buffer_text (&rest)) < 0)
      return -1;
  }
  return dc_buffer_print (b, err, "%.*s%s%s", (int) (place - text), text,
                          dc_quote (dc_buffer_text (&path)).text, place + 2);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/profile.h"
#include "lib/array.h"
#include "lib/text.h"
#include "lib/tree/glob.h"
#include "templates/apps.h"
#include "templates/templates.h"
#include "analyzer/unit/unitconverted.h"

#define MIB ((uint64_t) 1024 * 1024)

/* What lies below each entry, itself included. */
struct sums {
  uint64_t *size;
  uint32_t *files;
  int64_t *newest;
};

struct search {
  struct dc_tree *tree;
  struct dc_profile *profile;
  struct dc_storage_template *template;
  struct sums sums;
};

static void
release_item (struct dc_storage_item *item)
{
  free (item->path);
  free (item->kind);
  free (item->reason);
  free (item->service);
}

static void
release_sums (struct sums *sums)
{
  free (sums->size);
  free (sums->files);
  free (sums->newest);
}

/* The name that has the data counts, so that a file counts once. */
static bool
has_data (const struct dc_tree *tree, uint32_t index)
{
  const struct dc_entry *entry = &tree->entries[index];
  return S_ISREG (entry->mode) &&
         (entry->hardlink == DC_TREE_NONE || entry->hardlink == index);
}

/* What is below a folder comes behind it, so going backwards meets children
 * first.
 */
static int
make_sums (const struct dc_tree *tree, struct sums *sums, struct dc_error *err)
{
  const size_t count = (size_t) tree->count + 1;

  sums->size = calloc (count, sizeof *sums->size);
  sums->files = calloc (count, sizeof *sums->files);
  sums->newest = calloc (count, sizeof *sums->newest);
  if (sums->size == NULL || sums->files == NULL || sums->newest == NULL)
    return dc_fail_errno (err, "cannot add up %zu files", count);
  for (uint32_t i = tree->count; i-- > 0;) {
    const struct dc_entry *entry = &tree->entries[i];
    if (has_data (tree, i)) {
      sums->size[i] += entry->size;
      sums->files[i]++;
      sums->newest[i] = entry->mtime;
    }
    if (i == 0)
      break;
    sums->size[entry->parent] += sums->size[i];
    sums->files[entry->parent] += sums->files[i];
    if (sums->newest[i] > sums->newest[entry->parent])
      sums->newest[entry->parent] = sums->newest[i];
  }
  return 0;
}

static int
path_of (const struct dc_tree *tree, uint32_t index, char **out,
         struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);

  if (dc_tree_path (tree, index, &path, err) < 0)
    return -1;
  return dc_text_print (out, err, "/%s", dc_buffer_text (&path));
}

/* What an item is beside its place. */
struct label {
  const char *kind, *reason, *service;
};

static int
fill (const struct search *search, uint32_t index, const struct label *label,
      struct dc_storage_item *item, struct dc_error *err)
{
  item->size = search->sums.size[index];
  item->files = search->sums.files[index];
  item->newest = search->sums.newest[index];
  if (path_of (search->tree, index, &item->path, err) < 0 ||
      dc_text_copy (label->kind, &item->kind, err) < 0 ||
      dc_text_copy (label->reason, &item->reason, err) < 0 ||
      dc_text_copy (label->service, &item->service, err) < 0)
    return -1;
  return 0;
}

static int
add (const struct search *search, uint32_t index, const struct label *label,
     struct dc_storage_item **items, size_t *count, struct dc_error *err)
{
  struct dc_storage_item item = { .path = NULL };

  if (*count >= DC_STORAGE_ITEM_MAX)
    return 0;
  if (fill (search, index, label, &item, err) < 0 ||
      DC_ARRAY_GROW (*items, *count, DC_STORAGE_ITEM_MAX, "places of data",
                     err) < 0) {
    release_item (&item);
    return -1;
  }
  (*items)[(*count)++] = item;
  return 0;
}

/* Everything that fits PATTERN and holds something. */
static int
add_pattern (const struct search *search, const char *pattern,
             const struct label *label, struct dc_error *err)
{
  struct dc_storage *storage = &search->profile->storage;
  AUTO_WORDS struct dc_words paths = { NULL, 0 };

  if (dc_tree_glob (search->tree, pattern, &paths, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0;
  for (size_t i = 0; i < paths.count; i++) {
    const uint32_t index = dc_tree_resolve (search->tree, paths.items[i]);
    if (index != DC_TREE_NONE && index != 0 && search->sums.size[index] > 0 &&
        add (search, index, label, &storage->items, &storage->count, err) < 0)
      return -1;
  }
  return 0;
}

static int
find_folders (const struct search *search, struct dc_error *err)
{
  const struct dc_storage_folder_rule *rules = search->template->folders.items;

  for (size_t r = 0; r < search->template->folders.count; r++)
    for (size_t i = 0; i < rules[r].paths.count; i++) {
      const struct label label = { rules[r].kind, rules[r].reason, NULL };
      if (add_pattern (search, rules[r].paths.items[i], &label, err) < 0)
        return -1;
    }
  return 0;
}

static bool
ends_in (const char *name, const char *suffix)
{
  const size_t size = strlen (name), end = strlen (suffix);
  return size >= end && strcmp (name + size - end, suffix) == 0;
}

static const struct dc_storage_file_rule *
find_rule (const struct search *search, const struct dc_entry *entry)
{
  const struct dc_storage_file_rule *rules = search->template->files.items;

  for (size_t r = 0; r < search->template->files.count; r++)
    for (size_t i = 0; i < rules[r].suffixes.count; i++)
      if (entry->size >= (uint64_t) rules[r].min_mib * MIB &&
          ends_in (entry->name, rules[r].suffixes.items[i]))
        return &rules[r];
  return NULL;
}

static int
find_files (const struct search *search, struct dc_error *err)
{
  struct dc_storage *storage = &search->profile->storage;

  for (uint32_t i = 1; i < search->tree->count; i++) {
    const struct dc_entry *entry = &search->tree->entries[i];
    if (entry->size < MIB || !has_data (search->tree, i))
      continue;
    const struct dc_storage_file_rule *rule = find_rule (search, entry);
    if (rule == NULL)
      continue;
    const struct label label = { rule->kind, rule->reason, NULL };
    if (add (search, i, &label, &storage->items, &storage->count, err) < 0)
      return -1;
  }
  return 0;
}

/* The folders that an application says are its data. */
static int
add_application (const struct search *search, const struct dc_unit *unit,
                 struct dc_error *err)
{
  const struct dc_app *app;
  const int found = dc_apps_find (&search->profile->apps, DC_APP_UNITS,
                                  unit->name, &app, err);

  if (found <= 0)
    return found;
  const struct label label = { "data", app->title, unit->name };
  for (size_t i = 0; i < app->data.count; i++)
    if (add_pattern (search, app->data.items[i], &label, err) < 0)
      return -1;
  return 0;
}

/* StateDirectory= and its kin, by name below their folders. */
static int
add_directories (const struct search *search, const struct dc_unit *unit,
                 struct dc_error *err)
{
  const struct label label = { "data", "the unit's own state", unit->name };
  const struct dc_setting *setting;
  size_t position = 0;

  while (dc_unit_next (unit, "Service", "StateDirectory", &position, &setting) >
         0) {
    struct dc_span rest = dc_span_of (setting->value), word;
    while (dc_span_word (&rest, &word)) {
      AUTO_FREE char *path = NULL;
      const char *colon = memchr (word.text, ':', word.size);
      const size_t size =
          colon != NULL ? (size_t) (colon - word.text) : word.size;
      if (dc_text_print (&path, err, "/var/lib/%.*s", (int) size, word.text) <
          0)
        return -1;
      const uint32_t index = dc_tree_resolve (search->tree, path);
      struct dc_storage *storage = &search->profile->storage;
      if (index != DC_TREE_NONE && search->sums.size[index] > 0 &&
          add (search, index, &label, &storage->items, &storage->count, err) <
              0)
        return -1;
    }
  }
  return 0;
}

static int
find_data (const struct search *search, struct dc_error *err)
{
  DC_AUTO (dc_services_template) *services = NULL;

  if (dc_services_template_load (&services, err) < 0)
    return -1;
  for (size_t i = 0; i < search->profile->units->count; i++) {
    const struct dc_unit *unit = &search->profile->units->items[i];
    if (!dc_unit_is_converted (unit, services))
      continue;
    if (add_application (search, unit, err) < 0 ||
        add_directories (search, unit, err) < 0)
      return -1;
  }
  return 0;
}

static int
find_top (const struct search *search, struct dc_error *err)
{
  static const struct label label = { NULL, NULL, NULL };
  struct dc_storage *storage = &search->profile->storage;
  const struct dc_entry *entries = search->tree->entries;

  for (uint32_t i = entries[0].first_child; i != DC_TREE_NONE;
       i = entries[i].next_sibling)
    if (search->sums.files[i] > 0 &&
        add (search, i, &label, &storage->top, &storage->top_count, err) < 0)
      return -1;
  return 0;
}

/* Files with holes, as far as the way of reading knows of holes. */
static int
find_sparse (const struct search *search, struct dc_error *err)
{
  struct dc_storage *storage = &search->profile->storage;
  size_t looked_at = 0;

  storage->knows_sparse = search->tree->ops->allocated != NULL;
  for (uint32_t i = 1; i < search->tree->count && storage->knows_sparse; i++) {
    const uint64_t size = search->tree->entries[i].size;
    uint64_t allocated = 0;
    if (size < DC_STORAGE_SPARSE_MIN || !has_data (search->tree, i) ||
        ++looked_at > DC_STORAGE_SPARSE_MAX)
      continue;
    if (dc_tree_allocated (search->tree, i, &allocated, err) < 0)
      return -1;
    if (allocated >= size / 2)
      continue;
    if (DC_ARRAY_GROW (storage->sparse, storage->sparse_count,
                       DC_STORAGE_SPARSE_MAX, "sparse files", err) < 0)
      return -1;
    struct dc_storage_sparse *sparse = &storage->sparse[storage->sparse_count];
    if (path_of (search->tree, i, &sparse->path, err) < 0)
      return -1;
    sparse->size = size;
    sparse->allocated = allocated;
    storage->sparse_count++;
  }
  return 0;
}

static int
compare (const void *a, const void *b)
{
  const struct dc_storage_item *x = a, *y = b;
  const int by_path = strcmp (x->path, y->path);

  if (by_path != 0)
    return by_path;
  const int by_kind = strcmp (x->kind, y->kind);
  if (by_kind != 0)
    return by_kind;
  return strcmp (x->service != NULL ? x->service : "",
                 y->service != NULL ? y->service : "");
}

/* Sort, and drop what several rules say of one place. */
static void
tidy (struct dc_storage *storage)
{
  size_t kept = 0;

  if (storage->count > 1)
    qsort (storage->items, storage->count, sizeof *storage->items, compare);
  for (size_t i = 0; i < storage->count; i++)
    if (kept > 0 &&
        compare (&storage->items[kept - 1], &storage->items[i]) == 0)
      release_item (&storage->items[i]);
    else
      storage->items[kept++] = storage->items[i];
  storage->count = kept;
}

int
dc_storage_read (struct dc_tree *tree, struct dc_profile *profile,
                 struct dc_error *err)
{
  static int (*const steps[]) (const struct search *, struct dc_error *) = {
    find_top, find_data, find_folders, find_files, find_sparse,
  };
  DC_AUTO (dc_storage_template) *template = NULL;

  if (dc_storage_template_load (&template, err) < 0)
    return -1;
  struct search search = { .tree = tree,
                           .profile = profile,
                           .template = template };
  int status = make_sums (tree, &search.sums, err);
  for (size_t i = 0; i < DC_COUNT (steps) && status == 0; i++)
    status = steps[i](&search, err);
  release_sums (&search.sums);
  tidy (&profile->storage);
  return status;
}

void
dc_storage_forget (struct dc_profile *profile)
{
  struct dc_storage *storage = &profile->storage;

  for (size_t i = 0; i < storage->count; i++)
    release_item (&storage->items[i]);
  for (size_t i = 0; i < storage->top_count; i++)
    release_item (&storage->top[i]);
  for (size_t i = 0; i < storage->sparse_count; i++)
    free (storage->sparse[i].path);
  free (storage->items);
  free (storage->top);
  free (storage->sparse);
  *storage = (struct dc_storage){ .items = NULL };
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "lib/quote.h"
#include "lib/tree/backends.h"
#include "lib/tree/builder.h"

struct memory_tree {
  struct dc_tree head;
  const struct dc_memory_file *files; /* an entry's cookie is its row */
};

static size_t
size_of_data (const struct dc_memory_file *file)
{
  if (file->size > 0 || file->data == NULL)
    return file->size;
  return strlen (file->data);
}

static int
read_memory (struct dc_tree *tree, const struct dc_entry *entry,
             uint64_t offset, void *bytes, size_t size, struct dc_error *err)
{
  const struct memory_tree *memory = (const struct memory_tree *) tree;

  (void) err; /* memory cannot fail to be read */
  memcpy (bytes, memory->files[entry->cookie].data + offset, size);
  return 0;
}

static void
free_memory (struct dc_tree *tree)
{
  dc_tree_release (tree);
  free (tree);
}

static const struct dc_tree_ops memory_ops = {
  .name = "memory",
  .read = read_memory,
  .free = free_memory,
};

/* A row that is a folder, found by its path. */
struct folder {
  const char *path;
  size_t size; /* of PATH */
  uint32_t id; /* DC_TREE_NONE: left out, or not yet reached */
};

struct folders {
  struct folder *items; /* sorted by path; the root is not among them */
  size_t count;
};

static int
compare_folders (const void *a, const void *b)
{
  const struct folder *x = a, *y = b;
  const size_t size = x->size < y->size ? x->size : y->size;
  const int by_path = memcmp (x->path, y->path, size);

  if (by_path != 0 || x->size == y->size)
    return by_path;
  return x->size < y->size ? -1 : 1;
}

static int
list_folders (const struct dc_memory_file *files, size_t count,
              struct folders *out, struct dc_error *err)
{
  out->count = 0;
  out->items = calloc (count + 1, sizeof *out->items);
  if (out->items == NULL)
    return dc_fail_errno (err, "cannot make a tree");
  for (size_t i = 0; i < count; i++)
    if (S_ISDIR (files[i].mode) && files[i].path[0] != '\0')
      out->items[out->count++] = (struct folder){
        .path = files[i].path,
        .size = strlen (files[i].path),
        .id = DC_TREE_NONE,
      };
  qsort (out->items, out->count, sizeof *out->items, compare_folders);
  return 0;
}

static struct folder *
find_folder (const struct folders *folders, const char *path, size_t size)
{
  const struct folder key = { .path = path, .size = size };

  return bsearch (&key, folders->items, folders->count, sizeof key,
                  compare_folders);
}

/* Add row I of MEMORY. */
static int
add_row (struct dc_builder *builder, const struct folders *folders,
         const struct dc_memory_file *file, size_t row, struct dc_error *err)
{
  const char *slash = strrchr (file->path, '/');
  const char *name = slash != NULL ? slash + 1 : file->path;
  const struct dc_raw_entry raw = {
    .name = name,
    .name_size = strlen (name),
    .target = S_ISLNK (file->mode) ? file->data : NULL,
    .target_size = S_ISLNK (file->mode) ? size_of_data (file) : 0,
    .xattrs = file->xattrs,
    .xattr_count = file->xattr_count,
    .size = S_ISREG (file->mode) ? size_of_data (file) : 0,
    .mtime = file->mtime,
    .cookie = row,
    .link_group = file->link_group,
    .uid = file->uid,
    .gid = file->gid,
    .mode = file->mode,
  };

  if (file->path[0] == '\0')
    return dc_builder_root (builder, &raw, err);
  uint32_t above = 0, id;
  if (slash != NULL) {
    const struct folder *folder =
        find_folder (folders, file->path, (size_t) (slash - file->path));
    if (folder == NULL || folder->id == DC_TREE_NONE)
      return dc_fail (err, DC_ERR_INVALID, "'%s' comes before its folder",
                      dc_quote (file->path).text);
    above = folder->id;
  }
  if (dc_builder_add (builder, above, &raw, &id, err) < 0)
    return -1;
  if (S_ISDIR (file->mode))
    find_folder (folders, file->path, strlen (file->path))->id = id;
  return 0;
}

int
dc_tree_memory (const struct dc_memory_file *files, size_t count,
                struct dc_tree **out, struct dc_error *err)
{
  struct folders folders;
  DC_AUTO (dc_builder) *builder = NULL;

  if (dc_builder_new (&builder, err) < 0 ||
      list_folders (files, count, &folders, err) < 0)
    return -1;
  AUTO_FREE struct folder *items = folders.items; /* only to release it */
  for (size_t i = 0; i < count; i++)
    if (add_row (builder, &folders, &files[i], i, err) < 0)
      return -1;

  AUTO_FREE struct memory_tree *tree = calloc (1, sizeof *tree);
  if (tree == NULL)
    return dc_fail_errno (err, "cannot make a tree");
  if (dc_builder_finish (builder, &tree->head, err) < 0)
    return -1;
  tree->head.ops = &memory_ops;
  tree->files = files;
  *out = &DC_TAKE (tree)->head;
  return 0;
}

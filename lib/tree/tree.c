/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/quote.h"
#include "lib/tree/builder.h"
#include "lib/tree/notes.h"
#include "lib/tree/store.h"
#include "lib/tree/tree.h"

/* A component of a path. */
struct part {
  const char *name;
  size_t size;
};

/* The next component at *REST, which moves behind it; false at the end.
 * "a//b" is "a/b".
 */
static int
next_part (const char **rest, struct part *part)
{
  *rest += strspn (*rest, "/");
  part->name = *rest;
  part->size = strcspn (*rest, "/");
  *rest += part->size;
  return part->size > 0;
}

static int
is_part (const struct part *part, const char *name)
{
  return part->size == strlen (name) &&
         memcmp (part->name, name, part->size) == 0;
}

static uint32_t
find_part (const struct dc_tree *tree, uint32_t folder, const struct part *part)
{
  return dc_store_child (tree->store, tree->entries, folder, part->name,
                         part->size);
}

uint32_t
dc_tree_child (const struct dc_tree *tree, uint32_t folder, const char *name)
{
  const struct part part = { name, strlen (name) };

  assert (folder < tree->count);
  return find_part (tree, folder, &part);
}

uint32_t
dc_tree_find (const struct dc_tree *tree, const char *path)
{
  uint32_t index = 0;
  struct part part;

  for (; next_part (&path, &part);) {
    index = find_part (tree, index, &part);
    if (index == DC_TREE_NONE)
      break;
  }
  return index;
}

/* The rest of the path, and of each link's target that we are in. */
struct trail {
  const char *rests[DC_TREE_LINK_MAX + 1];
  size_t depth, links;
};

/* Go from INDEX one component on: where that leads, or DC_TREE_NONE. */
static uint32_t
step (const struct dc_tree *tree, uint32_t index, const struct part *part,
      struct trail *trail)
{
  const struct dc_entry *entries = tree->entries;

  if (!S_ISDIR (entries[index].mode))
    return DC_TREE_NONE;
  if (is_part (part, "."))
    return index;
  if (is_part (part, ".."))
    return entries[index].parent;
  const uint32_t child = find_part (tree, index, part);
  if (child == DC_TREE_NONE || !S_ISLNK (entries[child].mode))
    return child;
  if (trail->links == DC_TREE_LINK_MAX)
    return DC_TREE_NONE;
  trail->links++;
  trail->rests[trail->depth++] = entries[child].target;
  return entries[child].target[0] == '/' ? 0 : index;
}

uint32_t
dc_tree_resolve (const struct dc_tree *tree, const char *path)
{
  return dc_tree_resolve_at (tree, 0, path);
}

uint32_t
dc_tree_resolve_at (const struct dc_tree *tree, uint32_t folder,
                    const char *path)
{
  struct trail trail = { .rests = { path }, .depth = 1 };
  uint32_t index = path[0] == '/' ? 0 : folder;

  while (trail.depth > 0 && index != DC_TREE_NONE) {
    struct part part;
    const char **rest = &trail.rests[trail.depth - 1];
    const int had_slash = **rest == '/';
    if (next_part (rest, &part))
      index = step (tree, index, &part, &trail);
    else if (had_slash && !S_ISDIR (tree->entries[index].mode))
      index = DC_TREE_NONE;
    else
      trail.depth--;
  }
  return index;
}

int
dc_entries_path (const struct dc_entry *entries, uint32_t index,
                 struct dc_buffer *b, struct dc_error *err)
{
  size_t size = 0;

  dc_buffer_clear (b);
  for (uint32_t i = index; i != 0; i = entries[i].parent)
    size += strlen (entries[i].name) + (entries[i].parent != 0);
  if (dc_buffer_reserve (b, size, err) < 0)
    return dc_context (err, "a path");
  b->size = size;
  b->data[size] = '\0';
  for (uint32_t i = index; i != 0; i = entries[i].parent) {
    const size_t name_size = strlen (entries[i].name);
    size -= name_size;
    memcpy (b->data + size, entries[i].name, name_size);
    if (entries[i].parent != 0)
      b->data[--size] = '/';
  }
  return 0;
}

int
dc_tree_path (const struct dc_tree *tree, uint32_t index, struct dc_buffer *b,
              struct dc_error *err)
{
  assert (index < tree->count);
  return dc_entries_path (tree->entries, index, b, err);
}

int
dc_tree_cannot_read (const struct dc_tree *tree, uint32_t index,
                     struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
  struct dc_error path_err;

  if (dc_tree_path (tree, index, &path, &path_err) < 0)
    return dc_context (err, "cannot read a file");
  return dc_context (err, "cannot read '%s'",
                     dc_quote (dc_buffer_text (&path)).text);
}

static int
read_range (struct dc_tree *tree, uint32_t index, uint64_t offset, void *bytes,
            size_t size, struct dc_error *err)
{
  const struct dc_entry *entry = &tree->entries[index];

  if (!S_ISREG (entry->mode))
    return dc_fail (err, DC_ERR_INVALID, "not a regular file");
  if (offset > entry->size || size > entry->size - offset)
    return dc_fail (
        err, DC_ERR_INVALID, "%zu bytes at %llu of a file of %llu bytes", size,
        (unsigned long long) offset, (unsigned long long) entry->size);
  if (size == 0)
    return 0;
  return tree->ops->read (tree, entry, offset, bytes, size, err);
}

/* A folder comes before what is in it. */
void
dc_tree_mark_below (const struct dc_tree *tree, const char *const *folders,
                    size_t count, uint8_t *flags)
{
  for (size_t i = 0; i < count; i++) {
    const uint32_t folder = dc_tree_resolve (tree, folders[i]);
    if (folder != DC_TREE_NONE && folder != 0)
      flags[folder] = 1;
  }
  for (uint32_t i = 1; i < tree->count; i++)
    flags[i] |= flags[tree->entries[i].parent];
}

int
dc_tree_allocated (struct dc_tree *tree, uint32_t index, uint64_t *bytes,
                   struct dc_error *err)
{
  assert (index < tree->count && tree->ops->allocated != NULL);
  if (tree->ops->allocated (tree, &tree->entries[index], bytes, err) < 0)
    return dc_tree_cannot_read (tree, index, err);
  return 0;
}

int
dc_tree_data (struct dc_tree *tree, uint32_t index, uint64_t offset,
              struct dc_tree_range *range, struct dc_error *err)
{
  const struct dc_entry *entry = &tree->entries[index];

  assert (index < tree->count && offset < entry->size);
  *range = (struct dc_tree_range){ offset, entry->size };
  if (tree->ops->data == NULL)
    return 0;
  if (tree->ops->data (tree, entry, offset, range, err) < 0)
    return dc_tree_cannot_read (tree, index, err);
  assert (range->begin >= offset && range->begin <= range->end);
  assert (range->end <= entry->size);
  return 0;
}

int
dc_tree_read (struct dc_tree *tree, uint32_t index, uint64_t offset,
              void *bytes, size_t size, struct dc_error *err)
{
  assert (index < tree->count);
  if (read_range (tree, index, offset, bytes, size, err) < 0)
    return dc_tree_cannot_read (tree, index, err);
  return 0;
}

int
dc_tree_read_file (struct dc_tree *tree, const char *path, struct dc_buffer *b,
                   struct dc_error *err)
{
  const uint32_t index = dc_tree_resolve (tree, path);
  if (index == DC_TREE_NONE || !S_ISREG (tree->entries[index].mode))
    return 0;

  const uint64_t size = tree->entries[index].size;
  if (size > b->max - b->size) {
    (void) dc_fail (err, DC_ERR_LIMIT, "%llu bytes, limit %zu",
                    (unsigned long long) size, b->max - b->size);
    return dc_tree_cannot_read (tree, index, err);
  }
  if (dc_buffer_reserve (b, (size_t) size, err) < 0)
    return dc_tree_cannot_read (tree, index, err);
  if (dc_tree_read (tree, index, 0, b->data + b->size, (size_t) size, err) < 0)
    return -1;
  b->size += (size_t) size;
  b->data[b->size] = '\0';
  return 1;
}

/* One file into SINK, in pieces as large as it has room for. */
static int
stream_file (struct dc_tree *tree, uint32_t index,
             const struct dc_tree_sink *sink, struct dc_error *err)
{
  const uint64_t size = tree->entries[index].size;

  if (sink->begin (sink->self, index, err) < 0)
    return -1;
  for (uint64_t offset = 0; offset < size;) {
    void *bytes;
    size_t room;
    if (sink->room (sink->self, &bytes, &room, err) < 0)
      return -1;
    const uint64_t left = size - offset;
    const size_t n = room < left ? room : (size_t) left;
    if (dc_tree_read (tree, index, offset, bytes, n, err) < 0 ||
        sink->commit (sink->self, n, err) < 0)
      return -1;
    offset += n;
  }
  return 0;
}

int
dc_tree_stream (struct dc_tree *tree, const uint32_t *indexes, size_t count,
                const struct dc_tree_sink *sink, struct dc_error *err)
{
  for (size_t i = 0; i < count; i++) {
    assert (indexes[i] < tree->count);
    assert (S_ISREG (tree->entries[indexes[i]].mode));
  }
  if (tree->ops->stream != NULL)
    return tree->ops->stream (tree, indexes, count, sink, err);
  for (size_t i = 0; i < count; i++)
    if (stream_file (tree, indexes[i], sink, err) < 0)
      return -1;
  return 0;
}

void
dc_tree_free (struct dc_tree *tree)
{
  if (tree != NULL)
    tree->ops->free (tree);
}

void
dc_tree_release (struct dc_tree *tree)
{
  struct dc_notes notes = { .items = tree->notes, .count = tree->note_count };

  dc_notes_release (&notes);
  free (tree->entries);
  dc_tree_store_free (tree->store);
  tree->notes = NULL;
  tree->entries = NULL;
  tree->store = NULL;
  tree->count = 0;
  tree->note_count = 0;
}

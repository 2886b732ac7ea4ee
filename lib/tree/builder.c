/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/quote.h"
#include "lib/tree/builder.h"
#include "lib/tree/links.h"
#include "lib/tree/notes.h"
#include "lib/tree/order.h"
#include "lib/tree/store.h"
#include "lib/tree/xattrs.h"

/* While building, `size` of a folder holds where it stands. */
struct place {
  uint32_t depth;     /* the root's is 0 */
  uint32_t path_size; /* bytes */
};

struct dc_builder {
  struct dc_entry *entries; /* by raw id; lists have the newest child first */
  uint32_t count, room;
  struct dc_tree_store *store;
  struct dc_links *links;
  struct dc_notes notes;
  struct dc_tree view; /* for dc_builder_view() */
  bool is_indexed;
};

static struct place
get_place (const struct dc_entry *folder)
{
  return (struct place){ .depth = (uint32_t) (folder->size >> 32),
                         .path_size = (uint32_t) folder->size };
}

static uint64_t
pack_place (struct place place)
{
  return (uint64_t) place.depth << 32 | place.path_size;
}

/* Where an entry of NAME_SIZE bytes in FOLDER stands. */
static struct place
place_below (const struct dc_builder *builder, uint32_t folder,
             size_t name_size)
{
  struct place place = get_place (&builder->entries[folder]);

  place.path_size += (uint32_t) name_size + (place.depth > 0);
  place.depth++;
  return place;
}

int
dc_builder_new (struct dc_builder **out, struct dc_error *err)
{
  DC_AUTO (dc_builder) *builder = calloc (1, sizeof *builder);
  if (builder == NULL)
    return dc_fail_errno (err, "cannot make a tree");
  builder->room = 64;
  builder->entries = calloc (builder->room, sizeof *builder->entries);
  if (builder->entries == NULL)
    return dc_fail_errno (err, "cannot make a tree");
  if (dc_store_new (&builder->store, err) < 0 ||
      dc_links_new (&builder->links, err) < 0)
    return -1;
  builder->count = 1;
  builder->entries[0] = (struct dc_entry){
    .name = "",
    .mode = S_IFDIR | 0755,
    .hardlink = DC_TREE_NONE,
    .first_child = DC_TREE_NONE,
    .next_sibling = DC_TREE_NONE,
  };
  *out = DC_TAKE (builder);
  return 0;
}

void
dc_builder_free (struct dc_builder *builder)
{
  if (builder == NULL)
    return;
  free (builder->entries);
  dc_tree_store_free (builder->store);
  dc_links_free (builder->links);
  dc_notes_release (&builder->notes);
  free (builder);
}

int
dc_builder_path (const struct dc_builder *builder, uint32_t id,
                 struct dc_buffer *b, struct dc_error *err)
{
  assert (id < builder->count);
  return dc_entries_path (builder->entries, id, b, err);
}

/* The path of NAME in FOLDER, or of FOLDER itself. */
static int
find_path (const struct dc_builder *builder, uint32_t folder, const char *name,
           struct dc_buffer *b, struct dc_error *err)
{
  if (dc_builder_path (builder, folder, b, err) < 0)
    return -1;
  if (name == NULL)
    return 0;
  return dc_buffer_print (b, err, "%s%s", b->size > 0 ? "/" : "", name);
}

int
dc_builder_note (struct dc_builder *builder, uint32_t folder, const char *name,
                 struct dc_error *err, const char *fmt, ...)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (2 * DC_TREE_PATH_MAX);
  AUTO_FREE char *text = NULL;
  va_list args;

  if (find_path (builder, folder, name, &path, err) < 0)
    return -1;
  va_start (args, fmt);
  const int size = vasprintf (&text, fmt, args);
  va_end (args);
  if (size < 0) {
    text = NULL; /* vasprintf() leaves it undefined */
    return dc_fail_errno (err, "cannot keep a note");
  }
  return dc_notes_add (&builder->notes, dc_buffer_text (&path), text, err);
}

/* Why an entry with this NAME cannot be, or NULL. */
static const char *
judge_name (const struct dc_raw_entry *raw)
{
  const char *name = raw->name;
  const size_t size = raw->name_size;

  if (size == 0 || (size == 1 && name[0] == '.') ||
      (size == 2 && name[0] == '.' && name[1] == '.'))
    return "is no name for a file";
  if (memchr (name, '/', size) != NULL || memchr (name, '\0', size) != NULL)
    return "holds a slash or a NUL";
  if (size > NAME_MAX)
    return "is longer than 255 bytes";
  return NULL;
}

static const char *
judge_target (const struct dc_raw_entry *raw)
{
  if (raw->target == NULL || raw->target_size == 0)
    return "is a symbolic link without a target";
  if (raw->target_size >= PATH_MAX)
    return "is a symbolic link with a target over 4095 bytes";
  if (memchr (raw->target, '\0', raw->target_size) != NULL)
    return "is a symbolic link with a NUL in its target";
  return NULL;
}

/* Why the normal form leaves RAW out, or NULL. */
static const char *
judge_entry (const struct dc_builder *builder, uint32_t folder,
             const struct dc_raw_entry *raw)
{
  const struct place place = place_below (builder, folder, raw->name_size);

  if (place.depth > DC_TREE_DEPTH_MAX)
    return "is in more than 1024 folders";
  if (place.path_size > DC_TREE_PATH_MAX)
    return "has a path over 64 KiB";
  if (raw->name_size >= 4 && memcmp (raw->name, ".wh.", 4) == 0)
    return "has a name that means a deleted file in an image";
  switch (raw->mode & S_IFMT) {
  case S_IFDIR:
  case S_IFIFO:
    return NULL;
  case S_IFREG:
    return raw->size > INT64_MAX ? "has an impossible size" : NULL;
  case S_IFLNK:
    return judge_target (raw);
  case S_IFSOCK:
    return "is a socket";
  case S_IFCHR:
  case S_IFBLK:
    return "is a device node";
  default:
    return "is of no known kind";
  }
}

/* 1: leave RAW out, which has been noted; 0: take it. */
static int
filter (struct dc_builder *builder, uint32_t folder,
        const struct dc_raw_entry *raw, struct dc_error *err)
{
  const char *why = judge_name (raw);

  if (why != NULL) {
    if (dc_builder_note (
            builder, folder, NULL, err, "the name '%s' in it %s, left out",
            dc_quote_bytes (raw->name, raw->name_size).text, why) < 0)
      return -1;
    return 1;
  }
  why = judge_entry (builder, folder, raw);
  if (why == NULL)
    return 0;
  char name[NAME_MAX + 1];
  memcpy (name, raw->name, raw->name_size);
  name[raw->name_size] = '\0';
  if (dc_builder_note (builder, folder, name, err, "%s, left out", why) < 0)
    return -1;
  return 1;
}

static int
note_xattrs (struct dc_builder *builder, uint32_t id,
             const struct dc_xattr_choice *choice, struct dc_error *err)
{
  for (size_t i = 0; i < choice->left_out_count; i++)
    if (dc_builder_note (builder, id, NULL, err,
                         "its extended attribute '%s' %s, left out",
                         dc_quote (choice->left_out[i].name).text,
                         choice->left_out[i].why) < 0)
      return -1;
  if (choice->over_count == 0)
    return 0;
  return dc_builder_note (builder, id, NULL, err,
                          "%zu extended attributes beyond the first %d left "
                          "out",
                          choice->over_count, DC_XATTR_COUNT_MAX);
}

static int
set_xattrs (struct dc_builder *builder, uint32_t id,
            const struct dc_raw_entry *raw, struct dc_error *err)
{
  struct dc_xattr_choice choice;
  struct dc_entry *entry = &builder->entries[id];

  int status = dc_xattrs_choose (raw, &choice, err);
  if (status == 0)
    status = dc_store_xattrs (builder->store, choice.items, choice.count,
                              &entry->xattrs, err);
  if (status == 0)
    status = note_xattrs (builder, id, &choice, err);
  dc_xattrs_release (&choice);
  return status;
}

/* All that RAW says besides name, folder and size. */
static int
set_metadata (struct dc_builder *builder, uint32_t id,
              const struct dc_raw_entry *raw, struct dc_error *err)
{
  struct dc_entry *entry = &builder->entries[id];

  entry->mtime = raw->mtime;
  entry->cookie = raw->cookie;
  entry->uid = raw->uid;
  entry->gid = raw->gid;
  entry->mode = raw->mode;
  entry->xattrs = NULL;
  if (raw->xattr_count > 0 && set_xattrs (builder, id, raw, err) < 0)
    return -1;
  if (raw->link_group != 0 && !S_ISDIR (raw->mode))
    return dc_links_group (builder->links, raw->link_group, &entry->hardlink,
                           err);
  return 0;
}

int
dc_builder_root (struct dc_builder *builder, const struct dc_raw_entry *raw,
                 struct dc_error *err)
{
  assert (S_ISDIR (raw->mode));
  if (set_metadata (builder, 0, raw, err) < 0)
    return dc_context (err, "cannot keep '/'");
  return 0;
}

static int
grow (struct dc_builder *builder, struct dc_error *err)
{
  if (builder->count < builder->room)
    return 0;
  if (builder->count == DC_TREE_ENTRY_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "more than %u files", DC_TREE_ENTRY_MAX);
  uint32_t room = builder->room * 2;
  if (room > DC_TREE_ENTRY_MAX)
    room = DC_TREE_ENTRY_MAX;
  struct dc_entry *entries =
      reallocarray (builder->entries, room, sizeof *entries);
  if (entries == NULL)
    return dc_fail_errno (err, "cannot keep %u files", room);
  builder->entries = entries;
  builder->room = room;
  return 0;
}

/* A new last entry, with its texts, not yet in the list of FOLDER. */
static int
make_entry (struct dc_builder *builder, uint32_t folder,
            const struct dc_raw_entry *raw, struct dc_error *err)
{
  if (grow (builder, err) < 0)
    return -1;
  struct dc_entry *entry = &builder->entries[builder->count++];
  *entry = (struct dc_entry){
    .name = "",
    .parent = folder,
    .hardlink = DC_TREE_NONE,
    .first_child = DC_TREE_NONE,
    .next_sibling = builder->entries[folder].first_child,
  };
  if (S_ISDIR (raw->mode))
    entry->size = pack_place (place_below (builder, folder, raw->name_size));
  else if (S_ISREG (raw->mode))
    entry->size = raw->size;
  if (dc_store_text (builder->store, raw->name, raw->name_size, &entry->name,
                     err) < 0)
    return -1;
  if (!S_ISLNK (raw->mode))
    return 0;
  return dc_store_text (builder->store, raw->target, raw->target_size,
                        &entry->target, err);
}

int
dc_builder_add (struct dc_builder *builder, uint32_t folder,
                const struct dc_raw_entry *raw, uint32_t *id,
                struct dc_error *err)
{
  assert (folder < builder->count);
  assert (S_ISDIR (builder->entries[folder].mode));

  const int is_left_out = filter (builder, folder, raw, err);
  if (is_left_out < 0)
    return -1;
  if (is_left_out) {
    *id = DC_TREE_NONE;
    return 0;
  }
  const uint32_t fresh = builder->count;
  if (make_entry (builder, folder, raw, err) < 0 ||
      set_metadata (builder, fresh, raw, err) < 0)
    return dc_context (err, "cannot keep '%s'",
                       dc_quote_bytes (raw->name, raw->name_size).text);
  if (builder->is_indexed &&
      dc_store_index_add (builder->store, builder->entries, builder->count,
                          err) < 0)
    return -1;
  builder->entries[folder].first_child = fresh;
  *id = fresh;
  return 0;
}

int
dc_builder_index (struct dc_builder *builder, struct dc_error *err)
{
  assert (builder->count == 1);
  builder->is_indexed = true;
  return dc_store_index (builder->store, builder->entries, 1, err);
}

const struct dc_tree *
dc_builder_view (struct dc_builder *builder)
{
  assert (builder->is_indexed);
  builder->view.entries = builder->entries;
  builder->view.count = builder->count;
  builder->view.store = builder->store;
  return &builder->view;
}

int
dc_builder_update (struct dc_builder *builder, uint32_t id,
                   const struct dc_raw_entry *raw, struct dc_error *err)
{
  assert (id < builder->count);
  assert (S_ISDIR (builder->entries[id].mode));
  assert (S_ISDIR (raw->mode));
  return set_metadata (builder, id, raw, err);
}

void
dc_builder_remove (struct dc_builder *builder, uint32_t id)
{
  assert (id > 0);
  assert (id < builder->count);
  builder->entries[id].name = DC_ORDER_REMOVED;
}

int
dc_builder_link (struct dc_builder *builder, uint32_t folder, const char *name,
                 uint32_t target, struct dc_error *err)
{
  struct dc_raw_entry raw = { .name = name, .name_size = strlen (name) };
  struct dc_entry *inode = &builder->entries[target];
  uint32_t id;

  assert (target < builder->count);
  assert (!S_ISDIR (inode->mode));
  if (inode->hardlink == DC_TREE_NONE &&
      dc_links_group (builder->links, target, &inode->hardlink, err) < 0)
    return -1;
  raw.target = inode->target;
  raw.target_size = inode->target == NULL ? 0 : strlen (inode->target);
  raw.mode = inode->mode;
  if (dc_builder_add (builder, folder, &raw, &id, err) < 0)
    return -1;
  if (id != DC_TREE_NONE)
    dc_links_join (&builder->entries[id], &builder->entries[target]);
  return 0;
}

static int
note_twice (void *arg, uint32_t id, struct dc_error *err)
{
  return dc_builder_note (arg, id, NULL, err,
                          "is there twice, the second left out");
}

/* Fill what is only known in the final order. */
static void
settle (struct dc_builder *builder, uint32_t kept)
{
  struct dc_entry *entries = builder->entries;

  for (uint32_t i = 0; i < kept; i++)
    if (S_ISDIR (entries[i].mode)) {
      entries[i].size = 0;
      entries[i].hardlink = DC_TREE_NONE;
    }
  dc_links_resolve (builder->links, entries, kept);

  /* A smaller piece in its place; the old one will do if there is none. */
  struct dc_entry *trimmed = reallocarray (entries, kept, sizeof *entries);
  if (trimmed != NULL)
    builder->entries = trimmed;
}

int
dc_builder_finish (struct dc_builder *builder, struct dc_tree *tree,
                   struct dc_error *err)
{
  AUTO_FREE uint32_t *positions = NULL;
  uint32_t kept;

  if (dc_order_find (builder->entries, builder->count, note_twice, builder,
                     &positions, &kept, err) < 0)
    return -1;
  dc_order_apply (builder->entries, builder->count, positions);
  free (DC_TAKE (positions));
  settle (builder, kept);
  builder->count = kept;
  if (dc_store_index (builder->store, builder->entries, kept, err) < 0)
    return -1;

  dc_notes_sort (&builder->notes);
  tree->entries = DC_TAKE (builder->entries);
  tree->count = kept;
  tree->notes = DC_TAKE (builder->notes.items);
  tree->note_count = builder->notes.count;
  tree->notes_lost = builder->notes.lost;
  tree->store = DC_TAKE (builder->store);
  builder->count = builder->room = 0;
  builder->notes.count = 0;
  return 0;
}

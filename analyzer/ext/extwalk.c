/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <inttypes.h>
#include <sys/stat.h>

#include "analyzer/ext/extdir.h"
#include "analyzer/ext/extmap.h"
#include "analyzer/ext/extwalk.h"
#include "analyzer/ext/inoset.h"
#include "lib/array.h"

/* A folder whose names are still to be read. */
struct folder {
  uint32_t ino, id;
  size_t point; /* DC_EXTPOINT_NONE: no mountpoint below it */
};

struct state {
  const struct dc_extwalk *walk;
  struct dc_ext *ext;     /* the one being walked */
  struct folder *folders; /* a stack */
  size_t folder_count;
  struct dc_inoset *met;     /* folders, so that none is walked twice */
  uint64_t budget;           /* see analyzer/ext/extmap.h */
  const struct folder *here; /* being read */
};

/* An entry in the making. */
struct entry {
  struct dc_raw_entry raw;
  struct dc_extnode node;
  struct dc_extxattrs xattrs;
  struct dc_buffer target;
  uint32_t folder;              /* its id */
  bool is_doubtful;             /* its map has a wrong checksum */
  char name[EXT2_NAME_LEN + 1]; /* for messages */
};

static void
release_entry (struct entry *entry)
{
  dc_extxattrs_release (&entry->xattrs);
  dc_buffer_release (&entry->target);
}

/* Something about ENTRY that a reader should know. */
static int
note (struct state *state, const struct entry *entry, const char *text,
      struct dc_error *err)
{
  return dc_builder_note (state->walk->builder, entry->folder, entry->name, err,
                          "%s", text);
}

/* ERR says why ENTRY cannot be had.  0 when that is noted; -1 when it is
 * about more than this entry.
 */
static int
leave_out (struct state *state, const struct entry *entry, struct dc_error *err)
{
  const struct dc_error cause = *err;

  if (!dc_extio_is_local (err))
    return dc_context (err, "inode %" PRIu32, entry->node.ino);
  return dc_builder_note (state->walk->builder, entry->folder, entry->name, err,
                          "%s, left out", cause.text);
}

static int
pass_run (void *self, const struct dc_extrun *run, struct dc_error *err)
{
  (void) self;
  (void) run;
  (void) err;
  return 0;
}

static int
check_inline (struct dc_ext *ext, const struct dc_extnode *node,
              struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (SIZE_MAX / 2);

  if (dc_extnode_inline (ext, node, &b, err) < 0)
    return -1;
  if (b.size < node->size)
    return dc_fail (err, DC_ERR_INVALID,
                    "its inode holds %zu of its %" PRIu64 " bytes", b.size,
                    node->size);
  return 0;
}

/* Can all of a regular file's contents be found?  *IS_DOUBTFUL: a checksum of
 * the map is wrong.
 */
static int
check_contents (struct state *state, const struct dc_extnode *node,
                bool *is_doubtful, struct dc_error *err)
{
  const uint64_t size = node->size;
  const uint64_t block_size = dc_ext_block_size (state->ext);

  if (size > DC_EXT_SPARSE_MAX &&
      size / block_size > ext2fs_blocks_count (state->ext->fs->super))
    return dc_fail (err, DC_ERR_INVALID,
                    "its %" PRIu64 " bytes are more than its file system holds",
                    size);
  if ((node->inode.i_flags & EXT4_INLINE_DATA_FL) != 0)
    return check_inline (state->ext, node, err);
  struct dc_extmap map = { .ext = state->ext,
                           .node = node,
                           .end = size / block_size + (size % block_size != 0),
                           .run = pass_run,
                           .budget = &state->budget };
  if (dc_extmap_walk (&map, err) < 0)
    return -1;
  *is_doubtful = map.is_doubtful;
  return 0;
}

/* What only this type of file has.  0, or -1 when it cannot be had. */
static int
check_type (struct state *state, struct entry *entry, struct dc_error *err)
{
  const struct dc_extnode *node = &entry->node;
  int status;

  if ((node->inode.i_flags & EXT4_ENCRYPT_FL) != 0)
    return dc_fail (err, DC_ERR_INVALID, "is encrypted (fscrypt)");
  switch (node->inode.i_mode & S_IFMT) {
  case S_IFDIR:
    status = dc_inoset_add (state->met, node->ino, err);
    if (status == 0)
      return dc_fail (err, DC_ERR_INVALID,
                      "is a folder that has another name already");
    return status < 0 ? -1 : 0;
  case S_IFREG:
    return check_contents (state, node, &entry->is_doubtful, err);
  case S_IFLNK:
    if (dc_extnode_target (state->ext, node, &entry->target, err) < 0)
      return -1;
    entry->raw.target = dc_buffer_text (&entry->target);
    entry->raw.target_size = entry->target.size;
    return 0;
  default:
    return 0;
  }
}

/* Xattrs that cannot be read do not cost the file. */
static int
read_xattrs (struct state *state, struct dc_ext *ext, struct entry *entry,
             struct dc_error *err)
{
  const int status = dc_extnode_xattrs (ext, &entry->node, &entry->xattrs, err);

  entry->raw.xattrs = entry->xattrs.items;
  entry->raw.xattr_count = entry->xattrs.count;
  if (status == 0)
    return 0;
  const struct dc_error cause = *err;
  if (!dc_extio_is_local (err))
    return dc_context (err, "inode %" PRIu32, entry->node.ino);
  return dc_builder_note (state->walk->builder, entry->folder, entry->name, err,
                          "extended attributes may be missing: %s", cause.text);
}

static bool
is_lost_and_found (const struct state *state, const struct entry *entry)
{
  return state->here->ino == EXT2_ROOT_INO &&
         S_ISDIR (entry->node.inode.i_mode) &&
         strcmp (entry->name, "lost+found") == 0;
}

/* Fill ENTRY.  1; 0 when it is to be left out, which has been noted; -1. */
static int
make_entry (struct state *state, uint32_t ino, struct entry *entry,
            struct dc_error *err)
{
  struct dc_ext *ext = state->ext;
  struct dc_extnode *node = &entry->node;

  if (dc_extnode_read (ext, ino, node, err) < 0)
    return leave_out (state, entry, err);
  if (is_lost_and_found (state, entry))
    return 0;
  if (check_type (state, entry, err) < 0)
    return leave_out (state, entry, err);
  if (node->is_doubtful &&
      note (state, entry, "its inode has a wrong checksum", err) < 0)
    return -1;
  if (entry->is_doubtful &&
      note (state, entry, "its map has a wrong checksum", err) < 0)
    return -1;
  dc_extnode_describe (node, &entry->raw);
  entry->raw.cookie = DC_EXT_COOKIE (state->walk->mount, ino);
  if (node->inode.i_links_count > 1)
    entry->raw.link_group = DC_EXT_COOKIE (state->walk->mount + 1, ino);
  return read_xattrs (state, ext, entry, err) < 0 ? -1 : 1;
}

static void
init_entry (struct entry *entry, uint32_t folder, const char *name, size_t size)
{
  *entry = (struct entry){
    .folder = folder,
    .raw = { .name = name, .name_size = size },
    .target = DC_BUFFER_INIT (DC_TREE_PATH_MAX),
  };
  memcpy (entry->name, name, size);
}

static int
push_folder (struct state *state, uint32_t ino, uint32_t id, size_t point,
             struct dc_error *err)
{
  if (DC_ARRAY_GROW (state->folders, state->folder_count, DC_TREE_ENTRY_MAX,
                     "folders", err) < 0)
    return -1;
  state->folders[state->folder_count++] =
      (struct folder){ .ino = ino, .id = id, .point = point };
  return 0;
}

/* Put the file INO there; POINT, if any, is the folder that it should be. */
static int
add_file (struct state *state, const struct dc_extname *name, size_t point,
          struct dc_error *err)
{
  struct dc_extpoint *points = state->walk->points->items;
  struct entry entry;
  uint32_t id = DC_TREE_NONE;

  init_entry (&entry, state->here->id, name->name, name->size);
  int status = make_entry (state, name->ino, &entry, err);
  if (status == 1)
    status = dc_builder_add (state->walk->builder, state->here->id, &entry.raw,
                             &id, err);
  const bool is_folder = S_ISDIR (entry.raw.mode);
  release_entry (&entry);
  if (status < 0)
    return -1;
  if (id == DC_TREE_NONE)
    return 0;
  if (point != DC_EXTPOINT_NONE) {
    points[point].is_met = is_folder;
    points[point].is_blocked = !is_folder;
    points[point].id = id;
  }
  return is_folder ? push_folder (state, name->ino, id, point, err) : 0;
}

/* The metadata of the root of a mount. */
static int
describe_root (struct state *state, struct dc_ext *ext, size_t mount,
               struct entry *entry, struct dc_error *err)
{
  if (entry->node.is_doubtful &&
      note (state, entry, "its inode has a wrong checksum", err) < 0)
    return -1;
  dc_extnode_describe (&entry->node, &entry->raw);
  entry->raw.cookie = DC_EXT_COOKIE (mount, EXT2_ROOT_INO);
  return read_xattrs (state, ext, entry, err);
}

/* The root of what is mounted at POINT takes the place of what is there. */
static int
add_mount (struct state *state, size_t point, uint32_t folder,
           struct dc_error *err)
{
  struct dc_extpoint *at = &state->walk->points->items[point];
  struct dc_ext *ext = state->walk->exts[at->mount];
  struct entry entry;

  at->is_met = true;
  at->id = DC_TREE_NONE;
  init_entry (&entry, folder, at->name, strlen (at->name));
  if (dc_extnode_read (ext, EXT2_ROOT_INO, &entry.node, err) < 0)
    return leave_out (state, &entry, err);
  int status = describe_root (state, ext, at->mount, &entry, err);
  if (status == 0)
    status =
        dc_builder_add (state->walk->builder, folder, &entry.raw, &at->id, err);
  release_entry (&entry);
  return status;
}

static int
on_name (void *self, const struct dc_extname *name, struct dc_error *err)
{
  struct state *state = self;
  const struct dc_extpoints *points = state->walk->points;
  const size_t point =
      dc_extpoints_child (points, state->here->point, name->name, name->size);

  if (point == DC_EXTPOINT_NONE)
    return add_file (state, name, point, err);
  if (points->items[point].is_met || points->items[point].is_blocked)
    return 0; /* a damaged folder can have a name twice */
  if (points->items[point].mount == DC_EXTPOINT_NONE)
    return add_file (state, name, point, err);
  return add_mount (state, point, state->here->id, err);
}

static int
on_damage (void *self, const char *why, struct dc_error *err)
{
  struct state *state = self;

  return dc_builder_note (state->walk->builder, state->here->id, NULL, err,
                          "%s, names in it may be missing", why);
}

static int make_missing (struct state *state, size_t point, uint32_t folder,
                         struct dc_error *err);

static int
make_folder (struct state *state, size_t point, uint32_t folder,
             struct dc_error *err)
{
  struct dc_extpoint *at = &state->walk->points->items[point];
  const struct dc_raw_entry raw = { .name = at->name,
                                    .name_size = strlen (at->name),
                                    .mode = S_IFDIR | 0755 };

  at->is_met = true;
  if (dc_builder_add (state->walk->builder, folder, &raw, &at->id, err) < 0)
    return -1;
  return make_missing (state, point, at->id, err);
}

/* Make the folders on the way to mountpoints below POINT that no file system
 * has.  The recursion ends where the builder finds a path too deep.
 */
static int
make_missing (struct state *state, size_t point, uint32_t folder,
              struct dc_error *err)
{
  struct dc_extpoint *points = state->walk->points->items;

  if (point == DC_EXTPOINT_NONE || folder == DC_TREE_NONE)
    return 0;
  for (size_t i = points[point].first_child; i != DC_EXTPOINT_NONE;
       i = points[i].next) {
    int status = 0;
    if (points[i].is_blocked)
      status =
          dc_builder_note (state->walk->builder, folder, points[i].name, err,
                           "is no folder, what is mounted below it "
                           "left out");
    else if (!points[i].is_met && points[i].mount != DC_EXTPOINT_NONE)
      status = add_mount (state, i, folder, err);
    else if (!points[i].is_met)
      status = make_folder (state, i, folder, err);
    if (status < 0)
      return -1;
  }
  return 0;
}

static int
read_folder (struct state *state, const struct folder *folder,
             struct dc_error *err)
{
  struct dc_extnode node;
  struct dc_extdir dir = { .ext = state->ext,
                           .node = &node,
                           .name = on_name,
                           .damage = on_damage,
                           .self = state,
                           .budget = &state->budget };

  state->here = folder;
  if (dc_extnode_read (state->ext, folder->ino, &node, err) < 0 ||
      dc_extdir_walk (&dir, err) < 0)
    return -1;
  return make_missing (state, folder->point, folder->id, err);
}

static int
walk_folders (struct state *state, struct dc_error *err)
{
  const struct dc_extwalk *walk = state->walk;

  if (dc_inoset_add (state->met, EXT2_ROOT_INO, err) < 0 ||
      push_folder (state, EXT2_ROOT_INO, walk->points->items[walk->point].id,
                   walk->point, err) < 0)
    return -1;
  while (state->folder_count > 0) {
    const struct folder folder = state->folders[--state->folder_count];
    if (read_folder (state, &folder, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_extwalk (const struct dc_extwalk *walk, struct dc_error *err)
{
  struct dc_ext *ext = walk->exts[walk->mount];
  DC_AUTO (dc_inoset) *met = NULL;

  if (dc_inoset_new (ext->fs->super->s_inodes_count, &met, err) < 0)
    return -1;
  struct state state = {
    .walk = walk, .ext = ext, .met = met, .budget = dc_ext_blocks (ext)
  };
  const int status = walk_folders (&state, err);
  free (state.folders);
  return status;
}

int
dc_extwalk_root (struct dc_ext *ext, struct dc_builder *builder,
                 struct dc_error *err)
{
  const struct folder root = { .ino = EXT2_ROOT_INO, .id = 0 };
  const struct dc_extwalk walk = { .builder = builder };
  struct state state = { .walk = &walk, .ext = ext, .here = &root };
  struct entry entry;

  init_entry (&entry, 0, "", 0);
  if (dc_extnode_read (ext, EXT2_ROOT_INO, &entry.node, err) < 0)
    return dc_context (err, "root folder");
  int status = describe_root (&state, ext, 0, &entry, err);
  if (status == 0)
    status = dc_builder_root (builder, &entry.raw, err);
  release_entry (&entry);
  return status;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>

#include "analyzer/ext/extdata.h"
#include "analyzer/ext/extmap.h"
#include "lib/quote.h"

/* The file system of ENTRY, and its inode. */
static int
find_node (struct dc_exttree *tree, const struct dc_entry *entry,
           struct dc_ext **ext, struct dc_extnode *node, struct dc_error *err)
{
  const uint64_t mount = entry->cookie >> 32;

  assert (mount < tree->count);
  *ext = tree->exts[mount];
  return dc_extnode_read (*ext, (uint32_t) entry->cookie, node, err);
}

int
dc_extdata_read (struct dc_tree *tree, const struct dc_entry *entry,
                 uint64_t offset, void *bytes, size_t size,
                 struct dc_error *err)
{
  struct dc_exttree *self = (struct dc_exttree *) tree;
  struct dc_ext *ext;
  struct dc_extnode node;

  if (find_node (self, entry, &ext, &node, err) < 0)
    return -1;
  return dc_extread (ext, &node, offset, bytes, size, err);
}

/* Blocks of 512 bytes, or with EXT4_HUGE_FILE_FL of the file system. */
int
dc_extdata_allocated (struct dc_tree *tree, const struct dc_entry *entry,
                      uint64_t *bytes, struct dc_error *err)
{
  struct dc_exttree *self = (struct dc_exttree *) tree;
  struct dc_ext *ext;
  struct dc_extnode node;

  if (find_node (self, entry, &ext, &node, err) < 0)
    return -1;
  const uint64_t blocks = node.inode.i_blocks |
                          (uint64_t) node.inode.osd2.linux2.l_i_blocks_hi << 32;
  const bool is_huge = (node.inode.i_flags & EXT4_HUGE_FILE_FL) != 0;
  *bytes = blocks * (is_huge ? ext->fs->blocksize : 512);
  return 0;
}

/* What is looked for from a place of a file on. */
struct lookup {
  uint64_t begin, end; /* bytes of the file */
  uint64_t block_size;
  bool is_found;
};

/* Neighbours in the file become one range. */
static int
see_run (void *self, const struct dc_extrun *run, struct dc_error *err)
{
  struct lookup *lookup = self;
  const uint64_t begin = run->logical * lookup->block_size;

  (void) err;
  if (run->is_zero)
    return lookup->is_found; /* behind data it is the end of that */
  if (lookup->is_found && begin != lookup->end)
    return 1;
  if (!lookup->is_found)
    lookup->begin = begin;
  lookup->end = begin + run->count * lookup->block_size;
  lookup->is_found = true;
  return 0;
}

static uint64_t
clamp (uint64_t value, uint64_t min, uint64_t max)
{
  return value < min ? min : value > max ? max : value;
}

int
dc_extdata_data (struct dc_tree *tree, const struct dc_entry *entry,
                 uint64_t offset, struct dc_tree_range *range,
                 struct dc_error *err)
{
  struct dc_exttree *self = (struct dc_exttree *) tree;
  struct dc_ext *ext;
  struct dc_extnode node;

  if (find_node (self, entry, &ext, &node, err) < 0)
    return -1;
  *range = (struct dc_tree_range){ offset, entry->size };
  if ((node.inode.i_flags & EXT4_INLINE_DATA_FL) != 0)
    return 0;
  struct lookup lookup = { .block_size = ext->fs->blocksize };
  struct dc_extmap map = {
    .ext = ext,
    .node = &node,
    .first = offset / lookup.block_size,
    .end = (entry->size + lookup.block_size - 1) / lookup.block_size,
    .run = see_run,
    .self = &lookup,
  };
  if (dc_extmap_walk (&map, err) < 0)
    return -1;
  /* Beyond its last run the file is a hole. */
  range->begin =
      lookup.is_found ? clamp (lookup.begin, offset, entry->size) : entry->size;
  range->end =
      lookup.is_found ? clamp (lookup.end, offset, entry->size) : entry->size;
  return 0;
}

/* A place in the contents of COUNT files, one after another. */
struct cursor {
  const uint32_t *indexes;
  size_t count;
  size_t i; /* the file */
  uint64_t offset;
};

/* Bytes up to the end of the file, but no more than ROOM. */
static size_t
get_piece (const struct dc_exttree *tree, const struct cursor *cursor,
           size_t room)
{
  const uint32_t index = cursor->indexes[cursor->i];
  const uint64_t left = tree->head.entries[index].size - cursor->offset;

  return left < room ? (size_t) left : room;
}

static void
advance (const struct dc_exttree *tree, struct cursor *cursor, size_t size)
{
  const uint32_t index = cursor->indexes[cursor->i];

  cursor->offset += size;
  if (cursor->offset < tree->head.entries[index].size)
    return;
  cursor->offset = 0;
  cursor->i++;
}

static int
plan_piece (struct dc_exttree *tree, const struct cursor *cursor,
            unsigned char *bytes, size_t size, struct dc_error *err)
{
  const uint32_t index = cursor->indexes[cursor->i];
  struct dc_ext *ext;
  struct dc_extnode node;

  if (size == 0)
    return 0;
  if (find_node (tree, &tree->head.entries[index], &ext, &node, err) < 0 ||
      dc_extread_plan (ext, &node, cursor->offset, bytes, size, &tree->reads,
                       err) < 0)
    return dc_tree_cannot_read (&tree->head, index, err);
  return 0;
}

/* Fill the batch from CURSOR on, which moves behind it. */
static int
read_batch (struct dc_exttree *tree, struct cursor *cursor,
            struct dc_error *err)
{
  size_t used = 0;

  tree->reads.count = 0;
  while (cursor->i < cursor->count && used < DC_EXTDATA_BATCH) {
    const size_t n = get_piece (tree, cursor, DC_EXTDATA_BATCH - used);
    if (plan_piece (tree, cursor, tree->batch + used, n, err) < 0)
      return -1;
    used += n;
    advance (tree, cursor, n);
  }
  if (dc_extread_run (&tree->reads, err) < 0)
    return dc_context (err, "cannot read the contents of files");
  return 0;
}

static int
give_bytes (const struct dc_tree_sink *sink, const unsigned char *bytes,
            size_t size, struct dc_error *err)
{
  while (size > 0) {
    void *target;
    size_t room;
    if (sink->room (sink->self, &target, &room, err) < 0)
      return -1;
    const size_t n = room < size ? room : size;
    memcpy (target, bytes, n);
    if (sink->commit (sink->self, n, err) < 0)
      return -1;
    bytes += n;
    size -= n;
  }
  return 0;
}

/* What read_batch() read, from CURSOR up to END. */
static int
give_batch (const struct dc_exttree *tree, struct cursor *cursor,
            const struct cursor *end, const struct dc_tree_sink *sink,
            struct dc_error *err)
{
  size_t used = 0;

  while (cursor->i != end->i || cursor->offset != end->offset) {
    const size_t n = get_piece (tree, cursor, DC_EXTDATA_BATCH - used);
    if (cursor->offset == 0 &&
        sink->begin (sink->self, cursor->indexes[cursor->i], err) < 0)
      return -1;
    if (give_bytes (sink, tree->batch + used, n, err) < 0)
      return -1;
    used += n;
    advance (tree, cursor, n);
  }
  return 0;
}

int
dc_extdata_stream (struct dc_tree *tree, const uint32_t *indexes, size_t count,
                   const struct dc_tree_sink *sink, struct dc_error *err)
{
  struct dc_exttree *self = (struct dc_exttree *) tree;
  struct cursor cursor = { .indexes = indexes, .count = count };

  if (self->batch == NULL)
    self->batch = malloc (DC_EXTDATA_BATCH);
  if (self->batch == NULL)
    return dc_fail_errno (err, "cannot keep %zu bytes", DC_EXTDATA_BATCH);
  while (cursor.i < count) {
    struct cursor end = cursor;
    if (read_batch (self, &end, err) < 0 ||
        give_batch (self, &cursor, &end, sink, err) < 0)
      return -1;
  }
  return 0;
}

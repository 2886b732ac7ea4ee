/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/ext/extmap.h"

#define NODE_MAGIC 0xf30a
#define HEADER_SIZE 12
#define ENTRY_SIZE 12
#define EXTENT_DEPTH_MAX 5
#define EXTENT_COUNT_MAX 32768 /* more means: this less, and unwritten */
#define LIST_DEPTH_MAX 3
#define LIST_DIRECT 12

/* A walk under way. */
struct walk {
  struct dc_extmap *map;
  struct dc_extrun pending; /* of a list, still growing; count 0: none */
  uint64_t next;            /* no run may begin before */
  uint64_t mapped;          /* blocks seen, those of the map included */
  unsigned char *rooms;     /* one block for each level below the inode */
};

static uint16_t
le16 (const unsigned char *bytes)
{
  return (uint16_t) (bytes[0] | bytes[1] << 8);
}

static uint32_t
le32 (const unsigned char *bytes)
{
  uint32_t value;

  memcpy (&value, bytes, sizeof value);
  return le32toh (value);
}

/* A map that gives a file more blocks than there are goes in circles. */
static int
count_blocks (struct walk *walk, uint64_t count, struct dc_error *err)
{
  walk->mapped += count;
  if (walk->mapped > dc_ext_blocks (walk->map->ext))
    return dc_fail (err, DC_ERR_INVALID,
                    "its map has more blocks than the file system");
  return 0;
}

static int
check_place (const struct walk *walk, uint64_t physical, uint64_t count,
             struct dc_error *err)
{
  const struct dc_ext *ext = walk->map->ext;
  const uint64_t blocks = dc_ext_blocks (ext);

  if (physical <= ext->fs->super->s_first_data_block || physical >= blocks ||
      count > blocks - physical)
    return dc_fail (err, DC_ERR_INVALID,
                    "its map leads to block %llu, outside the file system",
                    (unsigned long long) physical);
  return 0;
}

/* Hand RUN on, cut to what was asked for. */
static int
give_run (struct walk *walk, struct dc_extrun run, struct dc_error *err)
{
  const struct dc_extmap *map = walk->map;

  if (run.logical + run.count <= map->first || run.logical >= map->end)
    return 0;
  if (check_place (walk, run.physical, run.count, err) < 0 ||
      count_blocks (walk, run.count, err) < 0)
    return -1;
  if (run.logical < map->first) {
    const uint64_t skip = map->first - run.logical;
    run.logical += skip;
    run.physical += skip;
    run.count -= skip;
  }
  if (run.count > map->end - run.logical)
    run.count = map->end - run.logical;
  return map->run (map->self, &run, err);
}

/* Block PHYSICAL of the map, for level DEPTH, into *BYTES. */
static int
read_node (struct walk *walk, uint64_t physical, unsigned depth,
           unsigned char **bytes, struct dc_error *err)
{
  struct dc_ext *ext = walk->map->ext;
  const size_t size = dc_ext_block_size (ext);
  uint64_t *budget = walk->map->budget;

  if (check_place (walk, physical, 1, err) < 0 ||
      count_blocks (walk, 1, err) < 0)
    return -1;
  if (budget != NULL && (*budget)-- == 0) {
    *budget = 0;
    return dc_fail (err, DC_ERR_INVALID,
                    "the maps of all files have more blocks than the file "
                    "system");
  }
  *bytes = walk->rooms + depth * size;
  if (dc_extio_read (ext->io, physical * size, *bytes, size, err) < 0)
    return dc_context (err, "its map, block %llu",
                       (unsigned long long) physical);
  return 0;
}

/* Is NODE, of SIZE bytes, one of that DEPTH?  Its ENTRIES. */
static int
check_node (const unsigned char *node, size_t size, unsigned depth,
            unsigned *entries, struct dc_error *err)
{
  const unsigned used = le16 (node + 2), room = le16 (node + 4);

  if (le16 (node) != NODE_MAGIC)
    return dc_fail (err, DC_ERR_INVALID, "its map has a node without magic");
  if (le16 (node + 6) != depth)
    return dc_fail (err, DC_ERR_INVALID,
                    "its map has a node of depth %u where %u is due",
                    le16 (node + 6), depth);
  if (used > room || room > (size - HEADER_SIZE) / ENTRY_SIZE)
    return dc_fail (err, DC_ERR_INVALID,
                    "its map has a node with %u of %u entries", used, room);
  *entries = used;
  return 0;
}

/* The extents of a node without nodes below, all of them before HIGH. */
static int
walk_leaf (struct walk *walk, const unsigned char *node, unsigned entries,
           uint64_t high, struct dc_error *err)
{
  for (unsigned i = 0; i < entries; i++) {
    const unsigned char *e = node + HEADER_SIZE + (size_t) i * ENTRY_SIZE;
    const uint32_t count = le16 (e + 4);
    struct dc_extrun run = {
      .logical = le32 (e),
      .physical = le32 (e + 8) | (uint64_t) le16 (e + 6) << 32,
      .count = count,
    };
    if (count > EXTENT_COUNT_MAX) {
      run.count -= EXTENT_COUNT_MAX;
      run.is_zero = true;
    }
    if (run.logical >= walk->map->end)
      return 0;
    if (run.count == 0 || run.logical < walk->next ||
        run.logical + run.count > high)
      return dc_fail (err, DC_ERR_INVALID,
                      "its map has blocks %llu to %llu out of order",
                      (unsigned long long) run.logical,
                      (unsigned long long) (run.logical + run.count));
    walk->next = run.logical + run.count;
    const int status = give_run (walk, run, err);
    if (status != 0)
      return status;
  }
  return 0;
}

/* The node below that ENTRY of a node of DEPTH leads to. */
static int
read_child (struct walk *walk, const unsigned char *entry, unsigned depth,
            unsigned char **child, unsigned *entries, struct dc_error *err)
{
  struct dc_ext *ext = walk->map->ext;
  const uint64_t block = le32 (entry + 4) | (uint64_t) le16 (entry + 8) << 32;

  if (read_node (walk, block, depth - 1, child, err) < 0 ||
      check_node (*child, dc_ext_block_size (ext), depth - 1, entries, err) < 0)
    return -1;
  if (*entries == 0)
    return dc_fail (err, DC_ERR_INVALID, "its map has an empty node");
  /* Only now: where the checksum stands follows from the header. */
  if (!ext2fs_extent_block_csum_verify (ext->fs, walk->map->node->ino,
                                        (struct ext3_extent_header *) *child))
    walk->map->is_doubtful = true;
  return 0;
}

/* The ENTRIES of a node, whose blocks are all before HIGH.  The recursion
 * ends because each level has been found to be one less deep.
 */
static int
walk_node (struct walk *walk, const unsigned char *node, unsigned entries,
           unsigned depth, uint64_t high, struct dc_error *err)
{
  if (depth == 0)
    return walk_leaf (walk, node, entries, high, err);
  for (unsigned i = 0; i < entries; i++) {
    const unsigned char *e = node + HEADER_SIZE + (size_t) i * ENTRY_SIZE;
    const uint64_t first = le32 (e);
    const uint64_t last = i + 1 < entries ? le32 (e + ENTRY_SIZE) : high;
    unsigned char *child;
    unsigned child_entries;
    if (first >= walk->map->end)
      return 0;
    if (first >= last || last > high || last <= walk->next)
      return dc_fail (err, DC_ERR_INVALID,
                      "its map has nodes out of order at block %llu",
                      (unsigned long long) first);
    if (last <= walk->map->first)
      continue;
    if (read_child (walk, e, depth, &child, &child_entries, err) < 0)
      return -1;
    const int status =
        walk_node (walk, child, child_entries, depth - 1, last, err);
    if (status != 0)
      return status;
  }
  return 0;
}

static int
walk_extents (struct walk *walk, const unsigned char *root, size_t size,
              struct dc_error *err)
{
  const unsigned depth = le16 (root + 6);
  unsigned entries;

  if (depth > EXTENT_DEPTH_MAX)
    return dc_fail (err, DC_ERR_INVALID, "its map is %u levels deep", depth);
  if (check_node (root, size, depth, &entries, err) < 0)
    return -1;
  return walk_node (walk, root, entries, depth, (uint64_t) UINT32_MAX + 1, err);
}

static int
flush_run (struct walk *walk, struct dc_error *err)
{
  const struct dc_extrun run = walk->pending;

  walk->pending.count = 0;
  return run.count == 0 ? 0 : give_run (walk, run, err);
}

/* Block PHYSICAL stands for LOGICAL; 0 is a hole. */
static int
add_block (struct walk *walk, uint64_t logical, uint64_t physical,
           struct dc_error *err)
{
  struct dc_extrun *run = &walk->pending;

  if (run->count > 0 && logical == run->logical + run->count &&
      physical == run->physical + run->count) {
    run->count++;
    return 0;
  }
  const int status = flush_run (walk, err);
  if (status != 0)
    return status;
  if (physical != 0)
    *run = (struct dc_extrun){ .logical = logical,
                               .physical = physical,
                               .count = 1 };
  return 0;
}

/* A block of blocks, DEPTH levels above the contents; those below it stand
 * for LOGICAL and what follows.
 */
static int
walk_list (struct walk *walk, uint64_t block, unsigned depth, uint64_t logical,
           struct dc_error *err)
{
  const size_t per_block = dc_ext_block_size (walk->map->ext) / 4;
  uint64_t span = 1; /* blocks of contents for each entry */
  unsigned char *list;

  assert (depth < LIST_DEPTH_MAX);

  for (unsigned i = 0; i < depth; i++)
    span *= per_block;
  if (block == 0 || logical >= walk->map->end ||
      logical + span * per_block <= walk->map->first)
    return 0;
  if (read_node (walk, block, depth, &list, err) < 0)
    return -1;
  for (size_t i = 0; i < per_block && logical < walk->map->end; i++) {
    const uint32_t below = le32 (list + 4 * i);
    const int status = depth == 0
                           ? add_block (walk, logical, below, err)
                           : walk_list (walk, below, depth - 1, logical, err);
    if (status != 0)
      return status;
    logical += span;
  }
  return 0;
}

static int
walk_lists (struct walk *walk, const unsigned char *root, struct dc_error *err)
{
  const uint64_t per_block = dc_ext_block_size (walk->map->ext) / 4;
  uint64_t logical = 0, span = per_block;

  for (; logical < LIST_DIRECT && logical < walk->map->end; logical++) {
    const int status =
        add_block (walk, logical, le32 (root + 4 * logical), err);
    if (status != 0)
      return status;
  }
  for (unsigned i = 0; i < LIST_DEPTH_MAX && logical < walk->map->end; i++) {
    const uint32_t block = le32 (root + 4 * (LIST_DIRECT + i));
    const int status = walk_list (walk, block, i, logical, err);
    if (status != 0)
      return status;
    logical += span;
    span *= per_block;
  }
  return flush_run (walk, err);
}

int
dc_extmap_walk (struct dc_extmap *map, struct dc_error *err)
{
  const struct ext2_inode_large *inode = &map->node->inode;
  const size_t block_size = dc_ext_block_size (map->ext);
  unsigned char root[sizeof inode->i_block];

  map->is_doubtful = false;
  if (map->first >= map->end)
    return 0; /* an empty file needs no map */
  memcpy (root, inode->i_block, sizeof root);
  const bool is_extents = (inode->i_flags & EXT4_EXTENTS_FL) != 0;
  const bool is_flat =
      is_extents ? le16 (root + 6) == 0 : map->end <= LIST_DIRECT;
  AUTO_FREE unsigned char *rooms = NULL;
  if (!is_flat) {
    rooms = malloc (block_size * EXTENT_DEPTH_MAX);
    if (rooms == NULL)
      return dc_fail_errno (err, "cannot keep a map of blocks");
  }
  struct walk walk = { .map = map, .rooms = rooms };
  return is_extents ? walk_extents (&walk, root, sizeof root, err)
                    : walk_lists (&walk, root, err);
}

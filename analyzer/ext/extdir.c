/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/ext/extdir.h"
#include "analyzer/ext/extmap.h"

/* An entry: inode (4 bytes), size of the entry (2), of the name (1), type of
 * the file (1), name.
 */
#define ENTRY_HEAD 8
#define ENTRY_ALIGN 4
/* Bytes of contents in an inode; before it, in a folder, its parent's number.
 */
#define INLINE_MAX ((size_t) 128 * 1024)
#define INLINE_HEAD 4
#define INLINE_FIRST (sizeof ((struct ext2_inode *) NULL)->i_block)

/* Of one folder; a thousand bad blocks need no thousand words. */
#define DAMAGE_TOLD_MAX 8

struct walk {
  struct dc_extdir *dir;
  unsigned char *block;
  int status; /* of the last block: not 0 ends it */
};

static int
tell_damage (struct dc_extdir *dir, const char *why, struct dc_error *err)
{
  if (dir->damage == NULL || dir->damages++ >= DAMAGE_TOLD_MAX)
    return 0;
  return dir->damage (dir->self, why, err);
}

/* ERR says why a part cannot be read: go on if it is only that part. */
static int
pass_over (struct dc_extdir *dir, struct dc_error *err)
{
  const struct dc_error cause = *err;

  if (!dc_extio_is_local (err))
    return dc_context (err, "folder of inode %u", dir->node->ino);
  return tell_damage (dir, cause.text, err);
}

static bool
is_dots (const struct dc_extname *name)
{
  return name->name[0] == '.' &&
         (name->size == 1 || (name->size == 2 && name->name[1] == '.'));
}

/* The entries in SIZE BYTES, which they fill exactly. */
static int
read_entries (struct dc_extdir *dir, unsigned char *bytes, size_t size,
              struct dc_error *err)
{
  unsigned entry_size;

  for (size_t at = 0; at < size; at += entry_size) {
    struct ext2_dir_entry *entry = (struct ext2_dir_entry *) (bytes + at);
    if (size - at < ENTRY_HEAD ||
        ext2fs_get_rec_len (dir->ext->fs, entry, &entry_size) != 0)
      return tell_damage (dir, "an entry is cut off", err);
    const struct dc_extname name = { .name = entry->name,
                                     .size = (size_t) entry->name_len & 0xff,
                                     .ino = entry->inode };
    if (entry_size < ENTRY_HEAD || entry_size % ENTRY_ALIGN != 0 ||
        entry_size > size - at || name.size > entry_size - ENTRY_HEAD)
      return tell_damage (dir, "an entry has an impossible size", err);
    if (name.ino == 0 || name.size == 0 || is_dots (&name))
      continue;
    const int status = dir->name (dir->self, &name, err);
    if (status != 0)
      return status;
  }
  return 0;
}

static int
read_block (struct walk *walk, uint64_t block, struct dc_error *err)
{
  struct dc_extdir *dir = walk->dir;
  struct dc_ext *ext = dir->ext;
  const size_t size = dc_ext_block_size (ext);

  if (dir->budget != NULL && (*dir->budget)-- == 0) {
    *dir->budget = 0;
    return tell_damage (
        dir, "all folders have more blocks than the file system", err);
  }
  if (dc_extio_read (ext->io, block * size, walk->block, size, err) < 0)
    return pass_over (dir, err);
  if (!ext2fs_dir_block_csum_verify (ext->fs, dir->node->ino,
                                     (struct ext2_dir_entry *) walk->block) &&
      tell_damage (dir, "a block has a wrong checksum", err) < 0)
    return -1;
  return read_entries (dir, walk->block, size, err);
}

static int
read_run (void *self, const struct dc_extrun *run, struct dc_error *err)
{
  struct walk *walk = self;

  for (uint64_t i = 0; i < run->count && !run->is_zero; i++) {
    walk->status = read_block (walk, run->physical + i, err);
    if (walk->status != 0)
      return walk->status;
  }
  return 0;
}

/* A small folder inside its inode: the entries are in two parts. */
static int
read_inline (struct dc_extdir *dir, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (INLINE_MAX);

  if (dc_extnode_inline (dir->ext, dir->node, &b, err) < 0)
    return pass_over (dir, err);
  if (b.size < INLINE_FIRST)
    return tell_damage (dir, "its inode holds too little", err);
  unsigned char *bytes = (unsigned char *) b.data;
  const int status =
      read_entries (dir, bytes + INLINE_HEAD, INLINE_FIRST - INLINE_HEAD, err);
  if (status != 0)
    return status;
  return read_entries (dir, bytes + INLINE_FIRST, b.size - INLINE_FIRST, err);
}

int
dc_extdir_walk (struct dc_extdir *dir, struct dc_error *err)
{
  const uint64_t size = dir->node->size;
  const size_t block_size = dc_ext_block_size (dir->ext);

  if ((dir->node->inode.i_flags & EXT4_INLINE_DATA_FL) != 0)
    return read_inline (dir, err);
  if (size > DC_EXT_FOLDER_MAX)
    return tell_damage (dir, "it is larger than 2 GiB", err);
  AUTO_FREE unsigned char *block = malloc (block_size);
  if (block == NULL)
    return dc_fail_errno (err, "cannot keep a folder");
  struct walk walk = { .dir = dir, .block = block };
  struct dc_extmap map = { .ext = dir->ext,
                           .node = dir->node,
                           .end = (size + block_size - 1) / block_size,
                           .run = read_run,
                           .self = &walk,
                           .budget = dir->budget };
  const int status = dc_extmap_walk (&map, err);
  if (walk.status != 0)
    return walk.status; /* what the functions said, not the map */
  if (status < 0)
    return pass_over (dir, err);
  return map.is_doubtful
             ? tell_damage (dir, "its map has a wrong checksum", err)
             : 0;
}

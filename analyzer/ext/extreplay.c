/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <inttypes.h>
#include <sys/stat.h>

#include "analyzer/ext/extmap.h"
#include "analyzer/ext/extreplay.h"

/* The blocks of the journal, as its inode's map gives them. */
struct journal_file {
  uint64_t *blocks;
  uint32_t count, size;
};

static int
add_run (void *self, const struct dc_extrun *run, struct dc_error *err)
{
  struct journal_file *file = self;

  if (run->logical != file->count)
    return dc_fail (err, DC_ERR_INVALID, "has holes");
  for (uint64_t i = 0; i < run->count; i++)
    file->blocks[file->count++] = run->physical + i;
  return 0;
}

static int
read_journal_file (struct dc_ext *ext, struct journal_file *file,
                   struct dc_error *err)
{
  const uint32_t ino = ext->fs->super->s_journal_inum;
  struct dc_extnode node;

  if (dc_extnode_load (ext, ino, &node, err) < 0)
    return -1;
  const uint64_t count = node.size / dc_ext_block_size (ext);
  if (!S_ISREG (node.inode.i_mode) || count == 0)
    return dc_fail (err, DC_ERR_INVALID, "inode %u holds no journal", ino);
  if (count > DC_EXTLOG_BLOCK_MAX)
    return dc_fail (err, DC_ERR_APPLIANCE, "has %" PRIu64 " blocks, limit %u",
                    count, DC_EXTLOG_BLOCK_MAX);
  file->blocks = calloc (count, sizeof *file->blocks);
  if (file->blocks == NULL)
    return dc_fail_errno (err, "cannot keep %" PRIu64 " blocks", count);
  struct dc_extmap map = {
    .ext = ext, .node = &node, .end = count, .run = add_run, .self = file
  };
  if (dc_extmap_walk (&map, err) < 0)
    return -1;
  if (file->count != count)
    return dc_fail (err, DC_ERR_INVALID, "ends after %u blocks", file->count);
  return 0;
}

static int
read_log_block (void *self, uint64_t block, void *bytes, struct dc_error *err)
{
  struct dc_ext *ext = self;
  const size_t size = dc_ext_block_size (ext);

  return dc_extio_read (ext->io, block * size, bytes, size, err);
}

int
dc_extreplay (struct dc_ext *ext, struct dc_extjournal **out,
              struct dc_error *err)
{
  struct journal_file file = { .blocks = NULL };

  if (ext->fs->super->s_journal_inum == 0)
    return dc_fail (err, DC_ERR_APPLIANCE, "lies on another device");
  int status = read_journal_file (ext, &file, err);
  if (status == 0) {
    const struct dc_extlog log = {
      .read = read_log_block,
      .self = ext,
      .blocks = file.blocks,
      .count = file.count,
      .block_size = dc_ext_block_size (ext),
      .fs_blocks = ext2fs_blocks_count (ext->fs->super),
    };
    status = dc_extjournal_read (&log, out, err);
  }
  free (file.blocks);
  return status;
}

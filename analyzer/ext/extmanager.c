/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>

#include "analyzer/ext/extmanager.h"

static errcode_t
open_channel (const char *name, int flags, io_channel *out)
{
  void *io = NULL;

  if ((flags & IO_FLAG_RW) != 0)
    return EXT2_ET_RO_FILSYS;
  if (sscanf (name, "%p", &io) != 1)
    return EXT2_ET_BAD_DEVICE_NAME;
  AUTO_FREE struct struct_io_channel *channel = calloc (1, sizeof *channel);
  AUTO_FREE char *copy = strdup (name);
  if (channel == NULL || copy == NULL)
    return EXT2_ET_NO_MEMORY;
  channel->magic = EXT2_ET_MAGIC_IO_CHANNEL;
  channel->manager = dc_extmanager ();
  channel->name = DC_TAKE (copy);
  channel->block_size = 1024;
  channel->refcount = 1;
  channel->private_data = io;
  *out = DC_TAKE (channel);
  return 0;
}

static errcode_t
close_channel (io_channel channel)
{
  if (--channel->refcount > 0)
    return 0;
  free (channel->name);
  free (channel);
  return 0;
}

static errcode_t
set_block_size (io_channel channel, int size)
{
  channel->block_size = size;
  return 0;
}

/* COUNT blocks, or -COUNT bytes. */
static errcode_t
read_blocks (io_channel channel, unsigned long long block, int count,
             void *bytes)
{
  struct dc_error err;
  uint64_t offset;
  const uint64_t block_size = (uint64_t) channel->block_size;
  const uint64_t size =
      count < 0 ? (uint64_t) - (int64_t) count : (uint64_t) count * block_size;

  if (__builtin_mul_overflow (block, block_size, &offset))
    return EXT2_ET_SHORT_READ;
  if (dc_extio_read (channel->private_data, offset, bytes, size, &err) == 0)
    return 0;
  dc_extio_keep_error (channel->private_data, &err);
  return DC_EXTMANAGER_FAILED;
}

static errcode_t
read_blocks_32 (io_channel channel, unsigned long block, int count, void *bytes)
{
  return read_blocks (channel, block, count, bytes);
}

static errcode_t
refuse_write (io_channel channel, unsigned long long block, int count,
              const void *bytes)
{
  (void) channel;
  (void) block;
  (void) count;
  (void) bytes;
  return EXT2_ET_RO_FILSYS;
}

static errcode_t
refuse_write_32 (io_channel channel, unsigned long block, int count,
                 const void *bytes)
{
  return refuse_write (channel, block, count, bytes);
}

static errcode_t
flush (io_channel channel)
{
  (void) channel;
  return 0;
}

io_manager
dc_extmanager (void)
{
  static struct struct_io_manager manager = {
    .magic = EXT2_ET_MAGIC_IO_MANAGER,
    .name = "decant",
    .open = open_channel,
    .close = close_channel,
    .set_blksize = set_block_size,
    .read_blk = read_blocks_32,
    .write_blk = refuse_write_32,
    .flush = flush,
    .read_blk64 = read_blocks,
    .write_blk64 = refuse_write,
  };

  return &manager;
}

void
dc_extmanager_name (struct dc_extio *io, char name[DC_EXTMANAGER_NAME_SIZE])
{
  (void) snprintf (name, DC_EXTMANAGER_NAME_SIZE, "%p", (void *) io);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_EXT_EXTLOG_H
#define DC_ANALYZER_EXT_EXTLOG_H

/* extlog: the file that a journal is kept in, and its superblock.
 *
 *   block 0             superblock
 *   [first, last)       the ring of transactions
 *   [last + 1, end)     fast commits, if that feature is on
 *
 * All in big endian, fast commits excepted.
 *
 * Source: Linux Documentation/filesystems/ext4/journal.rst.
 */

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/error.h"

/* Blocks of a log: 16 GiB of 4 KiB blocks.  mke2fs makes 1 GiB by itself. */
#define DC_EXTLOG_BLOCK_MAX ((uint32_t) 4 * 1024 * 1024)

/* Every control block begins so. */
#define DC_EXTLOG_MAGIC ((uint32_t) 0xc03b3998)
#define DC_EXTLOG_HEADER 12 /* bytes: magic, type, sequence */

/* A log as the journal's inode describes it. */
struct dc_extlog {
  /* One block of the file system, as it stands on the disk. */
  int (*read) (void *self, uint64_t block, void *bytes, struct dc_error *err);
  void *self;
  const uint64_t *blocks; /* of the file system: where the log lies */
  uint32_t count;         /* of BLOCKS */
  uint32_t block_size;
  uint64_t fs_blocks; /* of the whole file system */
};

/* What the superblock says. */
struct dc_extlog_format {
  bool has_64bit;
  bool has_commit_crc;  /* version 1: a sum over the whole transaction */
  unsigned csum;        /* version of checksums: 0 (none, or 1), 2, 3 */
  size_t tag_size;      /* bytes a descriptor spends on one copy */
  size_t usable;        /* bytes of a control block before its checksum */
  uint32_t seed;        /* of checksums 2 and 3 */
  uint32_t first, last; /* log blocks of the ring */
  uint32_t start;       /* where the oldest transaction begins; 0: none */
  uint32_t sequence;    /* its number */
  uint32_t fast_first;  /* the first log block of fast commits; 0: none */
};

/* 0, or -1: what LOG->read said. */
int dc_extlog_read (const struct dc_extlog *log, uint32_t log_block,
                    unsigned char *bytes, struct dc_error *err);
/* Read the superblock, with ROOM for one block.  0, or -1: DC_ERR_INVALID
 * (not a log, or damaged), DC_ERR_APPLIANCE (features that we do not know,
 * larger than DC_EXTLOG_BLOCK_MAX), or what LOG->read said.
 */
int dc_extlog_format (const struct dc_extlog *log, unsigned char *room,
                      struct dc_extlog_format *out, struct dc_error *err);
/* Is the checksum at OFFSET that of the SIZE bytes, itself taken as zero? */
bool dc_extlog_is_whole (unsigned char *bytes, size_t size, size_t offset,
                         uint32_t seed);

static inline uint32_t
dc_extlog_be32 (const unsigned char *bytes)
{
  uint32_t value;

  memcpy (&value, bytes, sizeof value);
  return be32toh (value);
}

static inline uint16_t
dc_extlog_be16 (const unsigned char *bytes)
{
  return (uint16_t) (bytes[0] << 8 | bytes[1]);
}

#endif

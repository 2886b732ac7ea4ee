/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>

#include <ext2fs/ext2fs.h>

#include "analyzer/ext/extlog.h"

#define be32 dc_extlog_be32

enum { SUPERBLOCK_V1 = 3, SUPERBLOCK_V2 = 4 };

/* Features; those that are not here are the appliance's. */
enum {
  COMPAT_CHECKSUM = 0x1,
  INCOMPAT_64BIT = 0x2,
  INCOMPAT_CSUM_V2 = 0x8,
  INCOMPAT_CSUM_V3 = 0x10,
  INCOMPAT_FAST_COMMIT = 0x20,
  INCOMPAT_KNOWN = 0x3f, /* also: revocations 0x1, asynchronous commit 0x4 */
};

#define CHECKSUM_CRC32C 4    /* the only type of versions 2 and 3 */
#define FAST_COMMIT_SIZE 256 /* blocks, unless the superblock says */
#define SUPERBLOCK_SIZE_V2 1024

int
dc_extlog_read (const struct dc_extlog *log, uint32_t log_block,
                unsigned char *bytes, struct dc_error *err)
{
  assert (log_block < log->count);

  if (log->read (log->self, log->blocks[log_block], bytes, err) < 0)
    return dc_context (err, "journal block %u", log_block);
  return 0;
}

bool
dc_extlog_is_whole (unsigned char *bytes, size_t size, size_t offset,
                    uint32_t seed)
{
  unsigned char stored[4];

  memcpy (stored, bytes + offset, sizeof stored);
  memset (bytes + offset, 0, sizeof stored);
  const uint32_t sum = ext2fs_crc32c_le (seed, bytes, size);
  memcpy (bytes + offset, stored, sizeof stored);
  return sum == be32 (stored);
}

static int
read_checksums (unsigned char *sb, uint32_t incompat,
                struct dc_extlog_format *format, struct dc_error *err)
{
  const uint32_t csums = incompat & (INCOMPAT_CSUM_V2 | INCOMPAT_CSUM_V3);

  if (csums == 0)
    return 0;
  if (csums == (INCOMPAT_CSUM_V2 | INCOMPAT_CSUM_V3) || format->has_commit_crc)
    return dc_fail (err, DC_ERR_INVALID,
                    "journal claims two kinds of checksums at once");
  if (sb[0x50] != CHECKSUM_CRC32C)
    return dc_fail (err, DC_ERR_APPLIANCE,
                    "journal has checksums of type %u, which we do not know",
                    sb[0x50]);
  if (!dc_extlog_is_whole (sb, SUPERBLOCK_SIZE_V2, 0xfc, UINT32_MAX))
    return dc_fail (err, DC_ERR_INVALID,
                    "journal superblock has a wrong checksum");
  format->csum = csums == INCOMPAT_CSUM_V3 ? 3 : 2;
  format->seed = ext2fs_crc32c_le (UINT32_MAX, sb + 0x30, 16);
  return 0;
}

/* What only version 2 has.  FAST becomes the blocks for fast commits. */
static int
read_features (unsigned char *sb, struct dc_extlog_format *format,
               uint32_t *fast, struct dc_error *err)
{
  const uint32_t incompat = be32 (sb + 0x28), ro_compat = be32 (sb + 0x2c);

  if ((incompat & ~(uint32_t) INCOMPAT_KNOWN) != 0 || ro_compat != 0)
    return dc_fail (err, DC_ERR_APPLIANCE,
                    "journal has features that we do not know (0x%x, 0x%x)",
                    incompat, ro_compat);
  format->has_64bit = (incompat & INCOMPAT_64BIT) != 0;
  format->has_commit_crc = (be32 (sb + 0x24) & COMPAT_CHECKSUM) != 0;
  if ((incompat & INCOMPAT_FAST_COMMIT) != 0)
    *fast = be32 (sb + 0x54) != 0 ? be32 (sb + 0x54) : FAST_COMMIT_SIZE;
  return read_checksums (sb, incompat, format, err);
}

/* FAST of the log's SIZE blocks are for fast commits. */
static int
read_ring (const unsigned char *sb, uint32_t size, uint32_t fast,
           struct dc_extlog_format *format, struct dc_error *err)
{
  if (fast >= size)
    return dc_fail (err, DC_ERR_INVALID,
                    "journal of %u blocks has %u for fast commits", size, fast);
  format->first = be32 (sb + 0x14);
  format->sequence = be32 (sb + 0x18);
  format->start = be32 (sb + 0x1c);
  format->last = size - fast;
  if (fast > 1)
    format->fast_first = format->last + 1; /* one is never used */
  if (format->first == 0 || format->first >= format->last ||
      (format->start != 0 &&
       (format->start < format->first || format->start >= format->last)))
    return dc_fail (err, DC_ERR_INVALID,
                    "journal of %u blocks begins at %u, transactions at %u",
                    size, format->first, format->start);
  return 0;
}

int
dc_extlog_format (const struct dc_extlog *log, unsigned char *sb,
                  struct dc_extlog_format *out, struct dc_error *err)
{
  struct dc_extlog_format format = { .csum = 0 };
  uint32_t fast = 0;

  assert (log->block_size >= SUPERBLOCK_SIZE_V2);

  if (log->count == 0)
    return dc_fail (err, DC_ERR_INVALID, "journal is empty");
  if (log->count > DC_EXTLOG_BLOCK_MAX)
    return dc_fail (err, DC_ERR_APPLIANCE, "journal has %u blocks, limit %u",
                    log->count, DC_EXTLOG_BLOCK_MAX);
  if (dc_extlog_read (log, 0, sb, err) < 0)
    return -1;
  const uint32_t type = be32 (sb + 4), size = be32 (sb + 0x10);
  if (be32 (sb) != DC_EXTLOG_MAGIC ||
      (type != SUPERBLOCK_V1 && type != SUPERBLOCK_V2))
    return dc_fail (err, DC_ERR_INVALID, "journal has no superblock");
  if (be32 (sb + 0xc) != log->block_size)
    return dc_fail (err, DC_ERR_INVALID,
                    "journal has blocks of %u bytes, its file system of %u",
                    be32 (sb + 0xc), log->block_size);
  if (size > log->count)
    return dc_fail (err, DC_ERR_INVALID,
                    "journal claims %u blocks, its file has %u", size,
                    log->count);
  if (type == SUPERBLOCK_V2 && read_features (sb, &format, &fast, err) < 0)
    return -1;

  /* 10 and 14 look wrong and are right: version 2 counted its two bytes of
   * checksum again, although they lie in a gap, and so it stayed.
   */
  format.tag_size =
      (format.csum == 2 ? 10U : 8U) + (format.has_64bit ? 4U : 0U);
  if (format.csum == 3)
    format.tag_size = 16;
  format.usable = log->block_size - (format.csum != 0 ? 4 : 0);
  if (read_ring (sb, size, fast, &format, err) < 0)
    return -1;
  *out = format;
  return 0;
}

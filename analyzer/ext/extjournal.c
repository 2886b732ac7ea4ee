/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include <ext2fs/ext2fs.h>

#include "analyzer/ext/extjournal.h"
#include "lib/array.h"

#define be32 dc_extlog_be32
#define be16 dc_extlog_be16

/* Types of control blocks. */
enum { DESCRIPTOR = 1, COMMIT = 2, REVOKE = 5 };

enum { TAG_ESCAPED = 1, TAG_SAME_UUID = 2, TAG_LAST = 8 };

#define CHECKSUM_CRC32 1   /* the only type of version 1 */
#define FAST_COMMIT_HEAD 9 /* the tag that a row of fast commits begins with */

/* A copy that a descriptor names. */
struct tag {
  uint64_t block;
  uint32_t log_block;
  uint32_t age;   /* transactions since the oldest */
  uint32_t order; /* in which the log names them */
  bool is_escaped, is_damaged;
};

/* Copies of BLOCK in transactions up to this one are void. */
struct revocation {
  uint64_t block;
  uint32_t age;
};

struct scan {
  const struct dc_extlog *log;
  struct dc_extlog_format format;
  unsigned char *block, *data; /* a control block, a copy */
  uint32_t position;           /* the log block to be read next */
  uint32_t left; /* blocks of the ring not seen yet: a log that bites its
                     own tail without a commit must end */
  uint32_t age;  /* of the transaction being read */
  uint32_t crc;  /* version 1 */
  bool is_cut;
  struct tag *tags;
  size_t tag_count, tag_committed;
  struct revocation *revocations;
  size_t revocation_count, revocation_committed;
};

static uint64_t
be64 (const unsigned char *bytes)
{
  return (uint64_t) be32 (bytes) << 32 | be32 (bytes + 4);
}

static uint32_t
le32 (const unsigned char *bytes)
{
  uint32_t value;

  memcpy (&value, bytes, sizeof value);
  return le32toh (value);
}

/* The log block under the head, which then moves on; false: once round. */
static bool
advance (struct scan *scan, uint32_t *log_block)
{
  if (scan->left == 0)
    return false;
  *log_block = scan->position;
  scan->left--;
  scan->position++;
  if (scan->position == scan->format.last)
    scan->position = scan->format.first;
  return true;
}

static uint32_t
sequence_of (const struct scan *scan)
{
  return scan->format.sequence + scan->age;
}

/* Does the copy in scan->data have the checksum CLAIMED by its tag? */
static bool
is_copy_right (const struct scan *scan, uint32_t claimed)
{
  const uint32_t sequence = htobe32 (sequence_of (scan));

  uint32_t sum = ext2fs_crc32c_le (
      scan->format.seed, (const unsigned char *) &sequence, sizeof sequence);
  sum = ext2fs_crc32c_le (sum, scan->data, scan->log->block_size);
  return scan->format.csum == 3 ? sum == claimed : (sum & 0xffff) == claimed;
}

/* Note the copy in LOG_BLOCK that the tag at T describes. */
static int
add_copy (struct scan *scan, const unsigned char *t, uint32_t log_block,
          struct dc_error *err)
{
  const struct dc_extlog_format *format = &scan->format;
  const bool is_v3 = format->csum == 3;
  const uint32_t flags = is_v3 ? be32 (t + 4) : be16 (t + 6);

  if (DC_ARRAY_GROW (scan->tags, scan->tag_count, DC_EXTLOG_BLOCK_MAX,
                     "copies in the journal", err) < 0)
    return -1;
  struct tag *tag = &scan->tags[scan->tag_count];
  tag->block = be32 (t);
  if (format->has_64bit)
    tag->block |= (uint64_t) be32 (t + 8) << 32;
  tag->log_block = log_block;
  tag->age = scan->age;
  tag->order = (uint32_t) scan->tag_count;
  tag->is_escaped = (flags & TAG_ESCAPED) != 0;
  tag->is_damaged = tag->block >= scan->log->fs_blocks;
  if (format->csum != 0 || format->has_commit_crc) {
    if (dc_extlog_read (scan->log, log_block, scan->data, err) < 0)
      return -1;
    if (format->csum != 0 &&
        !is_copy_right (scan, is_v3 ? be32 (t + 12) : be16 (t + 4)))
      tag->is_damaged = true;
    scan->crc = ext2fs_crc32_be (scan->crc, scan->data, scan->log->block_size);
  }
  scan->tag_count++;
  return 0;
}

/* 1; 0 when the log ends in the middle; -1. */
static int
read_descriptor (struct scan *scan, struct dc_error *err)
{
  const struct dc_extlog_format *format = &scan->format;
  uint32_t flags = 0;

  scan->crc = ext2fs_crc32_be (scan->crc, scan->block, scan->log->block_size);
  for (size_t at = DC_EXTLOG_HEADER;
       (flags & TAG_LAST) == 0 && at + format->tag_size <= format->usable;) {
    const unsigned char *t = scan->block + at;
    uint32_t log_block;
    if (!advance (scan, &log_block))
      return 0;
    if (add_copy (scan, t, log_block, err) < 0)
      return -1;
    flags = format->csum == 3 ? be32 (t + 4) : be16 (t + 6);
    at += format->tag_size + ((flags & TAG_SAME_UUID) != 0 ? 0 : 16);
  }
  return 1;
}

static int
read_revocations (struct scan *scan, struct dc_error *err)
{
  const size_t record_size = scan->format.has_64bit ? 8 : 4;
  const size_t end = be32 (scan->block + DC_EXTLOG_HEADER);

  if (end > scan->format.usable)
    return dc_fail (err, DC_ERR_INVALID,
                    "journal has a revoke block with %zu bytes in use", end);
  for (size_t at = DC_EXTLOG_HEADER + 4; at + record_size <= end;
       at += record_size) {
    if (DC_ARRAY_GROW (scan->revocations, scan->revocation_count,
                       DC_EXTJOURNAL_REVOKE_MAX, "revoked blocks", err) < 0)
      return -1;
    struct revocation *r = &scan->revocations[scan->revocation_count++];
    r->block =
        record_size == 8 ? be64 (scan->block + at) : be32 (scan->block + at);
    r->age = scan->age;
  }
  return 1;
}

/* Is the commit block's own checksum right, or is there none? */
static bool
is_commit_right (const struct scan *scan)
{
  unsigned char *block = scan->block;
  const uint32_t sum = be32 (block + 16);
  const unsigned type = block[12], size = block[13];

  if (scan->format.csum != 0)
    return dc_extlog_is_whole (block, scan->log->block_size, 16,
                               scan->format.seed);
  if (!scan->format.has_commit_crc)
    return true;
  return (type == 0 && size == 0 && sum == 0) ||
         (type == CHECKSUM_CRC32 && size == 4 && sum == scan->crc);
}

/* 1: go on; 0: here the log ends; -1. */
static int
read_control_block (struct scan *scan, struct dc_error *err)
{
  const struct dc_extlog_format *format = &scan->format;
  uint32_t log_block;

  if (!advance (scan, &log_block))
    return 0;
  if (dc_extlog_read (scan->log, log_block, scan->block, err) < 0)
    return -1;
  if (be32 (scan->block) != DC_EXTLOG_MAGIC ||
      be32 (scan->block + 8) != sequence_of (scan))
    return 0;

  const uint32_t type = be32 (scan->block + 4);
  if (type == COMMIT) {
    scan->is_cut = !is_commit_right (scan);
    if (scan->is_cut)
      return 0;
    scan->tag_committed = scan->tag_count;
    scan->revocation_committed = scan->revocation_count;
    scan->crc = UINT32_MAX;
    scan->age++;
    return 1;
  }
  if (type != DESCRIPTOR && type != REVOKE)
    return 0;
  scan->is_cut = format->csum != 0 &&
                 !dc_extlog_is_whole (scan->block, scan->log->block_size,
                                      format->usable, format->seed);
  if (scan->is_cut)
    return 0;
  return type == DESCRIPTOR ? read_descriptor (scan, err)
                            : read_revocations (scan, err);
}

/* Fast commits hang on the transaction that would have come next. */
static int
check_fast_commits (struct scan *scan, struct dc_error *err)
{
  const uint32_t first = scan->format.fast_first;

  if (first == 0 || first >= scan->log->count)
    return 0;
  if (dc_extlog_read (scan->log, first, scan->data, err) < 0)
    return -1;
  const unsigned tag = scan->data[0] | (unsigned) scan->data[1] << 8;
  if (tag == FAST_COMMIT_HEAD && le32 (scan->data + 8) == sequence_of (scan))
    return dc_fail (err, DC_ERR_APPLIANCE,
                    "journal has fast commits that are not applied");
  return 0;
}

static int
by_block (const void *a, const void *b)
{
  const struct revocation *x = a, *y = b;

  if (x->block != y->block)
    return x->block < y->block ? -1 : 1;
  return x->age < y->age ? 1 : x->age > y->age ? -1 : 0;
}

/* By block, the newest first. */
static int
by_block_and_order (const void *a, const void *b)
{
  const struct tag *x = a, *y = b;

  if (x->block != y->block)
    return x->block < y->block ? -1 : 1;
  return x->order > y->order ? -1 : 1;
}

static bool
is_revoked (const struct scan *scan, const struct tag *tag)
{
  size_t low = 0, high = scan->revocation_committed;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (scan->revocations[middle].block < tag->block)
      low = middle + 1;
    else
      high = middle;
  }
  return low < scan->revocation_committed &&
         scan->revocations[low].block == tag->block &&
         scan->revocations[low].age >= tag->age;
}

/* From all committed tags to the newest valid copy of each block. */
static int
choose_copies (struct scan *scan, struct dc_extjournal *journal,
               struct dc_error *err)
{
  if (scan->revocation_committed > 0)
    qsort (scan->revocations, scan->revocation_committed,
           sizeof *scan->revocations, by_block);
  if (scan->tag_committed == 0)
    return 0;
  qsort (scan->tags, scan->tag_committed, sizeof *scan->tags,
         by_block_and_order);
  journal->copies = calloc (scan->tag_committed, sizeof *journal->copies);
  if (journal->copies == NULL)
    return dc_fail_errno (err, "cannot keep the journal");
  for (size_t i = 0; i < scan->tag_committed; i++) {
    const struct tag *tag = &scan->tags[i];
    const size_t n = journal->count;
    if ((n > 0 && journal->copies[n - 1].block == tag->block) ||
        is_revoked (scan, tag))
      continue;
    if (tag->is_damaged) {
      journal->damaged++;
      continue;
    }
    journal->copies[n].block = tag->block;
    journal->copies[n].place = scan->log->blocks[tag->log_block];
    journal->copies[n].is_escaped = tag->is_escaped;
    journal->count++;
  }
  return 0;
}

static int
scan_log (struct scan *scan, struct dc_extjournal *journal,
          struct dc_error *err)
{
  scan->position = scan->format.start;
  scan->left = scan->format.last - scan->format.first;
  scan->crc = UINT32_MAX;
  int status = 1;
  while (status == 1)
    status = read_control_block (scan, err);
  if (status < 0 || check_fast_commits (scan, err) < 0)
    return -1;
  journal->is_cut = scan->is_cut;
  journal->transaction = sequence_of (scan);
  return choose_copies (scan, journal, err);
}

int
dc_extjournal_read (const struct dc_extlog *log, struct dc_extjournal **out,
                    struct dc_error *err)
{
  DC_AUTO (dc_extjournal) *journal = calloc (1, sizeof *journal);
  AUTO_FREE unsigned char *blocks = malloc ((size_t) 2 * log->block_size);
  if (journal == NULL || blocks == NULL)
    return dc_fail_errno (err, "cannot keep the journal");
  struct scan scan = { .log = log,
                       .block = blocks,
                       .data = blocks + log->block_size };
  if (dc_extlog_format (log, scan.block, &scan.format, err) < 0)
    return -1;
  if (scan.format.start != 0) {
    const int status = scan_log (&scan, journal, err);
    free (scan.tags);
    free (scan.revocations);
    if (status < 0)
      return -1;
  }
  *out = DC_TAKE (journal);
  return 0;
}

size_t
dc_extjournal_find (const struct dc_extjournal *journal, uint64_t block)
{
  size_t low = 0, high = journal->count;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (journal->copies[middle].block < block)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

void
dc_extjournal_free (struct dc_extjournal *journal)
{
  if (journal == NULL)
    return;
  free (journal->copies);
  free (journal);
}

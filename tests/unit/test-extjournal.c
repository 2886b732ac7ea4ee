/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdio.h>

#include <ext2fs/ext2fs.h>

#include "analyzer/ext/extjournal.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* A log is made by words, one control block each:
 *   "d 7 9! -"  descriptor of copies of blocks 7 and 9, 9 escaped; each copy
 *               is filled with the byte of its log block's number
 *   "r 7"       revokes
 *   "c"         commits
 */
#define BLOCK 1024
#define LOG_BLOCKS 32
#define FIRST 1
#define PLACE 1000 /* log block N is block PLACE + N of the file system */
#define FS_BLOCKS 5000

enum { V1 = 0, CRC = 1, BITS64 = 2, V2 = 8, V3 = 16, FAST = 32 };

struct maker {
  unsigned char bytes[LOG_BLOCKS][BLOCK];
  uint64_t blocks[LOG_BLOCKS];
  unsigned kind;
  uint32_t position, last, sequence, seed, crc;
  uint32_t readable; /* log blocks from here on fail to read */
};

static void
put32 (unsigned char *bytes, uint32_t value)
{
  value = htobe32 (value);
  memcpy (bytes, &value, sizeof value);
}

static unsigned char *
next_block (struct maker *maker)
{
  unsigned char *block = maker->bytes[maker->position++];

  if (maker->position == maker->last)
    maker->position = FIRST;
  memset (block, 0, BLOCK);
  return block;
}

static unsigned char *
control_block (struct maker *maker, uint32_t type)
{
  unsigned char *block = next_block (maker);

  put32 (block, DC_EXTLOG_MAGIC);
  put32 (block + 4, type);
  put32 (block + 8, maker->sequence);
  return block;
}

static void
put_sum (struct maker *maker, unsigned char *block, size_t at)
{
  if ((maker->kind & (V2 | V3)) != 0)
    put32 (block + at, ext2fs_crc32c_le (maker->seed, block, BLOCK));
}

static void
put_tag (struct maker *maker, unsigned char *t, unsigned long block,
         uint32_t flags, const unsigned char *copy)
{
  const uint32_t sequence = htobe32 (maker->sequence);
  uint32_t sum = ext2fs_crc32c_le (maker->seed, (const void *) &sequence, 4);

  sum = ext2fs_crc32c_le (sum, copy, BLOCK);
  put32 (t, (uint32_t) block);
  if ((maker->kind & V3) != 0) {
    put32 (t + 4, flags);
    put32 (t + 12, sum);
    return;
  }
  put32 (t + 4, flags | ((maker->kind & V2) != 0 ? sum << 16 : 0));
}

static void
make_descriptor (struct maker *maker, const char *words)
{
  unsigned char *block = control_block (maker, 1);
  size_t at = DC_EXTLOG_HEADER, size = 8;
  unsigned char *copies[LOG_BLOCKS];
  size_t count = 0;

  size += (maker->kind & V2) != 0 ? 2 : 0;
  size += (maker->kind & BITS64) != 0 ? 4 : 0;
  size = (maker->kind & V3) != 0 ? 16 : size;
  for (char *end; *words != '\0'; words = end) {
    const unsigned long number = strtoul (words, &end, 10);
    uint32_t flags = count == 0 ? 0 : 2; /* the first has a UUID */
    flags |= *end == '!' ? 1 : 0;
    end += *end == '!';
    flags |= *end == '\0' ? 8 : 0;
    unsigned char *copy = next_block (maker);
    memset (copy, (int) ((copy - maker->bytes[0]) / BLOCK), BLOCK);
    put_tag (maker, block + at, number, flags, copy);
    at += size + ((flags & 2) != 0 ? 0 : 16);
    copies[count++] = copy;
  }
  put_sum (maker, block, BLOCK - 4);
  maker->crc = ext2fs_crc32_be (maker->crc, block, BLOCK);
  for (size_t i = 0; i < count; i++)
    maker->crc = ext2fs_crc32_be (maker->crc, copies[i], BLOCK);
}

static void
make_revocation (struct maker *maker, const char *words)
{
  unsigned char *block = control_block (maker, 5);
  uint32_t at = 16;

  for (char *end; *words != '\0'; words = end) {
    at += (maker->kind & BITS64) != 0 ? 4 : 0;
    put32 (block + at, (uint32_t) strtoul (words, &end, 10));
    at += 4;
  }
  put32 (block + 12, at);
  put_sum (maker, block, BLOCK - 4);
}

static void
make_commit (struct maker *maker)
{
  unsigned char *block = control_block (maker, 2);

  if ((maker->kind & CRC) != 0) {
    block[12] = 1;
    block[13] = 4;
    put32 (block + 16, maker->crc);
    maker->crc = UINT32_MAX;
  }
  put_sum (maker, block, 16);
  maker->sequence++;
}

static void
make_superblock (struct maker *maker)
{
  unsigned char *sb = maker->bytes[0];

  put32 (sb, DC_EXTLOG_MAGIC);
  put32 (sb + 4, 4);
  put32 (sb + 0xc, BLOCK);
  put32 (sb + 0x10, LOG_BLOCKS);
  put32 (sb + 0x14, FIRST);
  put32 (sb + 0x18, maker->sequence);
  put32 (sb + 0x1c, maker->position);
  put32 (sb + 0x24, maker->kind & CRC);
  put32 (sb + 0x28, 1U | (maker->kind & ~(unsigned) CRC));
  memcpy (sb + 0x30, "sixteen bytes of", 16);
  sb[0x50] = 4;
  put32 (sb + 0x54, (maker->kind & FAST) != 0 ? 8 : 0);
  put32 (sb + 0xfc, ext2fs_crc32c_le (UINT32_MAX, sb, 1024));
}

/* KIND, where the log begins, its first number, and the words. */
static void
make (struct maker *maker, unsigned kind, uint32_t start, uint32_t sequence,
      const char *const *words)
{
  memset (maker, 0, sizeof *maker);
  maker->kind = kind;
  maker->position = start;
  maker->sequence = sequence;
  maker->last = (kind & FAST) != 0 ? LOG_BLOCKS - 8 : LOG_BLOCKS;
  maker->readable = LOG_BLOCKS;
  maker->seed = ext2fs_crc32c_le (
      UINT32_MAX, (const unsigned char *) "sixteen bytes of", 16);
  maker->crc = UINT32_MAX;
  for (uint32_t i = 0; i < LOG_BLOCKS; i++)
    maker->blocks[i] = PLACE + i;
  make_superblock (maker);
  for (; *words != NULL; words++)
    if (**words == 'd')
      make_descriptor (maker, *words + 2);
    else if (**words == 'r')
      make_revocation (maker, *words + 2);
    else
      make_commit (maker);
}

static int
read_block (void *self, uint64_t block, void *bytes, struct dc_error *err)
{
  const struct maker *maker = self;

  assert (block >= PLACE && block < PLACE + LOG_BLOCKS);
  if (block - PLACE >= maker->readable)
    return dc_fail (err, DC_ERR_INVALID, "not here");
  memcpy (bytes, maker->bytes[block - PLACE], BLOCK);
  return 0;
}

static struct dc_extlog
log_of (struct maker *maker)
{
  return (struct dc_extlog){ .read = read_block,
                             .self = maker,
                             .blocks = maker->blocks,
                             .count = LOG_BLOCKS,
                             .block_size = BLOCK,
                             .fs_blocks = FS_BLOCKS };
}

/* "7>2 9>3!" (block 7 lies in log block 2, ...); " -1": copies left out;
 * " |5": cut at transaction 5.
 */
static void
check (struct maker *maker, const char *expected)
{
  struct dc_error err;
  struct dc_extjournal *journal = NULL;
  const struct dc_extlog log = log_of (maker);
  char text[500] = "";
  size_t n = 0;

  ck_assert_ok (dc_extjournal_read (&log, &journal, &err));
  for (size_t i = 0; i < journal->count; i++) {
    const struct dc_extjournal_copy *copy = &journal->copies[i];
    ck_assert_uint_eq (dc_extjournal_find (journal, copy->block), i);
    ck_assert_uint_eq (dc_extjournal_find (journal, copy->block + 1), i + 1);
    n += (size_t) snprintf (text + n, sizeof text - n, "%s%llu>%llu%s",
                            n > 0 ? " " : "", (unsigned long long) copy->block,
                            (unsigned long long) copy->place - PLACE,
                            copy->is_escaped ? "!" : "");
  }
  if (journal->damaged > 0)
    n += (size_t) snprintf (text + n, sizeof text - n, " -%zu",
                            journal->damaged);
  if (journal->is_cut)
    (void) snprintf (text + n, sizeof text - n, " |%u", journal->transaction);
  ck_assert_str_eq (text, expected);
  dc_extjournal_free (journal);
}

static const unsigned kinds[] = {
  V1, CRC, BITS64, V2, V2 | BITS64, V3, V3 | BITS64, V3 | BITS64 | FAST,
};

static const struct {
  const char *words[12];
  uint32_t start, sequence;
  const char *expected;
} logs[] = {
  { { "d 7", "c" }, 1, 1, "7>2" },
  { { "d 9 7!", "c" }, 1, 1, "7>3! 9>2" },
  { { "d 7", "c", "d 7 8", "c" }, 1, 1, "7>5 8>6" },
  /* no commit: as if it had not happened */
  { { "d 7", "c", "d 7 8" }, 1, 1, "7>2" },
  { { "d 7" }, 1, 1, "" },
  { { NULL }, 1, 1, "" },
  /* two descriptors in one transaction; the later wins */
  { { "d 7", "d 7", "c" }, 1, 1, "7>4" },
  /* revoked by a later transaction, by its own, not by an earlier one */
  { { "d 7 8", "c", "r 7", "c" }, 1, 1, "8>3" },
  { { "d 7 8", "r 7", "c" }, 1, 1, "8>3" },
  { { "r 7", "c", "d 7", "c" }, 1, 1, "7>4" },
  { { "d 7", "c", "r 7", "c", "d 7", "c" }, 1, 1, "7>7" },
  { { "d 7", "c", "r 7" }, 1, 1, "7>2" },
  /* the ring closes; the number too */
  { { "d 7", "c", "d 8 9", "c" }, 22, 1, "7>23 8>26 9>27" },
  { { "d 7", "c", "d 7", "c" }, 1, UINT32_MAX, "7>5" },
  { { "d 7", "c", "r 7", "c" }, 1, UINT32_MAX, "" },
  /* a block that the file system does not have */
  { { "d 7 5000", "c" }, 1, 1, "7>2 -1" },
};

START_TEST (test_logs)
{
  struct maker maker;

  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    const bool is_fast = (kinds[i] & FAST) != 0;
    if (is_fast && logs[_i].start == 22)
      continue;
    make (&maker, kinds[i], logs[_i].start, logs[_i].sequence, logs[_i].words);
    check (&maker, logs[_i].expected);
  }
}
END_TEST

/* The ring is 23 blocks long when 8 are for fast commits. */
START_TEST (test_ring_before_fast_commits)
{
  static const char *const words[] = { "d 7", "c", "d 8", "c", NULL };
  struct maker maker;

  make (&maker, V3 | FAST, 22, 1, words);
  check (&maker, "7>23 8>3");
}
END_TEST

START_TEST (test_empty_log)
{
  static const char *const words[] = { "d 7", "c", NULL };
  struct maker maker;

  make (&maker, V1, 1, 1, words);
  put32 (maker.bytes[0] + 0x1c, 0);
  check (&maker, "");
}
END_TEST

/* One byte is wrong in log block BLOCK, for each kind of checksum. */
static const struct {
  uint32_t log_block;
  const char *v2, *v1, *none;
} damages[] = {
  { 1, " |1", " |1", "7>6" },         /* descriptor */
  { 2, "7>6 8>3", " |1", "7>6 8>3" }, /* a copy that is not the newest */
  { 3, "7>6 -1", " |1", "7>6 8>3" },  /* a copy */
  { 4, " |1", "7>6 8>3", "7>6 8>3" }, /* commit */
  { 6, "7>2 8>3 -1", "7>2 8>3 |2", "7>6 8>3" },
};

START_TEST (test_damage)
{
  static const char *const words[] = { "d 7 8", "c", "d 7", "c", NULL };
  const uint32_t at = damages[_i].log_block;
  struct maker maker;

  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (at == 1 && kinds[i] < V2 && kinds[i] != CRC)
      continue;
    make (&maker, kinds[i], 1, 1, words);
    maker.bytes[at][BLOCK - 9] ^= 1;
    check (&maker, kinds[i] >= V2    ? damages[_i].v2
                   : kinds[i] == CRC ? damages[_i].v1
                                     : damages[_i].none);
  }
}
END_TEST

/* A transaction that fills the ring without a commit would go round for
 * ever.
 */
START_TEST (test_endless)
{
  struct maker maker;

  make (&maker, V1, 1, 1, (const char *const[]){ NULL });
  for (uint32_t i = FIRST; i < LOG_BLOCKS; i++)
    control_block (&maker, 5);
  check (&maker, "");
  make (&maker, V1, 1, 1, (const char *const[]){ NULL });
  for (uint32_t i = FIRST; i < LOG_BLOCKS; i++)
    control_block (&maker, 1); /* block 0, again and again */
  check (&maker, "");
}
END_TEST

START_TEST (test_fast_commits)
{
  static const char *const words[] = { "d 7", "c", NULL };
  struct dc_error err;
  struct dc_extjournal *journal = NULL;
  struct maker maker;
  const struct dc_extlog log = log_of (&maker);
  unsigned char *fast = maker.bytes[LOG_BLOCKS - 8 + 1];

  make (&maker, V3 | FAST, 1, 1, words);
  memcpy (fast, "\x09\0\x08\0\0\0\0\0\x01\0\0", 12); /* of transaction 1 */
  check (&maker, "7>2");
  fast[8] = 2;
  ck_assert_fails (dc_extjournal_read (&log, &journal, &err), DC_ERR_APPLIANCE,
                   "fast commits");
}
END_TEST

static const struct {
  size_t at;
  uint32_t value;
  enum dc_code code;
  const char *text;
} superblocks[] = {
  { 0x0, 1, DC_ERR_INVALID, "no superblock" },
  { 0x4, 5, DC_ERR_INVALID, "no superblock" },
  { 0xc, 4096, DC_ERR_INVALID, "blocks of 4096 bytes" },
  { 0x10, LOG_BLOCKS + 1, DC_ERR_INVALID, "claims 33 blocks" },
  { 0x10, 0, DC_ERR_INVALID, "of 0 blocks" },
  { 0x14, 0, DC_ERR_INVALID, "begins at 0" },
  { 0x14, LOG_BLOCKS, DC_ERR_INVALID, "begins at 32" },
  { 0x1c, LOG_BLOCKS, DC_ERR_INVALID, "transactions at 32" },
  { 0x28, 0x41, DC_ERR_APPLIANCE, "features" },
  { 0x2c, 1, DC_ERR_APPLIANCE, "features" },
  { 0x28, 0x18, DC_ERR_INVALID, "two kinds" },
  { 0x28, 0x10, DC_ERR_INVALID, "wrong checksum" },
  { 0x54, 0x20, DC_ERR_INVALID, NULL },
};

START_TEST (test_superblocks)
{
  static const char *const words[] = { "d 7", "c", NULL };
  struct dc_error err;
  struct dc_extjournal *journal = NULL;
  struct maker maker;
  const struct dc_extlog log = log_of (&maker);

  if (superblocks[_i].text == NULL) { /* all of it for fast commits */
    make (&maker, FAST, 1, 1, words);
    put32 (maker.bytes[0] + 0x54, LOG_BLOCKS);
    ck_assert_fails (dc_extjournal_read (&log, &journal, &err), DC_ERR_INVALID,
                     "32 for fast commits");
    return;
  }
  make (&maker, V1, 1, 1, words);
  put32 (maker.bytes[0] + superblocks[_i].at, superblocks[_i].value);
  ck_assert_fails (dc_extjournal_read (&log, &journal, &err),
                   superblocks[_i].code, superblocks[_i].text);
  ck_assert_ptr_null (journal);
}
END_TEST

START_TEST (test_limits)
{
  static const char *const words[] = { "d 7", "c", NULL };
  struct dc_error err;
  struct dc_extjournal *journal = NULL;
  struct maker maker;
  struct dc_extlog log = log_of (&maker);

  make (&maker, V1, 1, 1, words);
  log.count = 0;
  ck_assert_fails (dc_extjournal_read (&log, &journal, &err), DC_ERR_INVALID,
                   "empty");
  log.count = DC_EXTLOG_BLOCK_MAX + 1;
  ck_assert_fails (dc_extjournal_read (&log, &journal, &err), DC_ERR_APPLIANCE,
                   "limit");
}
END_TEST

/* Every block from the n-th on cannot be read; every byte of every control
 * block is hit once: no crash, and what comes out is in order.
 */
START_TEST (test_truncated_and_hit)
{
  static const char *const words[] = {
    "d 7 8! 9", "c", "r 8", "d 7", "c", NULL
  };
  static struct maker maker, good;
  struct dc_error err;
  const struct dc_extlog log = log_of (&maker);

  make (&good, kinds[_i], 1, 1, words);
  for (uint32_t n = 0; n < 12; n++) {
    struct dc_extjournal *journal = NULL;
    maker = good;
    maker.readable = n;
    if (dc_extjournal_read (&log, &journal, &err) == 0)
      ck_assert_uint_gt (n, 9);
    dc_extjournal_free (journal);
  }
  for (size_t i = 0; i < (size_t) 10 * BLOCK; i++)
    for (unsigned bit = 1; bit < 256; bit *= 11) {
      struct dc_extjournal *journal = NULL;
      if (i % BLOCK > 128 && i % BLOCK < BLOCK - 8)
        continue;
      maker = good;
      maker.bytes[i / BLOCK][i % BLOCK] ^= (unsigned char) bit;
      if (dc_extjournal_read (&log, &journal, &err) == 0)
        for (size_t k = 1; k < journal->count; k++)
          ck_assert_uint_lt (journal->copies[k - 1].block,
                             journal->copies[k].block);
      dc_extjournal_free (journal);
    }
}
END_TEST

START_TEST (test_no_memory)
{
  static const char *const words[] = { "d 7 8 9", "c", "r 8", "c", NULL };
  struct dc_error err;
  struct maker maker;
  const struct dc_extlog log = log_of (&maker);
  struct dc_extjournal *journal = NULL;

  make (&maker, V3, 1, 1, words);
  OOM_LOOP (status, dc_extjournal_read (&log, &journal, &err))
  {
    if (status == 0)
      ck_assert_uint_eq (journal->count, 2);
    else
      ck_assert_int_eq (err.code, DC_ERR_SYSTEM);
    dc_extjournal_free (journal);
    journal = NULL;
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_logs, 0, sizeof logs / sizeof logs[0]);
  tcase_add_test (tcase, test_ring_before_fast_commits);
  tcase_add_test (tcase, test_empty_log);
  tcase_add_loop_test (tcase, test_damage, 0,
                       sizeof damages / sizeof damages[0]);
  tcase_add_test (tcase, test_endless);
  tcase_add_test (tcase, test_fast_commits);
  tcase_add_loop_test (tcase, test_superblocks, 0,
                       sizeof superblocks / sizeof superblocks[0]);
  tcase_add_test (tcase, test_limits);
  tcase_add_loop_test (tcase, test_truncated_and_hit, 0,
                       sizeof kinds / sizeof kinds[0]);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("extjournal", add);
}

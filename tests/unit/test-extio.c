/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>

#include "analyzer/ext/extio.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* A disk whose byte at OFFSET is known, that counts what it is asked for and
 * has one sector that cannot be read.
 */
#define SECTOR 512
#define OFFSET ((uint64_t) 1000 * SECTOR) /* of the file system */
#define SIZE ((uint64_t) 40 * 1024 * 1024 + 1234)

struct known_disk {
  struct dc_disk head;
  size_t reads;
  uint64_t bad; /* offset of the bad sector; UINT64_MAX: none */
};

static unsigned char
byte_at (uint64_t offset)
{
  return (unsigned char) (offset * 31 + offset / 251 + offset / 65536);
}

static int
read_known (struct dc_disk *disk, const struct dc_disk_read *reads,
            size_t count, struct dc_error *err)
{
  struct known_disk *known = (struct known_disk *) disk;

  for (size_t i = 0; i < count; i++) {
    const struct dc_disk_read *read = &reads[i];
    unsigned char *bytes = read->bytes;
    known->reads++;
    if (read->offset < known->bad + SECTOR &&
        known->bad < read->offset + read->size) {
      errno = EIO;
      return dc_fail_errno (err, "cannot read");
    }
    for (size_t n = 0; n < read->size; n++)
      bytes[n] = byte_at (read->offset + n);
  }
  return 0;
}

static const struct dc_disk_ops known_ops = { .read = read_known };

static struct known_disk
make_disk (void)
{
  return (struct known_disk){ .head = { &known_ops, OFFSET + SIZE + 777 },
                              .bad = UINT64_MAX - SECTOR };
}

static void
check_bytes (struct dc_extio *io, uint64_t offset, size_t size)
{
  struct dc_error err;
  unsigned char *bytes = malloc (size);

  ck_assert_ok (dc_extio_read (io, offset, bytes, size, &err));
  for (size_t i = 0; i < size; i++)
    ck_assert_uint_eq (bytes[i], byte_at (OFFSET + offset + i));
  free (bytes);
}

START_TEST (test_read)
{
  static const struct {
    uint64_t offset;
    size_t size;
  } ranges[] = {
    { 0, 1 },         { 0, 0 },           { 1023, 2 },         { 65535, 2 },
    { 65536, 65536 }, { 100000, 300000 }, { SIZE - 1234, 10 }, { SIZE - 1, 1 },
    { SIZE, 0 },
  };
  struct dc_error err;
  struct known_disk disk = make_disk ();
  DC_AUTO (dc_extio) *io = NULL;

  ck_assert_ok (dc_extio_new (&disk.head, OFFSET, SIZE, &io, &err));
  for (int round = 0; round < 2; round++)
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
      check_bytes (io, ranges[i].offset, ranges[i].size);
  dc_extio_forget (io);
  check_bytes (io, 100, 100);
}
END_TEST

START_TEST (test_cache)
{
  struct dc_error err;
  struct known_disk disk = make_disk ();
  DC_AUTO (dc_extio) *io = NULL;

  ck_assert_ok (dc_extio_new (&disk.head, OFFSET, SIZE, &io, &err));
  for (uint64_t block = 0; block < 64; block++)
    check_bytes (io, block * 1024, 1024);
  ck_assert_uint_eq (disk.reads, 1);
  /* More pieces than there is room for: what is used all the time stays. */
  for (uint64_t piece = 1; piece < SIZE / DC_EXTIO_PIECE; piece++) {
    check_bytes (io, piece * DC_EXTIO_PIECE, 16);
    check_bytes (io, 0, 16);
  }
  ck_assert_uint_eq (disk.reads, SIZE / DC_EXTIO_PIECE);
  check_bytes (io, DC_EXTIO_PIECE, 16);
  ck_assert_uint_eq (disk.reads, SIZE / DC_EXTIO_PIECE + 1);
}
END_TEST

START_TEST (test_end)
{
  struct dc_error err;
  struct known_disk disk = make_disk ();
  DC_AUTO (dc_extio) *io = NULL, *cut = NULL;
  char bytes[16];

  ck_assert_ok (dc_extio_new (&disk.head, OFFSET, SIZE, &io, &err));
  ck_assert_fails (dc_extio_read (io, SIZE - 15, bytes, 16, &err),
                   DC_ERR_INVALID, "beyond the end");
  ck_assert_fails (dc_extio_read (io, UINT64_MAX - 3, bytes, 16, &err),
                   DC_ERR_INVALID, "beyond the end");
  ck_assert_int_eq (dc_extio_is_local (&err), 1);
  ck_assert_ok (dc_extio_new (&disk.head, OFFSET, UINT64_MAX, &cut, &err));
  ck_assert_uint_eq (dc_extio_size (cut), SIZE + 777);
}
END_TEST

/* A bad sector costs itself, not the 64 KiB around it. */
START_TEST (test_bad_sector)
{
  struct dc_error err;
  struct known_disk disk = make_disk ();
  DC_AUTO (dc_extio) *io = NULL;
  char bytes[1024];

  disk.bad = OFFSET + 10 * SECTOR;
  ck_assert_ok (dc_extio_new (&disk.head, OFFSET, SIZE, &io, &err));
  check_bytes (io, 4096, 1024);
  ck_assert_fails (dc_extio_read (io, 5120, bytes, 1024, &err), DC_ERR_SYSTEM,
                   "cannot read");
  ck_assert_int_eq (dc_extio_is_local (&err), 1);
  check_bytes (io, 6144, 1024);
  check_bytes (io, 65536, 1024);
}
END_TEST

/* Blocks 3, 4 and 100 of 1 KiB have copies in 200, 201 and 300; block 100's
 * begins with the magic of the journal.
 */
static struct dc_extjournal *
make_journal (void)
{
  static const struct dc_extjournal_copy copies[] = { { 3, 200, false },
                                                      { 4, 201, false },
                                                      { 100, 300, true } };
  struct dc_extjournal *journal = calloc (1, sizeof *journal);

  ck_assert_ptr_nonnull (journal);
  journal->copies = malloc (sizeof copies);
  ck_assert_ptr_nonnull (journal->copies);
  memcpy (journal->copies, copies, sizeof copies);
  journal->count = 3;
  return journal;
}

static unsigned char
journalled_byte_at (uint64_t offset)
{
  static const unsigned char magic[] = { 0xc0, 0x3b, 0x39, 0x98 };
  const uint64_t block = offset / 1024;
  uint64_t place = block;

  if (block == 3 || block == 4)
    place = block + 197;
  if (block == 100) {
    place = 300;
    if (offset % 1024 < 4)
      return magic[offset % 1024];
  }
  return byte_at (OFFSET + place * 1024 + offset % 1024);
}

START_TEST (test_journal)
{
  struct dc_error err;
  struct known_disk disk = make_disk ();
  DC_AUTO (dc_extio) *io = NULL;
  static unsigned char bytes[5000];

  ck_assert_ok (dc_extio_new (&disk.head, OFFSET, SIZE, &io, &err));
  check_bytes (io, 3 * 1024, 2048); /* is in the cache, and must leave it */
  dc_extio_take_journal (io, make_journal (), 1024);
  for (uint64_t at = 0; at < 120 * 1024; at += 501) {
    const size_t size = at % 5000;
    const struct dc_disk_read read = { at, size, bytes };
    ck_assert_ok (dc_extio_read (io, at, bytes, size, &err));
    for (size_t i = 0; i < size; i++)
      ck_assert_uint_eq (bytes[i], journalled_byte_at (at + i));
    memset (bytes, 0, sizeof bytes);
    ck_assert_ok (dc_extio_read_many (io, &read, 1, &err));
    for (size_t i = 0; i < size; i++)
      ck_assert_uint_eq (bytes[i], journalled_byte_at (at + i));
  }
  dc_extio_take_journal (io, NULL, 0);
  check_bytes (io, 3 * 1024, 2048);
}
END_TEST

/* More reads than are handed on at once. */
START_TEST (test_many)
{
  struct dc_error err;
  struct known_disk disk = make_disk ();
  DC_AUTO (dc_extio) *io = NULL;
  static unsigned char bytes[200][10];
  struct dc_disk_read reads[200];

  ck_assert_ok (dc_extio_new (&disk.head, OFFSET, SIZE, &io, &err));
  for (size_t i = 0; i < 200; i++)
    reads[i] = (struct dc_disk_read){ i * 7001, 10, bytes[i] };
  ck_assert_ok (dc_extio_read_many (io, reads, 200, &err));
  for (size_t i = 0; i < 200; i++)
    for (size_t n = 0; n < 10; n++)
      ck_assert_uint_eq (bytes[i][n], byte_at (OFFSET + i * 7001 + n));
  reads[150].offset = SIZE - 9;
  ck_assert_fails (dc_extio_read_many (io, reads, 200, &err), DC_ERR_INVALID,
                   "beyond the end");
}
END_TEST

static int
open_and_read (struct dc_disk *disk, struct dc_error *err)
{
  DC_AUTO (dc_extio) *io = NULL;
  char byte;

  if (dc_extio_new (disk, OFFSET, SIZE, &io, err) < 0)
    return -1;
  return dc_extio_read (io, 0, &byte, 1, err);
}

START_TEST (test_no_memory)
{
  struct dc_error err;
  struct known_disk disk = make_disk ();

  OOM_LOOP (status, open_and_read (&disk.head, &err))
  {
    if (status < 0)
      ck_assert_int_eq (err.code, DC_ERR_SYSTEM);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_read);
  tcase_add_test (tcase, test_cache);
  tcase_add_test (tcase, test_end);
  tcase_add_test (tcase, test_bad_sector);
  tcase_add_test (tcase, test_journal);
  tcase_add_test (tcase, test_many);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("extio", add);
}

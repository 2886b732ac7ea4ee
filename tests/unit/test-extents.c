/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/disk/extents.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

#define FILE_SIZE 64
#define DISK_SIZE 48

/* A file whose byte at I is FIRST + I. */
static int
make_file (unsigned char first)
{
  const int fd = memfd_create ("file", MFD_CLOEXEC);
  unsigned char bytes[FILE_SIZE];

  for (size_t i = 0; i < FILE_SIZE; i++)
    bytes[i] = (unsigned char) (first + i);
  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (write (fd, bytes, FILE_SIZE), FILE_SIZE);
  return fd;
}

/* 0-3 hole, 4-11 from A, 12-15 from B, 16-19 hole, 20-39 from A, 40-47 hole. */
static int
make_disk (int a, int b, struct dc_disk **out, struct dc_error *err)
{
  struct dc_extent *items = calloc (3, sizeof *items);

  if (items == NULL)
    return dc_fail_errno (err, "cannot keep the table");
  items[0] = (struct dc_extent){ 4, 8, 32, a };
  items[1] = (struct dc_extent){ 12, 4, 0, b };
  items[2] = (struct dc_extent){ 20, 20, 1, a };
  return dc_extents_disk (items, 3, DISK_SIZE, out, err);
}

static unsigned char
expected (size_t at)
{
  if (at >= 4 && at < 12)
    return (unsigned char) (100 + 32 + at - 4);
  if (at >= 12 && at < 16)
    return (unsigned char) (200 + at - 12);
  return at >= 20 && at < 40 ? (unsigned char) (100 + 1 + at - 20) : 0;
}

START_TEST (test_every_range)
{
  struct dc_error err;
  AUTO_CLOSE int a = make_file (100), b = make_file (200);
  DC_AUTO (dc_disk) *disk = NULL;

  ck_assert_ok (make_disk (a, b, &disk, &err));
  for (size_t from = 0; from <= DISK_SIZE; from++)
    for (size_t to = from; to <= DISK_SIZE; to++) {
      unsigned char bytes[DISK_SIZE + 1];
      memset (bytes, 0xee, sizeof bytes);
      ck_assert_ok (dc_disk_read (disk, from, bytes, to - from, &err));
      size_t i = from;
      while (i < to && bytes[i - from] == expected (i))
        i++;
      ck_assert_uint_eq (i, to);
      ck_assert_uint_eq (bytes[to - from], 0xee);
    }
}
END_TEST

START_TEST (test_many)
{
  struct dc_error err;
  AUTO_CLOSE int a = make_file (100), b = make_file (200);
  DC_AUTO (dc_disk) *disk = NULL;
  unsigned char x = 1, y[2];
  struct dc_disk_read reads[] = { { 47, 1, &x }, { 11, 2, y } };

  ck_assert_ok (make_disk (a, b, &disk, &err));
  ck_assert_ok (dc_disk_read_many (disk, reads, 2, &err));
  ck_assert_uint_eq (x, 0);
  ck_assert_uint_eq (y[0], expected (11));
  ck_assert_uint_eq (y[1], expected (12));
  reads[1].offset = 47;
  ck_assert_fails (dc_disk_read_many (disk, reads, 2, &err), DC_ERR_INVALID,
                   "2 bytes at offset 47 are beyond the disk's end");
  reads[1].offset = UINT64_MAX;
  ck_assert_fails (dc_disk_read_many (disk, reads, 2, &err), DC_ERR_INVALID,
                   "beyond the disk's end");
}
END_TEST

START_TEST (test_file_became_shorter)
{
  struct dc_error err;
  AUTO_CLOSE int a = make_file (100), b = make_file (200);
  DC_AUTO (dc_disk) *disk = NULL;
  unsigned char bytes[DISK_SIZE];

  ck_assert_ok (make_disk (a, b, &disk, &err));
  ck_assert_int_eq (ftruncate (b, 2), 0);
  ck_assert_ok (dc_disk_read (disk, 0, bytes, 12, &err));
  ck_assert_fails (dc_disk_read (disk, 0, bytes, 16, &err), DC_ERR_INVALID,
                   "the disk at byte 12: ends after 2 bytes");
}
END_TEST

START_TEST (test_without_memory)
{
  struct dc_error err;
  struct dc_disk *disk = NULL;

  OOM_LOOP (status, make_disk (-1, -1, &disk, &err))
  {
    ck_assert (status == 0 || err.code == DC_ERR_SYSTEM);
    if (status == 0)
      dc_disk_free (disk);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_every_range);
  tcase_add_test (tcase, test_many);
  tcase_add_test (tcase, test_file_became_shorter);
  tcase_add_test (tcase, test_without_memory);
}

int
main (void)
{
  return unit_run ("extents", add);
}

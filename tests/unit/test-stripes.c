/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/disk/extents.h"
#include "lib/disk/stripes.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

#define SIZE 4096 /* of each disk */

/* Byte I of disk N. */
static unsigned char
byte_of (unsigned n, unsigned i)
{
  return (unsigned char) (i * 7 + i / 256 + n * 101);
}

static struct dc_disk *
make_disk (unsigned n)
{
  struct dc_error err;
  struct dc_disk *disk = NULL;
  unsigned char bytes[SIZE];
  const int fd = memfd_create ("disk", MFD_CLOEXEC);
  struct dc_extent *item = calloc (1, sizeof *item);

  for (unsigned i = 0; i < SIZE; i++)
    bytes[i] = byte_of (n, i);
  ck_assert_int_eq (write (fd, bytes, SIZE), SIZE);
  ck_assert_ptr_nonnull (item);
  *item = (struct dc_extent){ .size = SIZE, .fd = fd };
  ck_assert_ok (dc_extents_disk (item, 1, SIZE, &disk, &err));
  return disk;
}

/* 100 bytes of disk 1 from 50 on; then chunks of 16 from disk 0 at 1000, 1 at
 * 2000 and 2 at 3000, four rows; then 8 bytes of disk 2.
 */
static int
make (struct dc_disk *const *disks, struct dc_disk **out, struct dc_error *err)
{
  const struct dc_stripes_segment model[] = { { 0, 100, 0, 0, 1 },
                                              { 100, 192, 16, 1, 3 },
                                              { 292, 8, 0, 4, 1 } };
  const struct dc_stripe from[] = { { disks[1], 50 },
                                    { disks[0], 1000 },
                                    { disks[1], 2000 },
                                    { disks[2], 3000 },
                                    { disks[2], 0 } };
  AUTO_FREE struct dc_stripes_segment *segments = malloc (sizeof model);
  AUTO_FREE struct dc_stripe *stripes = malloc (sizeof from);

  if (segments == NULL || stripes == NULL)
    return dc_fail_errno (err, "no memory");
  memcpy (segments, model, sizeof model);
  memcpy (stripes, from, sizeof from);
  return dc_stripes_disk (DC_TAKE (segments), 3, DC_TAKE (stripes), out, err);
}

static unsigned char
expected (unsigned at)
{
  if (at < 100)
    return byte_of (1, 50 + at);
  if (at >= 292)
    return byte_of (2, at - 292);
  at -= 100;
  const unsigned disk = at / 16 % 3;
  return byte_of (disk, (disk + 1) * 1000 + at / 48 * 16 + at % 16);
}

START_TEST (test_reads)
{
  struct dc_error err;
  struct dc_disk *disks[3], *disk = NULL;
  unsigned char bytes[300];

  for (unsigned i = 0; i < 3; i++)
    disks[i] = make_disk (i);
  ck_assert_ok (make (disks, &disk, &err));
  ck_assert_uint_eq (disk->size, 300);
  for (unsigned at = 0; at < 300; at++)
    for (unsigned size = 0; size <= 300 - at; size += 1 + size / 9) {
      memset (bytes, 0, sizeof bytes);
      ck_assert_ok (dc_disk_read (disk, at, bytes, size, &err));
      for (unsigned i = 0; i < size; i++)
        ck_assert_uint_eq (bytes[i], expected (at + i));
    }
  ck_assert_fails (dc_disk_read (disk, 299, bytes, 2, &err), DC_ERR_INVALID,
                   "beyond");
  dc_disk_free (disk);
  for (unsigned i = 0; i < 3; i++)
    dc_disk_free (disks[i]);
}
END_TEST

/* Many reads in one call, more than are handed on at once. */
START_TEST (test_batch)
{
  struct dc_error err;
  struct dc_disk *disks[3], *disk = NULL;
  unsigned char bytes[300];
  struct dc_disk_read reads[300];

  for (unsigned i = 0; i < 3; i++)
    disks[i] = make_disk (i);
  ck_assert_ok (make (disks, &disk, &err));
  for (unsigned i = 0; i < 300; i++)
    reads[i] = (struct dc_disk_read){ 299 - i, 1, &bytes[299 - i] };
  ck_assert_ok (dc_disk_read_many (disk, reads, 300, &err));
  for (unsigned i = 0; i < 300; i++)
    ck_assert_uint_eq (bytes[i], expected (i));
  dc_disk_free (disk);
  disk = NULL;
  OOM_LOOP (status, make (disks, &disk, &err))
  {
    ck_assert_int_eq (status == 0 ? 0 : (int) err.code,
                      status == 0 ? 0 : (int) DC_ERR_SYSTEM);
    dc_disk_free (DC_TAKE (disk));
  }
  for (unsigned i = 0; i < 3; i++)
    dc_disk_free (disks[i]);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_reads);
  tcase_add_test (tcase, test_batch);
}

int
main (void)
{
  return unit_run ("stripes", add);
}

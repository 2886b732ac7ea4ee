/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/disk/extents.h"
#include "lib/disk/partition.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* GPT, other file systems and real disks: the functional test compares them
 * with blkid(8) and sfdisk(8).
 */

#define GIB ((uint64_t) 1 << 30)
#define SECTORS_PER_MIB ((uint32_t) 2048)

/* A sparse disk that the test writes to. */
struct image {
  int fd;
  uint64_t size;
};

static struct image
make_image (uint64_t size)
{
  const struct image image = { memfd_create ("disk", MFD_CLOEXEC), size };

  ck_assert_int_ge (image.fd, 0);
  ck_assert_int_eq (ftruncate (image.fd, (off_t) size), 0);
  return image;
}

static void
put (const struct image *image, uint64_t offset, const void *bytes, size_t size)
{
  ck_assert_int_eq (pwrite (image->fd, bytes, size, (off_t) offset),
                    (ssize_t) size);
}

/* Entry INDEX of the table in SECTOR: type, first sector, sectors. */
static void
put_entry (const struct image *image, uint64_t sector, unsigned index,
           unsigned char type, uint32_t start, uint32_t count)
{
  unsigned char entry[16] = { [4] = type };

  start = htole32 (start);
  count = htole32 (count);
  memcpy (entry + 8, &start, 4);
  memcpy (entry + 12, &count, 4);
  put (image, sector * 512 + 446 + index * 16, entry, sizeof entry);
  put (image, sector * 512 + 510, "\x55\xaa", 2);
}

/* The shortest thing that libblkid recognises and that has a UUID. */
static void
put_luks (const struct image *image, uint64_t sector, const char *uuid)
{
  put (image, sector * 512, "LUKS\xba\xbe\0\1", 8);
  put (image, sector * 512 + 168, uuid, strlen (uuid));
}

#define UUID(n) "00000000-0000-0000-0000-00000000000" #n

static int
read_partitions (const struct image *image, struct dc_partitions **out,
                 struct dc_error *err)
{
  struct dc_extent *item = calloc (1, sizeof *item);
  DC_AUTO (dc_disk) *disk = NULL;

  if (item == NULL)
    return dc_fail_errno (err, "cannot keep the table");
  *item = (struct dc_extent){ 0, image->size, 0, image->fd };
  if (dc_extents_disk (item, 1, image->size, &disk, err) < 0)
    return -1;
  return dc_partitions_read (disk, out, err);
}

static void
check_part (const struct dc_partition *part, unsigned number, uint64_t start,
            uint64_t count, const char *type, const char *uuid)
{
  ck_assert_uint_eq (part->number, number);
  ck_assert_uint_eq (part->offset, start * 512);
  ck_assert_uint_eq (part->size, count * 512);
  ck_assert_str_eq (part->type, type);
  ck_assert_str_eq (part->uuid, uuid);
  ck_assert_str_eq (part->fstype, uuid[0] != '\0' ? "crypto_LUKS" : "");
}

/* 1: primary, 2: extended with two logical ones, 3: reaches behind the end,
 * 4: lies behind it.
 */
static struct image
make_mbr (void)
{
  const struct image image = make_image (1 * GIB);
  const uint32_t m = SECTORS_PER_MIB, extended = 100 * m;

  put (&image, 440, "\x78\x56\x34\x12", 4);
  put_entry (&image, 0, 0, 0x83, m, 10 * m);
  put_entry (&image, 0, 1, 0x05, extended, 800 * m);
  put_entry (&image, 0, 2, 0x82, 1000 * m, 100 * m);
  put_entry (&image, 0, 3, 0x83, 1024 * m, m);
  put_entry (&image, extended, 0, 0x83, 1, 10 * m);
  put_entry (&image, extended, 1, 0x05, 700 * m, 20 * m);
  put_entry (&image, extended + 700 * m, 0, 0x8e, 63, 10 * m);
  put_luks (&image, m, UUID (1));
  put_luks (&image, extended + 1, UUID (5));
  put_luks (&image, extended + 700 * m + 63, UUID (6));
  return image;
}

START_TEST (test_mbr)
{
  struct dc_error err;
  const struct image image = make_mbr ();
  DC_AUTO (dc_partitions) *found = NULL;
  const uint64_t m = SECTORS_PER_MIB;

  ck_assert_ok (read_partitions (&image, &found, &err));
  close (image.fd);
  ck_assert_str_eq (found->table, "dos");
  ck_assert_uint_eq (found->count, 5);
  check_part (&found->items[0], 1, m, 10 * m, "0x83", UUID (1));
  check_part (&found->items[1], 2, 100 * m, 800 * m, "0x5", "");
  check_part (&found->items[2], 3, 1000 * m, 24 * m, "0x82", "");
  check_part (&found->items[3], 5, 100 * m + 1, 10 * m, "0x83", UUID (5));
  check_part (&found->items[4], 6, 800 * m + 63, 10 * m, "0x8e", UUID (6));
  ck_assert_str_eq (found->items[0].partuuid, "12345678-01");
  ck_assert_str_eq (found->items[4].partuuid, "12345678-06");
}
END_TEST

/* The second logical table links to the first one again. */
START_TEST (test_endless_chain)
{
  struct dc_error err;
  const struct image image = make_mbr ();
  DC_AUTO (dc_partitions) *found = NULL;

  put_entry (&image, 800 * SECTORS_PER_MIB, 1, 0x05, 0, 1);
  put_entry (&image, 800 * SECTORS_PER_MIB, 2, 0x05, 700 * SECTORS_PER_MIB, 1);
  ck_assert_ok (read_partitions (&image, &found, &err));
  close (image.fd);
  ck_assert_uint_le (found->count, DC_PARTITION_MAX);
  ck_assert_uint_eq (found->items[3].number, 5);
}
END_TEST

START_TEST (test_whole_disk)
{
  struct dc_error err;
  const struct image image = make_image (1 * GIB);
  DC_AUTO (dc_partitions) *found = NULL;
  DC_AUTO (dc_partitions) *with_boot_code = NULL;

  put_luks (&image, 0, UUID (7));
  ck_assert_ok (read_partitions (&image, &found, &err));
  ck_assert_str_eq (found->table, "");
  ck_assert_uint_eq (found->count, 1);
  check_part (&found->items[0], 0, 0, 1 * GIB / 512, "", UUID (7));
  ck_assert_str_eq (found->items[0].partuuid, "");

  /* A boot sector is no table as long as nothing is in it. */
  put (&image, 510, "\x55\xaa", 2);
  ck_assert_ok (read_partitions (&image, &with_boot_code, &err));
  ck_assert_str_eq (with_boot_code->table, "");
  ck_assert_uint_eq (with_boot_code->count, 1);
  check_part (&with_boot_code->items[0], 0, 0, 1 * GIB / 512, "", UUID (7));
  close (image.fd);
}
END_TEST

START_TEST (test_nothing_known)
{
  struct dc_error err;
  const struct image image = make_image (1 * GIB);
  const struct image small = make_image (512);
  const struct image empty = make_image (0);
  struct dc_partitions *found = NULL;

  ck_assert_ok (read_partitions (&image, &found, &err));
  ck_assert_uint_eq (found->count, 1);
  check_part (&found->items[0], 0, 0, 1 * GIB / 512, "", "");
  dc_partitions_free (found);
  ck_assert_ok (read_partitions (&small, &found, &err));
  ck_assert_uint_eq (found->count, 1);
  dc_partitions_free (found);
  ck_assert_fails (read_partitions (&empty, &found, &err), DC_ERR_INVALID,
                   "no whole sector");
  close (image.fd);
  close (small.fd);
  close (empty.fd);
}
END_TEST

START_TEST (test_protective_mbr_alone)
{
  struct dc_error err;
  const struct image image = make_image (1 * GIB);
  struct dc_partitions *found = NULL;

  put_entry (&image, 0, 0, 0xee, 1, UINT32_MAX);
  ck_assert_fails (read_partitions (&image, &found, &err), DC_ERR_INVALID,
                   "has a protective MBR, but neither copy of its GPT");
  close (image.fd);
}
END_TEST

/* Fields that lead outside, as a hostile guest would write them. */
START_TEST (test_hostile_boot_sectors)
{
  static const char *const signatures[] = { "NTFS    ", "EXFAT   ",
                                            "MSDOS5.0" };
  struct dc_error err;
  const struct image image = make_image (1 * GIB);

  for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++)
    for (int byte = 0; byte < 256; byte++) {
      unsigned char boot[512];
      struct dc_partitions *found = NULL;
      memset (boot, byte, sizeof boot);
      memcpy (boot + 3, signatures[i], 8);
      memcpy (boot + 510, "\x55\xaa", 2);
      memset (boot + 446, 0, 64);
      put (&image, 0, boot, sizeof boot);
      ck_assert_ok (read_partitions (&image, &found, &err));
      dc_partitions_free (found);
    }
  close (image.fd);
}
END_TEST

START_TEST (test_without_memory)
{
  struct dc_error err;
  const struct image image = make_mbr ();
  struct dc_partitions *found = NULL;

  OOM_LOOP (status, read_partitions (&image, &found, &err))
  {
    ck_assert (status == 0 || err.code == DC_ERR_SYSTEM);
    if (status == 0)
      dc_partitions_free (found);
  }
  close (image.fd);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_mbr);
  tcase_add_test (tcase, test_endless_chain);
  tcase_add_test (tcase, test_whole_disk);
  tcase_add_test (tcase, test_nothing_known);
  tcase_add_test (tcase, test_protective_mbr_alone);
  tcase_add_test (tcase, test_hostile_boot_sectors);
  tcase_add_test (tcase, test_without_memory);
}

int
main (void)
{
  return unit_run ("partition", add);
}

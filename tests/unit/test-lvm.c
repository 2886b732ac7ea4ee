/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/disk/extents.h"
#include "lib/disk/lvm.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* Real groups: tests/functional/test-lvm-direct.sh. */

#define MIB (1024 * 1024)
#define SIZE (4 * MIB)
#define AREA 4096      /* where metadata begins */
#define AREA_SIZE 8192 /* so that a text runs around its end */
#define ID_GROUP "gggggggggggggggggggggggggggggggg"
#define ID_0 "00000000000000000000000000000000"
#define ID_1 "11111111111111111111111111111111"
#define ID_ROOT "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"

/* A bit at a time: nothing like ours. */
static uint32_t
crc_of (const unsigned char *bytes, size_t size)
{
  uint32_t crc = 0xf597a6cf;

  for (size_t i = 0; i < size; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++)
      crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
  }
  return crc;
}

static void
put32 (unsigned char *at, uint32_t value)
{
  value = htole32 (value);
  memcpy (at, &value, 4);
}

static void
put64 (unsigned char *at, uint64_t value)
{
  value = htole64 (value);
  memcpy (at, &value, 8);
}

/* A label with ID in the second sector, and TEXT at OFFSET of its area. */
static void
write_label (unsigned char *bytes, const char *id, const char *text,
             unsigned offset)
{
  unsigned char *label = bytes + 512, *area = bytes + AREA;
  const unsigned size = (unsigned) strlen (text) + 1;

  memcpy (label, "LABELONE\1\0\0\0\0\0\0\0\0\0\0\0\40\0\0\0LVM2 001", 32);
  memcpy (label + 32, id, 32);
  put64 (label + 64, SIZE);
  put64 (label + 72, MIB);
  put64 (label + 104, AREA);
  put64 (label + 112, AREA_SIZE);
  put32 (label + 16, crc_of (label + 20, 492));
  memcpy (area + 4, " LVM2 x[5A%r0N*>\1\0\0\0", 20);
  put64 (area + 24, AREA);
  put64 (area + 32, AREA_SIZE);
  put64 (area + 40, offset);
  put64 (area + 48, size);
  put32 (area + 56, crc_of ((const unsigned char *) text, size));
  put32 (area, crc_of (area + 4, 508));
  for (unsigned i = 0; i < size; i++) {
    const unsigned at = offset + i;
    area[at < AREA_SIZE ? at : at - AREA_SIZE + 512] = (unsigned char) text[i];
  }
}

#define TEXT(seqno, size)                                                      \
  "vg {\nid = \"" ID_GROUP "\"\nseqno = " #seqno "\nextent_size = 2048\n"      \
  "physical_volumes {\n"                                                       \
  "pv0 {\nid = \"" ID_0 "\"\npe_start = 2048\npe_count = 3\n}\n"               \
  "pv1 {\nid = \"" ID_1 "\"\npe_start = 2048\npe_count = 3\n}\n}\n"            \
  "logical_volumes {\nroot {\nid = \"" ID_ROOT "\"\nstatus = [\"VISIBLE\"]\n"  \
  "segment1 {\nstart_extent = 0\nextent_count = 2\ntype = \"striped\"\n"       \
  "stripe_count = 2\nstripe_size = " #size "\n"                                \
  "stripes = [\"pv0\", 1, \"pv1\", 2]\n}\n}\n"                                 \
  "own {\nid = \"" ID_ROOT "\"\nstatus = [\"VISIBLE\"]\n"                      \
  "segment1 {\nstart_extent = 0\nextent_count = 1\ntype = \"striped\"\n"       \
  "stripe_count = 1\nstripes = [\"pv1\", 0]\n}\n}\n}\n}\n"

struct image {
  unsigned char *bytes;
  struct dc_disk *disk;
};

static struct image
make_image (const char *id, const char *text, unsigned offset)
{
  struct dc_error err;
  struct image image = { NULL, NULL };
  const int fd = memfd_create ("disk", MFD_CLOEXEC);
  struct dc_extent *item = calloc (1, sizeof *item);

  ck_assert_ptr_nonnull (item);
  ck_assert_int_eq (ftruncate (fd, SIZE), 0);
  image.bytes = mmap (NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ck_assert (image.bytes != MAP_FAILED);
  write_label (image.bytes, id, text, offset);
  *item = (struct dc_extent){ .size = SIZE, .fd = fd };
  ck_assert_ok (dc_extents_disk (item, 1, SIZE, &image.disk, &err));
  return image;
}

static void
free_images (struct image *images, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    munmap (images[i].bytes, SIZE);
    dc_disk_free (images[i].disk);
  }
}

/* The newest metadata is on one disk alone and runs around the area's end. */
START_TEST (test_striped)
{
  struct dc_error err;
  struct image images[] = {
    make_image (ID_0, TEXT (7, 8), AREA_SIZE - 100),
    make_image (ID_1, TEXT (6, 16), 1024),
  };
  const struct dc_lvm_place places[] = { { images[0].disk, 0, SIZE },
                                         { images[1].disk, 0, SIZE } };
  DC_AUTO (dc_lvm) *lvm = NULL;
  DC_AUTO (dc_disk) *disk = NULL;
  const char *problem = NULL;
  unsigned char bytes[8192 + 1];

  ck_assert_ok (dc_lvm_open (places, 2, &lvm, &err));
  ck_assert_str_eq (dc_lvm_group_of (lvm, 0, &problem), "vg");
  ck_assert_str_eq (dc_lvm_group_of (lvm, 1, &problem), "vg");
  ck_assert_uint_eq (dc_lvm_count (lvm), 2);
  ck_assert_str_eq (dc_lvm_at (lvm, 0)->name, "own");
  ck_assert_str_eq (dc_lvm_at (lvm, 1)->name, "root");
  ck_assert_str_eq (dc_lvm_at (lvm, 1)->id, ID_GROUP ID_ROOT);
  ck_assert_ptr_null (dc_lvm_at (lvm, 1)->problem);
  images[0].bytes[2 * MIB + 4095] = 'a'; /* extent 1, end of the first chunk */
  images[1].bytes[3 * MIB] = 'b';        /* extent 2 */
  images[0].bytes[2 * MIB + 4096] = 'c';
  ck_assert_ok (dc_lvm_disk (lvm, 1, &disk, &err));
  ck_assert_uint_eq (disk->size, 2 * MIB);
  ck_assert_ok (dc_disk_read (disk, 0, bytes, sizeof bytes, &err));
  ck_assert_uint_eq (bytes[4095], 'a');
  ck_assert_uint_eq (bytes[4096], 'b');
  ck_assert_uint_eq (bytes[8192], 'c');
  free_images (images, 2);
}
END_TEST

/* One of two is not there, or there twice: what it holds cannot be read. */
START_TEST (test_missing)
{
  struct dc_error err;
  struct image images[] = {
    make_image (ID_0, TEXT (7, 8), 1024),
    make_image (ID_1, TEXT (7, 8), 1024),
    make_image (ID_1, TEXT (7, 8), 1024),
  };
  const struct dc_lvm_place places[] = { { images[1].disk, 0, SIZE },
                                         { images[2].disk, 0, SIZE },
                                         { images[0].disk, 0, SIZE } };
  DC_AUTO (dc_lvm) *one = NULL;
  DC_AUTO (dc_lvm) *twice = NULL;

  ck_assert_ok (dc_lvm_open (places, 1, &one, &err));
  ck_assert_ptr_null (dc_lvm_at (one, 0)->problem);
  ck_assert_ptr_nonnull (strstr (dc_lvm_at (one, 1)->problem, "not on the"));
  ck_assert_ok (dc_lvm_open (places, 3, &twice, &err));
  ck_assert_ptr_nonnull (strstr (dc_lvm_at (twice, 0)->problem, "or twice"));
  free_images (images, 3);
}
END_TEST

/* The disk has been cut off. */
START_TEST (test_cut)
{
  struct dc_error err;
  struct image image = make_image (ID_1, TEXT (7, 8), 1024);
  const struct dc_lvm_place place = { image.disk, 0, 2 * MIB - 1 };
  DC_AUTO (dc_lvm) *lvm = NULL;

  ck_assert_ok (dc_lvm_open (&place, 1, &lvm, &err));
  ck_assert_str_eq (dc_lvm_at (lvm, 0)->problem, "behind the end of its disk");
  free_images (&image, 1);
}
END_TEST

static const struct {
  unsigned at; /* a byte of the disk to change */
  const char *words;
} damages[] = {
  { 512, "no valid label" },
  { 600, "no valid label" },
  { AREA + 100, "header of its metadata has a wrong" },
  { AREA + 1024, "metadata has a wrong checksum" },
};

START_TEST (test_damage)
{
  struct dc_error err;
  struct image image = make_image (ID_0, TEXT (7, 8), 1024);
  const struct dc_lvm_place place = { image.disk, 0, SIZE };
  DC_AUTO (dc_lvm) *lvm = NULL;
  const char *problem = NULL;

  image.bytes[damages[_i].at] ^= 1;
  ck_assert_ok (dc_lvm_open (&place, 1, &lvm, &err));
  ck_assert_uint_eq (dc_lvm_count (lvm), 0);
  ck_assert_ptr_null (dc_lvm_group_of (lvm, 0, &problem));
  ck_assert_msg (unit_contains (problem, damages[_i].words), "%s", problem);
  free_images (&image, 1);
}
END_TEST

static int
open_and_read (const struct dc_lvm_place *places, struct dc_error *err)
{
  DC_AUTO (dc_lvm) *lvm = NULL;
  DC_AUTO (dc_disk) *disk = NULL;

  return dc_lvm_open (places, 2, &lvm, err) < 0 ||
                 dc_lvm_disk (lvm, 1, &disk, err) < 0
             ? -1
             : 0;
}

START_TEST (test_memory)
{
  struct dc_error err;
  struct image images[] = {
    make_image (ID_0, TEXT (7, 8), 1024),
    make_image (ID_1, TEXT (6, 8), 1024),
  };
  const struct dc_lvm_place places[] = { { images[0].disk, 0, SIZE },
                                         { images[1].disk, 0, SIZE } };

  OOM_LOOP (status, open_and_read (places, &err))
  ck_assert_int_eq (status == 0 ? (int) DC_ERR_SYSTEM : (int) err.code,
                    DC_ERR_SYSTEM);
  free_images (images, 2);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_striped);
  tcase_add_test (tcase, test_missing);
  tcase_add_test (tcase, test_cut);
  tcase_add_loop_test (tcase, test_damage, 0,
                       sizeof damages / sizeof damages[0]);
  tcase_add_test (tcase, test_memory);
}

int
main (void)
{
  return unit_run ("lvm", add);
}

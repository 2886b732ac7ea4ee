/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <endian.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/disk/header.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* A valid overlay: header, extensions and names in cluster 0, refcount table
 * in 1, L1 table in 2 with one entry, L2 table in 3.
 */
#define CLUSTER 65536
#define FILE_SIZE (4 * CLUSTER)
#define EXTENSIONS 104
#define NAME 1000

struct image {
  unsigned char bytes[FILE_SIZE];
  size_t size;
};

static void
put32 (struct image *image, size_t offset, uint32_t value)
{
  value = htobe32 (value);
  memcpy (image->bytes + offset, &value, sizeof value);
}

static void
put64 (struct image *image, size_t offset, uint64_t value)
{
  value = htobe64 (value);
  memcpy (image->bytes + offset, &value, sizeof value);
}

static void
put_extension (struct image *image, size_t offset, uint32_t type,
               const char *data)
{
  put32 (image, offset, type);
  put32 (image, offset + 4, (uint32_t) strlen (data));
  memcpy (image->bytes + offset + 8, data, strlen (data));
}

static void
make_image (struct image *image)
{
  *image = (struct image){ .size = FILE_SIZE };
  memcpy (image->bytes, "QFI\xfb", 4);
  put32 (image, 4, 3);
  put64 (image, 8, NAME);
  put32 (image, 16, 9);
  put32 (image, 20, 16);
  put64 (image, 24, 1024 * 1024);
  put32 (image, 36, 1);
  put64 (image, 40, 2 * CLUSTER);
  put64 (image, 48, 1 * CLUSTER);
  put32 (image, 56, 1);
  put32 (image, 100, 104);
  put_extension (image, EXTENSIONS, 0x6803f857, "feature");
  put_extension (image, EXTENSIONS + 16, 0xe2792aca, "raw");
  memcpy (image->bytes + NAME, "base.raw!", 9);
  put64 (image, 2 * CLUSTER, (1ULL << 63) | 3 * CLUSTER);
}

static int
make_file (const struct image *image)
{
  const int fd = memfd_create ("disk", MFD_CLOEXEC);

  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (write (fd, image->bytes, image->size),
                    (ssize_t) image->size);
  return fd;
}

static int
read_image (const struct image *image, enum dc_format format,
            struct dc_header **out, struct dc_error *err)
{
  AUTO_CLOSE int fd = make_file (image);

  return dc_header_read (&(struct dc_window){ fd, 0, image->size }, format, out,
                         err);
}

START_TEST (test_good)
{
  struct dc_error err;
  struct image image;
  DC_AUTO (dc_header) *header = NULL;

  make_image (&image);
  ck_assert_ok (read_image (&image, DC_FORMAT_QCOW2, &header, &err));
  ck_assert_uint_eq (header->virtual_size, 1024 * 1024);
  ck_assert_str_eq (header->backing, "base.raw!");
  ck_assert_str_eq (header->backing_format, "raw");
  ck_assert_ptr_null (header->data_file);
  ck_assert_ptr_null (header->warning);
}
END_TEST

START_TEST (test_data_file_and_version_2)
{
  struct dc_error err;
  struct image image;
  DC_AUTO (dc_header) *header = NULL;
  DC_AUTO (dc_header) *old = NULL;

  make_image (&image);
  put64 (&image, 72, 4 | 2);
  put64 (&image, 8, 0);
  put_extension (&image, EXTENSIONS + 32, 0x44415441, "../data");
  ck_assert_ok (read_image (&image, DC_FORMAT_QCOW2, &header, &err));
  ck_assert_str_eq (header->data_file, "../data");
  ck_assert_ptr_null (header->backing);
  ck_assert_str_eq (header->warning, "is marked as corrupt");

  /* Version 2 has no features: what stands there are extensions. */
  make_image (&image);
  memset (image.bytes + 72, 0, 100);
  put32 (&image, 4, 2);
  put_extension (&image, 72, 0xe2792aca, "qcow2");
  ck_assert_ok (read_image (&image, DC_FORMAT_QCOW2, &old, &err));
  ck_assert_str_eq (old->backing_format, "qcow2");
}
END_TEST

/* One number of the good image replaced. */
static const struct {
  size_t offset;
  unsigned bits;
  uint64_t value;
  enum dc_code code;
  const char *words;
} bad[] = {
  { 4, 32, 1, DC_ERR_UNSUPPORTED, "version 1" },
  { 4, 32, 4, DC_ERR_UNSUPPORTED, "version 4" },
  { 8, 64, CLUSTER + 1, DC_ERR_INVALID, "outside the header" },
  { 8, 64, UINT64_MAX, DC_ERR_INVALID, "outside the header" },
  { 16, 32, 1024, DC_ERR_INVALID, "is 1024 bytes, not 1 to 1023" },
  { 16, 32, 10, DC_ERR_INVALID, "the name of its backing file: " },
  { 20, 32, 8, DC_ERR_INVALID, "2^8 bytes" },
  { 20, 32, 22, DC_ERR_INVALID, "2^22 bytes" },
  { 24, 64, 1ULL << 63, DC_ERR_INVALID, "2^63" },
  { 32, 32, 1, DC_ERR_ENCRYPTED, "is encrypted (AES)" },
  { 32, 32, 2, DC_ERR_ENCRYPTED, "is encrypted (LUKS)" },
  { 32, 32, 3, DC_ERR_ENCRYPTED, "is encrypted (unknown method)" },
  { 36, 32, UINT32_MAX, DC_ERR_LIMIT, "L1 table of 34359738360 bytes" },
  { 36, 32, 2 * CLUSTER / 8 + 1, DC_ERR_INVALID, "cut off: its L1 table" },
  { 40, 64, 4 * CLUSTER, DC_ERR_INVALID, "cut off: its L1 table" },
  { 40, 64, CLUSTER + 8, DC_ERR_INVALID, "does not start at a cluster" },
  { 40, 64, 0 - (uint64_t) CLUSTER, DC_ERR_INVALID, "cut off: its L1 table" },
  { 48, 64, 4 * CLUSTER, DC_ERR_INVALID, "cut off: its refcount table" },
  { 56, 32, UINT32_MAX, DC_ERR_LIMIT, "refcount table" },
  { 72, 64, 4, DC_ERR_UNSUPPORTED, "which it does not name" },
  { 72, 64, 32, DC_ERR_UNSUPPORTED, "not known (0x20)" },
  { 100, 32, 103, DC_ERR_INVALID, "header is of 103 bytes" },
  { 100, 32, CLUSTER + 1, DC_ERR_INVALID, "header is of 65537 bytes" },
  { EXTENSIONS + 4, 32, NAME, DC_ERR_INVALID, "does not fit" },
  { EXTENSIONS + 20, 32, 0, DC_ERR_INVALID, "backing format is 0 bytes" },
  { EXTENSIONS + 20, 32, 4, DC_ERR_INVALID, "its backing format: " },
  { 2 * CLUSTER, 64, 4 * CLUSTER, DC_ERR_INVALID, "cut off: its L2 table" },
};

START_TEST (test_bad)
{
  struct dc_error err;
  struct image image;
  struct dc_header *header = NULL;

  make_image (&image);
  if (bad[_i].bits == 64)
    put64 (&image, bad[_i].offset, bad[_i].value);
  else
    put32 (&image, bad[_i].offset, (uint32_t) bad[_i].value);
  ck_assert_fails (read_image (&image, DC_FORMAT_QCOW2, &header, &err),
                   bad[_i].code, bad[_i].words);
  ck_assert_ptr_null (header);
}
END_TEST

/* Clusters of 2 MiB could hold a header that long. */
START_TEST (test_endless_extensions)
{
  struct dc_error err;
  struct image image;
  struct dc_header *header = NULL;

  make_image (&image);
  put32 (&image, 20, 21);
  put64 (&image, 8, 0);
  memset (image.bytes + EXTENSIONS, 0, FILE_SIZE - EXTENSIONS);
  for (size_t at = EXTENSIONS; at < FILE_SIZE; at += 8)
    put32 (&image, at, 1);
  ck_assert_fails (read_image (&image, DC_FORMAT_QCOW2, &header, &err),
                   DC_ERR_LIMIT, "header is over 65536 bytes");
}
END_TEST

/* At every length below the end of the L2 table it is an error. */
START_TEST (test_cut_off_anywhere)
{
  struct dc_error err;
  struct image image;
  struct dc_header *header = NULL;

  make_image (&image);
  for (size_t size = 0; size < FILE_SIZE; size += size < 1100 ? 1 : 4093) {
    image.size = size;
    ck_assert_fails (read_image (&image, DC_FORMAT_QCOW2, &header, &err),
                     DC_ERR_INVALID, "");
  }
}
END_TEST

START_TEST (test_version_1)
{
  struct dc_error err;
  struct image image = { .size = 4096 };
  DC_AUTO (dc_header) *header = NULL;
  struct dc_header *none = NULL;

  memcpy (image.bytes, "QFI\xfb", 4);
  put32 (&image, 4, 1);
  put64 (&image, 8, 100);
  put32 (&image, 16, 4);
  memcpy (image.bytes + 100, "base", 4);
  put64 (&image, 24, 102400);
  put64 (&image, 40, 48);
  ck_assert_ok (read_image (&image, DC_FORMAT_QCOW, &header, &err));
  ck_assert_str_eq (header->backing, "base");
  ck_assert_uint_eq (header->virtual_size, 102400);

  put32 (&image, 36, 1);
  ck_assert_fails (read_image (&image, DC_FORMAT_QCOW, &none, &err),
                   DC_ERR_ENCRYPTED, "AES");
  put64 (&image, 40, 4096);
  ck_assert_fails (read_image (&image, DC_FORMAT_QCOW, &none, &err),
                   DC_ERR_INVALID, "cut off");
}
END_TEST

START_TEST (test_without_memory)
{
  struct dc_error err;
  struct image image;
  struct dc_header *header = NULL;

  make_image (&image);
  AUTO_CLOSE int fd = make_file (&image);
  OOM_LOOP (status, dc_header_read (&(struct dc_window){ fd, 0, FILE_SIZE },
                                    DC_FORMAT_QCOW2, &header, &err))
  {
    ck_assert (status == 0 || err.code == DC_ERR_SYSTEM);
    if (status == 0)
      dc_header_free (header);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_good);
  tcase_add_test (tcase, test_data_file_and_version_2);
  tcase_add_loop_test (tcase, test_bad, 0, sizeof bad / sizeof bad[0]);
  tcase_add_test (tcase, test_endless_extensions);
  tcase_add_test (tcase, test_cut_off_anywhere);
  tcase_add_test (tcase, test_version_1);
  tcase_add_test (tcase, test_without_memory);
}

int
main (void)
{
  return unit_run ("qcow2", add);
}

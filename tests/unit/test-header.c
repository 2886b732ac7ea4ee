/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/disk/header.h"
#include "tests/unit/unit.h"

/* A file of zeros with some bytes set. */
struct patch {
  uint64_t offset;
  unsigned char bytes[16];
  size_t size;
};
#define PATCH(offset, text)                                                    \
  {                                                                            \
    (offset), (text), sizeof (text) - 1                                        \
  }
#define PATCH_MAX 16

struct image {
  enum dc_format format;
  uint64_t size;
  struct patch patches[PATCH_MAX];
};

static const struct image vdi = {
  DC_FORMAT_VDI,
  4096,
  { PATCH (76, "\1"), PATCH (344, "\0\4"), PATCH (368, "\0\0\x10"),
    PATCH (376, "\0\4"), PATCH (388, "\3") },
};
static const struct image vpc = {
  DC_FORMAT_VPC,
  4096,
  { PATCH (0, "conectix"), PATCH (16, "\0\0\0\0\0\0\2\0"),
    PATCH (60, "\0\0\0\3") },
};
static const struct image vpc_fixed = {
  DC_FORMAT_VPC,
  4096,
  { PATCH (3584, "conectix"), PATCH (3584 + 60, "\0\0\0\2") },
};
#define REGI (192 * 1024)
#define BAT (512 * 1024)
#define META (1024 * 1024)
static const struct image vhdx = {
  DC_FORMAT_VHDX,
  2 * META,
  { PATCH (REGI, "regi"), PATCH (REGI + 8, "\2"),
    PATCH (REGI + 16, "\x06\xa2\x7c\x8b\x90\x47\x9a\x4b"
                      "\xb8\xfe\x57\x5f\x05\x0f\x88\x6e"),
    PATCH (REGI + 32, "\0\0\x10"),
    PATCH (REGI + 48, "\x66\x77\xc2\x2d\x23\xf6\x00\x42"
                      "\x9d\x64\x11\x5e\x9b\xfd\x4a\x08"),
    PATCH (REGI + 64, "\0\0\x8\0\0\0\0\0\0\0\1"), PATCH (BAT, "\3\0\x80"),
    PATCH (BAT + 65536 - 8, "\6\0\x10"), PATCH (META + 65536, "\0\0\x10"),
    PATCH (META, "metadata"), PATCH (META + 10, "\2"),
    PATCH (META + 32, "\x37\x67\xa1\xca\x36\xfa\x43\x4d"
                      "\xb3\xb6\x33\xf0\xaa\x44\xe7\x6b"),
    PATCH (META + 48, "\0\0\1\0\x8"),
    PATCH (META + 64, "\x24\x42\xa5\x2f\x1b\xcd\x76\x48"
                      "\xb2\x11\x5d\xbe\xd8\x3b\xf4\xb8"),
    PATCH (META + 80, "\x8\0\1\0\x8"), PATCH (META + 65536 + 8, "\0\0\0\4") },
};

static int
read_image (const struct image *image, const struct patch *patch,
            struct dc_header **out, struct dc_error *err)
{
  AUTO_CLOSE int fd = memfd_create ("disk", MFD_CLOEXEC);

  ck_assert_int_ge (fd, 0);
  for (size_t i = 0; i <= PATCH_MAX; i++) {
    const struct patch *p = i < PATCH_MAX ? &image->patches[i] : patch;
    if (p != NULL)
      ck_assert_int_eq (pwrite (fd, p->bytes, p->size, (off_t) p->offset),
                        (ssize_t) p->size);
  }
  ck_assert_int_eq (ftruncate (fd, (off_t) image->size), 0);
  return dc_header_read (&(struct dc_window){ fd, 0, image->size },
                         image->format, out, err);
}

static const struct {
  const struct image *image;
  uint64_t virtual_size;
} good[] = {
  { &vdi, 1024 * 1024 },
  { &vpc, 0 },
  { &vpc_fixed, 0 },
  { &vhdx, 64 * 1024 * 1024 },
};

START_TEST (test_good)
{
  struct dc_error err;
  DC_AUTO (dc_header) *header = NULL;

  ck_assert_ok (read_image (good[_i].image, NULL, &header, &err));
  ck_assert_int_eq (header->format, good[_i].image->format);
  ck_assert_uint_eq (header->virtual_size, good[_i].virtual_size);
  ck_assert_ptr_null (header->backing);
}
END_TEST

static const struct {
  const struct image *image;
  struct patch patch;
  enum dc_code code;
  const char *words;
} bad[] = {
  { &vdi, PATCH (76, "\4"), DC_ERR_UNSUPPORTED, "snapshot of another VDI" },
  { &vdi, PATCH (440, "\1"), DC_ERR_UNSUPPORTED, "snapshot of another VDI" },
  { &vdi, PATCH (388, "\4"), DC_ERR_INVALID, "4096 bytes for 4 blocks" },
  { &vdi, PATCH (388, "\xff\xff\xff\xff"), DC_ERR_INVALID, "cut off" },
  { &vpc, PATCH (60, "\0\0\0\4"), DC_ERR_UNSUPPORTED, "differencing VHD" },
  { &vpc, PATCH (60, "\0\0\0\5"), DC_ERR_UNSUPPORTED, "VHD of type 5" },
  { &vpc, PATCH (16, "\xff\xff"), DC_ERR_INVALID, "cut off" },
  { &vpc_fixed, PATCH (3584 + 60, "\0\0\0\4"), DC_ERR_UNSUPPORTED,
    "differencing VHD" },
  { &vhdx, PATCH (META + 65536 + 4, "\2"), DC_ERR_UNSUPPORTED,
    "differencing VHDX" },
  { &vhdx, PATCH (REGI, "Regi"), DC_ERR_INVALID, "has no region table" },
  { &vhdx, PATCH (REGI + 8, "\0"), DC_ERR_INVALID, "region table lacks" },
  { &vhdx, PATCH (REGI + 8, "\0\x8"), DC_ERR_LIMIT, "has 2048 entries" },
  { &vhdx, PATCH (REGI + 32, "\0\0\x30"), DC_ERR_INVALID, "cut off" },
  { &vhdx, PATCH (REGI + 32, "\0\0\x20"), DC_ERR_INVALID,
    "the metadata table: ends" },
  { &vhdx, PATCH (BAT + 65536 - 8, "\6\0\x20"), DC_ERR_INVALID,
    "is cut off: it has a block at byte 2097152 and ends at 2097152" },
  { &vhdx, PATCH (META + 65536, "\1"), DC_ERR_INVALID, "is cut off" },
  { &vhdx, PATCH (BAT + 8, "\6\0\xf0\xff\xff\xff\xff\xff"), DC_ERR_INVALID,
    "is cut off" },
  { &vhdx, PATCH (REGI + 48, "x"), DC_ERR_INVALID, "region table lacks" },
  { &vhdx, PATCH (REGI + 66, "\x20"), DC_ERR_INVALID,
    "the allocation table: ends" },
  { &vhdx, PATCH (REGI + 72, "\1\0\0\4"), DC_ERR_LIMIT,
    "allocation table is 67108865 bytes" },
  { &vhdx, PATCH (META, "x"), DC_ERR_INVALID, "has no metadata table" },
  { &vhdx, PATCH (META + 10, "\1"), DC_ERR_INVALID, "metadata table lacks" },
  { &vhdx, PATCH (META + 10, "\xff\xff"), DC_ERR_LIMIT, "65535 entries" },
  { &vhdx, PATCH (META + 84, "\4"), DC_ERR_INVALID, "too short" },
  { &vhdx, PATCH (META + 80, "\0\0\xff\xff"), DC_ERR_INVALID,
    "the metadata: ends" },
};

START_TEST (test_bad)
{
  struct dc_error err;
  struct dc_header *header = NULL;

  ck_assert_fails (read_image (bad[_i].image, &bad[_i].patch, &header, &err),
                   bad[_i].code, bad[_i].words);
  ck_assert_ptr_null (header);
}
END_TEST

/* Whatever is cut off, a reader says so or finds what it needs. */
START_TEST (test_cut_off_anywhere)
{
  struct dc_error err;
  struct dc_header *header = NULL;
  struct image image = *good[_i].image;

  for (uint64_t size = 0; size < image.size; size += 1 + size / 64) {
    struct image cut = image;
    cut.size = size;
    if (read_image (&cut, NULL, &header, &err) == 0)
      dc_header_free (header);
    else
      ck_assert_int_ne (err.code, DC_ERR_SYSTEM);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  const int count = sizeof good / sizeof good[0];

  tcase_add_loop_test (tcase, test_good, 0, count);
  tcase_add_loop_test (tcase, test_bad, 0, sizeof bad / sizeof bad[0]);
  tcase_add_loop_test (tcase, test_cut_off_anywhere, 0, count);
}

int
main (void)
{
  return unit_run ("header", add);
}

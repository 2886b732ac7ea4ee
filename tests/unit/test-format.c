/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <sys/mman.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/disk/format.h"
#include "tests/unit/unit.h"

/* A file of SIZE bytes with these bytes at OFFSET. */
static int
make_file (const char *bytes, size_t count, uint64_t offset, uint64_t size)
{
  const int fd = memfd_create ("disk", MFD_CLOEXEC);

  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (ftruncate (fd, (off_t) size), 0);
  ck_assert_int_eq (pwrite (fd, bytes, count, (off_t) offset), (ssize_t) count);
  return fd;
}

#define QCOW2 "QFI\xfb\0\0\0\3"
#define QCOW "QFI\xfb\0\0\0\1"
#define TEXT "# Disk DescriptorFile\nversion=1\n"

enum where { HEAD, TAIL, AT_64, AT_257 };

/* WORDS NULL: accepted as FORMAT. */
static const struct {
  const char *name;
  const char *stated;
  enum where where;
  const char *bytes;
  size_t count;
  enum dc_format format;
  enum dc_code code;
  const char *words;
} cases[] = {
#define CASE(name, stated, where, bytes)                                       \
  name, stated, where, bytes, sizeof (bytes) - 1
  /* The suffix states it and the header agrees. */
  { CASE ("a.qcow2", NULL, HEAD, QCOW2), DC_FORMAT_QCOW2, DC_OK, NULL },
  { CASE ("a.QCOW2", NULL, HEAD, QCOW2), DC_FORMAT_QCOW2, DC_OK, NULL },
  { CASE ("a.qcow", NULL, HEAD, QCOW2), DC_FORMAT_QCOW2, DC_OK, NULL },
  { CASE ("a.qcow", NULL, HEAD, QCOW), DC_FORMAT_QCOW, DC_OK, NULL },
  { CASE ("a.vmdk", NULL, HEAD, "KDMV"), DC_FORMAT_VMDK, DC_OK, NULL },
  { CASE ("a.vmdk", NULL, HEAD, TEXT), DC_FORMAT_VMDK, DC_OK, NULL },
  { CASE ("a.vdi", NULL, AT_64, "\x7f\x10\xda\xbe"), DC_FORMAT_VDI, DC_OK,
    NULL },
  { CASE ("a.vhdx", NULL, HEAD, "vhdxfile"), DC_FORMAT_VHDX, DC_OK, NULL },
  { CASE ("a.vhd", NULL, HEAD, "conectix"), DC_FORMAT_VPC, DC_OK, NULL },
  { CASE ("a.vpc", NULL, TAIL, "conectix"), DC_FORMAT_VPC, DC_OK, NULL },
  /* Raw is raw whatever it holds. */
  { CASE ("a.raw", NULL, HEAD, QCOW2), DC_FORMAT_RAW, DC_OK, NULL },
  { CASE ("a.raw", NULL, HEAD, "\x1f\x8b\x08"), DC_FORMAT_RAW, DC_OK, NULL },
  { CASE ("a.qcow2", "raw", HEAD, QCOW2), DC_FORMAT_RAW, DC_OK, NULL },
  { CASE ("a", "raw", HEAD, QCOW2), DC_FORMAT_RAW, DC_OK, NULL },
  /* The user knows better than the name. */
  { CASE ("a.img", "qcow2", HEAD, QCOW2), DC_FORMAT_QCOW2, DC_OK, NULL },
  { CASE ("a.raw", "qcow2", HEAD, QCOW2), DC_FORMAT_QCOW2, DC_OK, NULL },
  { CASE ("a", "vhd", TAIL, "conectix"), DC_FORMAT_VPC, DC_OK, NULL },
  /* Nothing states it. */
  { CASE ("a.img", NULL, HEAD, "\xeb\x63\x90"), DC_FORMAT_RAW, DC_OK, NULL },
  { CASE ("dir.qcow2/a", NULL, HEAD, ""), DC_FORMAT_RAW, DC_OK, NULL },
  { CASE ("a.img", NULL, HEAD, "# version=1\n"), DC_FORMAT_RAW, DC_OK, NULL },
  { CASE ("disk.img", NULL, HEAD, QCOW2), 0, DC_ERR_UNSUPPORTED,
    "'disk.img' has a qcow2 header, which the guest of a raw disk could have "
    "written; say --format qcow2 or --format raw" },
  { CASE ("a", NULL, HEAD, QCOW), 0, DC_ERR_UNSUPPORTED, "--format qcow or" },
  { CASE ("a.dd", NULL, HEAD, "\n# x\n version=1"), 0, DC_ERR_UNSUPPORTED,
    "'a.dd' has a VMDK descriptor" },
  { CASE ("a.bin", NULL, TAIL, "conectix"), 0, DC_ERR_UNSUPPORTED,
    "has a VHD footer" },
  { CASE ("a.img", NULL, HEAD, "\x1f\x8b\x08"), 0, DC_ERR_UNSUPPORTED,
    "'a.img' is a gzip file; unpack or convert it" },
  { CASE ("a.ova", NULL, AT_257, "ustar"), 0, DC_ERR_UNSUPPORTED,
    "is a tar archive" },
  /* They disagree. */
  { CASE ("a.qcow2", NULL, HEAD, ""), 0, DC_ERR_INVALID,
    "'a.qcow2' is not a qcow2 file: it has no known header" },
  { CASE ("a.qcow2", NULL, HEAD, QCOW), 0, DC_ERR_INVALID, "a qcow header" },
  { CASE ("a.vmdk", NULL, HEAD, QCOW2), 0, DC_ERR_INVALID,
    "'a.vmdk' is not a vmdk file: it has a qcow2 header" },
  { CASE ("a.vmdk", NULL, HEAD, "PK\3\4"), 0, DC_ERR_INVALID,
    "it is a zip archive" },
  { CASE ("a.raw", "vdi", HEAD, QCOW2), 0, DC_ERR_INVALID, "not a vdi file" },
  { CASE ("a.raw", "vdi", HEAD, "\x7f\x10\xda\xbe"), 0, DC_ERR_INVALID,
    "not a vdi file" },
  { CASE ("a.raw", "qed", HEAD, ""), 0, DC_ERR_UNSUPPORTED,
    "disk format 'qed' is none of raw" },
  { CASE ("a\n.img", "\033", HEAD, ""), 0, DC_ERR_UNSUPPORTED,
    "'a\\x0A.img': disk format '\\x1B'" },
#undef CASE
};

START_TEST (test_decide)
{
  static const uint64_t offsets[] = { 0, 4096 - 512, 64, 257 };
  struct dc_error err;
  enum dc_format format = DC_FORMAT_VHDX;
  AUTO_CLOSE int fd = make_file (cases[_i].bytes, cases[_i].count,
                                 offsets[cases[_i].where], 4096);

  const int status =
      dc_format_decide (cases[_i].name, cases[_i].stated,
                        &(struct dc_window){ fd, 0, 4096 }, &format, &err);
  if (cases[_i].words != NULL) {
    ck_assert_fails (status, cases[_i].code, cases[_i].words);
    ck_assert_int_eq (format, DC_FORMAT_VHDX);
  } else {
    ck_assert_ok (status);
    ck_assert_int_eq (format, cases[_i].format);
  }
}
END_TEST

/* A file shorter than the places of the signatures. */
START_TEST (test_short_files)
{
  struct dc_error err;
  struct dc_format_header header;

  for (size_t size = 0; size < 520; size++) {
    AUTO_CLOSE int fd = make_file ("QFI\xfb", size < 4 ? size : 4, 0, size);
    ck_assert_ok (
        dc_format_look (&(struct dc_window){ fd, 0, size }, &header, &err));
    ck_assert_int_eq (header.seen,
                      size < 4 ? DC_FORMAT_SEEN_NOTHING : DC_FORMAT_SEEN_DISK);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_decide, 0, sizeof cases / sizeof cases[0]);
  tcase_add_test (tcase, test_short_files);
}

int
main (void)
{
  return unit_run ("format", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <endian.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/buffer.h"
#include "lib/disk/vmdk.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static const char split[] = "# Disk DescriptorFile\r\n"
                            "version=1\r\n"
                            "CID=bc4e4fd8\r\n"
                            "parentCID=ffffffff\r\n"
                            "createType=\"twoGbMaxExtentSparse\"\r\n"
                            "\r\n"
                            "  RW 4192256 SPARSE \"a b-s001.vmdk\"\r\n"
                            "RW 10 FLAT \"f001.vmdk\" 0\r\n"
                            "RW 10 VMFS \"sub/flat.vmdk\"";

static int
parse (const char *text, enum dc_vmdk_extents extents, struct dc_header **out,
       struct dc_error *err)
{
  DC_AUTO (dc_header) *header = calloc (1, sizeof *header);

  if (header == NULL)
    return dc_fail_errno (err, "cannot keep a header");
  if (dc_vmdk_parse (text, strlen (text), extents, header, err) < 0)
    return -1;
  *out = DC_TAKE (header);
  return 0;
}

START_TEST (test_extents)
{
  struct dc_error err;
  DC_AUTO (dc_header) *header = NULL;
  DC_AUTO (dc_header) *embedded = NULL;

  ck_assert_ok (parse (split, DC_VMDK_EXTENTS_COUNT, &header, &err));
  ck_assert_uint_eq (header->extent_count, 3);
  ck_assert_str_eq (header->extents[0], "a b-s001.vmdk");
  ck_assert_str_eq (header->extents[1], "f001.vmdk");
  ck_assert_str_eq (header->extents[2], "sub/flat.vmdk");
  ck_assert_ptr_null (header->backing);
  ck_assert_ok (parse (split, DC_VMDK_EXTENTS_IGNORED, &embedded, &err));
  ck_assert_uint_eq (embedded->extent_count, 0);
}
END_TEST

static const struct {
  const char *text;
  const char *parent;
} parents[] = {
  { "parentFileNameHint=\"base.vmdk\"\n", "base.vmdk" },
  { "ParentFileNameHint = \"/a/b c.vmdk\"\r\nx", "/a/b c.vmdk" },
  { "parentFileNameHint=\"a\"\nparentFileNameHint=\"b\"\n", "a" },
  { "# parentFileNameHint=\"a\"\n", NULL },
  { "", NULL },
};

START_TEST (test_parent)
{
  struct dc_error err;
  DC_AUTO (dc_header) *header = NULL;

  ck_assert_ok (
      parse (parents[_i].text, DC_VMDK_EXTENTS_IGNORED, &header, &err));
  if (parents[_i].parent == NULL)
    ck_assert_ptr_null (header->backing);
  else
    ck_assert_str_eq (header->backing, parents[_i].parent);
}
END_TEST

static const struct {
  const char *text;
  enum dc_code code;
  const char *words;
} bad[] = {
  { "version=1\n", DC_ERR_INVALID, "names no extent" },
  { "x\nRW 1 ZERO\n", DC_ERR_UNSUPPORTED,
    "descriptor line 2: has an extent of type 'ZERO' and access 'RW'" },
  { "RDONLY 1 FLAT \"a\" 0\n", DC_ERR_UNSUPPORTED, "access 'RDONLY'" },
  { "NOACCESS 1 FLAT \"a\" 0\n", DC_ERR_UNSUPPORTED, "'NOACCESS'" },
  { "RW 1 VMFSRDM \"/dev/sda\"\n", DC_ERR_UNSUPPORTED, "'VMFSRDM'" },
  { "RW\n", DC_ERR_UNSUPPORTED, "type ''" },
  { "RW 1\n", DC_ERR_UNSUPPORTED, "type ''" },
  { "RW 1 FLAT\n", DC_ERR_INVALID, "has no name" },
  { "RW 1 FLAT a\n", DC_ERR_INVALID, "has no name" },
  { "RW 1 FLAT \"a\n", DC_ERR_INVALID, "has no name" },
  { "RW 1 FLAT \"\" 0\n", DC_ERR_INVALID, "is 0 bytes" },
  { "parentFileNameHint=base\n", DC_ERR_INVALID, "in quotes" },
  { "parentFileNameHint=\"base\n", DC_ERR_INVALID, "in quotes" },
  { "parentFileNameHint=\"\"\n", DC_ERR_INVALID, "in quotes" },
};

START_TEST (test_bad)
{
  struct dc_error err;
  struct dc_header *header = NULL;

  ck_assert_fails (parse (bad[_i].text, DC_VMDK_EXTENTS_COUNT, &header, &err),
                   bad[_i].code, bad[_i].words);
}
END_TEST

START_TEST (test_limits)
{
  struct dc_error err;
  struct dc_header *header = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (65536);

  ck_assert_ok (dc_buffer_print (&b, &err, "RW 1 FLAT \"%0512d\" 0\n", 1));
  ck_assert_fails (
      parse (dc_buffer_text (&b), DC_VMDK_EXTENTS_COUNT, &header, &err),
      DC_ERR_INVALID, "is 512 bytes, not 1 to 511");
  dc_buffer_clear (&b);
  for (int i = 0; i <= DC_HEADER_EXTENT_MAX; i++)
    ck_assert_ok (dc_buffer_print (&b, &err, "RW 1 SPARSE \"%d\"\n", i));
  ck_assert_fails (
      parse (dc_buffer_text (&b), DC_VMDK_EXTENTS_COUNT, &header, &err),
      DC_ERR_LIMIT, "an extent: ");
}
END_TEST

/* A sparse file: header, descriptor in sector 1. */
static int
read_file (uint64_t capacity, uint64_t offset, uint64_t count, size_t size,
           struct dc_header **out, struct dc_error *err)
{
  unsigned char bytes[2048] = "KDMV";
  const uint64_t numbers[] = { htole64 (capacity), 0, htole64 (offset),
                               htole64 (count) };
  AUTO_CLOSE int fd = memfd_create ("disk", MFD_CLOEXEC);

  ck_assert_int_ge (fd, 0);
  ck_assert_uint_lt (sizeof split, 512);
  memcpy (bytes + 12, numbers, sizeof numbers);
  memcpy (bytes + 512, split, sizeof split);
  ck_assert_int_eq (write (fd, bytes, size), (ssize_t) size);
  return dc_header_read (&(struct dc_window){ fd, 0, size }, DC_FORMAT_VMDK,
                         out, err);
}

START_TEST (test_sparse_file)
{
  struct dc_error err;
  struct dc_header *header = NULL;

  ck_assert_ok (read_file (8192, 1, 1, 2048, &header, &err));
  ck_assert_uint_eq (header->virtual_size, 8192 * 512);
  ck_assert_uint_eq (header->extent_count, 0);
  dc_header_free (header);
  /* Without a capacity QEMU opens the extents of the text. */
  ck_assert_ok (read_file (0, 1, 1, 2048, &header, &err));
  ck_assert_uint_eq (header->extent_count, 3);
  dc_header_free (header);

  ck_assert_fails (read_file (0, 0, 0, 2048, &header, &err), DC_ERR_INVALID,
                   "neither data nor a descriptor");
  ck_assert_fails (read_file (UINT64_MAX, 1, 1, 2048, &header, &err),
                   DC_ERR_INVALID, "too big");
  ck_assert_fails (read_file (1, 1, 2048, 2048, &header, &err), DC_ERR_LIMIT,
                   "descriptor is 1048576 bytes");
  ck_assert_fails (read_file (1, 1ULL << 54, 1, 2048, &header, &err),
                   DC_ERR_INVALID, "beyond any file");
  for (size_t size = 0; size < 1024; size++)
    ck_assert_fails (read_file (1, 1, 1, size, &header, &err), DC_ERR_INVALID,
                     "");
}
END_TEST

START_TEST (test_without_memory)
{
  struct dc_error err;
  struct dc_header *header = NULL;

  OOM_LOOP (status, parse (split, DC_VMDK_EXTENTS_COUNT, &header, &err))
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
  tcase_add_test (tcase, test_extents);
  tcase_add_loop_test (tcase, test_parent, 0,
                       sizeof parents / sizeof parents[0]);
  tcase_add_loop_test (tcase, test_bad, 0, sizeof bad / sizeof bad[0]);
  tcase_add_test (tcase, test_limits);
  tcase_add_test (tcase, test_sparse_file);
  tcase_add_test (tcase, test_without_memory);
}

int
main (void)
{
  return unit_run ("vmdk", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "lib/tree/tarheader.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* Where the fields are: POSIX.1-2017, pax, "ustar Interchange Format". */
#define NAME 0
#define MODE 100
#define UID 108
#define GID 116
#define SIZE 124
#define MTIME 136
#define CHECKSUM 148
#define TYPE 156
#define LINKNAME 157
#define MAGIC 257
#define PREFIX 345

#define BUFFER_MAX ((size_t) 4 * 1024 * 1024)
#define TEN "123456789/"
#define FIFTY TEN TEN TEN TEN TEN
#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static unsigned long
octal_at (const struct dc_buffer *b, size_t offset)
{
  return strtoul (b->data + offset, NULL, 8);
}

START_TEST (test_a_plain_file_is_one_block)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (BUFFER_MAX);
  const struct dc_tarheader header = { .type = DC_TAR_FILE,
                                       .path = "etc/fstab",
                                       .size = 8589934591,
                                       .mtime = 1700000000,
                                       .uid = 2097151,
                                       .gid = 7,
                                       .mode = 0104755 };
  unsigned long sum = 0;

  ck_assert_ok (dc_tarheader_encode (&header, &out, &err));
  ck_assert_uint_eq (out.size, 512);
  ck_assert_str_eq (out.data + NAME, "etc/fstab");
  ck_assert_str_eq (out.data + MODE, "0004755");
  ck_assert_str_eq (out.data + UID, "7777777");
  ck_assert_str_eq (out.data + GID, "0000007");
  ck_assert_str_eq (out.data + SIZE, "77777777777");
  ck_assert_str_eq (out.data + MTIME, "14524770400");
  ck_assert_int_eq (out.data[TYPE], '0');
  ck_assert_int_eq (memcmp (out.data + MAGIC, "ustar\00000", 8), 0);
  /* No user name, no group name, devices 0. */
  ck_assert_int_eq (out.data[265], 0);
  ck_assert_int_eq (out.data[297], 0);
  ck_assert_str_eq (out.data + 329, "0000000");
  ck_assert_str_eq (out.data + 337, "0000000");
  ck_assert_str_eq (out.data + PREFIX, "");

  for (size_t i = 0; i < 512; i++)
    sum += i - CHECKSUM < 8 ? ' ' : (unsigned char) out.data[i];
  ck_assert_uint_eq (octal_at (&out, CHECKSUM), sum);
  ck_assert_int_eq (memcmp (out.data + CHECKSUM + 6, "\0 ", 2), 0);
}
END_TEST

/* What a header becomes: its records, "" for none; NAME and PREFIX. */
static const struct {
  struct dc_tarheader header;
  const char *records, *name, *prefix;
} cases[] = {
  /* The name's field has room for 100 bytes. */
  { { .path = A50 A50 }, "", A50 A50, "" },
  { { .path = A50 A50 "b" }, "111 path=" A50 A50 "b\n", NULL, "" },
  { { .path = A50 "/" A50 }, "", A50, A50 },
  /* The prefix for 155, the name is not empty. */
  { { .path = FIFTY FIFTY FIFTY "12345/" A50 A50 },
    "",
    A50 A50,
    FIFTY FIFTY FIFTY "12345" },
  { { .path = FIFTY FIFTY FIFTY "123456/" A50 A50 },
    "267 path=" FIFTY FIFTY FIFTY "123456/" A50 A50 "\n",
    NULL,
    "" },
  { { .type = DC_TAR_FOLDER, .path = A50 A50 "/" },
    "111 path=" A50 A50 "/\n",
    NULL,
    "" },
  { { .type = DC_TAR_FOLDER, .path = "b/" A50 A50 "/" },
    "113 path=b/" A50 A50 "/\n",
    NULL,
    "" },
  { { .type = DC_TAR_FOLDER, .path = FIFTY FIFTY "b/" },
    "",
    TEN TEN TEN TEN TEN TEN TEN TEN TEN "b/",
    "123456789" },
  { { .type = DC_TAR_FOLDER, .path = "./" }, "", "./", "" },
  /* Other bytes than ASCII: a record if they are UTF-8, else only if long. */
  { { .path = "d\303\251j\303\240" },
    "15 path=d\303\251j\303\240\n",
    "d\303\251j\303\240",
    "" },
  { { .path = "lat\351n" }, "", "lat\351n", "" },
  { { .path = "\1\n\177=" }, "", "\1\n\177=", "" },
  { { .path = A50 A50 "\351" },
    "21 hdrcharset=BINARY\n111 path=" A50 A50 "\351\n",
    NULL,
    "" },
  /* The target, which has no prefix. */
  { { .type = DC_TAR_SYMLINK, .path = "a", .target = FIFTY FIFTY },
    "",
    "a",
    "" },
  { { .type = DC_TAR_SYMLINK, .path = "a", .target = FIFTY FIFTY "b" },
    "115 linkpath=" FIFTY FIFTY "b\n",
    "a",
    "" },
  { { .type = DC_TAR_HARDLINK, .path = "a", .target = "\303\251" },
    "15 linkpath=\303\251\n",
    "a",
    "" },
  { { .type = DC_TAR_SYMLINK, .path = "a", .target = FIFTY FIFTY "\351" },
    "21 hdrcharset=BINARY\n115 linkpath=" FIFTY FIFTY "\351\n",
    "a",
    "" },
  /* Numbers that the octal digits cannot say. */
  { { .path = "a", .size = 8589934592 }, "19 size=8589934592\n", "a", "" },
  { { .path = "a", .size = UINT64_MAX },
    "29 size=18446744073709551615\n",
    "a",
    "" },
  { { .path = "a", .uid = 2097152 }, "15 uid=2097152\n", "a", "" },
  { { .path = "a", .gid = 4294967295 }, "18 gid=4294967295\n", "a", "" },
  { { .path = "a", .mtime = 8589934591 }, "", "a", "" },
  { { .path = "a", .mtime = 8589934592 }, "20 mtime=8589934592\n", "a", "" },
  { { .path = "a", .mtime = -1 }, "12 mtime=-1\n", "a", "" },
  { { .path = "a", .mtime = INT64_MIN },
    "30 mtime=-9223372036854775808\n",
    "a",
    "" },
};

START_TEST (test_what_needs_records)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (BUFFER_MAX);
  const char *records = cases[_i].records;
  const size_t size = strlen (records);
  struct dc_tarheader header = cases[_i].header;

  if (header.type == 0)
    header.type = DC_TAR_FILE;
  ck_assert_ok (dc_tarheader_encode (&header, &out, &err));
  size_t at = 0;
  if (size > 0) {
    ck_assert_int_eq (out.data[TYPE], 'x');
    ck_assert_str_eq (out.data + NAME, "././@PaxHeader");
    ck_assert_uint_eq (octal_at (&out, SIZE), size);
    ck_assert_uint_eq (octal_at (&out, MTIME), 0);
    ck_assert_int_eq (memcmp (out.data + 512, records, size), 0);
    at = 512 + (size + 511) / 512 * 512;
    for (size_t i = 512 + size; i < at; i++)
      ck_assert_int_eq (out.data[i], 0);
  }
  ck_assert_uint_eq (out.size, at + 512);
  ck_assert_int_eq (out.data[at + TYPE], (int) header.type);
  if (cases[_i].name != NULL)
    ck_assert_int_eq (strncmp (out.data + at, cases[_i].name, 100), 0);
  ck_assert_int_eq (strncmp (out.data + at + PREFIX, cases[_i].prefix, 155), 0);
}
END_TEST

/* A field whose number is in a record is zero, not a part of the number. */
START_TEST (test_no_field_lies)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (BUFFER_MAX);
  const struct dc_tarheader header = { .type = DC_TAR_FILE,
                                       .path = "a",
                                       .size = (UINT64_C (1) << 33) + 5,
                                       .mtime = -5,
                                       .uid = (1 << 21) + 5,
                                       .gid = (1 << 21) + 5 };

  ck_assert_ok (dc_tarheader_encode (&header, &out, &err));
  ck_assert_uint_eq (out.size, 3 * 512);
  ck_assert_uint_eq (octal_at (&out, 1024 + SIZE), 0);
  ck_assert_uint_eq (octal_at (&out, 1024 + MTIME), 0);
  ck_assert_uint_eq (octal_at (&out, 1024 + UID), 0);
  ck_assert_uint_eq (octal_at (&out, 1024 + GID), 0);
}
END_TEST

/* The size of a record counts its own digits: walk over all lengths near
 * which a digit is added.
 */
START_TEST (test_record_sizes)
{
  struct dc_error err;
  char path[1200];

  memset (path, 'x', sizeof path);
  for (size_t size = 101; size < sizeof path; size++) {
    AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (BUFFER_MAX);
    const struct dc_tarheader header = { .type = DC_TAR_FILE, .path = path };
    path[size] = '\0';
    ck_assert_ok (dc_tarheader_encode (&header, &out, &err));
    const size_t said = strtoul (out.data + 512, NULL, 10);
    ck_assert_uint_eq (said, octal_at (&out, SIZE));
    ck_assert_int_eq (out.data[512 + said - 1], '\n');
    ck_assert_int_eq (out.data[512 + said - 2], 'x');
    path[size] = 'x';
  }
}
END_TEST

static struct dc_xattrs *
make_xattrs (const char *name, const void *value, size_t size, size_t count)
{
  struct dc_xattrs *xattrs =
      malloc (sizeof *xattrs + count * sizeof xattrs->items[0]);

  ck_assert_ptr_nonnull (xattrs);
  xattrs->count = count;
  for (size_t i = 0; i < count; i++)
    xattrs->items[i] = (struct dc_xattr){ name, value, size };
  return xattrs;
}

START_TEST (test_extended_attributes)
{
  static const struct {
    const char *name, *value;
    size_t size;
    const char *record;
    size_t record_size;
  } xattrs[] = {
    { "user.x", "\0\n=\377", 4, "28 SCHILY.xattr.user.x=\0\n=\377\n", 28 },
    { "user.x", "", 0, "24 SCHILY.xattr.user.x=\n", 24 },
    { "user.a b\303\251", "1", 1, "29 SCHILY.xattr.user.a b\303\251=1\n", 29 },
    { "user.a=b", "1", 1, "29 SCHILY.xattr.user.a%3Db=1\n", 29 },
  };
  struct dc_error err;

  for (size_t i = 0; i < DC_COUNT (xattrs); i++) {
    AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (BUFFER_MAX);
    AUTO_FREE struct dc_xattrs *set =
        make_xattrs (xattrs[i].name, xattrs[i].value, xattrs[i].size, 1);
    const struct dc_tarheader header = { .type = DC_TAR_FILE,
                                         .path = "a",
                                         .xattrs = set };
    ck_assert_ok (dc_tarheader_encode (&header, &out, &err));
    ck_assert_uint_eq (octal_at (&out, SIZE), xattrs[i].record_size);
    ck_assert_int_eq (
        memcmp (out.data + 512, xattrs[i].record, xattrs[i].record_size), 0);
  }
}
END_TEST

START_TEST (test_too_many_records)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (BUFFER_MAX);
  AUTO_FREE char *value = calloc (1, 64 * 1024);
  AUTO_FREE struct dc_xattrs *some = make_xattrs ("user.x", value, 65000, 16);
  AUTO_FREE struct dc_xattrs *many = make_xattrs ("user.x", value, 65000, 17);
  struct dc_tarheader header = { .type = DC_TAR_FILE, .path = "a" };

  header.xattrs = some;
  ck_assert_ok (dc_tarheader_encode (&header, &out, &err));
  dc_buffer_clear (&out);
  header.xattrs = many;
  ck_assert_fails (dc_tarheader_encode (&header, &out, &err), DC_ERR_LIMIT,
                   "extended attributes: more than 1048576 bytes");
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (BUFFER_MAX);
  AUTO_FREE struct dc_xattrs *set = make_xattrs ("user.x", "y", 1, 1);
  const struct dc_tarheader header = {
    .type = DC_TAR_FILE, .path = A50 A50 A50 "\351", .xattrs = set, .mtime = -1
  };
  int failures = 0;

  OOM_LOOP (status, dc_tarheader_encode (&header, &out, &err))
  {
    failures += status < 0;
    ck_assert (status < 0 || out.size == 3 * 512);
    dc_buffer_release (&out);
  }
  ck_assert_int_gt (failures, 5);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_a_plain_file_is_one_block);
  tcase_add_loop_test (tcase, test_what_needs_records, 0,
                       (int) DC_COUNT (cases));
  tcase_add_test (tcase, test_no_field_lies);
  tcase_add_test (tcase, test_record_sizes);
  tcase_add_test (tcase, test_extended_attributes);
  tcase_add_test (tcase, test_too_many_records);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("tarheader", add);
}

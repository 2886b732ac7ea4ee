/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/tree/xattrs.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static struct dc_error err;

#define ACCESS "system.posix_acl_access"
#define DEFAULT "system.posix_acl_default"
#define HEAD "\x02\0\0\0"
#define NO_ID "\xff\xff\xff\xff"
#define ENTRY(tag, permission, id) tag "\0" permission "\0" id

#define OWNER ENTRY ("\x01", "\x06", NO_ID)
#define USER_5 ENTRY ("\x02", "\x07", "\x05\0\0\0")
#define USER_300 ENTRY ("\x02", "\x07", "\x2c\x01\0\0")
#define OWNING_GROUP ENTRY ("\x04", "\x04", NO_ID)
#define GROUP_5 ENTRY ("\x08", "\x04", "\x05\0\0\0")
#define MASK ENTRY ("\x10", "\x07", NO_ID)
#define REST ENTRY ("\x20", "\0", NO_ID)

/* Values as string literals: sizeof counts their NULs. */
#define VALUE(text) (text), sizeof (text) - 1

/* An ACL, its normal form (NULL: left out), whether there is a note. */
static const struct {
  const char *value;
  size_t size;
  const char *normal;
  size_t normal_size;
  size_t note_count;
} acls[] = {
  { VALUE (HEAD OWNER OWNING_GROUP REST), VALUE (HEAD OWNER OWNING_GROUP REST),
    0 },
  { VALUE (HEAD OWNER USER_5 USER_300 OWNING_GROUP GROUP_5 MASK REST),
    VALUE (HEAD OWNER USER_5 USER_300 OWNING_GROUP GROUP_5 MASK REST), 0 },
  /* libext2fs: undefined ids are 0 */
  { VALUE (HEAD ENTRY ("\x01", "\x06", "\0\0\0\0") USER_5 ENTRY (
        "\x04", "\x04", "\0\0\0\0") ENTRY ("\x10", "\x07", "\0\0\0\0")
               ENTRY ("\x20", "\0", "\0\0\0\0")),
    VALUE (HEAD OWNER USER_5 OWNING_GROUP MASK REST), 0 },
  /* another order */
  { VALUE (HEAD OWNER OWNING_GROUP REST MASK GROUP_5 USER_300 USER_5),
    VALUE (HEAD OWNER USER_5 USER_300 OWNING_GROUP GROUP_5 MASK REST), 0 },
  /* no ACL at all */
  { VALUE (HEAD), NULL, 0, 0 },
  { VALUE (""), NULL, 0, 0 },
  /* not ACLs */
  { VALUE ("\x01\0\0\0" OWNER OWNING_GROUP REST), NULL, 0, 1 },
  { VALUE (HEAD OWNER OWNING_GROUP REST "x"), NULL, 0, 1 },
  { VALUE (HEAD OWNER OWNING_GROUP), NULL, 0, 1 },
  { VALUE (HEAD OWNER OWNER OWNING_GROUP REST), NULL, 0, 1 },
  { VALUE (HEAD OWNER USER_5 OWNING_GROUP REST), NULL, 0, 1 },
  { VALUE (HEAD OWNER USER_5 USER_5 OWNING_GROUP MASK REST), NULL, 0, 1 },
  { VALUE (HEAD OWNER ENTRY ("\x02", "\x07", NO_ID) OWNING_GROUP MASK REST),
    NULL, 0, 1 },
  { VALUE (HEAD OWNER OWNING_GROUP REST ENTRY ("\x40", "\x07", NO_ID)), NULL, 0,
    1 },
  { VALUE (HEAD OWNER OWNING_GROUP ENTRY ("\x20", "\x08", NO_ID)), NULL, 0, 1 },
};

START_TEST (test_acls)
{
  const struct dc_xattr xattr = { ACCESS, acls[_i].value, acls[_i].size };
  const struct dc_raw_entry raw = { .mode = S_IFREG | 0644,
                                    .xattrs = &xattr,
                                    .xattr_count = 1 };
  struct dc_xattr_choice choice;

  ck_assert_ok (dc_xattrs_choose (&raw, &choice, &err));
  ck_assert_uint_eq (choice.left_out_count, acls[_i].note_count);
  ck_assert_uint_eq (choice.count, acls[_i].normal != NULL ? 1 : 0);
  if (acls[_i].normal != NULL) {
    ck_assert_uint_eq (choice.items[0].size, acls[_i].normal_size);
    ck_assert_mem_eq (choice.items[0].value, acls[_i].normal,
                      acls[_i].normal_size);
  }
  dc_xattrs_release (&choice);
}
END_TEST

static const struct dc_xattr many[] = {
  { "user.z", "1", 1 },
  { "trusted.overlay.opaque", "y", 1 },
  { DEFAULT, VALUE (HEAD OWNER OWNING_GROUP REST) },
  { "security.selinux", "s", 1 },
  { "security.capability", "c", 1 },
  { ACCESS, VALUE (HEAD OWNER OWNING_GROUP REST) },
  { "user.", "1", 1 },
  { "user.a", "", 0 },
  { "user.z", "2", 1 },
  { "username", "2", 1 },
};

/* Which of MANY are kept, by kind of file. */
static const struct {
  uint16_t mode;
  const char *names;
} kinds[] = {
  { S_IFREG, "security.capability " ACCESS " user.a user.z " },
  { S_IFDIR, "security.capability " ACCESS " " DEFAULT " user.a user.z " },
  { S_IFLNK, "" },
  { S_IFIFO, "" },
};

START_TEST (test_kinds)
{
  const struct dc_raw_entry raw = { .mode = kinds[_i].mode,
                                    .xattrs = many,
                                    .xattr_count = DC_COUNT (many) };
  struct dc_xattr_choice choice;
  AUTO_BUFFER struct dc_buffer names = DC_BUFFER_INIT (1000);

  ck_assert_ok (dc_xattrs_choose (&raw, &choice, &err));
  for (size_t i = 0; i < choice.count; i++)
    ck_assert_ok (dc_buffer_print (&names, &err, "%s ", choice.items[i].name));
  ck_assert_str_eq (dc_buffer_text (&names), kinds[_i].names);
  if (choice.count > 0)
    ck_assert_mem_eq (choice.items[choice.count - 1].value, "1", 1);
  dc_xattrs_release (&choice);
}
END_TEST

START_TEST (test_too_many_and_too_large)
{
  enum { COUNT = DC_XATTR_COUNT_MAX + 20 };
  struct dc_xattr xattrs[COUNT + 1];
  char names[COUNT][16];
  struct dc_xattr_choice choice;
  static const char large[DC_XATTR_SIZE_MAX + 1];

  for (unsigned i = 0; i < COUNT; i++) {
    snprintf (names[i], sizeof names[i], "user.%03u", COUNT - i);
    xattrs[i] = (struct dc_xattr){ names[i], "", 0 };
  }
  xattrs[COUNT] = (struct dc_xattr){ "user.000", large, sizeof large };
  const struct dc_raw_entry raw = { .mode = S_IFREG,
                                    .xattrs = xattrs,
                                    .xattr_count = COUNT + 1 };
  ck_assert_ok (dc_xattrs_choose (&raw, &choice, &err));
  ck_assert_uint_eq (choice.count, DC_XATTR_COUNT_MAX);
  ck_assert_uint_eq (choice.over_count, 20);
  ck_assert_str_eq (choice.items[0].name, "user.001");
  ck_assert_str_eq (choice.items[DC_XATTR_COUNT_MAX - 1].name, "user.128");
  ck_assert_uint_eq (choice.left_out_count, 1);
  ck_assert_str_eq (choice.left_out[0].why, "is over 64 KiB");
  dc_xattrs_release (&choice);
}
END_TEST

START_TEST (test_no_memory)
{
  const struct dc_raw_entry raw = { .mode = S_IFDIR,
                                    .xattrs = many,
                                    .xattr_count = DC_COUNT (many) };
  struct dc_xattr_choice choice;
  int failures = 0;

  OOM_LOOP (status, dc_xattrs_choose (&raw, &choice, &err))
  {
    failures += status < 0;
    dc_xattrs_release (&choice);
  }
  ck_assert_int_ge (failures, 4);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_acls, 0, DC_COUNT (acls));
  tcase_add_loop_test (tcase, test_kinds, 0, DC_COUNT (kinds));
  tcase_add_test (tcase, test_too_many_and_too_large);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("xattrs", add);
}

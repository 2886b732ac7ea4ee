/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/profile.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define RAW_V2 "\1\0\0\2\0\40\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static const struct {
  const char *bytes;
  size_t size;
  struct dc_file_caps caps;
} good[] = {
  /* Written by setcap cap_net_raw=ep, and in a user name space. */
  { RAW_V2, 20, { 1 << 13, 0, true, 0 } },
  { "\1\0\0\3\0\40\0\0\0\0\0\0\0\0\0\0\0\0\0\0\350\3\0\0",
    24,
    { 1 << 13, 0, true, 1000 } },
  { "\0\0\0\1\1\0\0\0\2\0\0\0", 12, { 1, 2, false, 0 } },
  { "\0\0\0\2\0\0\0\0\0\0\0\0\0\1\0\0\1\0\0\0",
    20,
    { (uint64_t) 1 << 40, (uint64_t) 1 << 32, false, 0 } },
};

START_TEST (test_caps)
{
  struct dc_error err;
  struct dc_file_caps caps;

  ck_assert_ok (
      dc_file_caps_parse (good[_i].bytes, good[_i].size, &caps, &err));
  ck_assert_uint_eq (caps.permitted, good[_i].caps.permitted);
  ck_assert_uint_eq (caps.inheritable, good[_i].caps.inheritable);
  ck_assert_int_eq (caps.is_effective, good[_i].caps.is_effective);
  ck_assert_uint_eq (caps.root, good[_i].caps.root);
}
END_TEST

START_TEST (test_bad_caps)
{
  struct dc_error err;
  struct dc_file_caps caps;

  ck_assert_fails (dc_file_caps_parse ("", 0, &caps, &err), DC_ERR_INVALID,
                   "too few");
  ck_assert_fails (dc_file_caps_parse (RAW_V2, 12, &caps, &err), DC_ERR_INVALID,
                   "version 2 in 12 bytes");
  ck_assert_fails (
      dc_file_caps_parse ("\0\0\0\4\0\0\0\0\0\0\0\0", 12, &caps, &err),
      DC_ERR_INVALID, "version 4");
  ck_assert_str_eq (dc_capability_name (40), "cap_checkpoint_restore");
  ck_assert_ptr_null (dc_capability_name (41));
}
END_TEST

static const struct dc_memory_file files[] = {
  FOLDERS,
  DIR ("etc/selinux"),
  FILE ("etc/selinux/config", "# c\nSELINUX=enforcing\nSELINUXTYPE=targeted\n"),
  DIR ("var"),
  DIR ("var/lib"),
  DIR ("var/lib/selinux"),
  DIR ("var/lib/selinux/targeted"),
  DIR ("var/lib/selinux/targeted/active"),
  DIR ("var/lib/selinux/targeted/active/modules"),
  DIR ("var/lib/selinux/targeted/active/modules/100"),
  DIR ("var/lib/selinux/targeted/active/modules/100/apache"),
  DIR ("var/lib/selinux/targeted/active/modules/400"),
  DIR ("var/lib/selinux/targeted/active/modules/400/own"),
  DIR ("etc/apparmor.d"),
  FILE ("etc/apparmor.d/usr.sbin.x", "x"),
  FILE ("etc/apparmor.d/usr.sbin.y", "y"),
  DIR ("etc/apparmor.d/disable"),
  LINK ("etc/apparmor.d/disable/usr.sbin.y", "../usr.sbin.y"),
  { .path = "usr/su", .mode = 0104755, .data = "x" },
  { .path = "usr/wall", .mode = 0102755, .data = "x" },
  { .path = "usr/locked", .mode = 0102644, .data = "x" },
  { .path = "usr/folder", .mode = 0042775 },
};

START_TEST (test_guest)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_profile profile = { .guest = NULL };
  const struct dc_security *security = &profile.security;

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  OOM_LOOP (status, dc_security_read (tree, &profile, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    if (status == 0) {
      ck_assert_uint_eq (security->count, 2);
      ck_assert_str_eq (security->items[0].path, "/usr/su");
      ck_assert_str_eq (security->items[1].path, "/usr/wall");
      ck_assert_str_eq (security->selinux_mode, "enforcing");
      ck_assert_uint_eq (security->selinux_modules.count, 1);
      ck_assert_str_eq (security->selinux_modules.items[0], "own");
      ck_assert_uint_eq (security->apparmor_profiles.count, 2);
      ck_assert_uint_eq (security->apparmor_disabled.count, 1);
    }
    dc_security_forget (&profile);
  }
  dc_findings_release (&profile);
}
END_TEST

START_TEST (test_limits)
{
  static const char text[] = "# c\n@db soft nofile 65536 # x\n* hard core 0\n"
                             "root -\nbad line\na b c\n";
  struct dc_error err;
  struct dc_resources resources = { .limits = NULL };

  OOM_LOOP (status,
            dc_limits_parse (text, sizeof text - 1, "f", &resources, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    if (status == 0) {
      ck_assert_uint_eq (resources.limit_count, 3);
      ck_assert_str_eq (resources.limits[0].value, "65536");
      ck_assert_uint_eq (resources.limits[0].evidence.line, 2);
      ck_assert_ptr_null (resources.limits[2].item);
    }
    dc_resources_release (&resources);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_caps, 0, DC_COUNT (good));
  tcase_add_test (tcase, test_bad_caps);
  tcase_add_test (tcase, test_guest);
  tcase_add_test (tcase, test_limits);
}

int
main (void)
{
  return unit_run ("privileges", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/profile.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static const struct {
  const char *text, *mounts; /* LINE:device,mountpoint,type,options; ... */
} cases[] = {
  { "", "" },
  { "# comment\n\n \t# x y z\nUUID=ab / ext4 errors=remount-ro 0 1\n",
    "4:UUID=ab,/,ext4,errors=remount-ro; " },
  { "/dev/sda2\tnone\tswap\tsw", "1:/dev/sda2,none,swap,sw; " },
  { "/dev/sda3 /srv xfs\n", "1:/dev/sda3,/srv,xfs,defaults; " },
  { "LABEL=a\\040b /mnt/\\134x\\011 ext4 ro,x=\\9 0 0\r\n",
    "1:LABEL=a b,/mnt/\\x\t,ext4,ro,x=\\9; " },
  { "no type\n//nas/x /y cifs a\\000b\n", "2://nas/x,/y,cifs,a\\000b; " },
};

START_TEST (test_cases)
{
  struct dc_error err;
  struct dc_mounts mounts = { NULL, 0 };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);

  ck_assert_ok (
      dc_mounts_parse (cases[_i].text, strlen (cases[_i].text), &mounts, &err));
  for (size_t i = 0; i < mounts.count; i++)
    ck_assert_ok (
        dc_buffer_print (&b, &err, "%u:%s,%s,%s,%s; ", mounts.items[i].line,
                         mounts.items[i].device, mounts.items[i].mountpoint,
                         mounts.items[i].type, mounts.items[i].options));
  ck_assert_str_eq (dc_buffer_text (&b), cases[_i].mounts);
  dc_mounts_release (&mounts);
}
END_TEST

START_TEST (test_nul_makes_a_bad_line)
{
  struct dc_error err;
  struct dc_mounts mounts = { NULL, 0 };
  static const char text[] = "a / b\0c d\nx /y z\n";

  ck_assert_ok (dc_mounts_parse (text, sizeof text - 1, &mounts, &err));
  ck_assert_uint_eq (mounts.count, 1);
  ck_assert_str_eq (mounts.items[0].device, "x");
  dc_mounts_release (&mounts);
}
END_TEST

START_TEST (test_limits)
{
  static char text[DC_FSTAB_SIZE_MAX + 1];
  struct dc_error err;
  struct dc_mounts mounts = { NULL, 0 };

  for (size_t i = 0; i < sizeof text; i++)
    text[i] = "a / b\n"[i % 6];
  ck_assert_fails (dc_mounts_parse (text, sizeof text, &mounts, &err),
                   DC_ERR_LIMIT, "fstab is 1048577 bytes");
  ck_assert_fails (dc_mounts_parse (text, sizeof text - 1, &mounts, &err),
                   DC_ERR_LIMIT, "mounts in fstab");
  ck_assert_ptr_null (mounts.items);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  static const char text[] = "a / b\nc /d e f\n";

  struct dc_mounts mounts = { NULL, 0 };
  OOM_LOOP (status, dc_mounts_parse (text, sizeof text - 1, &mounts, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    ck_assert_uint_eq (mounts.count, status == 0 ? 2 : 0);
    dc_mounts_release (&mounts);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, (int) DC_COUNT (cases));
  tcase_add_test (tcase, test_nul_makes_a_bad_line);
  tcase_add_test (tcase, test_limits);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("mounts", add);
}

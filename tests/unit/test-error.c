/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/unit.h"

START_TEST (test_context_grows_from_the_inside_out)
{
  struct dc_error err;

  errno = ENOENT;
  ck_assert_int_eq (dc_fail_errno (&err, "cannot open '%s'", "x"), -1);
  ck_assert_int_eq (dc_context (&err, "layer %d", 3), -1);
  ck_assert_str_eq (err.text,
                    "layer 3: cannot open 'x': No such file or directory");
  ck_assert_int_eq (err.code, DC_ERR_SYSTEM);
  ck_assert_int_eq (err.sys_errno, ENOENT);
}
END_TEST

START_TEST (test_a_long_text_is_cut)
{
  struct dc_error err;
  char text[2000];

  memset (text, 'a', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  (void) dc_fail (&err, DC_ERR_INVALID, "%s", text);
  (void) dc_context (&err, "%s", "front");
  ck_assert_uint_eq (strlen (err.text), sizeof err.text - 1);
  ck_assert_int_eq (strncmp (err.text, "front: aaa", 10), 0);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_context_grows_from_the_inside_out);
  tcase_add_test (tcase, test_a_long_text_is_cut);
}

int
main (void)
{
  return unit_run ("error", add);
}

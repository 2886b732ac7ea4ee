/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/buffer.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

START_TEST (test_grows_to_its_maximum_and_no_further)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100);

  for (int i = 0; i < 10; i++)
    ck_assert_ok (dc_buffer_append (&b, "0123456789", 10, &err));
  ck_assert_fails (dc_buffer_append (&b, "x", 1, &err), DC_ERR_LIMIT,
                   "more than 100 bytes");
  ck_assert_uint_eq (b.size, 100);
  ck_assert_uint_eq (strlen (dc_buffer_text (&b)), 100);
}
END_TEST

START_TEST (test_empty_is_a_string)
{
  struct dc_buffer b = DC_BUFFER_INIT (10);

  ck_assert_str_eq (dc_buffer_text (&b), "");
  AUTO_FREE char *text = dc_buffer_take (&b);
  ck_assert_str_eq (text, "");
}
END_TEST

START_TEST (test_print_and_take)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);

  ck_assert_ok (dc_buffer_print (&b, &err, "%d", 12));
  ck_assert_ok (dc_buffer_print (&b, &err, "-%s", "x"));
  AUTO_FREE char *text = dc_buffer_take (&b);
  ck_assert_str_eq (text, "12-x");
  ck_assert_uint_eq (b.size, 0);
  dc_buffer_clear (&b);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);
  int failures = 0;

  OOM_LOOP (status, dc_buffer_print (&b, &err, "%0100d", 1))
  {
    failures += status < 0;
    ck_assert_uint_eq (b.size, status < 0 ? 0 : 100);
  }
  ck_assert_int_eq (failures, 2);
}
END_TEST

START_TEST (test_no_maximum)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (SIZE_MAX);

  for (int i = 0; i < 1000; i++)
    ck_assert_ok (dc_buffer_append (&b, "0123456789", 10, &err));
  ck_assert_uint_eq (b.size, 10000);
  ck_assert_uint_eq (strlen (dc_buffer_text (&b)), 10000);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_no_maximum);
  tcase_add_test (tcase, test_grows_to_its_maximum_and_no_further);
  tcase_add_test (tcase, test_empty_is_a_string);
  tcase_add_test (tcase, test_print_and_take);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("buffer", add);
}

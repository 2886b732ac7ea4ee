/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "lib/cleanup.h"
#include "lib/text.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

START_TEST (test_copy)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_FREE char *text = NULL, *nothing = NULL;

  ck_assert_ok (dc_text_copy ("abc", &text, &err));
  ck_assert_str_eq (text, "abc");
  ck_assert_ok (dc_text_copy (NULL, &nothing, &err));
  ck_assert_ptr_null (nothing);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  char *text = NULL;
  int failures = 0;

  OOM_LOOP (status, dc_text_copy ("abc", &text, &err))
  {
    failures += status < 0;
    ck_assert ((status < 0) == (text == NULL));
    free (DC_TAKE (text));
  }
  ck_assert_int_eq (failures, 1);
}
END_TEST

START_TEST (test_compare)
{
  ck_assert_int_eq (dc_text_compare (NULL, NULL), 0);
  ck_assert_int_lt (dc_text_compare (NULL, ""), 0);
  ck_assert_int_gt (dc_text_compare ("", NULL), 0);
  ck_assert_int_lt (dc_text_compare ("a", "b"), 0);
}
END_TEST

START_TEST (test_parts)
{
  ck_assert_str_eq (dc_text_last_component ("/a/b"), "b");
  ck_assert_str_eq (dc_text_last_component ("b"), "b");
  ck_assert_str_eq (dc_text_last_component ("/a/"), "");
  ck_assert (dc_text_ends_in ("a.key", ".key"));
  ck_assert (!dc_text_ends_in (".key", ".key"));
  ck_assert (!dc_text_ends_in ("y", ".key"));
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_copy);
  tcase_add_test (tcase, test_no_memory);
  tcase_add_test (tcase, test_compare);
  tcase_add_test (tcase, test_parts);
}

int
main (void)
{
  return unit_run ("text", add);
}

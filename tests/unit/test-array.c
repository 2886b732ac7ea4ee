/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "lib/array.h"
#include "lib/cleanup.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

START_TEST (test_grows_to_its_limit)
{
  struct dc_error err;
  AUTO_FREE int *items = NULL;
  size_t count = 0;

  for (; count < 100; count++) {
    ck_assert_ok (DC_ARRAY_GROW (items, count, 100, "numbers", &err));
    ck_assert_int_eq (items[count], 0);
    items[count] = (int) count + 1;
  }
  for (size_t i = 0; i < count; i++)
    ck_assert_int_eq (items[i], (int) i + 1);
  ck_assert_fails (DC_ARRAY_GROW (items, count, 100, "numbers", &err),
                   DC_ERR_LIMIT, "more than 100 numbers");
}
END_TEST

START_TEST (test_no_memory_loses_nothing)
{
  struct dc_error err;
  AUTO_FREE int *items = NULL;

  ck_assert_ok (DC_ARRAY_GROW (items, 0, 8, "numbers", &err));
  items[0] = 7;
  oom_fail_at (0);
  ck_assert_fails (DC_ARRAY_GROW (items, 1, 8, "numbers", &err), DC_ERR_SYSTEM,
                   "cannot keep 2 numbers");
  ck_assert_int_eq (items[0], 7);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_grows_to_its_limit);
  tcase_add_test (tcase, test_no_memory_loses_nothing);
}

int
main (void)
{
  return unit_run ("array", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/ext/inoset.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

START_TEST (test_numbers)
{
  static const uint32_t numbers[] = { 1, 2, 511, 512, 63, 64, 1000000 };
  struct dc_error err;
  DC_AUTO (dc_inoset) *set = NULL;

  ck_assert_ok (dc_inoset_new (1000000, &set, &err));
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    ck_assert_int_eq (dc_inoset_add (set, numbers[i], &err), 1);
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    ck_assert_int_eq (dc_inoset_add (set, numbers[i], &err), 0);
  ck_assert_int_eq (dc_inoset_add (set, 3, &err), 1);
}
END_TEST

static int
add_two (struct dc_error *err)
{
  DC_AUTO (dc_inoset) *set = NULL;

  if (dc_inoset_new (1000, &set, err) < 0 || dc_inoset_add (set, 1, err) < 0)
    return -1;
  return dc_inoset_add (set, 1000, err) < 0 ? -1 : 0;
}

START_TEST (test_no_memory)
{
  struct dc_error err;

  OOM_LOOP (status, add_two (&err))
  {
    if (status < 0)
      ck_assert_int_eq (err.code, DC_ERR_SYSTEM);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_numbers);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("inoset", add);
}

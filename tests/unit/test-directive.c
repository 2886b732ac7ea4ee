/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/cleanup.h"
#include "tests/unit/unit.h"
#include "transform/init/directive.h"

/* The rows are searched by halves, so each must be where it belongs. */
START_TEST (test_rows_are_found)
{
  static const char *const sections[] = { "Unit", "Install", "Timer",
                                          "Path", "Service", "Socket" };

  for (size_t i = 0; i < DC_COUNT (sections); i++) {
    size_t count;
    const struct dc_directive *rows = dc_directive_rows (sections[i], &count);
    ck_assert_uint_gt (count, 0);
    for (size_t k = 0; k < count; k++) {
      ck_assert_msg (dc_directive_find (sections[i], rows[k].key) == &rows[k],
                     "%s= of [%s]", rows[k].key, sections[i]);
      ck_assert_msg (k == 0 || strcmp (rows[k - 1].key, rows[k].key) < 0,
                     "%s= of [%s]", rows[k].key, sections[i]);
    }
  }
}
END_TEST

START_TEST (test_others_are_not)
{
  static const char *const pairs[][2] = {
    { "Service", "" },       { "Service", "execstart" }, { "Service", "ZZZ" },
    { "Unit", "ExecStart" }, { "Mount", "What" },        { "", "" },
  };

  for (size_t i = 0; i < DC_COUNT (pairs); i++)
    ck_assert_ptr_null (dc_directive_find (pairs[i][0], pairs[i][1]));
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_rows_are_found);
  tcase_add_test (tcase, test_others_are_not);
}

int
main (void)
{
  return unit_run ("directive", add);
}

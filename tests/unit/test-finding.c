/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/profile.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

START_TEST (test_note)
{
  struct dc_error err;
  struct dc_profile profile = { 0 };

  ck_assert_ok (
      dc_profile_note (&profile, "a.b", "/etc/x", 3, &err, "'%s' is odd", "y"));
  ck_assert_ok (dc_profile_note (&profile, "c", NULL, 0, &err, "no file"));
  ck_assert_uint_eq (profile.finding_count, 2);
  ck_assert_str_eq (profile.findings[0].id, "a.b");
  ck_assert_str_eq (profile.findings[0].text, "'y' is odd");
  ck_assert_str_eq (profile.findings[0].evidence.file, "/etc/x");
  ck_assert_uint_eq (profile.findings[0].evidence.line, 3);
  ck_assert_ptr_null (profile.findings[1].evidence.file);
  dc_findings_release (&profile);
}
END_TEST

START_TEST (test_too_many_are_counted)
{
  struct dc_error err;
  struct dc_profile profile = { 0 };

  for (size_t i = 0; i < DC_FINDING_MAX + 3; i++)
    ck_assert_ok (dc_profile_note (&profile, "a", NULL, 0, &err, "%zu", i));
  ck_assert_uint_eq (profile.finding_count, DC_FINDING_MAX);
  ck_assert_uint_eq (profile.findings_lost, 3);
  dc_findings_release (&profile);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  struct dc_profile profile = { 0 };

  OOM_LOOP (status,
            dc_profile_note (&profile, "a", "/b", 1, &err, "%s", "text"))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    ck_assert_uint_eq (profile.finding_count, status == 0);
    dc_findings_release (&profile);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_note);
  tcase_add_test (tcase, test_too_many_are_counted);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("finding", add);
}

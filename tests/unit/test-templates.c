/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/unit/unitconverted.h"
#include "templates/templates.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* The files that are compiled in are free of mistakes, and every row says
 * why.
 */
START_TEST (test_our_own_files)
{
  struct dc_error err;
  DC_AUTO (dc_select_template) *select = NULL;
  DC_AUTO (dc_services_template) *services = NULL;

  ck_assert_ok (dc_select_template_load (&select, &err));
  ck_assert_uint_gt (select->leave_out.count, 10);
  const struct dc_select_rule *rules = select->leave_out.items;
  for (size_t i = 0; i < select->leave_out.count; i++)
    for (size_t j = 0; j < rules[i].paths.count; j++)
      ck_assert_int_ne (rules[i].paths.items[j][0], '/');
  ck_assert_ok (dc_services_template_load (&services, &err));
  ck_assert_uint_gt (services->leave_out.count, 5);
  ck_assert_uint_eq (services->prepare.count, 1);
}
END_TEST

START_TEST (test_left_out)
{
  struct dc_error err;
  DC_AUTO (dc_services_template) *services = NULL;

  ck_assert_ok (dc_services_template_load (&services, &err));
  ck_assert (
      unit_contains (dc_services_left_out (services, "getty@tty1.service"),
                     "a login on a terminal"));
  ck_assert_ptr_nonnull (
      dc_services_left_out (services, "systemd-journald.service"));
  ck_assert_ptr_null (dc_services_left_out (services, "nginx.service"));
  ck_assert_ptr_null (dc_services_left_out (services, "my-systemd-x.service"));
}
END_TEST

/* A unit goes by all of its names. */
START_TEST (test_alias_left_out)
{
  struct dc_error err;
  char name[] = "mine.service", alias[] = "systemd-journald.service";
  char *aliases[] = { alias, NULL };
  struct dc_unit unit = { .name = name, .is_started = true };
  DC_AUTO (dc_services_template) *services = NULL;

  ck_assert_ok (dc_services_template_load (&services, &err));
  ck_assert (dc_unit_is_converted (&unit, services));
  unit.aliases = (struct dc_words){ aliases, 1 };
  ck_assert_ptr_nonnull (dc_unit_left_out (&unit, services));
  ck_assert (!dc_unit_is_converted (&unit, services));
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  struct dc_services_template *services = NULL;
  int failures = 0;

  OOM_LOOP (status, dc_services_template_load (&services, &err))
  {
    failures += status < 0;
    dc_services_template_free (DC_TAKE (services));
  }
  ck_assert_int_gt (failures, 100);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_our_own_files);
  tcase_add_test (tcase, test_left_out);
  tcase_add_test (tcase, test_alias_left_out);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("templates", add);
}

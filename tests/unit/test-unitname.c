/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/unit/unitname.h"
#include "lib/cleanup.h"
#include "tests/unit/unit.h"

static const struct {
  const char *name;
  enum dc_unit_kind kind;
} kinds[] = {
  { "nginx.service", DC_NAME_PLAIN },
  { "a.b.socket", DC_NAME_PLAIN },
  { "srv-data\\x2dbase.mount", DC_NAME_PLAIN },
  { "-.mount", DC_NAME_PLAIN },
  { "getty@.service", DC_NAME_TEMPLATE },
  { "getty@tty1.service", DC_NAME_INSTANCE },
  { "a@b@c.service", DC_NAME_INSTANCE },
  { "a@.b.service", DC_NAME_INSTANCE },
  { "", DC_NAME_BAD },
  { "nginx", DC_NAME_BAD },
  { ".service", DC_NAME_BAD },
  { "@.service", DC_NAME_BAD },
  { "@x.service", DC_NAME_BAD },
  { "nginx.services", DC_NAME_BAD },
  { "nginx.Service", DC_NAME_BAD },
  { "ng/inx.service", DC_NAME_BAD },
  { "ng inx.service", DC_NAME_BAD },
  { "caf\xc3\xa9.service", DC_NAME_BAD },
  { "x.service.wants", DC_NAME_BAD },
};

START_TEST (test_kinds)
{
  ck_assert_int_eq (dc_unit_kind (kinds[_i].name), kinds[_i].kind);
}
END_TEST

START_TEST (test_longest_name)
{
  char name[DC_UNIT_NAME_MAX + 2];

  memset (name, 'a', sizeof name);
  memcpy (name + sizeof name - 9, ".service", 9);
  ck_assert_int_eq (dc_unit_kind (name), DC_NAME_BAD);
  ck_assert_int_eq (dc_unit_kind (name + 1), DC_NAME_PLAIN);
}
END_TEST

static const struct {
  const char *name, *prefix, *instance, *template;
} parts[] = {
  { "nginx.service", "nginx", NULL, "nginx@.service" },
  { "getty@.service", "getty", "", "getty@.service" },
  { "postgresql@14-main.service", "postgresql", "14-main",
    "postgresql@.service" },
  { "a@b@c.d.socket", "a", "b@c.d", "a@.socket" },
};

START_TEST (test_parts)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_FREE char *prefix = NULL;
  AUTO_FREE char *instance = NULL;
  AUTO_FREE char *template = NULL;

  ck_assert_ok (dc_unit_prefix (parts[_i].name, &prefix, &err));
  ck_assert_ok (dc_unit_instance (parts[_i].name, &instance, &err));
  ck_assert_ok (dc_unit_template (parts[_i].name, &template, &err));
  ck_assert_str_eq (prefix, parts[_i].prefix);
  ck_assert_pstr_eq (instance, parts[_i].instance);
  ck_assert_str_eq (template, parts[_i].template);
}
END_TEST

START_TEST (test_instantiate)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_FREE char *name = NULL;
  char instance[DC_UNIT_NAME_MAX];

  ck_assert_ok (dc_unit_instantiate ("getty@.service", "tty1", &name, &err));
  ck_assert_str_eq (name, "getty@tty1.service");
  memset (instance, 'a', sizeof instance);
  instance[sizeof instance - 1] = '\0';
  ck_assert_fails (
      dc_unit_instantiate ("getty@.service", instance, &name, &err),
      DC_ERR_LIMIT, "is too long");
}
END_TEST

static const struct {
  const char *text, *plain;
} escapes[] = {
  { "", "" },
  { "tty1", "tty1" },
  { "var-lib", "var/lib" },
  { "a\\x2db", "a-b" },
  { "a\\x2Db-c", "a-b/c" },
  { "cut\\x2", "cut\\x2" },
  { "not\\xzz\\q", "not\\xzz\\q" },
  { "nul\\x00", "nul\\x00" },
};

START_TEST (test_escapes)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_FREE char *plain = NULL;

  ck_assert_ok (dc_unit_unescape (escapes[_i].text, &plain, &err));
  ck_assert_str_eq (plain, escapes[_i].plain);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_kinds, 0, DC_COUNT (kinds));
  tcase_add_test (tcase, test_longest_name);
  tcase_add_loop_test (tcase, test_parts, 0, DC_COUNT (parts));
  tcase_add_test (tcase, test_instantiate);
  tcase_add_loop_test (tcase, test_escapes, 0, DC_COUNT (escapes));
}

int
main (void)
{
  return unit_run ("unitname", add);
}

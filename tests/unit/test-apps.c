/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>

#include "analyzer/endpoint/daemon.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* Each NAMES of an application finds it in the index, as it stands in the
 * YAML file.  A program may be that of several, which their units tell apart.
 */
static void
check_index (const struct dc_app *app, size_t position, enum dc_app_index index,
             const struct dc_yaml_texts *names)
{
  for (size_t i = 0; i < names->count; i++)
    ck_assert_msg (index == DC_APP_PROGRAMS
                       ? dc_apps_has (position, index, names->items[i])
                       : dc_apps_position (index, names->items[i]) == position,
                   "'%s' of %s finds another application, or none",
                   names->items[i], app->name);
}

/* All files that are compiled in are free of mistakes. */
START_TEST (test_our_own_files)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_apps apps = { NULL };

  for (size_t i = 0; i < dc_apps_count (); i++) {
    const struct dc_app *app = NULL, *again = NULL;
    ck_assert_ok (dc_apps_get (&apps, i, &app, &err));
    check_index (app, i, DC_APP_PROGRAMS, &app->programs);
    check_index (app, i, DC_APP_SCRIPTS, &app->scripts);
    check_index (app, i, DC_APP_UNITS, &app->units);
    check_index (app, i, DC_APP_PACKAGES, &app->packages);
    ck_assert_msg (app->reader == NULL ||
                       dc_daemon_reader_find (app->reader) != NULL,
                   "%s: there is no reader '%s'", app->name, app->reader);
    ck_assert_msg (app->scripts.count == 0 || app->command != NULL ||
                       app->programs.count > 0,
                   "%s: what does its init script run?", app->name);
    ck_assert_ok (dc_apps_get (&apps, i, &again, &err));
    ck_assert_ptr_eq (app, again);
  }
  dc_apps_release (&apps);
}
END_TEST

START_TEST (test_find)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_apps apps = { NULL };
  const struct dc_app *app = NULL;

  ck_assert_int_eq (
      dc_apps_find (&apps, DC_APP_UNITS, "redis@x.service", &app, &err), 1);
  ck_assert_str_eq (app->name, "redis");
  ck_assert_str_eq (dc_app_kind_name ((enum dc_app_kind) app->kind), "cache");
  ck_assert_int_eq (dc_apps_find (&apps, DC_APP_SCRIPTS, "ssh", &app, &err), 1);
  ck_assert_str_eq (app->name, "openssh");
  ck_assert_int_eq (
      dc_apps_find (&apps, DC_APP_PACKAGES, "no-such", &app, &err), 0);
  ck_assert_int_eq (dc_apps_find (&apps, DC_APP_PROGRAMS, "", &app, &err), 0);
  dc_apps_release (&apps);
}
END_TEST

#define HEAD "name: x\ntitle: X\nkind: web\nprograms: [x]\npackages: []\n"

static const struct {
  const char *text, *message;
} bad[] = {
  { "name: x\n", "x.yaml:1:1: key 'title' is missing" },
  { HEAD, "x.yaml: one of reader, listen, listens_nowhere and cannot_tell is "
          "needed, found 0" },
  { HEAD "reader: x\ncannot_tell: y\n", "found 2" },
  { "name: x\nkind: wbe\n", "x.yaml:2:7: kind 'wbe' is none of: application, "
                            "cache, " },
  { HEAD "lisen: []\n", "x.yaml:6:1: unknown key 'lisen', expected one of: " },
  { HEAD "listen:\n  - at: {kyes: [a]}\n",
    "x.yaml:7:10: unknown key 'kyes', expected one of: options" },
  { HEAD "listen:\n  - at: {keys: [a]}\n    protocol: sctp\n",
    "x.yaml:8:15: protocol 'sctp' is none of: tcp, udp, both" },
  { HEAD "listen:\n  - at: {keys: [a]}\n    port: x\n", "x.yaml:8:11: " },
};

START_TEST (test_mistakes)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_app *app = NULL;

  ck_assert_fails (
      dc_app_parse (bad[_i].text, strlen (bad[_i].text), "x.yaml", &app, &err),
      DC_ERR_INVALID, bad[_i].message);
  ck_assert_ptr_null (app);
}
END_TEST

static int
find_and_release (struct dc_error *err)
{
  struct dc_apps apps = { NULL };
  const struct dc_app *app = NULL;

  const int status = dc_apps_find (&apps, DC_APP_PROGRAMS, "sshd", &app, err);
  dc_apps_release (&apps);
  return status;
}

START_TEST (test_no_memory)
{
  struct dc_error err = { .code = DC_OK };
  int failures = 0;

  OOM_LOOP (status, find_and_release (&err))
  {
    ck_assert (status == 1 || err.code == DC_ERR_SYSTEM);
    failures += status < 0;
  }
  ck_assert_int_gt (failures, 20);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_our_own_files);
  tcase_add_test (tcase, test_find);
  tcase_add_loop_test (tcase, test_mistakes, 0, DC_COUNT (bad));
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("apps", add);
}

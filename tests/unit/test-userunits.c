/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/unit/userunits.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define HOME "home/bob/.config/systemd/user"
#define VENDOR "usr/lib/systemd/user"
#define SHARED "etc/systemd/user"

/* What `systemctl --user` of systemd 252 lists as started for such a bob. */
static const struct dc_memory_file files[] = {
  FOLDERS,
  LINK (USR "/default.target", "x.target"),
  FILE (USR "/x.target", PLAIN),
  FILE (USR "/hello.service", "[Service]\nExecStart=/bin/of-the-system\n"),
  FILE ("etc/passwd", "bob:x:1000:1000::/home/bob:/bin/sh\n"
                      "eve:x:1001:1001::/home/eve:/bin/sh\n"),
  DIR (VENDOR),
  FILE (VENDOR "/default.target", "[Unit]\nRequires=basic.target\n"),
  FILE (VENDOR "/basic.target", "[Unit]\nWants=timers.target\n"),
  FILE (VENDOR "/timers.target", PLAIN),
  FILE (VENDOR "/idle.service", PLAIN),
  FILE (VENDOR "/masked.service", PLAIN),
  DIR (SHARED),
  FILE (SHARED "/tick.timer", "[Timer]\nOnCalendar=hourly\n"),
  FILE (SHARED "/tick.service", PLAIN),
  DIR (SHARED "/timers.target.wants"),
  LINK (SHARED "/timers.target.wants/tick.timer", "../tick.timer"),
  DIR (SHARED "/default.target.wants"),
  LINK (SHARED "/default.target.wants/masked.service", "../masked.service"),
  DIR ("home"),
  DIR ("home/bob"),
  DIR ("home/bob/.config"),
  DIR ("home/bob/.config/systemd"),
  DIR (HOME),
  FILE (HOME "/hello.service", "[Service]\nExecStart=/bin/hello\n"),
  LINK (HOME "/masked.service", "/dev/null"),
  DIR (HOME "/default.target.wants"),
  LINK (HOME "/default.target.wants/hello.service", "../hello.service"),
  DIR ("home/eve"),
  DIR ("var"),
  DIR ("var/lib"),
  DIR ("var/lib/systemd"),
  DIR ("var/lib/systemd/linger"),
  FILE ("var/lib/systemd/linger/bob", ""),
  FILE ("var/lib/systemd/linger/gone", ""),
};

static int
read_all (struct dc_tree *tree, struct dc_profile *profile,
          struct dc_error *err)
{
  return dc_users_load (tree, &profile->users, err) < 0 ||
                 dc_units_load (tree, &profile->units, err) < 0 ||
                 dc_user_units_read (tree, profile, err) < 0
             ? -1
             : 0;
}

static void
forget (struct dc_profile *profile)
{
  dc_user_units_forget (profile);
  dc_users_free (profile->users);
  dc_units_free (profile->units);
  dc_findings_release (profile);
  *profile = (struct dc_profile){ .guest = NULL };
}

START_TEST (test_lingering)
{
  struct dc_error err;
  struct dc_profile profile = { .guest = NULL };
  DC_AUTO (dc_tree) *tree = NULL;

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  ck_assert_ok (read_all (tree, &profile, &err));
  json_auto_t *json = dc_user_units_json (&profile);
  ck_assert_uint_eq (json_array_size (json), 2);
  const json_t *hello = json_array_get (json, 0);
  ck_assert_str_eq (json_string_value (json_object_get (hello, "user")), "bob");
  ck_assert_str_eq (json_string_value (json_object_get (hello, "name")),
                    "hello.service");
  ck_assert_str_eq (json_string_value (json_object_get (hello, "started_by")),
                    "/" HOME "/default.target.wants/hello.service");
  ck_assert_str_eq (
      json_string_value (json_array_get (json_object_get (hello, "exec"), 0)),
      "/bin/hello");
  const json_t *tick = json_array_get (json, 1);
  ck_assert_str_eq (json_string_value (json_object_get (tick, "schedule")),
                    "*-*-* *:00:00");
  ck_assert_uint_eq (profile.finding_count, 1);
  ck_assert_str_eq (profile.findings[0].text, "there is no user 'gone'");
  forget (&profile);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  struct dc_profile profile = { .guest = NULL };
  DC_AUTO (dc_tree) *tree = NULL;

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  OOM_LOOP (status, read_all (tree, &profile, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    forget (&profile);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_lingering);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("userunits", add);
}

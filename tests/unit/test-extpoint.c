/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>

#include "analyzer/ext/extpoint.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static size_t
child (const struct dc_extpoints *points, size_t point, const char *name)
{
  return dc_extpoints_child (points, point, name, strlen (name));
}

START_TEST (test_paths)
{
  struct dc_error err;
  struct dc_extpoints points = { NULL, 0 };
  size_t root, var, lib, again, above;

  ck_assert_ok (dc_extpoints_add (&points, "/", 0, &root, &err));
  ck_assert_ok (dc_extpoints_add (&points, "/var/", 1, &var, &err));
  ck_assert_ok (dc_extpoints_add (&points, "//var/./lib", 2, &lib, &err));
  ck_assert_ok (dc_extpoints_add (&points, "/srv/www", 3, &above, &err));
  ck_assert_ok (dc_extpoints_add (&points, "/var", 4, &again, &err));
  ck_assert_uint_eq (root, 0);
  ck_assert_uint_eq (again, var);
  ck_assert_uint_eq (points.items[var].mount, 4);
  ck_assert_uint_eq (child (&points, root, "var"), var);
  ck_assert_uint_eq (child (&points, var, "lib"), lib);
  ck_assert_uint_eq (child (&points, root, "va"), DC_EXTPOINT_NONE);
  ck_assert_uint_eq (child (&points, root, "lib"), DC_EXTPOINT_NONE);
  ck_assert_uint_eq (child (&points, DC_EXTPOINT_NONE, "lib"),
                     DC_EXTPOINT_NONE);
  const size_t srv = child (&points, root, "srv");
  ck_assert_uint_eq (points.items[srv].mount, DC_EXTPOINT_NONE);
  ck_assert_uint_eq (child (&points, srv, "www"), above);
  dc_extpoints_release (&points);
}
END_TEST

START_TEST (test_refused)
{
  struct dc_error err;
  struct dc_extpoints points = { NULL, 0 };
  size_t index;
  char path[32];

  ck_assert_fails (dc_extpoints_add (&points, "/var/../etc", 0, &index, &err),
                   DC_ERR_INVALID, "'/var/../etc'");
  int status = 0;
  for (int i = 0; status == 0; i++) {
    (void) snprintf (path, sizeof path, "/%d/%d", i, i);
    status = dc_extpoints_add (&points, path, 0, &index, &err);
  }
  ck_assert_int_eq (err.code, DC_ERR_LIMIT);
  dc_extpoints_release (&points);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  struct dc_extpoints points = { NULL, 0 };
  size_t index;

  OOM_LOOP (status, dc_extpoints_add (&points, "/a/b/c", 0, &index, &err))
  {
    if (status < 0)
      ck_assert_int_eq (err.code, DC_ERR_SYSTEM);
    dc_extpoints_release (&points);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_paths);
  tcase_add_test (tcase, test_refused);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("extpoint", add);
}

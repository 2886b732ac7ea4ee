/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/statedir.h"
#include "tests/unit/unit.h"

static char folder[] = "/tmp/decant-test-state-XXXXXX";

static void
setup (void)
{
  char path[64];

  (void) snprintf (folder, sizeof folder, "/tmp/decant-test-state-XXXXXX");
  ck_assert_ptr_nonnull (mkdtemp (folder));
  (void) snprintf (path, sizeof path, "%s/a/b", folder);
  ck_assert_int_eq (setenv ("DECANT_STATE_DIR", path, 1), 0);
}

static void
teardown (void)
{
  struct dc_error err;

  ck_assert_ok (dc_file_remove_tree (AT_FDCWD, folder, &err));
}

START_TEST (test_what_is_remembered_is_recalled)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100);

  ck_assert_int_eq (dc_statedir_recall ("kvm", &b, &err), 0);
  ck_assert_ok (dc_statedir_remember ("kvm", "yes", &err));
  ck_assert_ok (dc_statedir_remember ("kvm", "no", &err));
  ck_assert_int_eq (dc_statedir_recall ("kvm", &b, &err), 1);
  ck_assert_str_eq (dc_buffer_text (&b), "no");
}
END_TEST

START_TEST (test_it_is_ours_alone)
{
  struct dc_error err;
  struct stat about;

  AUTO_CLOSE int fd = dc_statedir_open_folder ("running", &err);
  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (fstat (fd, &about), 0);
  ck_assert_uint_eq (about.st_mode & 0777, 0700);
}
END_TEST

START_TEST (test_a_place_that_cannot_be_used_is_named)
{
  struct dc_error err;

  ck_assert_int_eq (setenv ("DECANT_STATE_DIR", "/proc/no", 1), 0);
  ck_assert_fails (dc_statedir_open (&err), DC_ERR_SYSTEM,
                   "cannot use the state folder '/proc/no': ");
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, test_what_is_remembered_is_recalled);
  tcase_add_test (tcase, test_it_is_ours_alone);
  tcase_add_test (tcase, test_a_place_that_cannot_be_used_is_named);
}

int
main (void)
{
  return unit_run ("statedir", add);
}

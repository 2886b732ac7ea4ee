/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/disk/lock.h"
#include "tests/unit/unit.h"

static char path[] = "/tmp/test-lock-XXXXXX";

/* Another user of the file: its own open file description. */
static int
open_file (void)
{
  const int fd = open (path, O_RDWR | O_CLOEXEC);

  ck_assert_int_ge (fd, 0);
  return fd;
}

static void
make_path (void)
{
  const int fd = mkstemp (path);

  ck_assert_int_ge (fd, 0);
  close (fd);
}

static void
remove_path (void)
{
  unlink (path);
}

static int
set_lock (int fd, int byte, short type)
{
  struct flock lock = {
    .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1
  };

  return fcntl (fd, F_OFD_SETLK, &lock);
}

/* What others hold (0: nothing) and what we must say. */
static const struct {
  int byte;
  const char *words;
} others[] = {
  { 0, NULL },
  { 100, NULL },
  { 201, NULL },
  { 203, NULL },
  { 102, NULL },
  { 202, NULL },
  { 101, "write to it" },
  { 103, "resize it" },
  { 200, "not let others read" },
};

START_TEST (test_others)
{
  struct dc_error err;
  AUTO_CLOSE int other = open_file (), ours = open_file ();

  if (others[_i].byte > 0)
    ck_assert_int_eq (set_lock (other, others[_i].byte, F_RDLCK), 0);
  if (others[_i].words == NULL)
    ck_assert_int_eq (dc_lock_as_reader (ours, &err), 1);
  else
    ck_assert_fails (dc_lock_as_reader (ours, &err), DC_ERR_BUSY,
                     others[_i].words);
}
END_TEST

START_TEST (test_exclusive)
{
  struct dc_error err;
  AUTO_CLOSE int other = open_file (), ours = open_file ();

  ck_assert_int_eq (set_lock (other, 100, F_WRLCK), 0);
  ck_assert_fails (dc_lock_as_reader (ours, &err), DC_ERR_BUSY, "is locked");
}
END_TEST

/* What a writer would look at: we forbid writing and resizing until the last
 * descriptor is closed, also one that a fork inherited.
 */
START_TEST (test_held_until_closed)
{
  struct dc_error err;
  AUTO_CLOSE int other = open_file ();
  int ours = open_file ();
  AUTO_CLOSE int copy = dup (ours);

  ck_assert_int_eq (dc_lock_as_reader (ours, &err), 1);
  close (ours);
  ck_assert_int_lt (set_lock (other, 201, F_WRLCK), 0);
  ck_assert_int_lt (set_lock (other, 203, F_WRLCK), 0);
  ck_assert_int_lt (set_lock (other, 100, F_WRLCK), 0);
  ck_assert_int_eq (set_lock (other, 202, F_WRLCK), 0);
  close (copy);
  copy = -1;
  ck_assert_int_eq (set_lock (other, 201, F_WRLCK), 0);
}
END_TEST

/* Two of us do not disturb each other. */
START_TEST (test_two_readers)
{
  struct dc_error err;
  AUTO_CLOSE int one = open_file (), two = open_file ();

  ck_assert_int_eq (dc_lock_as_reader (one, &err), 1);
  ck_assert_int_eq (dc_lock_as_reader (two, &err), 1);
}
END_TEST

START_TEST (test_bad_descriptor)
{
  struct dc_error err;

  ck_assert_fails (dc_lock_as_reader (-1, &err), DC_ERR_SYSTEM, "cannot lock");
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_unchecked_fixture (tcase, make_path, remove_path);
  tcase_add_loop_test (tcase, test_others, 0, sizeof others / sizeof others[0]);
  tcase_add_test (tcase, test_exclusive);
  tcase_add_test (tcase, test_held_until_closed);
  tcase_add_test (tcase, test_two_readers);
  tcase_add_test (tcase, test_bad_descriptor);
}

int
main (void)
{
  return unit_run ("lock", add);
}

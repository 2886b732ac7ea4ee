/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static struct dc_error err;

static int
open_scratch (void)
{
  AUTO_FREE char *path = unit_scratch ();
  const int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  ck_assert_int_ge (fd, 0);
  return fd;
}

/* A file NAME with TEXT in DIR_FD, open for reading and writing. */
static int
make_file (int dir_fd, const char *name, const char *text)
{
  const int fd =
      openat (dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  ck_assert_int_ge (fd, 0);
  ck_assert_ok (dc_file_write (fd, text, strlen (text), &err));
  ck_assert_int_eq (lseek (fd, 0, SEEK_SET), 0);
  return fd;
}

static void
assert_holds (int fd, const char *text)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);

  ck_assert_int_ge (fd, 0);
  ck_assert_ok (dc_file_read_all (fd, &b, &err));
  ck_assert_str_eq (dc_buffer_text (&b), text);
}

START_TEST (test_open)
{
  AUTO_CLOSE int dir_fd = open_scratch ();
  AUTO_CLOSE int made = make_file (dir_fd, "here", "text");

  AUTO_CLOSE int fd = dc_file_open (dir_fd, "here", &err);
  assert_holds (fd, "text");
  ck_assert_int_eq (fcntl (fd, F_GETFD), FD_CLOEXEC);
  ck_assert_fails (dc_file_open (dir_fd, "ab\nsent", &err), DC_ERR_NOTFOUND,
                   "cannot open 'ab\\x0Asent': No such file");
  ck_assert_fails (dc_file_open (dir_fd, "here/below", &err), DC_ERR_NOTFOUND,
                   "cannot open 'here/below': Not a directory");
  ck_assert_int_eq (symlinkat ("loop", dir_fd, "loop"), 0);
  ck_assert_fails (dc_file_open (dir_fd, "loop", &err), DC_ERR_SYSTEM,
                   "cannot open 'loop': Too many");
}
END_TEST

/* A process that waits in open(2) could not be stopped by Ctrl-C. */
START_TEST (test_open_does_not_wait_for_a_writer)
{
  AUTO_CLOSE int dir_fd = open_scratch ();
  char byte;

  ck_assert_int_eq (mkfifoat (dir_fd, "fifo", 0600), 0);
  AUTO_CLOSE int fd = dc_file_open (dir_fd, "fifo", &err);
  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (fcntl (fd, F_GETFL) & O_NONBLOCK, 0);
  ck_assert_int_eq (read (fd, &byte, 1), 0);
}
END_TEST

START_TEST (test_open_in_root_stays_inside)
{
  AUTO_CLOSE int dir_fd = open_scratch ();
  ck_assert_int_eq (mkdirat (dir_fd, "etc", 0700), 0);
  AUTO_CLOSE int made = make_file (dir_fd, "etc/passwd", "the guest's");
  ck_assert_int_eq (symlinkat ("/etc/passwd", dir_fd, "absolute"), 0);
  ck_assert_int_eq (symlinkat ("../../../../etc/passwd", dir_fd, "climbing"),
                    0);
  static const char *const names[] = { "etc/passwd", "/etc/passwd",
                                       "../../etc/passwd", "absolute",
                                       "climbing" };

  for (size_t i = 0; i < DC_COUNT (names); i++) {
    AUTO_CLOSE int fd = dc_file_open_in_root (dir_fd, names[i], O_RDONLY, &err);
    assert_holds (fd, "the guest's");
    ck_assert_int_eq (fcntl (fd, F_GETFD), FD_CLOEXEC);
  }
  ck_assert_fails (dc_file_open_in_root (dir_fd, "/etc/fstab", O_RDONLY, &err),
                   DC_ERR_NOTFOUND, "cannot open '/etc/fstab': No such file");
  ck_assert_fails (
      dc_file_open_in_root (dir_fd, "absolute", O_RDONLY | O_NOFOLLOW, &err),
      DC_ERR_SYSTEM, "cannot open 'absolute'");
}
END_TEST

START_TEST (test_open_in_root_creates)
{
  AUTO_CLOSE int dir_fd = open_scratch ();
  struct stat st;

  AUTO_CLOSE int fd =
      dc_file_open_in_root (dir_fd, "../new", O_CREAT | O_RDWR, &err);
  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (fstatat (dir_fd, "new", &st, 0), 0);
  ck_assert_uint_eq (st.st_mode, S_IFREG | 0600);
  AUTO_CLOSE int folder =
      dc_file_open_in_root (dir_fd, "/", O_RDONLY | O_DIRECTORY, &err);
  ck_assert_int_ge (folder, 0);
}
END_TEST

static int
open_without_openat2 (void *arg)
{
  struct dc_error mine;

  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);
  if (filter == NULL ||
      seccomp_rule_add (filter, SCMP_ACT_ERRNO (ENOSYS), SCMP_SYS (openat2),
                        0) != 0 ||
      seccomp_load (filter) != 0)
    return 1;
  seccomp_release (filter);
  if (dc_file_open_in_root (*(int *) arg, "x", O_RDONLY, &mine) >= 0)
    return 2;
  if (mine.code != DC_ERR_UNSUPPORTED)
    return 3;
  return unit_contains (mine.text, "this kernel has no openat2") ? 0 : 4;
}

START_TEST (test_open_in_root_old_kernel)
{
  AUTO_CLOSE int dir_fd = open_scratch ();

  ck_assert_int_eq (unit_in_child (open_without_openat2, &dir_fd), 0);
}
END_TEST

START_TEST (test_read_at)
{
  AUTO_CLOSE int dir_fd = open_scratch ();
  AUTO_CLOSE int fd = make_file (dir_fd, "f", "0123456789");
  char bytes[20] = "";

  ck_assert_ok (dc_file_read_at (fd, 3, bytes, 4, &err));
  ck_assert_str_eq (bytes, "3456");
  ck_assert_ok (dc_file_read_at (fd, 10, bytes, 0, &err));
  ck_assert_fails (dc_file_read_at (fd, 8, bytes, 3, &err), DC_ERR_INVALID,
                   "ends after 10 bytes");
  ck_assert_fails (dc_file_read_at (fd, 5000, bytes, 3, &err), DC_ERR_INVALID,
                   "ends after 10 bytes");
  ck_assert_fails (dc_file_read_at (fd, UINT64_MAX - 1, bytes, 3, &err),
                   DC_ERR_INVALID, "beyond any file");
  ck_assert_fails (dc_file_read_at (fd, INT64_MAX, bytes, 3, &err),
                   DC_ERR_INVALID, "beyond any file");
  ck_assert_fails (dc_file_read_at (dir_fd, 0, bytes, 3, &err), DC_ERR_SYSTEM,
                   "cannot read 3 bytes at offset 0: Is a directory");
}
END_TEST

START_TEST (test_read_all)
{
  AUTO_CLOSE int dir_fd = open_scratch ();
  AUTO_CLOSE int fd = make_file (dir_fd, "f", "0123456789");

  AUTO_BUFFER struct dc_buffer exact = DC_BUFFER_INIT (10);
  ck_assert_ok (dc_file_read_all (fd, &exact, &err));
  ck_assert_str_eq (dc_buffer_text (&exact), "0123456789");

  AUTO_BUFFER struct dc_buffer small = DC_BUFFER_INIT (9);
  ck_assert_int_eq (lseek (fd, 0, SEEK_SET), 0);
  ck_assert_fails (dc_file_read_all (fd, &small, &err), DC_ERR_LIMIT,
                   "more than 9 bytes");

  AUTO_BUFFER struct dc_buffer rest = DC_BUFFER_INIT (20);
  ck_assert_ok (dc_buffer_append (&rest, "before ", 7, &err));
  ck_assert_int_eq (lseek (fd, 7, SEEK_SET), 7);
  ck_assert_ok (dc_file_read_all (fd, &rest, &err));
  ck_assert_str_eq (dc_buffer_text (&rest), "before 789");

  AUTO_BUFFER struct dc_buffer none = DC_BUFFER_INIT (20);
  ck_assert_fails (dc_file_read_all (dir_fd, &none, &err), DC_ERR_SYSTEM,
                   "cannot read: Is a directory");
}
END_TEST

START_TEST (test_read_all_without_memory)
{
  AUTO_CLOSE int dir_fd = open_scratch ();
  AUTO_CLOSE int fd = make_file (dir_fd, "f", "0123456789");
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100);

  OOM_LOOP (status, dc_file_read_all (fd, &b, &err))
  {
    if (status < 0)
      ck_assert (unit_contains (err.text, "cannot keep"));
    else
      ck_assert_str_eq (dc_buffer_text (&b), "0123456789");
    dc_buffer_release (&b);
    ck_assert_int_eq (lseek (fd, 0, SEEK_SET), 0);
  }
}
END_TEST

START_TEST (test_write_and_close)
{
  AUTO_CLOSE int full = open ("/dev/full", O_WRONLY | O_CLOEXEC);
  ck_assert_fails (dc_file_write (full, "x", 1, &err), DC_ERR_SYSTEM,
                   "cannot write: No space left");

  AUTO_CLOSE int dir_fd = open_scratch ();
  int fd = make_file (dir_fd, "f", "");
  ck_assert_ok (dc_file_close (&fd, &err));
  ck_assert_int_eq (fd, -1);

  int pair[2];
  ck_assert_int_eq (pipe2 (pair, O_CLOEXEC), 0);
  ck_assert_ok (dc_file_close (&pair[1], &err)); /* no fsync() for a pipe */
  ck_assert_int_eq (close (pair[0]), 0);
  int closed = pair[0];
  ck_assert_fails (dc_file_close (&closed, &err), DC_ERR_SYSTEM,
                   "cannot finish writing: Bad file descriptor");
  ck_assert_int_eq (closed, -1);
}
END_TEST

START_TEST (test_size)
{
  AUTO_CLOSE int dir_fd = open_scratch ();
  AUTO_CLOSE int fd = make_file (dir_fd, "f", "");
  uint64_t size = 0;

  ck_assert_int_eq (ftruncate (fd, 5000000000), 0);
  ck_assert_ok (dc_file_size (fd, &size, &err));
  ck_assert_uint_eq (size, 5000000000);
  ck_assert_fails (dc_file_size (dir_fd, &size, &err), DC_ERR_INVALID,
                   "neither a regular file nor a block device");
}
END_TEST

START_TEST (test_spool)
{
  AUTO_FREE char *folder = unit_scratch ();
  ck_assert_int_eq (setenv ("TMPDIR", folder, 1), 0);
  AUTO_CLOSE int fd = dc_file_spool (&err);

  ck_assert_int_ge (fd, 0);
  ck_assert_ok (dc_file_write (fd, "spooled", 7, &err));
  ck_assert_int_eq (lseek (fd, 0, SEEK_SET), 0);
  assert_holds (fd, "spooled");
  ck_assert_int_eq (rmdir (folder), 0); /* it is empty */
  ck_assert_fails (dc_file_spool (&err), DC_ERR_SYSTEM,
                   "cannot make a temporary file in '/tmp/decant-unit");
  ck_assert_int_eq (unsetenv ("TMPDIR"), 0);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_open);
  tcase_add_test (tcase, test_open_does_not_wait_for_a_writer);
  tcase_add_test (tcase, test_open_in_root_stays_inside);
  tcase_add_test (tcase, test_open_in_root_creates);
  tcase_add_test (tcase, test_open_in_root_old_kernel);
  tcase_add_test (tcase, test_read_at);
  tcase_add_test (tcase, test_read_all);
  tcase_add_test (tcase, test_read_all_without_memory);
  tcase_add_test (tcase, test_write_and_close);
  tcase_add_test (tcase, test_size);
  tcase_add_test (tcase, test_spool);
}

int
main (void)
{
  return unit_run ("file", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/confine.h"
#include "lib/file.h"
#include "tests/unit/unit.h"

static struct dc_error err;

/* Two folders beside each other with a file each: "in", "out". */
static struct {
  char *path;
  int in_fd;
  int out_fd;
} scratch;

static void
make_file (int dir_fd, const char *name, const char *text)
{
  AUTO_CLOSE int fd =
      openat (dir_fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  ck_assert_int_ge (fd, 0);
  ck_assert_ok (dc_file_write (fd, text, strlen (text), &err));
}

static int
make_folder (const char *name)
{
  AUTO_FREE char *path = NULL;

  ck_assert_int_gt (asprintf (&path, "%s/%s", scratch.path, name), 0);
  ck_assert_int_eq (mkdir (path, 0755), 0);
  const int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ck_assert_int_ge (fd, 0);
  make_file (fd, "file", name);
  return fd;
}

static void
begin (void)
{
  scratch.path = unit_scratch ();
  scratch.in_fd = make_folder ("in");
  scratch.out_fd = make_folder ("out");
}

static void
end (void)
{
  ck_assert_int_eq (close (scratch.in_fd), 0);
  ck_assert_int_eq (close (scratch.out_fd), 0);
  free (scratch.path);
}

enum rights { READS, READS_AND_WRITES };

static int
run_confined (dc_work *work, void *arg, enum rights rights)
{
  const struct dc_confine confine = {
    .name = "trying",
    .read_dirs = &scratch.in_fd,
    .read_dir_count = 1,
    .write_dirs = &scratch.out_fd,
    .write_dir_count = rights == READS_AND_WRITES,
  };
  json_t *result = NULL;

  /* Without the right its descriptor is of no use. */
  const struct dc_confine reading = {
    .name = "trying",
    .keep_fds = &scratch.out_fd,
    .keep_fd_count = 1,
    .read_dirs = &scratch.in_fd,
    .read_dir_count = 1,
  };
  return dc_confined (rights == READS ? &reading : &confine, work, arg,
                      &dc_report_silent, &result, &err);
}

/* ---- Each is one thing to try ---- */

static int
can_open (int dir_fd, const char *path, int flags)
{
  AUTO_CLOSE int fd = openat (dir_fd, path, flags | O_CLOEXEC, 0600);

  return fd >= 0;
}

static int
read_file (void)
{
  return can_open (scratch.in_fd, "file", O_RDONLY);
}

static int
read_in_root (void)
{
  AUTO_CLOSE int fd =
      dc_file_open_in_root (scratch.in_fd, "/../file", O_RDONLY, &err);

  return fd >= 0;
}

static int
list (void)
{
  AUTO_CLOSE int fd =
      openat (scratch.in_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fdopendir (dup (fd));
  int count = 0;

  while (dir != NULL && readdir (dir) != NULL)
    count++;
  (void) closedir (dir);
  return count == 3;
}

static int
ask (void)
{
  struct stat st;
  char value[10];

  return fstatat (scratch.in_fd, "file", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
         faccessat (scratch.in_fd, "file", R_OK, 0) == 0 &&
         readlinkat (scratch.in_fd, "file", value, sizeof value) < 0 &&
         errno == EINVAL;
}

static int
read_passwd (void)
{
  return can_open (AT_FDCWD, "/etc/passwd", O_RDONLY);
}

static int
read_above (void)
{
  return can_open (scratch.in_fd, "../out/file", O_RDONLY);
}

static int
read_through_link (void)
{
  return can_open (scratch.in_fd, "link", O_RDONLY);
}

static int
open_in_to_write (void)
{
  return can_open (scratch.in_fd, "file", O_WRONLY);
}

static int
open_in_to_write_by_openat2 (void)
{
  AUTO_CLOSE int fd =
      dc_file_open_in_root (scratch.in_fd, "file", O_WRONLY, &err);

  return fd >= 0;
}

static int
create_in (void)
{
  return can_open (scratch.in_fd, "new", O_RDONLY | O_CREAT);
}

static int
remove_in (void)
{
  return unlinkat (scratch.in_fd, "file", 0) == 0;
}

static int
truncate_in (void)
{
  return can_open (scratch.in_fd, "file", O_RDONLY | O_TRUNC);
}

static int
create (void)
{
  return can_open (scratch.out_fd, "new", O_RDWR | O_CREAT | O_EXCL);
}

static int
overwrite (void)
{
  return can_open (scratch.out_fd, "file", O_RDWR | O_TRUNC);
}

static int
make_names (void)
{
  const int fd = scratch.out_fd;

  return mkdirat (fd, "a", 0700) == 0 && mkdirat (fd, "a/b", 0700) == 0 &&
         symlinkat ("nowhere", fd, "link") == 0 &&
         linkat (fd, "file", fd, "a/hard", 0) == 0 &&
         mkfifoat (fd, "fifo", 0600) == 0 &&
         renameat (fd, "a/b", fd, "b") == 0 && unlinkat (fd, "link", 0) == 0 &&
         unlinkat (fd, "b", AT_REMOVEDIR) == 0;
}

static int
set_metadata (void)
{
  const struct timespec times[2] = { { 1, 0 }, { 2, 0 } };
  const int fd = scratch.out_fd;

  return fchmodat (fd, "file", 0640, 0) == 0 &&
         utimensat (fd, "file", times, AT_SYMLINK_NOFOLLOW) == 0 &&
         fchdir (fd) == 0 &&
         (setxattr ("file", "user.x", "1", 1, 0) == 0 || errno == ENOTSUP);
}

static int
give_away (void)
{
  return fchownat (scratch.out_fd, "file", 12345, 12345, 0) == 0 &&
         fchmodat (scratch.out_fd, "file", 04755, 0) == 0 &&
         mknodat (scratch.out_fd, "null", S_IFCHR | 0666, 0x103) == 0;
}

static int
create_above (void)
{
  return can_open (scratch.out_fd, "../in/new", O_RDWR | O_CREAT);
}

static int
create_absolute (void)
{
  return can_open (AT_FDCWD, "/tmp/decant-new", O_RDWR | O_CREAT);
}

static int
chmod_above (void)
{
  return fchmodat (scratch.out_fd, "../in/file", 0666, 0) == 0;
}

/* The path is known from before the fork. */
static int
chmod_absolute (void)
{
  return chmod (scratch.path, 0777) == 0;
}

static int
escape_by_working_directory (void)
{
  return chdir ("/etc") == 0 || chdir (scratch.path) == 0;
}

/* ---- and what comes of it ---- */

static const struct {
  const char *name;
  int (*act) (void);
  enum rights rights;
  int expected;
  int is_for_root; /* 1: an ordinary user has other results */
} cases[] = {
  { "read a file", read_file, READS, 1, 0 },
  { "read a file by openat2", read_in_root, READS, 1, 0 },
  { "list", list, READS, 1, 0 },
  { "ask", ask, READS, 1, 0 },
  { "read passwd", read_passwd, READS, 0, 0 },
  { "read above", read_above, READS, 0, 0 },
  { "read through a link", read_through_link, READS, 0, 0 },
  { "write", open_in_to_write, READS, 0, 0 },
  { "write by openat2", open_in_to_write_by_openat2, READS, 0, 0 },
  { "create", create_in, READS, 0, 0 },
  { "truncate", truncate_in, READS, 0, 0 },
  { "remove", remove_in, READS, 0, 0 },
  { "create in a kept folder", create, READS, 0, 0 },
  { "overwrite in a kept folder", overwrite, READS, 0, 0 },
  { "read a file", read_file, READS_AND_WRITES, 1, 0 },
  { "create", create, READS_AND_WRITES, 1, 0 },
  { "overwrite", overwrite, READS_AND_WRITES, 1, 0 },
  { "make names", make_names, READS_AND_WRITES, 1, 0 },
  { "set metadata", set_metadata, READS_AND_WRITES, 1, 0 },
  { "give away", give_away, READS_AND_WRITES, 1, 1 },
  { "read passwd", read_passwd, READS_AND_WRITES, 0, 0 },
  { "write in", open_in_to_write, READS_AND_WRITES, 0, 0 },
  { "create in", create_in, READS_AND_WRITES, 0, 0 },
  { "truncate in", truncate_in, READS_AND_WRITES, 0, 0 },
  { "remove in", remove_in, READS_AND_WRITES, 0, 0 },
  { "create above", create_above, READS_AND_WRITES, 0, 0 },
  { "create absolute", create_absolute, READS_AND_WRITES, 0, 0 },
  { "chmod above", chmod_above, READS_AND_WRITES, 0, 1 },
  { "chmod absolute", chmod_absolute, READS_AND_WRITES, 0, 1 },
  { "chdir", escape_by_working_directory, READS_AND_WRITES, 0, 1 },
};

static int
try_case (void *arg, const struct dc_report *report, json_t **result,
          struct dc_error *err_)
{
  const int i = *(int *) arg;

  (void) report;
  (void) result;
  if (cases[i].act () == cases[i].expected)
    return 0;
  return dc_fail_errno (err_, "%s %s", cases[i].name,
                        cases[i].expected ? "fails" : "is not refused");
}

START_TEST (test_case)
{
  if (cases[_i].is_for_root && geteuid () != 0) {
    fprintf (stderr, "'%s' is for root, skipping\n", cases[_i].name);
    return;
  }
  ck_assert_int_eq (symlinkat ("/etc/passwd", scratch.in_fd, "link"), 0);
  if (cases[_i].act == list)
    ck_assert_int_eq (unlinkat (scratch.in_fd, "link", 0), 0);
  ck_assert_ok (run_confined (try_case, &_i, cases[_i].rights));
}
END_TEST

/* A kernel without Landlock: system call filter and, for root, the detached
 * folders are left.  Only openat2(), whose flags a filter cannot see, and
 * only a file that could be opened anyway, is out of their reach.
 */
static int
try_without_landlock (void *arg)
{
  const int i = *(int *) arg;
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);

  if (seccomp_rule_add (filter, SCMP_ACT_ERRNO (ENOSYS),
                        SCMP_SYS (landlock_create_ruleset), 0) != 0 ||
      seccomp_load (filter) != 0)
    return 1;
  seccomp_release (filter);
  if (dc_landlock_abi () != 0)
    return 2;
  return run_confined (try_case, arg, cases[i].rights) == 0 ? 0 : 3;
}

START_TEST (test_case_without_landlock)
{
  if (cases[_i].rights != READS || cases[_i].act == list ||
      cases[_i].act == open_in_to_write_by_openat2)
    return;
  if (geteuid () != 0) {
    fprintf (stderr, "'%s' is for root, skipping\n", cases[_i].name);
    return;
  }
  ck_assert_int_eq (symlinkat ("/etc/passwd", scratch.in_fd, "link"), 0);
  ck_assert_int_eq (unit_in_child (try_without_landlock, &_i), 0);
}
END_TEST

/* ---- What unpacks layers: libarchive's writer, confined ---- */

static void
write_entry (struct archive *disk, const char *path, mode_t mode,
             const char *text)
{
  struct archive_entry *entry = archive_entry_new ();

  archive_entry_set_pathname (entry, path);
  archive_entry_set_mode (entry, mode);
  archive_entry_set_uid (entry, 1234);
  archive_entry_set_gid (entry, 5678);
  archive_entry_set_mtime (entry, 1000000000, 0);
  if (S_ISLNK (mode))
    archive_entry_set_symlink (entry, text);
  if (S_ISREG (mode)) {
    archive_entry_set_size (entry, (la_int64_t) strlen (text));
    archive_entry_xattr_add_entry (entry, "user.x", "1", 1);
  }
  if (archive_write_header (disk, entry) == ARCHIVE_OK && S_ISREG (mode))
    (void) archive_write_data (disk, text, strlen (text));
  (void) archive_write_finish_entry (disk); /* its error stays in DISK */
  archive_entry_free (entry);
}

static int
unpack (void *arg, const struct dc_report *report, json_t **result,
        struct dc_error *err_)
{
  struct archive *disk = archive_write_disk_new ();

  (void) arg;
  (void) report;
  (void) result;
  if (fchdir (scratch.out_fd) < 0)
    return dc_fail_errno (err_, "cannot change directory");
  (void) archive_write_disk_set_options (
      disk, ARCHIVE_EXTRACT_OWNER | ARCHIVE_EXTRACT_PERM |
                ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_XATTR |
                ARCHIVE_EXTRACT_SECURE_SYMLINKS |
                ARCHIVE_EXTRACT_SECURE_NODOTDOT |
                ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS);
  write_entry (disk, "usr", S_IFDIR | 0555, NULL);
  write_entry (disk, "usr/sudo", S_IFREG | 04755, "text");
  write_entry (disk, "usr/link", S_IFLNK | 0777, "sudo");
  write_entry (disk, "usr/fifo", S_IFIFO | 0600, NULL);
  const int failed =
      archive_errno (disk) != 0
          ? dc_fail (err_, DC_ERR_SYSTEM, "%s", archive_error_string (disk))
          : 0;
  (void) archive_write_free (disk); /* only folders' times are left */
  return failed;
}

START_TEST (test_unpack)
{
  struct stat st;

  if (geteuid () != 0) {
    fprintf (stderr, "giving files away is for root, skipping\n");
    return;
  }
  ck_assert_ok (run_confined (unpack, NULL, READS_AND_WRITES));
  ck_assert_int_eq (fstatat (scratch.out_fd, "usr/sudo", &st, 0), 0);
  ck_assert_uint_eq (st.st_mode, S_IFREG | 04755);
  ck_assert_uint_eq (st.st_uid, 1234);
  ck_assert_uint_eq (st.st_gid, 5678);
  ck_assert_int_eq (st.st_mtime, 1000000000);
  ck_assert_int_eq (
      fstatat (scratch.out_fd, "usr/link", &st, AT_SYMLINK_NOFOLLOW), 0);
  ck_assert_uint_eq (st.st_uid, 1234);
  ck_assert_int_eq (fstatat (scratch.out_fd, "usr", &st, 0), 0);
  ck_assert_uint_eq (st.st_mode, S_IFDIR | 0555);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_checked_fixture (tcase, begin, end);
  tcase_add_loop_test (tcase, test_case, 0, DC_COUNT (cases));
  tcase_add_loop_test (tcase, test_case_without_landlock, 0, DC_COUNT (cases));
  tcase_add_test (tcase, test_unpack);
}

int
main (void)
{
  return unit_run ("confine_files", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "tests/unit/unit.h"

#define DEEP 3000 /* levels; more than descriptors and more than PATH_MAX */

static struct dc_error err;

static int
open_scratch (void)
{
  AUTO_FREE char *path = unit_scratch ();
  const int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  ck_assert_int_ge (fd, 0);
  return fd;
}

static void
make_folder (int dir_fd, const char *path)
{
  ck_assert_int_eq (mkdirat (dir_fd, path, 0700), 0);
}

static void
make_file (int dir_fd, const char *path)
{
  ck_assert_int_eq (mknodat (dir_fd, path, S_IFREG | 0600, 0), 0);
}

static int
exists (int dir_fd, const char *path)
{
  return faccessat (dir_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

START_TEST (test_all_but_what_links_name)
{
  AUTO_CLOSE int dir_fd = open_scratch ();
  make_folder (dir_fd, "outside");
  make_file (dir_fd, "outside/kept");
  make_folder (dir_fd, "top");
  make_folder (dir_fd, "top/a");
  make_folder (dir_fd, "top/a/b");
  make_file (dir_fd, "top/a/b/file");
  make_file (dir_fd, "top/.hidden");
  ck_assert_int_eq (symlinkat ("../outside", dir_fd, "top/link"), 0);
  ck_assert_int_eq (symlinkat ("nowhere", dir_fd, "top/a/dangling"), 0);
  ck_assert_int_eq (mkfifoat (dir_fd, "top/fifo", 0600), 0);

  ck_assert_ok (dc_file_remove_tree (dir_fd, "top", &err));
  ck_assert (!exists (dir_fd, "top"));
  ck_assert (exists (dir_fd, "outside/kept"));
  ck_assert_ok (dc_file_remove_tree (dir_fd, "top", &err));
}
END_TEST

START_TEST (test_only_folders)
{
  AUTO_CLOSE int dir_fd = open_scratch ();
  make_folder (dir_fd, "folder");
  make_file (dir_fd, "folder/kept");
  ck_assert_int_eq (symlinkat ("folder", dir_fd, "link"), 0);

  ck_assert_fails (dc_file_remove_tree (dir_fd, "link", &err), DC_ERR_SYSTEM,
                   "cannot remove 'link': Not a directory");
  ck_assert_fails (dc_file_remove_tree (dir_fd, "folder/kept", &err),
                   DC_ERR_SYSTEM, "cannot remove 'folder/kept': Not a dir");
  ck_assert (exists (dir_fd, "link"));
  ck_assert (exists (dir_fd, "folder/kept"));
}
END_TEST

static int
remove_with_few_descriptors (void *arg)
{
  const struct rlimit few = { 60, 60 };

  if (setrlimit (RLIMIT_NOFILE, &few) < 0)
    return 1;
  return dc_file_remove_tree (*(int *) arg, "top", &err) == 0 ? 0 : 2;
}

/* Two chains, and a file where a folder will be lifted to. */
START_TEST (test_deep)
{
  AUTO_CLOSE int dir_fd = open_scratch ();
  make_folder (dir_fd, "top");
  make_file (dir_fd, "top/.decant-lifted-0");
  make_folder (dir_fd, "top/.decant-lifted-1");
  make_file (dir_fd, "top/.decant-lifted-1/full");

  for (int chain = 0; chain < 2; chain++) {
    int fd = openat (dir_fd, "top", O_RDONLY | O_CLOEXEC);
    const char *name = chain == 0 ? "a" : "b";
    for (int i = 0; i < DEEP; i++) {
      make_folder (fd, name);
      const int below = openat (fd, name, O_RDONLY | O_CLOEXEC);
      ck_assert_int_ge (below, 0);
      ck_assert_int_eq (close (fd), 0);
      fd = below;
    }
    make_file (fd, "file");
    ck_assert_int_eq (close (fd), 0);
  }
  ck_assert_int_eq (unit_in_child (remove_with_few_descriptors, &dir_fd), 0);
  ck_assert (!exists (dir_fd, "top"));
}
END_TEST

static int
remove_as_nobody (void *arg)
{
  const int dir_fd = *(int *) arg;

  if (geteuid () == 0 && setuid (65534) < 0)
    return 1;
  if (mkdirat (dir_fd, "top", 0700) < 0 ||
      mkdirat (dir_fd, "top/a", 0700) < 0 ||
      mkdirat (dir_fd, "top/a/b", 0700) < 0 ||
      mkdirat (dir_fd, "top/a/c", 0) < 0 ||
      mknodat (dir_fd, "top/a/b/file", S_IFREG | 0400, 0) < 0 ||
      fchmodat (dir_fd, "top/a/b", 0, 0) < 0 ||
      fchmodat (dir_fd, "top/a", 0555, 0) < 0)
    return 2;
  return dc_file_remove_tree (dir_fd, "top", &err) == 0 ? 0 : 3;
}

START_TEST (test_folders_without_rights)
{
  AUTO_CLOSE int dir_fd = open_scratch ();

  ck_assert_int_eq (fchmod (dir_fd, 0777), 0);
  ck_assert_int_eq (unit_in_child (remove_as_nobody, &dir_fd), 0);
  ck_assert (!exists (dir_fd, "top"));
}
END_TEST

enum { NO_NAMESPACE = 99 };

/* ARG is the path of the scratch folder. */
static int
remove_over_mount (void *arg)
{
  if (unshare (geteuid () == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) <
          0 ||
      mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
    return NO_NAMESPACE;
  if (chdir (arg) < 0 ||
      mount ("outside", "top/mounted", NULL, MS_BIND, NULL) < 0)
    return 1;
  if (dc_file_remove_tree (AT_FDCWD, "top", &err) == 0)
    return 2;
  return unit_contains (err.text, "cannot remove 'mounted': Device") ? 0 : 3;
}

START_TEST (test_mount_stays)
{
  AUTO_FREE char *path = unit_scratch ();
  AUTO_CLOSE int dir_fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  make_folder (dir_fd, "outside");
  make_file (dir_fd, "outside/kept");
  make_folder (dir_fd, "top");
  make_folder (dir_fd, "top/mounted");

  const int status = unit_in_child (remove_over_mount, path);
  if (status == NO_NAMESPACE) {
    fprintf (stderr, "no mount namespace may be made here, skipping\n");
    return;
  }
  ck_assert_int_eq (status, 0);
  ck_assert (exists (dir_fd, "outside/kept"));
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_all_but_what_links_name);
  tcase_add_test (tcase, test_only_folders);
  tcase_add_test (tcase, test_deep);
  tcase_add_test (tcase, test_folders_without_rights);
  tcase_add_test (tcase, test_mount_stays);
}

int
main (void)
{
  return unit_run ("file_remove", add);
}

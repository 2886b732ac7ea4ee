/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/tree/backends.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static struct dc_error err;
static char top[64];
static int top_fd = -1;

static void
setup (void)
{
  snprintf (top, sizeof top, "/tmp/decant-test-dir-XXXXXX");
  ck_assert_ptr_nonnull (mkdtemp (top));
  top_fd = open (top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ck_assert_int_ge (top_fd, 0);
}

static void
teardown (void)
{
  ck_assert_int_eq (close (top_fd), 0);
  ck_assert_ok (dc_file_remove_tree (AT_FDCWD, top, &err));
}

static void
make_dir (const char *path)
{
  ck_assert_int_eq (mkdirat (top_fd, path, 0755), 0);
}

static void
make_file (const char *path, const char *text)
{
  const int fd = openat (top_fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (write (fd, text, strlen (text)), (ssize_t) strlen (text));
  ck_assert_int_eq (close (fd), 0);
}

static struct dc_tree *
read_tree (void)
{
  struct dc_tree *tree = NULL;

  ck_assert_ok (dc_tree_dir (top_fd, &tree, &err));
  return tree;
}

static const struct dc_entry *
find (const struct dc_tree *tree, const char *path)
{
  const uint32_t index = dc_tree_find (tree, path);

  ck_assert_msg (index != DC_TREE_NONE, "there is no '%s'", path);
  return &tree->entries[index];
}

START_TEST (test_metadata)
{
  const struct timespec old[2] = { { 5, 0 }, { -2, 500000000 } };
  struct stat st;

  make_dir ("d");
  make_file ("d/f", "hello");
  ck_assert_int_eq (fchmodat (top_fd, "d/f", 04750, 0), 0);
  ck_assert_int_eq (utimensat (top_fd, "d/f", old, 0), 0);
  ck_assert_int_eq (symlinkat ("../nowhere", top_fd, "d/l"), 0);
  ck_assert_int_eq (mkfifoat (top_fd, "d/p", 0600), 0);
  ck_assert_int_eq (mknodat (top_fd, "d/s", S_IFSOCK | 0600, 0), 0);
  ck_assert_int_eq (linkat (top_fd, "d/f", top_fd, "a", 0), 0);
  ck_assert_int_eq (linkat (top_fd, "d/l", top_fd, "b", 0), 0);

  DC_AUTO (dc_tree) *tree = read_tree ();
  const struct dc_entry *f = find (tree, "d/f");
  ck_assert_uint_eq (f->mode, S_IFREG | 04750);
  ck_assert_uint_eq (f->size, 5);
  ck_assert_int_eq (f->mtime, -2);
  ck_assert_uint_eq (f->uid, geteuid ());
  ck_assert_uint_eq (f->hardlink, dc_tree_find (tree, "a"));
  ck_assert_str_eq (find (tree, "d/l")->target, "../nowhere");
  ck_assert_uint_eq (find (tree, "d/l")->hardlink, dc_tree_find (tree, "b"));
  ck_assert_uint_eq (find (tree, "d/p")->mode, S_IFIFO | 0600);
  ck_assert_uint_eq (tree->count, 7);
  ck_assert_uint_eq (tree->note_count, 1);
  ck_assert_str_eq (tree->notes[0].path, "d/s");

  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (10);
  ck_assert_int_eq (dc_tree_read_file (tree, "a", &b, &err), 1);
  ck_assert_str_eq (dc_buffer_text (&b), "hello");
  ck_assert_int_eq (fstatat (top_fd, "a", &st, 0), 0);
  ck_assert_int_eq (st.st_atim.tv_sec, 5); /* reading left no trace */
}
END_TEST

START_TEST (test_xattrs)
{
  static char large[40000];
  char path[96];

  make_dir ("d");
  make_file ("d/f", "");
  snprintf (path, sizeof path, "%s/d/f", top);
  if (setxattr (path, "user.b", "two", 3, 0) < 0) {
    ck_assert_int_eq (errno, ENOTSUP);
    fprintf (stderr, "/tmp has no user xattrs, skipping\n");
    return;
  }
  memset (large, 'x', sizeof large);
  ck_assert_int_eq (setxattr (path, "user.a", "", 0, 0), 0);
  /* What a file system takes for one value differs; some of this it will. */
  size_t size = sizeof large;
  while (setxattr (path, "user.c", large, size, 0) < 0)
    size /= 2;
  snprintf (path, sizeof path, "%s/d", top);
  ck_assert_int_eq (setxattr (path, "user.dir", "1", 1, 0), 0);
  ck_assert_int_eq (setxattr (top, "user.root", "0", 1, 0), 0);

  DC_AUTO (dc_tree) *tree = read_tree ();
  const struct dc_xattrs *set = find (tree, "d/f")->xattrs;
  ck_assert_ptr_nonnull (set);
  ck_assert_uint_eq (set->count, 3);
  ck_assert_str_eq (set->items[0].name, "user.a");
  ck_assert_uint_eq (set->items[0].size, 0);
  ck_assert_mem_eq (set->items[1].value, "two", 3);
  ck_assert_uint_eq (set->items[2].size, size);
  ck_assert_mem_eq (set->items[2].value, large, size);
  ck_assert_str_eq (find (tree, "d")->xattrs->items[0].name, "user.dir");
  ck_assert_str_eq (find (tree, "")->xattrs->items[0].name, "user.root");
}
END_TEST

START_TEST (test_file_that_changes)
{
  char bytes[6] = "";

  make_file ("short", "hello");
  make_file ("long", "hello");
  make_file ("fifo", "hello");
  make_file ("link", "hello");
  make_file ("gone", "hello");
  DC_AUTO (dc_tree) *tree = read_tree ();
  make_file ("short", "hel");
  make_file ("long", "world and more");
  ck_assert_int_eq (unlinkat (top_fd, "fifo", 0), 0);
  ck_assert_int_eq (mkfifoat (top_fd, "fifo", 0600), 0);
  ck_assert_int_eq (unlinkat (top_fd, "link", 0), 0);
  ck_assert_int_eq (symlinkat ("long", top_fd, "link"), 0);
  ck_assert_int_eq (unlinkat (top_fd, "gone", 0), 0);

  ck_assert_ok (
      dc_tree_read (tree, dc_tree_find (tree, "long"), 0, bytes, 5, &err));
  ck_assert_str_eq (bytes, "world");
  static const char *const texts[][2] = {
    { "short", "cannot read 'short': ends after 3 bytes" },
    { "fifo", "cannot read 'fifo': it became something else meanwhile" },
    { "link", "cannot read 'link': cannot open it: Too many levels" },
    { "gone", "cannot read 'gone': cannot open it: No such file" },
  };
  for (size_t i = 0; i < DC_COUNT (texts); i++) {
    const uint32_t index = dc_tree_find (tree, texts[i][0]);
    ck_assert_int_eq (dc_tree_read (tree, index, 0, bytes, 5, &err), -1);
    ck_assert_msg (unit_contains (err.text, texts[i][1]), "%s", err.text);
  }
}
END_TEST

/* 30 folders with names of 250 bytes: a path that no system call takes whole.
 */
START_TEST (test_path_over_4096_bytes)
{
  char name[251] = "";
  int fd = dup (top_fd);

  memset (name, 'n', 250);
  for (int i = 0; i < 30; i++) {
    ck_assert_int_eq (mkdirat (fd, name, 0755), 0);
    const int next = openat (fd, name, O_RDONLY | O_DIRECTORY);
    ck_assert_int_ge (next, 0);
    ck_assert_int_eq (close (fd), 0);
    fd = next;
  }
  const int file = openat (fd, "f", O_WRONLY | O_CREAT, 0644);
  ck_assert_int_eq (write (file, "deep", 4), 4);
  ck_assert_int_eq (close (file), 0);
  ck_assert_int_eq (close (fd), 0);

  DC_AUTO (dc_tree) *tree = read_tree ();
  ck_assert_uint_eq (tree->count, 32);
  char bytes[5] = "";
  ck_assert_ok (dc_tree_read (tree, 31, 0, bytes, 4, &err));
  ck_assert_str_eq (bytes, "deep");
}
END_TEST

/* Deeper than a tree may be; more folders than descriptors. */
START_TEST (test_too_deep)
{
  int fd = dup (top_fd);

  for (int i = 0; i < DC_TREE_DEPTH_MAX + 10; i++) {
    ck_assert_int_eq (mkdirat (fd, "d", 0755), 0);
    const int next = openat (fd, "d", O_RDONLY | O_DIRECTORY);
    ck_assert_int_eq (close (fd), 0);
    fd = next;
  }
  ck_assert_int_eq (close (fd), 0);
  make_file ("after", "");
  make_dir ("e");
  make_file ("e/f", "");
  DC_AUTO (dc_tree) *tree = read_tree ();
  ck_assert_uint_eq (tree->count, DC_TREE_DEPTH_MAX + 4);
  ck_assert_uint_eq (tree->note_count, 1);
  ck_assert_uint_ne (dc_tree_find (tree, "e/f"), DC_TREE_NONE);
}
END_TEST

START_TEST (test_unreadable)
{
  struct dc_tree *tree = NULL;

  make_dir ("d");
  make_file ("d/f", "secret");
  ck_assert_int_eq (fchmodat (top_fd, "d/f", 0, 0), 0);
  ck_assert_int_eq (fchmodat (top_fd, ".", 0755, 0), 0);
  if (geteuid () == 0)
    ck_assert_int_eq (seteuid (65534), 0);
  ck_assert_fails (dc_tree_dir (top_fd, &tree, &err), DC_ERR_SYSTEM,
                   "cannot read 'd/f': cannot open it: Permission denied");
  if (getuid () == 0)
    ck_assert_int_eq (seteuid (0), 0);
  ck_assert_int_eq (fchmodat (top_fd, "d", 0, 0), 0);
  if (getuid () == 0)
    ck_assert_int_eq (seteuid (65534), 0);
  ck_assert_fails (dc_tree_dir (top_fd, &tree, &err), DC_ERR_SYSTEM,
                   "cannot read 'd': cannot open it: Permission denied");
  if (getuid () == 0)
    ck_assert_int_eq (seteuid (0), 0);
  ck_assert_int_eq (fchmodat (top_fd, "d", 0700, 0), 0);
}
END_TEST

START_TEST (test_not_a_folder)
{
  struct dc_tree *tree = NULL;

  make_file ("f", "");
  const int fd = openat (top_fd, "f", O_RDONLY);
  ck_assert_fails (dc_tree_dir (fd, &tree, &err), DC_ERR_SYSTEM,
                   "cannot open the folder: Not a directory");
  ck_assert_int_eq (close (fd), 0);
}
END_TEST

START_TEST (test_no_memory)
{
  char path[96];
  struct dc_tree *tree = NULL;
  int failures = 0;

  make_dir ("d");
  make_dir ("d/e");
  make_file ("d/f", "");
  ck_assert_int_eq (linkat (top_fd, "d/f", top_fd, "a", 0), 0);
  snprintf (path, sizeof path, "%s/a", top);
  (void) setxattr (path, "user.x", "1", 1, 0); /* where that works */
  OOM_LOOP (status, dc_tree_dir (top_fd, &tree, &err))
  {
    failures += status < 0;
    dc_tree_free (DC_TAKE (tree));
  }
  ck_assert_int_gt (failures, 10);

  tree = read_tree ();
  const uint32_t f = dc_tree_find (tree, "a");
  char byte;
  OOM_LOOP (status, dc_tree_read (tree, f, 0, &byte, 0, &err))
  {
    ck_assert_int_eq (status, 0);
  }
  dc_tree_free (tree);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, test_metadata);
  tcase_add_test (tcase, test_xattrs);
  tcase_add_test (tcase, test_file_that_changes);
  tcase_add_test (tcase, test_path_over_4096_bytes);
  tcase_add_test (tcase, test_too_deep);
  tcase_add_test (tcase, test_unreadable);
  tcase_add_test (tcase, test_not_a_folder);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("dir", add);
}

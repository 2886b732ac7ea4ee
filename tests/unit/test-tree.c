/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/tree/backends.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

#define DIR_MODE (S_IFDIR | 0755)
#define FILE_MODE (S_IFREG | 0644)
#define LINK_MODE (S_IFLNK | 0777)

static const struct dc_memory_file rows[] = {
  { .path = "", .mode = DIR_MODE, .mtime = 5 },
  { .path = "etc", .mode = DIR_MODE },
  { .path = "etc/fstab", .mode = FILE_MODE, .data = "/dev/sda1 /\n" },
  { .path = "etc/empty", .mode = FILE_MODE, .data = "" },
  { .path = "etc/mtab", .mode = LINK_MODE, .data = "../proc/mounts" },
  { .path = "etc/up", .mode = LINK_MODE, .data = "../../../etc/fstab" },
  { .path = "etc/abs", .mode = LINK_MODE, .data = "/etc/fstab" },
  { .path = "etc/dots", .mode = LINK_MODE, .data = "././/up" },
  { .path = "etc/loop", .mode = LINK_MODE, .data = "loop" },
  { .path = "etc/ping", .mode = LINK_MODE, .data = "pong" },
  { .path = "etc/pong", .mode = LINK_MODE, .data = "/etc/ping" },
  { .path = "etc/slash", .mode = LINK_MODE, .data = "fstab/" },
  { .path = "here", .mode = LINK_MODE, .data = "etc" },
  { .path = "root", .mode = LINK_MODE, .data = "/" },
  { .path = "c0", .mode = LINK_MODE, .data = "here/fstab" },
};

static struct dc_tree *
make_tree (void)
{
  struct dc_error err;
  struct dc_tree *tree = NULL;

  ck_assert_ok (dc_tree_memory (rows, DC_COUNT (rows), &tree, &err));
  return tree;
}

static const char *
path_of (const struct dc_tree *tree, uint32_t index)
{
  static char text[DC_TREE_PATH_MAX];
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (sizeof text - 1);

  if (index == DC_TREE_NONE)
    return "(none)";
  ck_assert_ok (dc_tree_path (tree, index, &b, &err));
  memcpy (text, dc_buffer_text (&b), b.size + 1);
  return text;
}

static const struct {
  const char *path, *found, *resolved;
} lookups[] = {
  { "", "", "" },
  { "/", "", "" },
  { "etc", "etc", "etc" },
  { "etc/fstab", "etc/fstab", "etc/fstab" },
  { "/etc//fstab", "etc/fstab", "etc/fstab" },
  { "etc/fsta", "(none)", "(none)" },
  { "etc/fstab1", "(none)", "(none)" },
  { "etc/fstab/x", "(none)", "(none)" },
  { "etc/fstab/.", "(none)", "(none)" },
  { "etc/fstab/..", "(none)", "(none)" },
  { "etc/fstab/", "etc/fstab", "(none)" },
  { "etc/", "etc", "etc" },
  { "here/", "here", "etc" },
  { "etc/abs", "etc/abs", "etc/fstab" },
  { "etc/up", "etc/up", "etc/fstab" },
  { "etc/dots", "etc/dots", "etc/fstab" },
  { "etc/slash", "etc/slash", "(none)" },
  { "etc/abs/", "etc/abs", "(none)" },
  { "here/abs", "(none)", "etc/fstab" },
  { "root/root/root/etc", "(none)", "etc" },
  { "..", "(none)", "" },
  { "../../etc/../c0", "(none)", "etc/fstab" },
  { "here/..", "(none)", "" },
  { "etc/mtab", "etc/mtab", "(none)" },
  { "etc/loop", "etc/loop", "(none)" },
  { "etc/ping", "etc/ping", "(none)" },
};

START_TEST (test_lookups)
{
  DC_AUTO (dc_tree) *tree = make_tree ();

  ck_assert_str_eq (path_of (tree, dc_tree_find (tree, lookups[_i].path)),
                    lookups[_i].found);
  ck_assert_str_eq (path_of (tree, dc_tree_resolve (tree, lookups[_i].path)),
                    lookups[_i].resolved);
}
END_TEST

/* The kernel follows 40 links, not 41. */
START_TEST (test_forty_links)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_memory_file chain[42] = {
    { .path = "l00", .mode = FILE_MODE, .data = "end" },
  };
  char names[42][8], targets[42][8];

  for (unsigned i = 1; i < DC_COUNT (chain); i++) {
    snprintf (names[i], sizeof names[i], "l%02u", i);
    snprintf (targets[i], sizeof targets[i], "l%02u", i - 1);
    chain[i] = (struct dc_memory_file){ .path = names[i],
                                        .mode = LINK_MODE,
                                        .data = targets[i] };
  }
  ck_assert_ok (dc_tree_memory (chain, DC_COUNT (chain), &tree, &err));
  ck_assert_str_eq (path_of (tree, dc_tree_resolve (tree, "l40")), "l00");
  ck_assert_str_eq (path_of (tree, dc_tree_resolve (tree, "l41")), "(none)");
}
END_TEST

START_TEST (test_child)
{
  DC_AUTO (dc_tree) *tree = make_tree ();
  const uint32_t etc = dc_tree_child (tree, 0, "etc");

  ck_assert_str_eq (path_of (tree, etc), "etc");
  ck_assert_str_eq (path_of (tree, dc_tree_child (tree, etc, "fstab")),
                    "etc/fstab");
  ck_assert_uint_eq (dc_tree_child (tree, etc, "etc"), DC_TREE_NONE);
  ck_assert_uint_eq (dc_tree_child (tree, etc, ""), DC_TREE_NONE);
  ck_assert_uint_eq (dc_tree_child (tree, 0, "etc/fstab"), DC_TREE_NONE);
}
END_TEST

START_TEST (test_read)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = make_tree ();
  const uint32_t fstab = dc_tree_find (tree, "etc/fstab");
  char bytes[4] = "";

  ck_assert_ok (dc_tree_read (tree, fstab, 5, bytes, 3, &err));
  ck_assert_str_eq (bytes, "sda");
  ck_assert_ok (dc_tree_read (tree, fstab, 12, bytes, 0, &err));
  ck_assert_fails (dc_tree_read (tree, fstab, 10, bytes, 3, &err),
                   DC_ERR_INVALID, "cannot read 'etc/fstab': 3 bytes at 10");
  ck_assert_fails (dc_tree_read (tree, fstab, UINT64_MAX, bytes, 3, &err),
                   DC_ERR_INVALID, "of a file of 12 bytes");
  ck_assert_fails (
      dc_tree_read (tree, dc_tree_find (tree, "etc"), 0, bytes, 0, &err),
      DC_ERR_INVALID, "not a regular file");
}
END_TEST

START_TEST (test_read_file)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = make_tree ();
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (20);

  ck_assert_int_eq (dc_tree_read_file (tree, "/etc/up", &b, &err), 1);
  ck_assert_str_eq (dc_buffer_text (&b), "/dev/sda1 /\n");
  ck_assert_int_eq (dc_tree_read_file (tree, "etc/empty", &b, &err), 1);
  ck_assert_int_eq (dc_tree_read_file (tree, "etc", &b, &err), 0);
  ck_assert_int_eq (dc_tree_read_file (tree, "etc/none", &b, &err), 0);
  ck_assert_uint_eq (b.size, 12);
  ck_assert_fails (dc_tree_read_file (tree, "etc/fstab", &b, &err),
                   DC_ERR_LIMIT, "cannot read 'etc/fstab': 12 bytes, limit 8");
}
END_TEST

/* A sink that has room for three bytes at a time. */
struct small_sink {
  char text[100];
  size_t size;
};

static int
small_begin (void *self, uint32_t index, struct dc_error *err)
{
  struct small_sink *sink = self;

  (void) index;
  (void) err;
  sink->text[sink->size++] = '|';
  return 0;
}

static int
small_room (void *self, void **bytes, size_t *room, struct dc_error *err)
{
  struct small_sink *sink = self;

  (void) err;
  *bytes = sink->text + sink->size;
  *room = 3;
  return 0;
}

static int
small_commit (void *self, size_t size, struct dc_error *err)
{
  struct small_sink *sink = self;

  if (sink->size + size > 90)
    return dc_fail (err, DC_ERR_LIMIT, "sink is full");
  sink->size += size;
  return 0;
}

START_TEST (test_stream)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = make_tree ();
  struct small_sink small = { .size = 0 };
  const struct dc_tree_sink sink = { small_begin, small_room, small_commit,
                                     &small };
  const uint32_t fstab = dc_tree_find (tree, "etc/fstab");
  const uint32_t empty = dc_tree_find (tree, "etc/empty");
  const uint32_t indexes[] = { fstab, empty, fstab };

  ck_assert_ok (dc_tree_stream (tree, indexes, 3, &sink, &err));
  ck_assert_str_eq (small.text, "|/dev/sda1 /\n||/dev/sda1 /\n");
  small.size = 85;
  ck_assert_fails (dc_tree_stream (tree, indexes, 1, &sink, &err), DC_ERR_LIMIT,
                   "sink is full");
}
END_TEST

START_TEST (test_memory_wants_folders_first)
{
  struct dc_error err;
  struct dc_tree *tree = NULL;
  const struct dc_memory_file late[] = {
    { .path = "a/b", .mode = FILE_MODE, .data = "" },
    { .path = "a", .mode = DIR_MODE },
  };
  const struct dc_memory_file in_file[] = {
    { .path = "a", .mode = FILE_MODE, .data = "" },
    { .path = "a/b", .mode = FILE_MODE, .data = "" },
  };

  ck_assert_fails (dc_tree_memory (late, 2, &tree, &err), DC_ERR_INVALID,
                   "'a/b' comes before its folder");
  ck_assert_fails (dc_tree_memory (in_file, 2, &tree, &err), DC_ERR_INVALID,
                   "'a/b' comes before its folder");
  ck_assert_ptr_null (tree);
}
END_TEST

START_TEST (test_memory_without_root)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;

  ck_assert_ok (dc_tree_memory (NULL, 0, &tree, &err));
  ck_assert_uint_eq (tree->count, 1);
  ck_assert_uint_eq (tree->entries[0].mode, DIR_MODE);
  ck_assert_int_eq (tree->entries[0].mtime, 0);
  ck_assert_uint_eq (dc_tree_find (tree, "x"), DC_TREE_NONE);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  struct dc_tree *tree = NULL;
  int failures = 0;

  OOM_LOOP (status, dc_tree_memory (rows, DC_COUNT (rows), &tree, &err))
  {
    if (status < 0) {
      ck_assert_int_eq (err.code, DC_ERR_SYSTEM);
      ck_assert_ptr_null (tree);
      failures++;
    }
    dc_tree_free (DC_TAKE (tree));
  }
  ck_assert_int_gt (failures, 5);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_lookups, 0, DC_COUNT (lookups));
  tcase_add_test (tcase, test_forty_links);
  tcase_add_test (tcase, test_child);
  tcase_add_test (tcase, test_read);
  tcase_add_test (tcase, test_read_file);
  tcase_add_test (tcase, test_stream);
  tcase_add_test (tcase, test_memory_wants_folders_first);
  tcase_add_test (tcase, test_memory_without_root);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("tree", add);
}

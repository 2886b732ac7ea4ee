/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/tree/builder.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

#define DIR_MODE (S_IFDIR | 0755)
#define FILE_MODE (S_IFREG | 0644)
#define LINK_MODE (S_IFLNK | 0777)

static struct dc_error err;

static uint32_t
add_raw (struct dc_builder *builder, uint32_t folder, struct dc_raw_entry raw)
{
  uint32_t id = 0;

  if (raw.name_size == 0)
    raw.name_size = strlen (raw.name);
  if (raw.target != NULL && raw.target_size == 0)
    raw.target_size = strlen (raw.target);
  ck_assert_ok (dc_builder_add (builder, folder, &raw, &id, &err));
  return id;
}

static uint32_t
add_kind (struct dc_builder *builder, uint32_t folder, const char *name,
          uint16_t mode)
{
  return add_raw (builder, folder,
                  (struct dc_raw_entry){ .name = name, .mode = mode });
}

static struct dc_builder *
new_builder (void)
{
  struct dc_builder *builder = NULL;

  ck_assert_ok (dc_builder_new (&builder, &err));
  return builder;
}

/* Trees of these tests have no backend. */
#define AUTO_TREE __attribute__ ((__cleanup__ (dc_tree_release)))

/* All paths, one a line. */
static char *
list (const struct dc_tree *tree)
{
  AUTO_BUFFER struct dc_buffer all = DC_BUFFER_INIT (1024 * 1024);
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);

  for (uint32_t i = 0; i < tree->count; i++) {
    ck_assert_ok (dc_tree_path (tree, i, &path, &err));
    ck_assert_ok (dc_buffer_print (&all, &err, "%s\n", dc_buffer_text (&path)));
  }
  return dc_buffer_take (&all);
}

static char *
list_notes (const struct dc_tree *tree)
{
  AUTO_BUFFER struct dc_buffer all = DC_BUFFER_INIT (1024 * 1024);

  for (size_t i = 0; i < tree->note_count; i++)
    ck_assert_ok (dc_buffer_print (&all, &err, "%s: %s\n", tree->notes[i].path,
                                   tree->notes[i].text));
  return dc_buffer_take (&all);
}

START_TEST (test_order_is_that_of_paths)
{
  DC_AUTO (dc_builder) *builder = new_builder ();
  AUTO_TREE struct dc_tree tree = { 0 };

  const uint32_t b = add_kind (builder, 0, "b", DIR_MODE);
  const uint32_t a = add_kind (builder, 0, "a", DIR_MODE);
  add_kind (builder, 0, "a0", FILE_MODE);
  const uint32_t dash = add_kind (builder, 0, "a-", DIR_MODE);
  add_kind (builder, 0, "a-b", FILE_MODE);
  add_kind (builder, 0, "a.d", DIR_MODE);
  add_kind (builder, 0, "\xff", FILE_MODE);
  add_kind (builder, b, "z", FILE_MODE);
  add_kind (builder, a, "z", FILE_MODE);
  add_kind (builder, a, "B", FILE_MODE);
  add_kind (builder, dash, "x", FILE_MODE);
  ck_assert_ok (dc_builder_finish (builder, &tree, &err));

  AUTO_FREE char *text = list (&tree);
  ck_assert_str_eq (text, "\na\na-\na-/x\na-b\na.d\na/B\na/z\na0\nb\nb/z\n"
                          "\xff\n");
  /* Children of the root, in the order of names. */
  static const char *const names[] = { "a",  "a-", "a-b", "a.d",
                                       "a0", "b",  "\xff" };
  uint32_t child = tree.entries[0].first_child;
  for (size_t i = 0; i < DC_COUNT (names); i++) {
    ck_assert_uint_ne (child, DC_TREE_NONE);
    ck_assert_str_eq (tree.entries[child].name, names[i]);
    ck_assert_uint_eq (tree.entries[child].hardlink, child);
    ck_assert_uint_eq (tree.entries[child].parent, 0);
    child = tree.entries[child].next_sibling;
  }
  ck_assert_uint_eq (child, DC_TREE_NONE);
}
END_TEST

static int
compare_texts (const void *a, const void *b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* Many folders with names made of the bytes that matter, against a sort of
 * whole paths.
 */
START_TEST (test_order_of_many)
{
  static const char bytes[] = "-./0\x01\xc3";
  enum { COUNT = 3000 };
  DC_AUTO (dc_builder) *builder = new_builder ();
  AUTO_TREE struct dc_tree tree = { 0 };
  static char *paths[COUNT];
  uint32_t folders[COUNT], folder_count = 1;
  unsigned random = 1;

  folders[0] = 0;
  for (int i = 0; i < COUNT; i++) {
    char name[16] = "n";
    for (size_t n = 1; n < 4; n++) {
      random = random * 1103515245 + 12345;
      name[n] = bytes[(random >> 16) % 6];
      if (name[n] == '/')
        name[n] = '\0';
    }
    snprintf (name + strlen (name), 8, "%x", (random >> 20) % 64);
    const uint32_t folder = folders[(random >> 8) % folder_count];
    const uint32_t id = add_kind (builder, folder, name, DIR_MODE);
    if (folder_count < 40)
      folders[folder_count++] = id;
  }
  ck_assert_ok (dc_builder_finish (builder, &tree, &err));
  ck_assert_uint_gt (tree.count, COUNT / 2);
  ck_assert_uint_gt (tree.note_count, 0); /* there were equal names */

  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
  for (uint32_t i = 1; i < tree.count; i++) {
    ck_assert_ok (dc_tree_path (&tree, i, &path, &err));
    paths[i - 1] = dc_buffer_take (&path);
  }
  AUTO_FREE char **sorted = calloc (COUNT, sizeof *sorted);
  memcpy (sorted, paths, sizeof paths);
  qsort (sorted, tree.count - 1, sizeof *sorted, compare_texts);
  for (uint32_t i = 1; i < tree.count; i++) {
    ck_assert_str_eq (paths[i - 1], sorted[i - 1]);
    ck_assert_uint_eq (dc_tree_find (&tree, paths[i - 1]), i);
  }
  for (uint32_t i = 1; i < tree.count; i++)
    free (sorted[i - 1]);
}
END_TEST

static const struct {
  const char *name;
  size_t size;
  uint16_t mode;
  const char *target;
  const char *note;
} refused[] = {
  { "", 0, FILE_MODE, NULL, ": the name '' in it is no name for a file, " },
  { ".", 1, DIR_MODE, NULL, ": the name '.' in it is no name for a file, " },
  { "..", 2, DIR_MODE, NULL, ": the name '..' in it is no name for" },
  { "a/b", 3, FILE_MODE, NULL, ": the name 'a/b' in it holds a slash or a" },
  { "a\0b", 3, FILE_MODE, NULL, ": the name 'a\\x00b' in it holds a slash" },
  { ".wh.a", 5, FILE_MODE, NULL, ".wh.a: has a name that means a deleted" },
  { ".wh..wh..opq", 12, FILE_MODE, NULL, ".wh..wh..opq: has a name that" },
  { "s", 1, S_IFSOCK | 0755, NULL, "s: is a socket, left out" },
  { "c", 1, S_IFCHR | 0600, NULL, "c: is a device node, left out" },
  { "b", 1, S_IFBLK | 0600, NULL, "b: is a device node, left out" },
  { "k", 1, 0644, NULL, "k: is of no known kind, left out" },
  { "l", 1, LINK_MODE, NULL, "l: is a symbolic link without a target" },
  { "m", 1, LINK_MODE, "", "m: is a symbolic link without a target" },
};

START_TEST (test_refused)
{
  DC_AUTO (dc_builder) *builder = new_builder ();
  AUTO_TREE struct dc_tree tree = { 0 };
  const struct dc_raw_entry raw = {
    .name = refused[_i].name,
    .name_size = refused[_i].size,
    .mode = refused[_i].mode,
    .target = refused[_i].target,
  };
  uint32_t id = 0;

  ck_assert_ok (dc_builder_add (builder, 0, &raw, &id, &err));
  ck_assert_uint_eq (id, DC_TREE_NONE);
  ck_assert_ok (dc_builder_finish (builder, &tree, &err));
  ck_assert_uint_eq (tree.count, 1);
  AUTO_FREE char *notes = list_notes (&tree);
  ck_assert_msg (strncmp (notes, refused[_i].note, strlen (refused[_i].note)) ==
                     0,
                 "'%s' does not begin '%s'", notes, refused[_i].note);
}
END_TEST

START_TEST (test_kept)
{
  DC_AUTO (dc_builder) *builder = new_builder ();
  AUTO_TREE struct dc_tree tree = { 0 };

  add_kind (builder, 0, "fifo", S_IFIFO | 0600);
  add_kind (builder, 0, ".wh", FILE_MODE);
  add_kind (builder, 0, "...", S_IFREG | 07777);
  char name[256] = "";
  memset (name, 'n', 255);
  add_kind (builder, 0, name, FILE_MODE);
  ck_assert_ok (dc_builder_finish (builder, &tree, &err));
  ck_assert_uint_eq (tree.note_count, 0);
  ck_assert_uint_eq (tree.count, 5);
  ck_assert_uint_eq (tree.entries[dc_tree_find (&tree, "...")].mode,
                     S_IFREG | 07777);
  ck_assert_uint_ne (dc_tree_find (&tree, name), DC_TREE_NONE);
}
END_TEST

START_TEST (test_depth_and_path_are_limited)
{
  DC_AUTO (dc_builder) *builder = new_builder ();
  AUTO_TREE struct dc_tree tree = { 0 };
  uint32_t folder = 0, last = 0, count = 0;
  char name[256] = "";

  for (; folder != DC_TREE_NONE; count++) {
    last = folder;
    folder = add_kind (builder, folder, "d", DIR_MODE);
  }
  ck_assert_uint_eq (count - 1, DC_TREE_DEPTH_MAX);
  ck_assert_uint_eq (add_kind (builder, last, "f", FILE_MODE), DC_TREE_NONE);

  memset (name, 'n', 255);
  for (folder = 0, count = 0; folder != DC_TREE_NONE; count++)
    folder = add_kind (builder, folder, name, DIR_MODE);
  ck_assert_uint_eq (count - 1, DC_TREE_PATH_MAX / 256);
  ck_assert_ok (dc_builder_finish (builder, &tree, &err));
  ck_assert_uint_eq (tree.count, 1 + DC_TREE_DEPTH_MAX + count - 1);
  AUTO_FREE char *notes = list_notes (&tree);
  ck_assert (unit_contains (notes, "d/d: is in more than 1024 folders"));
  ck_assert (unit_contains (notes, "d/f: is in more than 1024 folders"));
  ck_assert (unit_contains (notes, "n: has a path over 64 KiB, left out"));
}
END_TEST

START_TEST (test_of_two_the_first_stays)
{
  DC_AUTO (dc_builder) *builder = new_builder ();
  AUTO_TREE struct dc_tree tree = { 0 };

  add_raw (builder, 0,
           (struct dc_raw_entry){ .name = "a", .mode = FILE_MODE, .uid = 1 });
  const uint32_t second = add_kind (builder, 0, "a", DIR_MODE);
  add_raw (builder, second,
           (struct dc_raw_entry){
               .name = "below", .mode = FILE_MODE, .link_group = 7 });
  add_raw (builder, 0,
           (struct dc_raw_entry){
               .name = "z", .mode = FILE_MODE, .uid = 2, .link_group = 7 });
  ck_assert_ok (dc_builder_finish (builder, &tree, &err));
  ck_assert_uint_eq (tree.count, 3);
  ck_assert_uint_eq (tree.entries[1].uid, 1);
  ck_assert_uint_eq (tree.entries[2].uid, 2);
  ck_assert_uint_eq (tree.entries[2].hardlink, 2);
  AUTO_FREE char *notes = list_notes (&tree);
  ck_assert_str_eq (notes, "a: is there twice, the second left out\n");
}
END_TEST

START_TEST (test_first_sorted_name_carries_the_data)
{
  DC_AUTO (dc_builder) *builder = new_builder ();
  AUTO_TREE struct dc_tree tree = { 0 };
  const struct dc_xattr xattr = { "user.x", "1", 1 };
  struct dc_raw_entry raw = {
    .mode = FILE_MODE, .size = 9, .link_group = UINT64_MAX, .cookie = 1
  };

  const uint32_t d = add_kind (builder, 0, "d", DIR_MODE);
  raw.name = "z";
  add_raw (builder, d, raw);
  raw.name = "m";
  add_raw (builder, 0, raw);
  raw.name = "b";
  raw.xattrs = &xattr;
  raw.xattr_count = 1;
  raw.cookie = 2;
  add_raw (builder, d, raw);
  add_raw (builder, 0,
           (struct dc_raw_entry){
               .name = "alone", .mode = FILE_MODE, .link_group = 3 });
  add_raw (builder, 0,
           (struct dc_raw_entry){
               .name = "dir", .mode = DIR_MODE, .link_group = UINT64_MAX });
  ck_assert_ok (dc_builder_finish (builder, &tree, &err));

  const uint32_t first = dc_tree_find (&tree, "d/b");
  static const char *const names[] = { "d/b", "d/z", "m" };
  for (size_t i = 0; i < DC_COUNT (names); i++) {
    const struct dc_entry *entry =
        &tree.entries[dc_tree_find (&tree, names[i])];
    ck_assert_uint_eq (entry->hardlink, first);
    ck_assert_uint_eq (entry->cookie, 2);
    ck_assert_uint_eq (entry->size, 9);
    ck_assert_ptr_eq (entry->xattrs, tree.entries[first].xattrs);
  }
  static const char *const others[] = { "alone", "d", "dir", "" };
  for (size_t i = 0; i < DC_COUNT (others); i++) {
    const uint32_t index = dc_tree_find (&tree, others[i]);
    ck_assert_uint_eq (tree.entries[index].hardlink, index);
    ck_assert_uint_eq (tree.entries[index].size, 0);
  }
}
END_TEST

START_TEST (test_many_hard_links)
{
  DC_AUTO (dc_builder) *builder = new_builder ();
  AUTO_TREE struct dc_tree tree = { 0 };
  char name[16];

  for (unsigned i = 0; i < 3000; i++) {
    snprintf (name, sizeof name, "%04u", i);
    add_raw (builder, 0,
             (struct dc_raw_entry){
                 .name = name, .mode = FILE_MODE, .link_group = i % 1000 + 1 });
  }
  ck_assert_ok (dc_builder_finish (builder, &tree, &err));
  for (unsigned i = 0; i < 3000; i++)
    ck_assert_uint_eq (tree.entries[i + 1].hardlink, i % 1000 + 1);
}
END_TEST

START_TEST (test_size_is_of_regular_files_only)
{
  DC_AUTO (dc_builder) *builder = new_builder ();
  AUTO_TREE struct dc_tree tree = { 0 };

  add_raw (builder, 0,
           (struct dc_raw_entry){ .name = "d", .mode = DIR_MODE, .size = 9 });
  add_raw (
      builder, 0,
      (struct dc_raw_entry){ .name = "f", .mode = S_IFIFO | 0600, .size = 9 });
  add_raw (builder, 0,
           (struct dc_raw_entry){
               .name = "l", .mode = LINK_MODE, .target = "abc", .size = 3 });
  add_raw (builder, 0,
           (struct dc_raw_entry){
               .name = "r", .mode = FILE_MODE, .size = INT64_MAX });
  ck_assert_uint_eq (add_raw (builder, 0,
                              (struct dc_raw_entry){ .name = "s",
                                                     .mode = FILE_MODE,
                                                     .size = UINT64_MAX }),
                     DC_TREE_NONE);
  ck_assert_ok (dc_builder_finish (builder, &tree, &err));
  for (uint32_t i = 0; i < 4; i++)
    ck_assert_uint_eq (tree.entries[i].size, 0);
  ck_assert_uint_eq (tree.entries[4].size, INT64_MAX);
  ck_assert_str_eq (tree.entries[3].target, "abc");
  ck_assert_ptr_null (tree.entries[4].target);
}
END_TEST

START_TEST (test_notes_are_bounded_and_sorted)
{
  DC_AUTO (dc_builder) *builder = new_builder ();
  AUTO_TREE struct dc_tree tree = { 0 };
  char name[16];

  for (unsigned i = 5000; i > 0; i--) {
    snprintf (name, sizeof name, "s%04u", i);
    add_kind (builder, 0, name, S_IFSOCK | 0600);
  }
  const uint32_t d = add_kind (builder, 0, "d", DIR_MODE);
  ck_assert_ok (dc_builder_note (builder, d, "x", &err, "%s", "bad block"));
  ck_assert_ok (dc_builder_note (builder, 0, NULL, &err, "no journal"));
  ck_assert_ok (dc_builder_finish (builder, &tree, &err));
  ck_assert_uint_eq (tree.note_count, DC_TREE_NOTE_MAX);
  ck_assert_uint_eq (tree.notes_lost, 5002 - DC_TREE_NOTE_MAX);
  ck_assert_str_eq (tree.notes[0].path, "");
  ck_assert_str_eq (tree.notes[1].path, "d/x");
  ck_assert_str_eq (tree.notes[1].text, "bad block");
  ck_assert_str_eq (tree.notes[2].path, "s0001");
  ck_assert_str_eq (tree.notes[999].path, "s0998");
}
END_TEST

/* What a guest of 2*10^5 files with names of 24 bytes costs. */
START_TEST (test_memory_of_an_entry)
{
  enum { COUNT = 200000 };
  DC_AUTO (dc_builder) *builder = NULL;
  AUTO_TREE struct dc_tree tree = { 0 };
  char name[32];
  uint32_t folder = 0;

  const struct mallinfo2 before = mallinfo2 ();
  builder = new_builder ();
  for (unsigned i = 0; i < COUNT; i++) {
    snprintf (name, sizeof name, "a-name-of-24-bytes%06x", i * 7919 % COUNT);
    const uint32_t id =
        add_kind (builder, folder, name, i % 20 == 0 ? DIR_MODE : FILE_MODE);
    if (i % 20 == 0)
      folder = i % 1000 == 0 ? 0 : id;
  }
  ck_assert_ok (dc_builder_finish (builder, &tree, &err));
  const struct mallinfo2 after = mallinfo2 ();
  const size_t used =
      after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
  ck_assert_uint_lt (used / COUNT, 128);
}
END_TEST

static int
build_odd_tree (void)
{
  const struct dc_xattr xattrs[] = { { "user.b", "2", 1 },
                                     { "user.a", "1", 1 },
                                     { "system.posix_acl_access", "?????",
                                       5 } };
  const struct dc_raw_entry raws[] = {
    { .name = "f", .mode = FILE_MODE, .xattrs = xattrs, .xattr_count = 3 },
    { .name = "g", .mode = FILE_MODE, .link_group = 1 },
    { .name = "s", .mode = S_IFSOCK },
    { .name = "l", .mode = LINK_MODE, .target = "t", .target_size = 1 },
    { .name = "g", .mode = FILE_MODE, .link_group = 1 },
  };
  DC_AUTO (dc_builder) *builder = NULL;
  AUTO_TREE struct dc_tree tree = { 0 };
  uint32_t id;

  if (dc_builder_new (&builder, &err) < 0)
    return -1;
  for (size_t i = 0; i < 100; i++) {
    struct dc_raw_entry raw = raws[i % DC_COUNT (raws)];
    raw.name_size = 1;
    if (dc_builder_add (builder, 0, &raw, &id, &err) < 0)
      return -1;
  }
  return dc_builder_finish (builder, &tree, &err);
}

START_TEST (test_no_memory)
{
  int failures = 0;

  OOM_LOOP (status, build_odd_tree ())
  {
    failures += status < 0;
    ck_assert_int_eq (status, oom_has_failed () ? status : 0);
  }
  ck_assert_int_gt (failures, 20);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_order_is_that_of_paths);
  tcase_add_test (tcase, test_order_of_many);
  tcase_add_loop_test (tcase, test_refused, 0, DC_COUNT (refused));
  tcase_add_test (tcase, test_kept);
  tcase_add_test (tcase, test_depth_and_path_are_limited);
  tcase_add_test (tcase, test_of_two_the_first_stays);
  tcase_add_test (tcase, test_first_sorted_name_carries_the_data);
  tcase_add_test (tcase, test_many_hard_links);
  tcase_add_test (tcase, test_size_is_of_regular_files_only);
  tcase_add_test (tcase, test_notes_are_bounded_and_sorted);
  tcase_add_test (tcase, test_memory_of_an_entry);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("builder", add);
}

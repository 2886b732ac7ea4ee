/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/digest.h"
#include "lib/tree/backends.h"
#include "lib/tree/tarwriter.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

#define DIR_MODE (S_IFDIR | 0755)
#define FILE_MODE (S_IFREG | 0644)
#define ARCHIVE_MAX ((size_t) 16 * 1024 * 1024)

static const struct dc_xattr capability = {
  "security.capability",
  "\1\0\0\2\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
  20,
};

static const struct dc_memory_file rows[] = {
  { .path = "", .mode = DIR_MODE, .mtime = 5 },
  { .path = "bin", .mode = DIR_MODE },
  { .path = "bin/ping",
    .mode = S_IFREG | 04755,
    .data = "ping!",
    .xattrs = &capability,
    .xattr_count = 1,
    .link_group = 1 },
  { .path = "bin/pong", .mode = S_IFREG | 04755, .link_group = 1 },
  { .path = "bin/sh", .mode = S_IFLNK | 0777, .data = "dash" },
  { .path = "bin/zz", .mode = S_IFREG | 04755, .link_group = 1 },
  { .path = "empty", .mode = FILE_MODE, .data = "", .link_group = 2 },
  { .path = "empty2", .mode = FILE_MODE, .data = "", .link_group = 2 },
  { .path = "fifo", .mode = S_IFIFO | 0600, .uid = 5, .gid = 3000000 },
  { .path = "last", .mode = FILE_MODE, .data = "end", .mtime = -7 },
};

static int
keep (void *self, const void *bytes, size_t size, struct dc_error *err)
{
  struct dc_buffer *b = self;

  return dc_buffer_append (b, bytes, size, err);
}

/* Write COUNT members through a pipeline of our own. */
static int
write_tar (struct dc_tree *tree, const uint32_t *indexes, size_t count,
           struct dc_buffer *out, struct dc_error *err)
{
  const struct dc_stage stage = { .consume = keep, .self = out };
  DC_AUTO (dc_pipeline) *pipeline = NULL;

  if (dc_pipeline_new (&stage, 1, &pipeline, err) < 0 ||
      dc_tar_write (tree, indexes, count, pipeline, err) < 0 ||
      dc_pipeline_close (pipeline, err) < 0)
    return -1;
  return dc_pipeline_join (pipeline, err);
}

static struct dc_tree *
make_tree (const struct dc_memory_file *files, size_t count)
{
  struct dc_error err;
  struct dc_tree *tree = NULL;

  ck_assert_ok (dc_tree_memory (files, count, &tree, &err));
  return tree;
}

static void
print_content (struct archive *archive, struct dc_buffer *b)
{
  struct dc_error err;
  char bytes[16];
  const la_ssize_t size = archive_read_data (archive, bytes, sizeof bytes);

  ck_assert_int_ge (size, 0);
  if (size > 0)
    ck_assert_ok (dc_buffer_print (b, &err, " '%.*s'", (int) size, bytes));
}

/* One line a member: mode, owner, time, size, path, target, xattrs, content.
 */
static void
print_member (struct archive *archive, struct archive_entry *entry,
              struct dc_buffer *b)
{
  struct dc_error err;
  const char *link = archive_entry_hardlink (entry);
  const char *target = archive_entry_symlink (entry);
  const char *name;
  const void *value;
  size_t size;

  ck_assert_str_eq (archive_entry_uname (entry), "");
  ck_assert_str_eq (archive_entry_gname (entry), "");
  ck_assert_ok (dc_buffer_print (
      b, &err, "%s %o %jd:%jd %jd %jd %s", link != NULL ? "link" : "",
      archive_entry_mode (entry), (intmax_t) archive_entry_uid (entry),
      (intmax_t) archive_entry_gid (entry),
      (intmax_t) archive_entry_mtime (entry),
      (intmax_t) archive_entry_size (entry), archive_entry_pathname (entry)));
  if (link != NULL || target != NULL)
    ck_assert_ok (
        dc_buffer_print (b, &err, " -> %s", link != NULL ? link : target));
  (void) archive_entry_xattr_reset (entry);
  while (archive_entry_xattr_next (entry, &name, &value, &size) == ARCHIVE_OK)
    ck_assert_ok (dc_buffer_print (b, &err, " %s=%zu", name, size));
  print_content (archive, b);
  ck_assert_ok (dc_buffer_print (b, &err, "\n"));
}

/* What libarchive finds in there. */
static void
print_archive (const struct dc_buffer *bytes, struct dc_buffer *b)
{
  struct archive *archive = archive_read_new ();
  struct archive_entry *entry;
  int status;

  ck_assert_int_eq (archive_read_support_format_tar (archive), ARCHIVE_OK);
  ck_assert_int_eq (
      archive_read_open_memory (archive, bytes->data, bytes->size), ARCHIVE_OK);
  while ((status = archive_read_next_header (archive, &entry)) == ARCHIVE_OK)
    print_member (archive, entry, b);
  ck_assert_msg (status == ARCHIVE_EOF, "%s", archive_error_string (archive));
  archive_read_free (archive);
}

/* INDEXES of TREE as an archive, read back as text. */
static char *
text_of (struct dc_tree *tree, const uint32_t *indexes, size_t count)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (ARCHIVE_MAX);
  struct dc_buffer text = DC_BUFFER_INIT (ARCHIVE_MAX);

  ck_assert_ok (write_tar (tree, indexes, count, &out, &err));
  ck_assert_uint_eq (out.size % 512, 0);
  print_archive (&out, &text);
  return dc_buffer_take (&text);
}

START_TEST (test_a_whole_tree)
{
  static const uint32_t all[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
  DC_AUTO (dc_tree) *tree = make_tree (rows, DC_COUNT (rows));
  AUTO_FREE char *text = text_of (tree, all, DC_COUNT (all));

  ck_assert_str_eq (
      text, " 40755 0:0 5 0 ./\n"
            " 40755 0:0 0 0 bin/\n"
            " 104755 0:0 0 5 bin/ping security.capability=20 'ping!'\n"
            "link 4755 0:0 0 0 bin/pong -> bin/ping"
            " security.capability=20\n"
            " 120777 0:0 0 0 bin/sh -> dash\n"
            "link 4755 0:0 0 0 bin/zz -> bin/ping security.capability=20\n"
            " 100644 0:0 0 0 empty\n"
            "link 644 0:0 0 0 empty2 -> empty\n"
            " 10600 5:3000000 0 0 fifo\n"
            " 100644 0:0 -7 3 last 'end'\n");
}
END_TEST

/* Without the name that carries the content the next one does. */
START_TEST (test_some_of_a_tree)
{
  static const uint32_t some[] = { 1, 3, 5, 7, 9 };
  DC_AUTO (dc_tree) *tree = make_tree (rows, DC_COUNT (rows));
  AUTO_FREE char *text = text_of (tree, some, DC_COUNT (some));

  ck_assert_str_eq (
      text, " 40755 0:0 0 0 bin/\n"
            " 104755 0:0 0 5 bin/pong security.capability=20 'ping!'\n"
            "link 4755 0:0 0 0 bin/zz -> bin/pong security.capability=20\n"
            " 100644 0:0 0 0 empty2\n"
            " 100644 0:0 -7 3 last 'end'\n");
}
END_TEST

/* Two files of three names each; the first ones are not asked for, and the
 * second ones come in the other order.
 */
START_TEST (test_names_of_several_absent_files)
{
  static const struct dc_memory_file files[] = {
    { .path = "a", .mode = FILE_MODE, .data = "A", .link_group = 1 },
    { .path = "b", .mode = FILE_MODE, .data = "B", .link_group = 2 },
    { .path = "c", .mode = FILE_MODE, .link_group = 2 },
    { .path = "d", .mode = FILE_MODE, .link_group = 1 },
    { .path = "e", .mode = FILE_MODE, .link_group = 2 },
    { .path = "f", .mode = FILE_MODE, .link_group = 1 },
  };
  static const uint32_t some[] = { 3, 4, 5, 6 };
  DC_AUTO (dc_tree) *tree = make_tree (files, DC_COUNT (files));
  AUTO_FREE char *text = text_of (tree, some, DC_COUNT (some));

  ck_assert_str_eq (text, " 100644 0:0 0 1 c 'B'\n"
                          " 100644 0:0 0 1 d 'A'\n"
                          "link 644 0:0 0 0 e -> c\n"
                          "link 644 0:0 0 0 f -> d\n");
}
END_TEST

START_TEST (test_nothing_is_an_end)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (ARCHIVE_MAX);
  static const char zeros[1024];
  DC_AUTO (dc_tree) *tree = make_tree (rows, DC_COUNT (rows));

  ck_assert_ok (write_tar (tree, NULL, 0, &out, &err));
  ck_assert_uint_eq (out.size, 1024);
  ck_assert_int_eq (memcmp (out.data, zeros, 1024), 0);
}
END_TEST

/* Content that ends before, at and after an end of a tar block and of a block
 * of the pipeline.
 */
START_TEST (test_sizes_of_content)
{
  static const size_t sizes[] = { 1,
                                  511,
                                  512,
                                  513,
                                  DC_PIPELINE_BLOCK_SIZE - 1536,
                                  DC_PIPELINE_BLOCK_SIZE,
                                  3 * DC_PIPELINE_BLOCK_SIZE + 1 };
  static const uint32_t both[] = { 1, 2 };
  struct dc_error err;
  AUTO_FREE char *data = malloc (3 * DC_PIPELINE_BLOCK_SIZE + 1);

  for (size_t i = 0; i < 3 * DC_PIPELINE_BLOCK_SIZE + 1; i++)
    data[i] = (char) (i % 251);
  for (size_t i = 0; i < DC_COUNT (sizes); i++) {
    const struct dc_memory_file files[] = {
      { .path = "a", .mode = FILE_MODE, .data = data, .size = sizes[i] },
      { .path = "b", .mode = FILE_MODE, .data = "b" },
    };
    DC_AUTO (dc_tree) *tree = make_tree (files, DC_COUNT (files));
    AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (ARCHIVE_MAX);
    const size_t padded = (sizes[i] + 511) / 512 * 512;
    ck_assert_ok (write_tar (tree, both, 2, &out, &err));
    ck_assert_uint_eq (out.size, 512 + padded + 512 + 512 + 1024);
    ck_assert_int_eq (memcmp (out.data + 512, data, sizes[i]), 0);
    for (size_t j = sizes[i]; j < padded; j++)
      ck_assert_int_eq (out.data[512 + j], 0);
    ck_assert_str_eq (out.data + 512 + padded, "b");
  }
}
END_TEST

/* More files than are asked of the tree at a time, some without content. */
START_TEST (test_many_files)
{
  enum { COUNT = 10000 };
  AUTO_FREE struct dc_memory_file *files = calloc (COUNT, sizeof *files);
  AUTO_FREE char (*paths)[16] = malloc (COUNT * sizeof *paths);
  AUTO_FREE uint32_t *indexes = malloc (COUNT * sizeof *indexes);

  for (int i = 0; i < COUNT; i++) {
    (void) snprintf (paths[i], sizeof paths[i], "f%05d", i);
    files[i].path = files[i].data = paths[i];
    files[i].mode = i % 3 > 0 ? FILE_MODE : S_IFLNK | 0777;
    indexes[i] = (uint32_t) i + 1;
  }
  DC_AUTO (dc_tree) *tree = make_tree (files, COUNT);
  AUTO_FREE char *text = text_of (tree, indexes, COUNT);
  const char *line = text;
  for (int i = 0; i < COUNT; i++) {
    char expected[64];
    (void) snprintf (expected, sizeof expected,
                     i % 3 > 0 ? " 100644 0:0 0 6 f%05d 'f%05d'\n"
                               : " 120777 0:0 0 0 f%05d -> f%05d\n",
                     i, i);
    ck_assert_int_eq (strncmp (line, expected, strlen (expected)), 0);
    line += strlen (expected);
  }
  ck_assert_str_eq (line, "");
}
END_TEST

/* All bytes that a name may have, in short names and long ones. */
START_TEST (test_names_are_bytes_in_every_locale)
{
  static const char *const locales[] = { "C", "C.UTF-8" };
  struct dc_error err;
  struct dc_memory_file files[2 * 255];
  static char paths[2 * 255][256];
  uint32_t indexes[2 * 255];
  char digests[2][DC_DIGEST_TEXT_SIZE];
  size_t count = 0;

  for (int byte = 1; byte <= 255; byte++) {
    if (byte == '/')
      continue;
    paths[count][0] = (char) byte;
    paths[count][1] = 'x';
    memset (paths[count + 1], byte, 255);
    for (int i = 0; i < 2; i++, count++) {
      files[count] =
          (struct dc_memory_file){ .path = paths[count], .mode = FILE_MODE };
      indexes[count] = (uint32_t) count + 1;
    }
  }
  DC_AUTO (dc_tree) *tree = make_tree (files, count);
  ck_assert_uint_eq (tree->count, count + 1); /* the root, too */
  for (size_t i = 0; i < DC_COUNT (locales); i++) {
    AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (ARCHIVE_MAX);
    ck_assert_ptr_nonnull (setlocale (LC_ALL, locales[i]));
    ck_assert_ok (write_tar (tree, indexes, count, &out, &err));
    ck_assert_ok (dc_digest_bytes (out.data, out.size, digests[i], &err));
  }
  ck_assert_str_eq (digests[0], digests[1]);
  (void) setlocale (LC_ALL, "C");
}
END_TEST

START_TEST (test_a_full_disk_stops_it)
{
  struct dc_error err;
  AUTO_FREE char *data = calloc (4, DC_PIPELINE_BLOCK_SIZE);
  const struct dc_memory_file files[] = {
    { .path = "a",
      .mode = FILE_MODE,
      .data = data,
      .size = 4 * DC_PIPELINE_BLOCK_SIZE },
  };
  static const uint32_t one[] = { 1 };
  DC_AUTO (dc_tree) *tree = make_tree (files, DC_COUNT (files));
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (1000);

  ck_assert_fails (write_tar (tree, one, 1, &out, &err), DC_ERR_LIMIT,
                   "more than 1000 bytes");
}
END_TEST

static int
fail_to_read (struct dc_tree *tree, const struct dc_entry *entry,
              uint64_t offset, void *bytes, size_t size, struct dc_error *err)
{
  (void) tree;
  (void) entry;
  (void) offset;
  (void) bytes;
  (void) size;
  return dc_fail (err, DC_ERR_INVALID, "bad block");
}

START_TEST (test_a_bad_disk_stops_it)
{
  static const uint32_t all[] = { 0, 1, 2 };
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (ARCHIVE_MAX);
  DC_AUTO (dc_tree) *tree = make_tree (rows, DC_COUNT (rows));
  struct dc_tree_ops ops = *tree->ops;

  ops.read = fail_to_read;
  tree->ops = &ops;
  ck_assert_fails (write_tar (tree, all, DC_COUNT (all), &out, &err),
                   DC_ERR_INVALID, "cannot read 'bin/ping': bad block");
}
END_TEST

START_TEST (test_too_many_attributes)
{
  static const uint32_t one[] = { 1 };
  struct dc_error err;
  struct dc_xattr xattrs[17];
  AUTO_FREE char *value = calloc (1, 65000);
  char names[17][24];

  for (int i = 0; i < 17; i++) {
    (void) snprintf (names[i], sizeof names[i], "user.%d", i);
    xattrs[i] = (struct dc_xattr){ names[i], value, 65000 };
  }
  const struct dc_memory_file file = {
    .path = "a\n", .mode = FILE_MODE, .xattrs = xattrs, .xattr_count = 17
  };
  DC_AUTO (dc_tree) *tree = make_tree (&file, 1);
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (ARCHIVE_MAX);
  ck_assert_fails (write_tar (tree, one, 1, &out, &err), DC_ERR_LIMIT,
                   "'a\\x0A': extended attributes: more than 1048576 bytes");
}
END_TEST

START_TEST (test_no_memory)
{
  static const uint32_t some[] = { 3, 5, 7, 9 };
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = make_tree (rows, DC_COUNT (rows));
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (ARCHIVE_MAX);
  int failures = 0;

  OOM_LOOP (status, write_tar (tree, some, DC_COUNT (some), &out, &err))
  {
    failures += status < 0;
    dc_buffer_release (&out);
  }
  ck_assert_int_gt (failures, 6);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_a_whole_tree);
  tcase_add_test (tcase, test_some_of_a_tree);
  tcase_add_test (tcase, test_names_of_several_absent_files);
  tcase_add_test (tcase, test_nothing_is_an_end);
  tcase_add_test (tcase, test_sizes_of_content);
  tcase_add_test (tcase, test_many_files);
  tcase_add_test (tcase, test_names_are_bytes_in_every_locale);
  tcase_add_test (tcase, test_a_full_disk_stops_it);
  tcase_add_test (tcase, test_a_bad_disk_stops_it);
  tcase_add_test (tcase, test_too_many_attributes);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("tarwriter", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "runtime/unpack.h"
#include "tests/unit/unit.h"

static struct dc_error err;
static int root_fd;  /* of the folder that is unpacked to */
static char *folder; /* holds "layout", "root" and "outside" */

/* One entry; TYPE: 'd' folder, 'f' file, 'l' symbolic link, 'h' hard link;
 * 0 ends a layer.
 */
struct item {
  char type;
  const char *path;
  const char *text; /* a file's content, a link's target */
};

#define LAYER_MAX 3
#define ITEM_MAX 8

struct layers {
  struct item items[LAYER_MAX][ITEM_MAX];
};

static void
write_item (struct archive *tar, const struct item *item)
{
  static const struct {
    char type;
    mode_t filetype, mode;
  } types[] = {
    { 'd', AE_IFDIR, 0750 },
    { 'f', AE_IFREG, 0640 },
    { 'l', AE_IFLNK, 0777 },
    { 'h', AE_IFREG, 0640 },
  };
  struct archive_entry *entry = archive_entry_new ();

  archive_entry_set_pathname (entry, item->path);
  for (size_t i = 0; i < DC_COUNT (types); i++)
    if (types[i].type == item->type) {
      archive_entry_set_filetype (entry, types[i].filetype);
      archive_entry_set_perm (entry, types[i].mode);
    }
  archive_entry_set_mtime (entry, 1000, 0);
  archive_entry_set_uid (entry, geteuid () == 0 ? 1234 : geteuid ());
  archive_entry_set_gid (entry, geteuid () == 0 ? 56 : getegid ());
  if (item->type == 'l')
    archive_entry_set_symlink (entry, item->text);
  if (item->type == 'h')
    archive_entry_set_hardlink (entry, item->text);
  const size_t size = item->type == 'f' ? strlen (item->text) : 0;
  archive_entry_set_size (entry, (la_int64_t) size);
  ck_assert_int_eq (archive_write_header (tar, entry), ARCHIVE_OK);
  if (size > 0)
    ck_assert_int_eq (archive_write_data (tar, item->text, size),
                      (la_ssize_t) size);
  archive_entry_free (entry);
}

/* The tar of ITEMS in BYTES; its size. */
static size_t
make_tar (const struct item *items, char *bytes, size_t size_max)
{
  struct archive *tar = archive_write_new ();
  size_t size = 0;

  ck_assert_int_eq (archive_write_set_format_pax_restricted (tar), ARCHIVE_OK);
  ck_assert_int_eq (archive_write_open_memory (tar, bytes, size_max, &size),
                    ARCHIVE_OK);
  for (size_t i = 0; i < ITEM_MAX && items[i].type != 0; i++)
    write_item (tar, &items[i]);
  ck_assert_int_eq (archive_write_close (tar), ARCHIVE_OK);
  archive_write_free (tar);
  return size;
}

static void
put_blob (struct dc_layout *layout, const void *bytes, size_t size,
          struct dc_oci_layer *layer)
{
  AUTO_CLOSE int fd = dc_layout_blob_new (layout, &err);

  ck_assert_int_ge (fd, 0);
  *layer =
      (struct dc_oci_layer){ .size = size, .compression = DC_COMPRESSION_NONE };
  ck_assert_ok (dc_file_write (fd, bytes, size, &err));
  ck_assert_ok (dc_digest_bytes (bytes, size, layer->digest, &err));
  memcpy (layer->diff_id, layer->digest, DC_DIGEST_TEXT_SIZE);
  ck_assert_ok (dc_layout_blob_keep (layout, fd, layer->digest, &err));
}

static void
publish (struct dc_layout *layout, const struct dc_oci_layer *layers,
         size_t count)
{
  json_auto_t *config = json_object ();
  json_auto_t *config_at = NULL, *manifest = NULL, *manifest_at = NULL;

  ck_assert_ok (dc_oci_config_layers (config, layers, count,
                                      "2026-01-01T00:00:00Z", &err));
  ck_assert_ok (
      dc_layout_put (layout, DC_OCI_CONFIG, config, &config_at, &err));
  ck_assert_ok (dc_oci_manifest (config_at, layers, count, &manifest, &err));
  ck_assert_ok (
      dc_layout_put (layout, DC_OCI_MANIFEST, manifest, &manifest_at, &err));
  struct dc_layout_tag tag = { .name = "t", .descriptor = manifest_at };
  ck_assert_ok (dc_layout_publish (layout, &tag, 1, &err));
}

static int
unpack_layout (void)
{
  DC_AUTO (dc_layout) *layout = NULL;
  struct dc_image image;

  ck_assert_ok (dc_layout_open ("layout", &layout, &err));
  ck_assert_ok (dc_layout_image (layout, "t", &image, &err));
  const int status =
      dc_unpack (layout, &image, root_fd, &dc_report_silent, &err);
  dc_image_release (&image);
  return status;
}

static void
make_layout (const struct layers *layers)
{
  DC_AUTO (dc_layout) *layout = NULL;
  struct dc_oci_layer known[LAYER_MAX];
  size_t count = 0;
  static char bytes[256 * 1024];

  ck_assert_ok (dc_layout_begin ("layout", DC_OUTPUT_NEW, &layout, &err));
  for (; count < LAYER_MAX && layers->items[count][0].type != 0; count++) {
    const size_t size = make_tar (layers->items[count], bytes, sizeof bytes);
    put_blob (layout, bytes, size, &known[count]);
  }
  publish (layout, known, count);
}

/* Nothing but what we put there. */
static void
assert_outside_is_whole (void)
{
  char text[16] = "";
  AUTO_CLOSE int fd = open ("outside/file", O_RDONLY | O_CLOEXEC);

  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (read (fd, text, sizeof text - 1), 5);
  ck_assert_str_eq (text, "whole");
  DIR *dir = opendir ("outside");
  ck_assert_ptr_nonnull (dir);
  unsigned count = 0;
  while (readdir (dir) != NULL)
    count++;
  (void) closedir (dir);
  ck_assert_uint_eq (count, 3);
}

static void
setup (void)
{
  folder = unit_scratch ();
  ck_assert_int_eq (chdir (folder), 0);
  ck_assert_int_eq (mkdir ("root", 0755), 0);
  ck_assert_int_eq (mkdir ("outside", 0755), 0);
  AUTO_CLOSE int fd =
      open ("outside/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  ck_assert_ok (dc_file_write (fd, "whole", 5, &err));
  root_fd = open ("root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ck_assert_int_ge (root_fd, 0);
}

static void
teardown (void)
{
  assert_outside_is_whole ();
  ck_assert_int_eq (close (root_fd), 0);
  ck_assert_int_eq (chdir ("/"), 0);
  free (folder);
}

/* Names below PATH, in order, with '/' behind folders: "a/ a/b c". */
static void
list (int dir_fd, const char *prefix, char *text, size_t size)
{
  struct dirent **names = NULL;
  const int count = scandirat (dir_fd, ".", &names, NULL, alphasort);

  ck_assert_int_ge (count, 0);
  for (int i = 0; i < count; i++) {
    const char *name = names[i]->d_name;
    struct stat st;
    if (strcmp (name, ".") != 0 && strcmp (name, "..") != 0) {
      ck_assert_int_eq (fstatat (dir_fd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
      const size_t used = strlen (text);
      (void) snprintf (text + used, size - used, "%s%s%s%s",
                       used > 0 ? " " : "", prefix, name,
                       S_ISDIR (st.st_mode) ? "/" : "");
      if (S_ISDIR (st.st_mode)) {
        char below[256];
        (void) snprintf (below, sizeof below, "%.100s%.100s/", prefix, name);
        AUTO_CLOSE int fd =
            openat (dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        list (fd, below, text, size);
      }
    }
    free (names[i]);
  }
  free (names);
}

static const struct {
  struct layers layers;
  const char *want;
} good[] = {
  { { { { { 'd', "./", "" }, { 'f', "./a", "1" }, { 'd', "d", "" } } } },
    "a d/" },
  /* the root as umoci writes it */
  { { { { { 'd', "/", "" }, { 'f', "a", "1" } } } }, "a" },
  /* a whiteout takes away a file, a folder, nothing */
  { { { { { 'f', "a", "1" },
          { 'd', "d", "" },
          { 'f', "d/x", "1" },
          { 'f', "b", "1" } },
        { { 'f', ".wh.a", "" },
          { 'f', ".wh.d", "" },
          { 'f', ".wh.none", "" },
          { 'f', "no/such/.wh.x", "" } } } },
    "b" },
  /* what its own layer brings stays, wherever the whiteout stands */
  { { { { { 'f', "a", "1" }, { 'f', "b", "1" } },
        { { 'f', "a", "2" },
          { 'f', ".wh.a", "" },
          { 'f', ".wh.b", "" },
          { 'f', "b", "2" } } } },
    "a b" },
  /* opaque: the same for all that is in a folder */
  { { { { { 'd', "d", "" },
          { 'f', "d/old", "1" },
          { 'd', "d/e", "" },
          { 'f', "d/e/old", "1" },
          { 'f', "old", "1" } },
        { { 'd', "d", "" },
          { 'f', "d/new", "2" },
          { 'f', "d/.wh..wh..opq", "" },
          { 'f', "d/newer", "2" } } } },
    "d/ d/new d/newer old" },
  /* ... also for what a layer in between has brought, not for later ones */
  { { { { { 'd', "d", "" }, { 'f', "d/1", "1" } },
        { { 'f', "d/2", "1" } },
        { { 'f', "d/.wh..wh..opq", "" }, { 'f', "d/3", "1" } } } },
    "d/ d/3" },
  { { { { { 'd', "d", "" }, { 'f', "d/1", "1" } },
        { { 'f', "d/.wh..wh..opq", "" } },
        { { 'f', "d/3", "1" } } } },
    "d/ d/3" },
  /* ... and of the whole image */
  { { { { { 'd', "d", "" }, { 'f', "d/1", "1" } },
        { { 'f', ".wh..wh..opq", "" }, { 'f', "x", "1" } } } },
    "x" },
  /* kinds change: folder to file, file to folder, link to folder */
  { { { { { 'd', "d", "" },
          { 'f', "d/x", "1" },
          { 'f', "f", "1" },
          { 'd', "t", "" },
          { 'f', "t/x", "" },
          { 'l', "l", "t" } },
        { { 'f', "d", "2" },
          { 'd', "f", "" },
          { 'd', "l", "" },
          { 'f', "l/y", "2" } } } },
    "d f/ l/ l/y t/ t/x" },
  /* a whiteout of a link takes the link */
  { { { { { 'd', "t", "" }, { 'f', "t/x", "" }, { 'l', "l", "t" } },
        { { 'f', ".wh.l", "" } } } },
    "t/ t/x" },
};

START_TEST (test_layers)
{
  char text[1024] = "";

  make_layout (&good[_i].layers);
  ck_assert_ok (unpack_layout ());
  list (root_fd, "", text, sizeof text);
  ck_assert_str_eq (text, good[_i].want);
}
END_TEST

START_TEST (test_metadata)
{
  static const struct layers layers = {
    { { { 'd', "d", "" },
        { 'f', "d/a", "hello" },
        { 'h', "b", "d/a" },
        { 'l', "l", "/etc/passwd" } } },
  };
  struct stat a, b, d;
  char target[32] = "";

  make_layout (&layers);
  ck_assert_ok (unpack_layout ());
  ck_assert_int_eq (fstatat (root_fd, "d/a", &a, 0), 0);
  ck_assert_int_eq (fstatat (root_fd, "b", &b, 0), 0);
  ck_assert_int_eq (fstatat (root_fd, "d", &d, 0), 0);
  ck_assert_uint_eq (a.st_ino, b.st_ino);
  ck_assert_int_eq (a.st_size, 5);
  ck_assert_int_eq (a.st_mode, S_IFREG | 0640);
  ck_assert_int_eq (d.st_mode, S_IFDIR | 0750);
  ck_assert_int_eq (a.st_mtime, 1000);
  ck_assert_int_eq (d.st_mtime, 1000);
  if (geteuid () == 0) {
    ck_assert_uint_eq (a.st_uid, 1234);
    ck_assert_uint_eq (d.st_gid, 56);
  }
  ck_assert_int_gt (readlinkat (root_fd, "l", target, sizeof target - 1), 0);
  ck_assert_str_eq (target, "/etc/passwd");
}
END_TEST

/* A file of an upper layer is a new file: the other names of the old one
 * keep what they had.
 */
START_TEST (test_a_replaced_hard_link)
{
  static const struct layers layers = {
    { { { 'f', "a", "old" }, { 'h', "b", "a" } }, { { 'f', "a", "newer" } } },
  };
  struct stat a, b;

  make_layout (&layers);
  ck_assert_ok (unpack_layout ());
  ck_assert_int_eq (fstatat (root_fd, "a", &a, 0), 0);
  ck_assert_int_eq (fstatat (root_fd, "b", &b, 0), 0);
  ck_assert_int_eq (a.st_size, 5);
  ck_assert_int_eq (b.st_size, 3);
}
END_TEST

static const struct {
  struct item items[ITEM_MAX];
  const char *words;
} bad[] = {
  { { { 'f', "../outside/new", "1" } }, "layer 1: '../outside/new'" },
  { { { 'f', "a/../../outside/file", "1" } }, "a/../../outside/file" },
  { { { 'd', "..", "" } }, "'..'" },
  { { { 'f', "/outside", "1" } }, "'/outside'" },
  { { { 'l', "l", "../outside" }, { 'f', "l/new", "1" } }, "'l/new'" },
  { { { 'l', "l", "../outside" }, { 'f', "l/file", "1" } }, "'l/file'" },
  { { { 'd', "d", "" },
      { 'l', "d/l", "../.." },
      { 'l', "m", "d/l/outside" },
      { 'f', "m/new", "1" } },
    "'m/new'" },
  { { { 'h', "h", "../outside/file" } }, "'h'" },
  { { { 'h', "h", "/etc/passwd" } }, "'h'" },
  { { { 'l', "l", "../outside/file" }, { 'h', "h", "l/../../outside/file" } },
    "'h'" },
  { { { 'h', "a", "none" } }, "'a'" },
};

START_TEST (test_escapes)
{
  struct layers layers = { 0 };

  memcpy (layers.items[0], bad[_i].items, sizeof bad[_i].items);
  make_layout (&layers);
  ck_assert_fails (unpack_layout (), DC_ERR_INVALID, bad[_i].words);
}
END_TEST

/* Whiteouts of an upper layer; the lower one has made links. */
static const struct {
  const char *path;
  int is_refused;
} whiteouts[] = {
  { "../outside/.wh.file", 0 }, /* ".." ends at the root: nothing is there */
  { "l/.wh.file", 0 },
  { "l/.wh..wh..opq", 0 },
  { "../outside/.wh..wh..opq", 0 },
  { "/outside/.wh.file", 0 },
  { ".wh..", 1 },
  { ".wh...", 1 },
  { ".wh.", 1 },
};

START_TEST (test_whiteouts_that_escape)
{
  struct layers layers = {
    { { { 'l', "l", "../outside" }, { 'f', "a", "1" } } },
  };
  struct stat st;

  layers.items[1][0] = (struct item){ 'f', whiteouts[_i].path, "" };
  make_layout (&layers);
  ck_assert_int_eq (unpack_layout (), whiteouts[_i].is_refused ? -1 : 0);
  ck_assert_int_eq (fstatat (root_fd, "a", &st, 0), 0);
}
END_TEST

static void
change_blob (const char *digest, off_t size, off_t at)
{
  char path[200];

  (void) snprintf (path, sizeof path, "layout/blobs/sha256/%s", digest + 7);
  AUTO_CLOSE int fd = open (path, O_RDWR | O_CLOEXEC);
  ck_assert_int_ge (fd, 0);
  if (size > 0)
    ck_assert_int_eq (ftruncate (fd, size), 0);
  else
    ck_assert_int_eq (pwrite (fd, "X", 1, at), 1);
}

/* At which byte one is changed: in a name, in the content, behind the end. */
static const struct {
  off_t at;
  const char *words;
} damages[] = {
  { 3, "layer 1: " },
  { 514, "layer 1: blob '" },
  { 1024 + 511, "layer 1: " },
};

START_TEST (test_a_changed_blob)
{
  DC_AUTO (dc_layout) *layout = NULL;
  const struct item items[ITEM_MAX] = { { 'f', "a", "hello" } };
  struct dc_oci_layer layer;
  static char bytes[64 * 1024];

  ck_assert_ok (dc_layout_begin ("layout", DC_OUTPUT_NEW, &layout, &err));
  put_blob (layout, bytes, make_tar (items, bytes, sizeof bytes), &layer);
  publish (layout, &layer, 1);
  change_blob (layer.digest, 0, damages[_i].at);
  ck_assert_fails (unpack_layout (), DC_ERR_INVALID, damages[_i].words);
}
END_TEST

START_TEST (test_a_cut_blob)
{
  DC_AUTO (dc_layout) *layout = NULL;
  const struct item items[ITEM_MAX] = { { 'f', "a", "hello" } };
  struct dc_oci_layer layer, cut;
  static char bytes[64 * 1024];

  ck_assert_ok (dc_layout_begin ("layout", DC_OUTPUT_NEW, &layout, &err));
  const size_t size = make_tar (items, bytes, sizeof bytes);
  put_blob (layout, bytes, size, &layer);
  publish (layout, &layer, 1);
  change_blob (layer.digest, 600, 0);
  ck_assert_fails (unpack_layout (), DC_ERR_INVALID, "has 600 bytes, not");
  /* The same with a digest that fits. */
  dc_layout_free (DC_TAKE (layout));
  ck_assert_ok (dc_layout_begin ("layout", DC_OUTPUT_NEW, &layout, &err));
  put_blob (layout, bytes, 514, &cut);
  publish (layout, &cut, 1);
  ck_assert_fails (unpack_layout (), DC_ERR_INVALID, "layer 1: 'a': ");
}
END_TEST

/* Every archive that others collected, as a layer over a link that leads out:
 * whatever becomes of it, nothing outside changes.
 */
static void
unpack_foreign (const char *path)
{
  AUTO_BUFFER struct dc_buffer bytes = DC_BUFFER_INIT (1024 * 1024);
  const struct item items[ITEM_MAX] = { { 'l', "l", "../outside" } };
  DC_AUTO (dc_layout) *layout = NULL;
  struct dc_oci_layer layers[2];
  static char first[64 * 1024];
  AUTO_CLOSE int fd = dc_file_open (AT_FDCWD, path, &err);

  if (fd < 0 || dc_file_read_all (fd, &bytes, &err) < 0 || bytes.size == 0)
    return; /* a folder, or too large for this test */
  ck_assert_ok (dc_layout_begin ("layout", DC_OUTPUT_REPLACE, &layout, &err));
  put_blob (layout, first, make_tar (items, first, sizeof first), &layers[0]);
  put_blob (layout, bytes.data, bytes.size, &layers[1]);
  publish (layout, layers, 2);
  dc_layout_free (DC_TAKE (layout));
  if (unpack_layout () < 0)
    ck_assert_msg (err.code == DC_ERR_INVALID || err.code == DC_ERR_SYSTEM,
                   "%s: code %d: %s", path, (int) err.code, err.text);
  assert_outside_is_whole ();
}

START_TEST (test_foreign_archives)
{
  AUTO_FREE char *data = unit_data ("malicious-tars/libarchive-3.7.4");
  struct dirent **names = NULL;

  if (data == NULL)
    return;
  const int count = scandir (data, &names, NULL, alphasort);
  ck_assert_int_gt (count, 2);
  for (int i = 0; i < count; i++) {
    char path[4096];
    (void) snprintf (path, sizeof path, "%s/%s", data, names[i]->d_name);
    if (strstr (path, ".tar") != NULL || strstr (path, ".tgz") != NULL)
      unpack_foreign (path);
    free (names[i]);
  }
  free (names);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, test_layers, 0, DC_COUNT (good));
  tcase_add_test (tcase, test_metadata);
  tcase_add_test (tcase, test_a_replaced_hard_link);
  tcase_add_loop_test (tcase, test_escapes, 0, DC_COUNT (bad));
  tcase_add_loop_test (tcase, test_whiteouts_that_escape, 0,
                       DC_COUNT (whiteouts));
  tcase_add_loop_test (tcase, test_a_changed_blob, 0, DC_COUNT (damages));
  tcase_add_test (tcase, test_a_cut_blob);
  tcase_add_test (tcase, test_foreign_archives);
}

int
main (void)
{
  return unit_run ("unpack", add);
}

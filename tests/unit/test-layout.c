/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/json.h"
#include "lib/oci/layout.h"
#include "tests/unit/unit.h"

static char folder[] = "/tmp/decant-test-layout-XXXXXX";

static void
setup (void)
{
  (void) snprintf (folder, sizeof folder, "/tmp/decant-test-layout-XXXXXX");
  ck_assert_ptr_nonnull (mkdtemp (folder));
  ck_assert_int_eq (chdir (folder), 0);
}

static void
teardown (void)
{
  struct dc_error err;

  ck_assert_int_eq (chdir ("/"), 0);
  ck_assert_ok (dc_file_remove_tree (AT_FDCWD, folder, &err));
}

/* An image whose config says WORD, tagged TAG; its digest in DIGEST. */
static void
add_image (const char *word, const char *tag, char digest[DC_DIGEST_TEXT_SIZE],
           char old[DC_DIGEST_TEXT_SIZE])
{
  struct dc_error err;
  DC_AUTO (dc_layout) *layout = NULL;
  struct dc_oci_layer layer = { .compression = DC_COMPRESSION_NONE };
  struct dc_oci_target target;
  json_auto_t *config = json_pack ("{s:s}", "word", word);
  json_auto_t *config_at = NULL, *manifest = NULL, *manifest_at = NULL;

  ck_assert_ok (dc_layout_begin ("x", DC_OUTPUT_NEW, &layout, &err));
  AUTO_CLOSE int blob = dc_layout_blob_new (layout, &err);
  ck_assert_int_ge (blob, 0);
  ck_assert_ok (dc_file_write (blob, word, strlen (word), &err));
  ck_assert_ok (dc_digest_bytes (word, strlen (word), layer.digest, &err));
  memcpy (layer.diff_id, layer.digest, DC_DIGEST_TEXT_SIZE);
  layer.size = strlen (word);
  ck_assert_ok (dc_layout_blob_keep (layout, blob, layer.digest, &err));
  ck_assert_ok (
      dc_oci_config_layers (config, &layer, 1, "2026-01-01T00:00:00Z", &err));
  ck_assert_ok (
      dc_layout_put (layout, DC_OCI_CONFIG, config, &config_at, &err));
  ck_assert_ok (dc_oci_manifest (config_at, &layer, 1, &manifest, &err));
  ck_assert_ok (
      dc_layout_put (layout, DC_OCI_MANIFEST, manifest, &manifest_at, &err));
  ck_assert_ok (dc_oci_read_descriptor (manifest_at, &target, &err));
  memcpy (digest, target.digest, DC_DIGEST_TEXT_SIZE);
  struct dc_layout_tag named = { .name = tag, .descriptor = manifest_at };
  ck_assert_ok (dc_layout_publish (layout, &named, 1, &err));
  memcpy (old, named.old, DC_DIGEST_TEXT_SIZE);
}

START_TEST (test_tags_come_and_are_replaced)
{
  struct dc_error err;
  char one[DC_DIGEST_TEXT_SIZE], two[DC_DIGEST_TEXT_SIZE];
  char old[DC_DIGEST_TEXT_SIZE];

  add_image ("one", "a", one, old);
  ck_assert_str_eq (old, "");
  add_image ("two", "b", two, old);
  ck_assert_str_eq (old, "");
  add_image ("two", "a", two, old);
  ck_assert_str_eq (old, one);

  DC_AUTO (dc_layout) *layout = NULL;
  struct dc_image image;
  ck_assert_ok (dc_layout_open ("x", &layout, &err));
  ck_assert_ok (dc_layout_image (layout, "a", &image, &err));
  ck_assert_str_eq (image.target.digest, two);
  ck_assert_str_eq (json_string_value (json_object_get (image.config, "word")),
                    "two");
  dc_image_release (&image);
  ck_assert_fails (dc_layout_image (layout, "c", &image, &err), DC_ERR_NOTFOUND,
                   "no tag 'c', only: a, b");
}
END_TEST

START_TEST (test_nothing_is_there_before_publish)
{
  struct dc_error err;
  struct dc_layout *layout = NULL;

  ck_assert_ok (dc_layout_begin ("x", DC_OUTPUT_NEW, &layout, &err));
  ck_assert_int_ne (access ("x", F_OK), 0);
  dc_layout_free (layout);
  ck_assert_int_ne (access ("x", F_OK), 0);
  ck_assert_int_eq (rmdir (folder), 0); /* it is empty again */
  ck_assert_int_eq (mkdir (folder, 0700), 0);
}
END_TEST

START_TEST (test_anything_else_is_refused)
{
  struct dc_error err;
  struct dc_layout *layout = NULL;

  ck_assert_int_eq (mkdir ("x", 0700), 0);
  ck_assert_fails (dc_layout_begin ("x", DC_OUTPUT_NEW, &layout, &err),
                   DC_ERR_EXISTS, "OCI layout 'x': ");
  ck_assert_fails (dc_layout_open ("y", &layout, &err), DC_ERR_NOTFOUND,
                   "OCI layout 'y': there is none");
  ck_assert_ok (dc_layout_begin ("x", DC_OUTPUT_REPLACE, &layout, &err));
  dc_layout_free (layout);
}
END_TEST

static void
damage (const char *path, const char *text)
{
  FILE *file = fopen (path, "we");

  ck_assert_ptr_nonnull (file);
  ck_assert_int_ge (fputs (text, file), 0);
  ck_assert_int_eq (fclose (file), 0);
}

START_TEST (test_a_damaged_layout_is_named)
{
  struct dc_error err;
  char digest[DC_DIGEST_TEXT_SIZE], old[DC_DIGEST_TEXT_SIZE], path[200];
  struct dc_layout *layout = NULL;
  struct dc_image image;

  add_image ("one", "a", digest, old);
  (void) snprintf (path, sizeof path, "x/blobs/sha256/%s", digest + 7);
  damage (path, "{}");
  ck_assert_ok (dc_layout_open ("x", &layout, &err));
  ck_assert_fails (dc_layout_image (layout, "a", &image, &err), DC_ERR_INVALID,
                   "has 2 bytes, not");
  dc_layout_free (layout);
  damage ("x/index.json", "{\"manifests\":3}");
  ck_assert_fails (dc_layout_open ("x", &layout, &err), DC_ERR_INVALID,
                   "no list of manifests");
  damage ("x/oci-layout", "{\"imageLayoutVersion\":\"2.0\"}");
  ck_assert_fails (dc_layout_open ("x", &layout, &err), DC_ERR_UNSUPPORTED,
                   "version '2.0'");
  damage ("x/oci-layout", "not JSON");
  ck_assert_fails (dc_layout_begin ("x", DC_OUTPUT_NEW, &layout, &err),
                   DC_ERR_INVALID, "oci-layout line 1");
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, test_tags_come_and_are_replaced);
  tcase_add_test (tcase, test_nothing_is_there_before_publish);
  tcase_add_test (tcase, test_anything_else_is_refused);
  tcase_add_test (tcase, test_a_damaged_layout_is_named);
}

int
main (void)
{
  return unit_run ("layout", add);
}

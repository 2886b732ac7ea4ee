/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/buffer.h"
#include "lib/tree/backends.h"
#include "lib/tree/tarwriter.h"
#include "tests/unit/unit.h"
#include "transform/layer.h"

static const struct dc_memory_file files[] = {
  { "etc", S_IFDIR | 0755 },
  { "etc/hostname", S_IFREG | 0644, "web\n" },
};
static const uint32_t indexes[] = { 1, 2 };

static const enum dc_compression kinds[] = { DC_COMPRESSION_GZIP,
                                             DC_COMPRESSION_ZSTD };

static int
keep (void *self, const void *bytes, size_t size, struct dc_error *err)
{
  return dc_buffer_append (self, bytes, size, err);
}

/* Digest and size are those of what is in the file, the diff_id that of the
 * tar inside.
 */
START_TEST (test_says_what_it_wrote)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_layer_writer) *writer = NULL;
  AUTO_CLOSE int fd = memfd_create ("layer", MFD_CLOEXEC);
  AUTO_BUFFER struct dc_buffer blob = DC_BUFFER_INIT (1 << 20);
  AUTO_BUFFER struct dc_buffer tar = DC_BUFFER_INIT (1 << 20);
  const struct dc_compress_options options = { .kind = kinds[_i] };
  const struct dc_sink sink = { keep, &tar };
  char digest[DC_DIGEST_TEXT_SIZE];
  struct dc_progress progress;
  struct dc_oci_layer layer;

  dc_progress_begin (&progress, &dc_report_silent, "writing", 0);
  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  ck_assert_ok (dc_layer_begin (fd, &options, &progress, &writer, &err));
  ck_assert_ok (dc_tar_write (tree, indexes, DC_COUNT (indexes),
                              dc_layer_pipeline (writer), &err));
  ck_assert_ok (dc_layer_close (writer, &err));
  ck_assert_ok (dc_layer_finish (writer, &layer, &err));

  ck_assert_ok (dc_buffer_reserve (&blob, layer.size, &err));
  ck_assert_int_eq (pread (fd, blob.data, layer.size + 1, 0),
                    (ssize_t) layer.size);
  ck_assert_ok (dc_digest_bytes (blob.data, layer.size, digest, &err));
  ck_assert_str_eq (layer.digest, digest);
  ck_assert_int_eq (lseek (fd, 0, SEEK_SET), 0);
  ck_assert_ok (dc_decompress_fd (fd, kinds[_i], 1 << 20, &sink, &err));
  ck_assert_ok (dc_digest_bytes (tar.data, tar.size, digest, &err));
  ck_assert_str_eq (layer.diff_id, digest);
  ck_assert_uint_eq (progress.done, tar.size);
}
END_TEST

/* A file that cannot be written to is an error of the layer, not a hang. */
START_TEST (test_a_full_disk_is_told)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_layer_writer) *writer = NULL;
  AUTO_CLOSE int fd = open ("/dev/full", O_WRONLY | O_CLOEXEC);
  const struct dc_compress_options options = { .kind = kinds[_i] };
  struct dc_progress progress;
  struct dc_oci_layer layer;

  dc_progress_begin (&progress, &dc_report_silent, "writing", 0);
  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  ck_assert_ok (dc_layer_begin (fd, &options, &progress, &writer, &err));
  ck_assert_ok (dc_tar_write (tree, indexes, DC_COUNT (indexes),
                              dc_layer_pipeline (writer), &err));
  (void) dc_layer_close (writer, &err); /* may know of it already */
  ck_assert_fails (dc_layer_finish (writer, &layer, &err), DC_ERR_SYSTEM,
                   "No space left");
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_says_what_it_wrote, 0,
                       (int) DC_COUNT (kinds));
  tcase_add_loop_test (tcase, test_a_full_disk_is_told, 0,
                       (int) DC_COUNT (kinds));
}

int
main (void)
{
  return unit_run ("layer", add);
}

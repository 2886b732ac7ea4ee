/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* write-tar: a folder as a layer, for functional tests and timings.
 *
 *   write-tar FOLDER [KIND] >LAYER
 *
 * KIND is that of a compression, or "holes": not compressed, and holes stay.
 * It prints the two digests of the layer, of the archive and of the bytes
 * written, on stderr.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/compress.h"
#include "lib/digest.h"
#include "lib/file.h"
#include "lib/pipeline.h"
#include "lib/tree/backends.h"
#include "lib/tree/tarwriter.h"

struct layer {
  struct dc_digest *plain, *packed;
  struct dc_compressor *compressor;
  struct dc_tar_options options;
  char diff_id[DC_DIGEST_TEXT_SIZE], digest[DC_DIGEST_TEXT_SIZE];
};

static int
write_packed (void *self, const void *bytes, size_t size, struct dc_error *err)
{
  struct layer *layer = self;

  if (dc_digest_add (layer->packed, bytes, size, err) < 0)
    return -1;
  return dc_file_write (STDOUT_FILENO, bytes, size, err);
}

static int
digest (void *self, const void *bytes, size_t size, struct dc_error *err)
{
  struct layer *layer = self;

  return dc_digest_add (layer->plain, bytes, size, err);
}

static int
end_digest (void *self, struct dc_error *err)
{
  struct layer *layer = self;

  return dc_digest_end (layer->plain, layer->diff_id, err);
}

static int
compress (void *self, const void *bytes, size_t size, struct dc_error *err)
{
  struct layer *layer = self;

  return dc_compressor_add (layer->compressor, bytes, size, err);
}

static int
end_compress (void *self, struct dc_error *err)
{
  struct layer *layer = self;

  if (dc_compressor_end (layer->compressor, err) < 0)
    return -1;
  return dc_digest_end (layer->packed, layer->digest, err);
}

static int
write_tree (struct dc_tree *tree, const struct dc_tar_options *options,
            struct dc_pipeline *pipeline, struct dc_error *err)
{
  AUTO_FREE uint32_t *indexes = calloc (tree->count, sizeof *indexes);

  if (indexes == NULL)
    return dc_fail_errno (err, "cannot list the members");
  for (uint32_t i = 0; i < tree->count; i++)
    indexes[i] = i;
  if (dc_tar_write_as (tree, indexes, tree->count, options, pipeline, err) <
          0 ||
      dc_pipeline_close (pipeline, err) < 0)
    return -1;
  return dc_pipeline_join (pipeline, err);
}

static int
write_layer (int dir_fd, const struct dc_compress_options *options,
             struct layer *layer, struct dc_error *err)
{
  const struct dc_sink sink = { .write = write_packed, .self = layer };
  const struct dc_stage stages[] = {
    { .consume = digest, .finish = end_digest, .self = layer },
    { .consume = compress, .finish = end_compress, .self = layer },
  };
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_pipeline) *pipeline = NULL;

  if (dc_tree_dir (dir_fd, &tree, err) < 0 ||
      dc_digest_new (&layer->plain, err) < 0 ||
      dc_digest_new (&layer->packed, err) < 0 ||
      dc_compressor_new (options, &sink, &layer->compressor, err) < 0 ||
      dc_pipeline_new (stages, DC_COUNT (stages), &pipeline, err) < 0)
    return -1;
  return write_tree (tree, &layer->options, pipeline, err);
}

int
main (int argc, char **argv)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_compress_options options = { .kind = DC_COMPRESSION_NONE };
  struct layer layer = { .plain = NULL };

  layer.options.keeps_holes = argc == 3 && strcmp (argv[2], "holes") == 0;
  if (argc < 2 || argc > 3 ||
      (argc == 3 && !layer.options.keeps_holes &&
       dc_compression_parse (argv[2], &options.kind, &err) < 0)) {
    fprintf (stderr, "usage: write-tar FOLDER [KIND] >LAYER\n");
    return 2;
  }
  AUTO_CLOSE int dir_fd = open (argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir_fd < 0) {
    perror (argv[1]);
    return 1;
  }
  const int status = write_layer (dir_fd, &options, &layer, &err);
  dc_compressor_free (layer.compressor);
  dc_digest_free (layer.plain);
  dc_digest_free (layer.packed);
  if (status < 0) {
    fprintf (stderr, "write-tar: %s\n", err.text);
    return 1;
  }
  fprintf (stderr, "%s %s\n", layer.diff_id, layer.digest);
  return 0;
}

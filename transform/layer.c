/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "lib/digest.h"
#include "lib/file.h"
#include "transform/layer.h"

#define WRITE_BEHIND_SIZE ((uint64_t) 8 * 1024 * 1024)

struct dc_layer_writer {
  int fd;
  uint64_t written_behind; /* bytes that the kernel was told to write */
  struct dc_pipeline *pipeline;
  struct dc_progress *progress;
  struct dc_compressor *compressor;
  struct dc_digest *tar_digest;  /* only its stage's thread touches it */
  struct dc_digest *blob_digest; /* only the compressor's thread */
  struct dc_oci_layer layer;
};

static int
digest_tar (void *self, const void *bytes, size_t size, struct dc_error *err)
{
  struct dc_layer_writer *writer = self;

  dc_progress_add (writer->progress, size);
  return dc_digest_add (writer->tar_digest, bytes, size, err);
}

static int
end_tar (void *self, struct dc_error *err)
{
  struct dc_layer_writer *writer = self;

  return dc_digest_end (writer->tar_digest, writer->layer.diff_id, err);
}

static int
compress_tar (void *self, const void *bytes, size_t size, struct dc_error *err)
{
  struct dc_layer_writer *writer = self;

  return dc_compressor_add (writer->compressor, bytes, size, err);
}

static int
end_blob (void *self, struct dc_error *err)
{
  struct dc_layer_writer *writer = self;

  if (dc_compressor_end (writer->compressor, err) < 0)
    return -1;
  return dc_digest_end (writer->blob_digest, writer->layer.digest, err);
}

static int
write_blob (void *self, const void *bytes, size_t size, struct dc_error *err)
{
  struct dc_layer_writer *writer = self;

  if (dc_digest_add (writer->blob_digest, bytes, size, err) < 0 ||
      dc_file_write (writer->fd, bytes, size, err) < 0)
    return -1;
  writer->layer.size += size;
  const uint64_t behind = writer->layer.size - writer->written_behind;
  if (behind >= WRITE_BEHIND_SIZE) {
    dc_file_write_behind (writer->fd, writer->written_behind, behind);
    writer->written_behind = writer->layer.size;
  }
  return 0;
}

int
dc_layer_begin (int fd, const struct dc_compress_options *options,
                struct dc_progress *progress, struct dc_layer_writer **out,
                struct dc_error *err)
{
  DC_AUTO (dc_layer_writer) *writer = calloc (1, sizeof *writer);

  if (writer == NULL)
    return dc_fail_errno (err, "cannot keep a layer");
  writer->fd = fd;
  writer->progress = progress;
  writer->layer.compression = options->kind;
  const struct dc_sink sink = { write_blob, writer };
  const struct dc_stage stages[] = {
    { digest_tar, end_tar, writer },
    { compress_tar, end_blob, writer },
  };
  if (dc_digest_new (&writer->tar_digest, err) < 0 ||
      dc_digest_new (&writer->blob_digest, err) < 0 ||
      dc_compressor_new (options, &sink, &writer->compressor, err) < 0 ||
      dc_pipeline_new (stages, DC_COUNT (stages), &writer->pipeline, err) < 0)
    return -1;
  *out = DC_TAKE (writer);
  return 0;
}

struct dc_pipeline *
dc_layer_pipeline (struct dc_layer_writer *writer)
{
  return writer->pipeline;
}

int
dc_layer_close (struct dc_layer_writer *writer, struct dc_error *err)
{
  return dc_pipeline_close (writer->pipeline, err);
}

int
dc_layer_finish (struct dc_layer_writer *writer, struct dc_oci_layer *out,
                 struct dc_error *err)
{
  if (dc_pipeline_join (writer->pipeline, err) < 0)
    return -1;
  *out = writer->layer;
  return 0;
}

void
dc_layer_writer_free (struct dc_layer_writer *writer)
{
  if (writer == NULL)
    return;
  dc_pipeline_free (writer->pipeline); /* first: its threads use the rest */
  dc_compressor_free (writer->compressor);
  dc_digest_free (writer->tar_digest);
  dc_digest_free (writer->blob_digest);
  free (writer);
}

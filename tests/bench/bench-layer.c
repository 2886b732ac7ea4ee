/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* bench-layer: one file through the path of a layer, timed.
 *
 *   bench-layer INPUT OUTPUT [KIND [LEVEL [THREADS]]]
 *
 * INPUT -> pipeline { SHA-256 | compress -> SHA-256 -> OUTPUT }
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "lib/compress.h"
#include "lib/digest.h"
#include "lib/pipeline.h"

struct side {
  struct dc_digest *digest;
  char text[DC_DIGEST_TEXT_SIZE];
  struct dc_compressor *compressor; /* NULL: digest only */
  int fd;
  uint64_t size;
};

static int
digest_part (void *self, const void *bytes, size_t size, struct dc_error *err)
{
  struct side *side = self;

  side->size += size;
  return dc_digest_add (side->digest, bytes, size, err);
}

static int
digest_end (void *self, struct dc_error *err)
{
  struct side *side = self;

  return dc_digest_end (side->digest, side->text, err);
}

static int
compress_part (void *self, const void *bytes, size_t size, struct dc_error *err)
{
  struct side *side = self;

  return dc_compressor_add (side->compressor, bytes, size, err);
}

static int
compress_end (void *self, struct dc_error *err)
{
  struct side *side = self;

  if (dc_compressor_end (side->compressor, err) < 0)
    return -1;
  return digest_end (self, err);
}

static int
write_part (void *self, const void *bytes, size_t size, struct dc_error *err)
{
  struct side *side = self;

  if (digest_part (side, bytes, size, err) < 0)
    return -1;
  for (const char *from = bytes; size > 0;) {
    const ssize_t n = write (side->fd, from, size);
    if (n < 0)
      return dc_fail_errno (err, "cannot write");
    from += n;
    size -= (size_t) n;
  }
  return 0;
}

static int
feed (int fd, struct dc_pipeline *pipeline, struct dc_error *err)
{
  for (;;) {
    void *bytes;
    size_t room;
    if (dc_pipeline_room (pipeline, &bytes, &room, err) < 0)
      return -1;
    const ssize_t n = read (fd, bytes, room);
    if (n < 0)
      return dc_fail_errno (err, "cannot read");
    if (n == 0)
      break;
    if (dc_pipeline_commit (pipeline, (size_t) n, err) < 0)
      return -1;
  }
  if (dc_pipeline_close (pipeline, err) < 0)
    return -1;
  return dc_pipeline_join (pipeline, err);
}

static int
run (int in, const struct dc_compress_options *options, struct side *plain,
     struct side *packed, struct dc_error *err)
{
  const struct dc_sink sink = { .write = write_part, .self = packed };
  const struct dc_stage stages[] = {
    { digest_part, digest_end, plain },
    { compress_part, compress_end, packed },
  };
  DC_AUTO (dc_pipeline) *pipeline = NULL;

  if (dc_digest_new (&plain->digest, err) < 0 ||
      dc_digest_new (&packed->digest, err) < 0 ||
      dc_compressor_new (options, &sink, &packed->compressor, err) < 0 ||
      dc_pipeline_new (stages, DC_COUNT (stages), &pipeline, err) < 0)
    return -1;
  return feed (in, pipeline, err);
}

static double
now (void)
{
  struct timespec t;

  (void) clock_gettime (CLOCK_MONOTONIC, &t);
  return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

int
main (int argc, char **argv)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_compress_options options = { .kind = DC_COMPRESSION_ZSTD };
  struct side plain = { .fd = -1 }, packed = { .fd = -1 };
  struct rusage usage;

  if (argc < 3 ||
      (argc > 3 && dc_compression_parse (argv[3], &options.kind, &err) < 0)) {
    fprintf (stderr, "usage: %s INPUT OUTPUT [KIND [LEVEL [THREADS]]]\n",
             argv[0]);
    return 2;
  }
  options.level = argc > 4 ? (int) strtol (argv[4], NULL, 10) : 0;
  options.threads = argc > 5 ? (unsigned) strtoul (argv[5], NULL, 10) : 0;

  const double start = now ();
  const int in = open (argv[1], O_RDONLY | O_CLOEXEC);
  packed.fd = open (argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (in < 0 || packed.fd < 0) {
    perror (argv[0]);
    return 1;
  }
  if (run (in, &options, &plain, &packed, &err) < 0) {
    fprintf (stderr, "%s: %s\n", argv[0], err.text);
    return 1;
  }
  dc_compressor_free (packed.compressor);
  const double seconds = now () - start;
  (void) getrusage (RUSAGE_SELF, &usage);
  printf ("%.3f s, %.0f MB/s, %ju -> %ju bytes, %ld MiB, %s %s\n", seconds,
          (double) plain.size / 1e6 / seconds, (uintmax_t) plain.size,
          (uintmax_t) packed.size, usage.ru_maxrss / 1024, plain.text,
          packed.text);
  return 0;
}

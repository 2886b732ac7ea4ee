/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "lib/compress.h"

/* What ZSTD_DStreamInSize() and ZSTD_DStreamOutSize() give. */
#define BLOCK_SIZE ((size_t) 128 * 1024)

/* Input and output of one decompression. */
struct flow {
  int fd;
  uint64_t taken;      /* bytes read from FD */
  uint64_t given, max; /* bytes handed to the sink */
  const struct dc_sink *sink;
  struct dc_error *err;
  bool has_ended;  /* FD has no more */
  bool has_failed; /* ERR is set, whatever libarchive says afterwards */
  char in[BLOCK_SIZE], out[BLOCK_SIZE];
};

/* Fill flow->in; the bytes read, 0 at the end, -1 with ERR. */
static ssize_t
take (struct flow *flow)
{
  ssize_t size;

  do
    size = read (flow->fd, flow->in, sizeof flow->in);
  while (size < 0 && errno == EINTR);
  if (size < 0) {
    flow->has_failed = true;
    return dc_fail_errno (flow->err, "cannot read");
  }
  flow->taken += (uint64_t) size;
  return size;
}

static int
give (struct flow *flow, const void *bytes, size_t size)
{
  if (size == 0)
    return 0;
  if (size > flow->max - flow->given)
    return dc_fail (flow->err, DC_ERR_LIMIT,
                    "data becomes more than %ju bytes, which is the limit",
                    (uintmax_t) flow->max);
  flow->given += size;
  return flow->sink->write (flow->sink->self, bytes, size, flow->err);
}

static int
copy (struct flow *flow)
{
  for (;;) {
    const ssize_t size = take (flow);
    if (size <= 0)
      return (int) size;
    if (give (flow, flow->in, (size_t) size) < 0)
      return -1;
  }
}

static int
fail_zstd (struct flow *flow, size_t status)
{
  const enum dc_code code =
      ZSTD_getErrorCode (status) == ZSTD_error_frameParameter_windowTooLarge
          ? DC_ERR_LIMIT
          : DC_ERR_INVALID;

  return dc_fail (flow->err, code, "zstd data is damaged: %s",
                  ZSTD_getErrorName (status));
}

/* All of IN; *REST is 0 when that was the end of a frame. */
static int
inflate_zstd (struct flow *flow, ZSTD_DCtx *ctx, ZSTD_inBuffer *in,
              size_t *rest)
{
  ZSTD_outBuffer out;

  /* In the middle of a frame a full output may mean that there is more. */
  do {
    out = (ZSTD_outBuffer){ .dst = flow->out, .size = sizeof flow->out };
    *rest = ZSTD_decompressStream (ctx, &out, in);
    if (ZSTD_isError (*rest))
      return fail_zstd (flow, *rest);
    if (give (flow, out.dst, out.pos) < 0)
      return -1;
  } while (in->pos < in->size || (*rest > 0 && out.pos == out.size));
  return 0;
}

static int
unzstd_with (struct flow *flow, ZSTD_DCtx *ctx)
{
  size_t rest = 1; /* not even one frame */

  for (;;) {
    const ssize_t size = take (flow);
    if (size < 0)
      return -1;
    if (size == 0)
      break;
    ZSTD_inBuffer in = { .src = flow->in, .size = (size_t) size };
    if (inflate_zstd (flow, ctx, &in, &rest) < 0)
      return -1;
  }
  if (rest > 0)
    return dc_fail (flow->err, DC_ERR_INVALID,
                    "zstd data ends too early, after %ju bytes",
                    (uintmax_t) flow->taken);
  return 0;
}

/* The library's own limit of the window (128 MiB) bounds memory. */
static int
unzstd (struct flow *flow)
{
  ZSTD_DCtx *ctx = ZSTD_createDCtx ();

  if (ctx == NULL)
    return dc_fail (flow->err, DC_ERR_SYSTEM,
                    "cannot decompress zstd: no memory");
  const int status = unzstd_with (flow, ctx);
  (void) ZSTD_freeDCtx (ctx); /* always succeeds */
  return status;
}

/* libarchive's gzip filter takes whatever it does not understand for the end
 * of the file, an incomplete trailer included.  So the file is followed by
 * as many zeros as a trailer has bytes (RFC 1952, section 2.3.1): where
 * something is missing they are consumed in its place, and after a whole
 * member they are too few to be another.
 */
#define TRAILER_SIZE 8

/* Bytes of input that libarchive is done with; it may hold more. */
static uint64_t
consumed_by (struct archive *archive)
{
  return (uint64_t) archive_filter_bytes (archive, -1);
}

static la_ssize_t
take_for_archive (struct archive *archive, void *self, const void **bytes)
{
  static const char zeros[TRAILER_SIZE];
  struct flow *flow = self;

  /* A member's header is kept until all of it was seen, and a file name in
   * there ends only at a NUL.
   */
  if (flow->taken > consumed_by (archive) + DC_GZIP_HEADER_SIZE_MAX) {
    flow->has_failed = true;
    return dc_fail (flow->err, DC_ERR_LIMIT,
                    "a gzip header is longer than %zu bytes",
                    DC_GZIP_HEADER_SIZE_MAX);
  }

  const ssize_t size = flow->has_ended ? 0 : take (flow);
  *bytes = flow->in;
  if (size != 0 || flow->has_ended)
    return size;
  flow->has_ended = true;
  *bytes = zeros;
  return sizeof zeros;
}

static int
fail_archive (struct flow *flow, struct archive *archive)
{
  const char *reason = archive_error_string (archive);
  const enum dc_code code =
      archive_errno (archive) == ENOMEM ? DC_ERR_SYSTEM : DC_ERR_INVALID;

  if (flow->has_failed)
    return -1;
  return dc_fail (flow->err, code, "gzip data is damaged: %s",
                  reason != NULL ? reason : "libarchive gives no reason");
}

static int
check_end (struct flow *flow, struct archive *archive)
{
  const uint64_t end = consumed_by (archive);

  if (end > flow->taken)
    return dc_fail (flow->err, DC_ERR_INVALID,
                    "gzip data ends too early, after %ju bytes",
                    (uintmax_t) flow->taken);
  if (end < flow->taken || end == 0)
    return dc_fail (flow->err, DC_ERR_INVALID,
                    "gzip data is damaged: no member begins at byte %ju",
                    (uintmax_t) end);
  return 0;
}

/* The filter is set, not guessed: a guess would inflate once more what is
 * inside.  "raw" is one nameless file, "empty" the same without bytes; a
 * failure before the first byte looks empty, too, but leaves its reason.
 */
static int
open_gzip (struct flow *flow, struct archive *archive)
{
  if (archive_read_append_filter (archive, ARCHIVE_FILTER_GZIP) < ARCHIVE_OK ||
      archive_read_support_format_raw (archive) < ARCHIVE_OK ||
      archive_read_support_format_empty (archive) < ARCHIVE_OK ||
      archive_read_open (archive, flow, NULL, take_for_archive, NULL) <
          ARCHIVE_OK ||
      archive_error_string (archive) != NULL)
    return fail_archive (flow, archive);
  return 0;
}

static int
gunzip_with (struct flow *flow, struct archive *archive)
{
  struct archive_entry *entry;
  const void *bytes;
  size_t size;
  la_int64_t offset;

  if (open_gzip (flow, archive) < 0)
    return -1;
  int status = archive_read_next_header (archive, &entry);
  while (status == ARCHIVE_OK) {
    status = archive_read_data_block (archive, &bytes, &size, &offset);
    if (status == ARCHIVE_OK && give (flow, bytes, size) < 0)
      return -1;
  }
  if (status != ARCHIVE_EOF || flow->has_failed)
    return fail_archive (flow, archive);
  return check_end (flow, archive);
}

static int
gunzip (struct flow *flow)
{
  struct archive *archive = archive_read_new ();

  if (archive == NULL)
    return dc_fail (flow->err, DC_ERR_SYSTEM,
                    "cannot decompress gzip: no memory");
  const int status = gunzip_with (flow, archive);
  (void) archive_read_free (archive); /* nothing was written */
  return status;
}

int
dc_decompress_fd (int fd, enum dc_compression kind, uint64_t max,
                  const struct dc_sink *sink, struct dc_error *err)
{
  static int (*const run[]) (struct flow *) = {
    [DC_COMPRESSION_NONE] = copy,
    [DC_COMPRESSION_GZIP] = gunzip,
    [DC_COMPRESSION_ZSTD] = unzstd,
  };
  AUTO_FREE struct flow *flow = malloc (sizeof *flow);

  if (flow == NULL)
    return dc_fail_errno (err, "cannot decompress");
  flow->fd = fd;
  flow->taken = flow->given = 0;
  flow->max = max;
  flow->sink = sink;
  flow->err = err;
  flow->has_ended = flow->has_failed = false;
  return run[kind](flow);
}

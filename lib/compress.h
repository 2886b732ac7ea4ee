/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_COMPRESS_H
#define DC_LIB_COMPRESS_H

/* compress: bytes in, compressed bytes out, on all cores.
 *
 * zstd: libzstd's multi-threaded mode always, also with one worker, because
 * only then the bytes do not depend on the number of workers (measured:
 * 1, 2 and 4 workers agree, 0 differs).
 * gzip: libdeflate, one member per DC_GZIP_MEMBER_SIZE bytes of input, which
 * RFC 1952 section 2.2 allows; the members are made in parallel.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/error.h"

#define DC_GZIP_MEMBER_SIZE ((size_t) 1024 * 1024)

enum dc_compression {
  DC_COMPRESSION_NONE,
  DC_COMPRESSION_GZIP,
  DC_COMPRESSION_ZSTD,
};

/* Where bytes go.  write() returns 0, or -1 with ERR. */
struct dc_sink {
  int (*write) (void *self, const void *bytes, size_t size,
                struct dc_error *err);
  void *self;
};

struct dc_compress_options {
  enum dc_compression kind;
  int level;        /* 0: the default of the kind (zstd 3, gzip 6) */
  unsigned threads; /* 0: the number of usable cores */
};

struct dc_compressor;

/* SINK is copied; its write() is called from the thread that calls add() and
 * end(), in order.
 */
int dc_compressor_new (const struct dc_compress_options *options,
                       const struct dc_sink *sink, struct dc_compressor **out,
                       struct dc_error *err);
int dc_compressor_add (struct dc_compressor *compressor, const void *bytes,
                       size_t size, struct dc_error *err);
int dc_compressor_end (struct dc_compressor *compressor, struct dc_error *err);
void dc_compressor_free (struct dc_compressor *compressor);
DC_DEFINE_AUTO (dc_compressor)

/* The reverse, for a whole descriptor: inflate FD from where it stands into
 * SINK, at most MAX bytes of output (DC_ERR_LIMIT).  Several gzip members or
 * zstd frames in a row are one stream.  DC_ERR_INVALID for damaged input.
 */
int dc_decompress_fd (int fd, enum dc_compression kind, uint64_t max,
                      const struct dc_sink *sink, struct dc_error *err);

/* "zstd", "gzip", "none" from and to text; -1 with ERR for another word. */
int dc_compression_parse (const char *word, enum dc_compression *kind,
                          struct dc_error *err);
const char *dc_compression_name (enum dc_compression kind);

/* The cores that this process may use, at least 1. */
unsigned dc_usable_cores (void);

#endif

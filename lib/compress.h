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
 *
 * The bytes depend on nothing but the input, the kind, the level and the
 * version of the library: not on the number of threads, nor on the sizes in
 * which the input was added.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/error.h"

#define DC_GZIP_MEMBER_SIZE ((size_t) 1024 * 1024)
#define DC_GZIP_HEADER_SIZE_MAX ((size_t) 1024 * 1024) /* bytes, of a member */

/* With level 3 six threads keep up with the SHA-256 of the input beside them,
 * which is one thread's work.  Memory, measured with 2 and 16 threads: zstd 3
 * to 6 takes 3 MiB a thread and 6 more, gzip 5 MiB a thread; zstd from level
 * 9 on takes 30 to 90 MiB a thread.
 */
#define DC_COMPRESS_THREAD_MAX 16

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
  int level;        /* 0: the default (zstd 3, gzip 6); at most 19, 12 */
  unsigned threads; /* 0: as usable cores; never above the maximum */
};

struct dc_compressor;

/* SINK is copied; its write() is called from the thread that calls add() and
 * end(), in order.  -1: DC_ERR_INVALID (no such level), DC_ERR_UNSUPPORTED (a
 * libzstd without threads), DC_ERR_SYSTEM, and from add() and end() what the
 * sink said.  After a failure, and after end(), only free() may follow.
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
 * SINK, at most MAX bytes of output (DC_ERR_LIMIT; the sink never gets more).
 * Several gzip members or zstd frames in a row are one stream; anything else
 * after them, an early end and an empty file are DC_ERR_INVALID.  The check
 * sums in gzip trailers are not compared (libarchive 3.6 does not): who needs
 * every bit compares the digest that OCI gives to every blob.
 *
 * Memory: below 1 MiB, gzip with a long header 3 MiB, zstd the window that
 * the frame asks for, at most 128 MiB (the library's own limit).
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

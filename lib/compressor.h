/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_COMPRESSOR_H
#define DC_LIB_COMPRESSOR_H

/* compressor: what a kind of compression must have; for lib/compress*.c.
 *
 * A new kind is a file with these functions and a row of the table in
 * lib/compress.c.
 */

#include "lib/compress.h"

struct dc_compressor_ops {
  int (*add) (struct dc_compressor *compressor, const void *bytes, size_t size,
              struct dc_error *err);
  int (*end) (struct dc_compressor *compressor, struct dc_error *err);
  void (*free) (struct dc_compressor *compressor);
};

/* The head of every kind's own struct. */
struct dc_compressor {
  const struct dc_compressor_ops *ops;
  struct dc_sink sink;
};

/* LEVEL is one that the kind has, THREADS at least 1.  The new object's ops
 * are set, its sink is the caller's to set.
 */
int dc_compressor_new_gzip (int level, unsigned threads,
                            struct dc_compressor **out, struct dc_error *err);
int dc_compressor_new_zstd (int level, unsigned threads,
                            struct dc_compressor **out, struct dc_error *err);

/* Hand SIZE bytes to the sink, if there are any. */
int dc_compressor_write (const struct dc_compressor *compressor,
                         const void *bytes, size_t size, struct dc_error *err);

#endif

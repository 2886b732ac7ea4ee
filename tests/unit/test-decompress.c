/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <zstd.h>

#include "lib/buffer.h"
#include "lib/compress.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

#define MIB ((size_t) 1024 * 1024)

static int
append (void *self, const void *bytes, size_t size, struct dc_error *err)
{
  struct dc_buffer *b = self;

  return dc_buffer_append (b, bytes, size, err);
}

/* Append SIZE bytes, compressed, to B. */
static void
pack (enum dc_compression kind, const void *bytes, size_t size,
      struct dc_buffer *b)
{
  struct dc_error err;
  const struct dc_compress_options options = { .kind = kind, .threads = 1 };
  const struct dc_sink sink = { .write = append, .self = b };
  DC_AUTO (dc_compressor) *compressor = NULL;

  ck_assert_ok (dc_compressor_new (&options, &sink, &compressor, &err));
  ck_assert_ok (dc_compressor_add (compressor, bytes, size, &err));
  ck_assert_ok (dc_compressor_end (compressor, &err));
}

/* An open file of these bytes. */
static int
file_of (const void *bytes, size_t size)
{
  const int fd = memfd_create ("packed", MFD_CLOEXEC);

  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (write (fd, bytes, size), (ssize_t) size);
  ck_assert_int_eq (lseek (fd, 0, SEEK_SET), 0);
  return fd;
}

/* Decompress SIZE bytes, at most MAX, into OUT. */
static int
unpack (enum dc_compression kind, const void *bytes, size_t size, uint64_t max,
        struct dc_buffer *out, struct dc_error *err)
{
  AUTO_CLOSE int fd = file_of (bytes, size);
  const struct dc_sink sink = { .write = append, .self = out };

  return dc_decompress_fd (fd, kind, max, &sink, err);
}

static void
fill (char *bytes, size_t size)
{
  uint32_t random = 7;

  for (size_t i = 0; i < size; i++) {
    random = random * 1664525 + 1013904223;
    bytes[i] = (char) (random >> (i & 4096 ? 24 : 30));
  }
}

START_TEST (test_streams_in_a_row_are_one)
{
  static const size_t sizes[] = { 0, 1, 100, MIB, 3 * MIB + 5 };
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer packed = DC_BUFFER_INIT (64 * MIB);
  AUTO_BUFFER struct dc_buffer plain = DC_BUFFER_INIT (64 * MIB);
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (64 * MIB);
  AUTO_FREE char *bytes = malloc (3 * MIB + 5);

  fill (bytes, 3 * MIB + 5);
  for (size_t i = 0; i < DC_COUNT (sizes); i++) {
    pack ((enum dc_compression) _i, bytes, sizes[i], &packed);
    ck_assert_ok (dc_buffer_append (&plain, bytes, sizes[i], &err));
    dc_buffer_clear (&out);
    ck_assert_ok (unpack ((enum dc_compression) _i, packed.data, packed.size,
                          plain.size, &out, &err));
    ck_assert_uint_eq (out.size, plain.size);
    if (plain.size > 0)
      ck_assert_int_eq (memcmp (out.data, plain.data, plain.size), 0);
  }
}
END_TEST

/* The library hands out whole blocks, of 128 KiB at most; ours of 100 kB lie
 * across its ends of output, the last one when all input is used up.
 */
START_TEST (test_zstd_blocks_across_the_ends_of_output)
{
  struct dc_error err;
  const size_t block = 100 * 1000;
  AUTO_FREE char *zeros = calloc (1, block);
  char packed[4096];
  ZSTD_CCtx *ctx = ZSTD_createCCtx ();
  ZSTD_outBuffer packer = { .dst = packed, .size = sizeof packed };
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (MIB);

  for (int i = 0; i < 3; i++) {
    ZSTD_inBuffer in = { .src = zeros, .size = block };
    ck_assert_uint_eq (ZSTD_compressStream2 (ctx, &packer, &in,
                                             i < 2 ? ZSTD_e_flush : ZSTD_e_end),
                       0);
  }
  (void) ZSTD_freeCCtx (ctx);
  ck_assert_ok (
      unpack (DC_COMPRESSION_ZSTD, packed, packer.pos, MIB, &out, &err));
  ck_assert_uint_eq (out.size, 3 * block);
}
END_TEST

/* Where a whole stream ends is no early end; nobody can tell. */
START_TEST (test_every_early_end_is_noticed)
{
  static const size_t sizes[] = { 0, 2000, 200 * 1000 };
  const enum dc_compression kind = (enum dc_compression) _i;
  struct dc_error err;
  AUTO_FREE char *bytes = malloc (MIB);

  fill (bytes, MIB);
  for (size_t i = 0; i < DC_COUNT (sizes); i++) {
    AUTO_BUFFER struct dc_buffer packed = DC_BUFFER_INIT (MIB);
    AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (MIB);
    pack (kind, bytes, sizes[i], &packed);
    const size_t first = packed.size;
    pack (kind, bytes, 100, &packed);
    for (size_t size = 0; size < packed.size; size++) {
      const int is_near_an_end = first - size < 40 || packed.size - size < 120;
      if (size == first || (size > 2000 && size % 997 > 0 && !is_near_an_end))
        continue;
      dc_buffer_clear (&out);
      ck_assert_fails (unpack (kind, packed.data, size, MIB, &out, &err),
                       DC_ERR_INVALID, dc_compression_name (kind));
    }
  }
}
END_TEST

START_TEST (test_bytes_after_the_end_are_noticed)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer packed = DC_BUFFER_INIT (2 * MIB);
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (2 * MIB);
  static char bytes[MIB]; /* so that the tail lies in a later block, too */

  fill (bytes, sizeof bytes);
  for (size_t size = 1; size <= sizeof bytes; size *= MIB) {
    dc_buffer_clear (&packed);
    dc_buffer_clear (&out);
    pack ((enum dc_compression) _i, bytes, size, &packed);
    ck_assert_ok (dc_buffer_append (&packed, "junk", 4, &err));
    ck_assert_fails (unpack ((enum dc_compression) _i, packed.data, packed.size,
                             2 * MIB, &out, &err),
                     DC_ERR_INVALID, "damaged");
  }
}
END_TEST

/* Any answer will do but a crash or more than the maximum. */
START_TEST (test_damage_is_survived)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer packed = DC_BUFFER_INIT (MIB);
  char bytes[3000];
  int failures = 0;

  fill (bytes, sizeof bytes);
  pack ((enum dc_compression) _i, bytes, sizeof bytes, &packed);
  for (size_t i = 0; i < packed.size * 8; i += 3) {
    AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (4000);
    packed.data[i / 8] ^= (char) (1 << i % 8);
    failures += unpack ((enum dc_compression) _i, packed.data, packed.size,
                        4000, &out, &err) < 0;
    packed.data[i / 8] ^= (char) (1 << i % 8);
  }
  ck_assert_int_gt (failures, 0);
}
END_TEST

START_TEST (test_a_bomb_is_stopped)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer packed = DC_BUFFER_INIT (32 * MIB);
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (32 * MIB);
  AUTO_FREE char *zeros = calloc (16, MIB);

  pack ((enum dc_compression) _i, zeros, 16 * MIB, &packed);
  ck_assert_ok (unpack ((enum dc_compression) _i, packed.data, packed.size,
                        16 * MIB, &out, &err));
  dc_buffer_clear (&out);
  ck_assert_fails (unpack ((enum dc_compression) _i, packed.data, packed.size,
                           16 * MIB - 1, &out, &err),
                   DC_ERR_LIMIT, "more than 16777215 bytes");
  ck_assert_uint_lt (out.size, 16 * MIB);
  dc_buffer_clear (&out);
  ck_assert_fails (unpack ((enum dc_compression) _i, packed.data, packed.size,
                           0, &out, &err),
                   DC_ERR_LIMIT, "more than 0 bytes");
  ck_assert_uint_eq (out.size, 0);
}
END_TEST

START_TEST (test_gzip_in_gzip_is_opened_once)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer inner = DC_BUFFER_INIT (MIB);
  AUTO_BUFFER struct dc_buffer outer = DC_BUFFER_INIT (MIB);
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (MIB);

  pack (DC_COMPRESSION_GZIP, "hello", 5, &inner);
  pack (DC_COMPRESSION_GZIP, inner.data, inner.size, &outer);
  ck_assert_ok (
      unpack (DC_COMPRESSION_GZIP, outer.data, outer.size, MIB, &out, &err));
  ck_assert_uint_eq (out.size, inner.size);
  ck_assert_int_eq (memcmp (out.data, inner.data, inner.size), 0);
}
END_TEST

/* RFC 1952: with FNAME (8) a name follows that ends at a NUL, some day. */
START_TEST (test_an_endless_gzip_header_is_refused)
{
  static const char head[] = "\x1f\x8b\x08\x08\0\0\0\0\0\xff";
  struct dc_error err;
  const size_t size = 4 * MIB;
  AUTO_FREE char *bytes = malloc (size);
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (MIB);

  memset (bytes, 'a', size);
  memcpy (bytes, head, sizeof head - 1);
  ck_assert_fails (unpack (DC_COMPRESSION_GZIP, bytes, size, MIB, &out, &err),
                   DC_ERR_LIMIT, "header is longer than 1048576 bytes");
}
END_TEST

/* RFC 8878, 3.1.1.1.2: exponent 21 is a window of 2 GiB. */
START_TEST (test_a_huge_zstd_window_is_refused)
{
  static const char frame[] = "\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00";
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (MIB);

  ck_assert_fails (
      unpack (DC_COMPRESSION_ZSTD, frame, sizeof frame - 1, MIB, &out, &err),
      DC_ERR_LIMIT, "zstd");
}
END_TEST

START_TEST (test_an_unreadable_file)
{
  struct dc_error err;
  AUTO_CLOSE int fd = open ("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (MIB);
  const struct dc_sink sink = { .write = append, .self = &out };

  ck_assert_fails (
      dc_decompress_fd (fd, (enum dc_compression) _i, MIB, &sink, &err),
      DC_ERR_SYSTEM, "cannot read: Is a directory");
}
END_TEST

START_TEST (test_what_the_sink_says_arrives)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer packed = DC_BUFFER_INIT (MIB);
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (100); /* too small */
  char bytes[2000];

  fill (bytes, sizeof bytes);
  pack ((enum dc_compression) _i, bytes, sizeof bytes, &packed);
  ck_assert_fails (unpack ((enum dc_compression) _i, packed.data, packed.size,
                           MIB, &out, &err),
                   DC_ERR_LIMIT, "more than 100 bytes");
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer packed = DC_BUFFER_INIT (MIB);
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (MIB);
  const struct dc_sink sink = { .write = append, .self = &out };
  int failures = 0;

  pack ((enum dc_compression) _i, "hello", 5, &packed);
  AUTO_CLOSE int fd = file_of (packed.data, packed.size);
  OOM_LOOP (status,
            dc_decompress_fd (fd, (enum dc_compression) _i, 5, &sink, &err))
  {
    failures += status < 0;
    ck_assert_uint_eq (out.size, status < 0 ? 0 : 5);
    ck_assert_int_eq (lseek (fd, 0, SEEK_SET), 0);
  }
  ck_assert_int_eq (failures, 2); /* our state, and the sink's buffer */
}
END_TEST

static void
add (TCase *tcase)
{
  const int first = DC_COMPRESSION_NONE, packed = DC_COMPRESSION_GZIP;
  const int end = DC_COMPRESSION_ZSTD + 1;

  tcase_add_loop_test (tcase, test_streams_in_a_row_are_one, first, end);
  tcase_add_test (tcase, test_zstd_blocks_across_the_ends_of_output);
  tcase_add_loop_test (tcase, test_every_early_end_is_noticed, packed, end);
  tcase_add_loop_test (tcase, test_bytes_after_the_end_are_noticed, packed,
                       end);
  tcase_add_loop_test (tcase, test_damage_is_survived, packed, end);
  tcase_add_loop_test (tcase, test_a_bomb_is_stopped, first, end);
  tcase_add_test (tcase, test_gzip_in_gzip_is_opened_once);
  tcase_add_test (tcase, test_an_endless_gzip_header_is_refused);
  tcase_add_test (tcase, test_a_huge_zstd_window_is_refused);
  tcase_add_loop_test (tcase, test_an_unreadable_file, first, end);
  tcase_add_loop_test (tcase, test_what_the_sink_says_arrives, first, end);
  tcase_add_loop_test (tcase, test_no_memory, first, end);
}

int
main (void)
{
  return unit_run ("decompress", add);
}

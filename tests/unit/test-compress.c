/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dirent.h>
#include <libdeflate.h>
#include <zstd.h>

#include "lib/buffer.h"
#include "lib/compress.h"
#include "lib/digest.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

#define MIB ((size_t) 1024 * 1024)
#define INPUT_SIZE (5 * MIB + 17)

/* Text that compresses, noise that does not, zeros. */
static char *
make_input (void)
{
  char *input = malloc (INPUT_SIZE);
  uint32_t random = 1;

  ck_assert_ptr_nonnull (input);
  for (size_t i = 0; i < INPUT_SIZE; i++) {
    random = random * 1664525 + 1013904223;
    const char kinds[] = { "the of an in "[random >> 28 & 7],
                           (char) (random >> 24), 0, "ab"[i & 1] };
    input[i] = kinds[i >> 16 & 3];
  }
  return input;
}

/* A sink that keeps what it gets, and fails at write number FAIL_AT. */
struct kept {
  struct dc_buffer bytes;
  int writes, fail_at;
};

#define KEPT_INIT                                                              \
  {                                                                            \
    .bytes = DC_BUFFER_INIT (16 * MIB), .fail_at = -1                          \
  }

static int
keep (void *self, const void *bytes, size_t size, struct dc_error *err)
{
  struct kept *kept = self;

  ck_assert_uint_gt (size, 0);
  if (kept->writes++ == kept->fail_at)
    return dc_fail (err, DC_ERR_SYSTEM, "the disk is full");
  return dc_buffer_append (&kept->bytes, bytes, size, err);
}

/* Compress SIZE bytes, at most STEP at a time. */
static int
compress (const struct dc_compress_options *options, const char *input,
          size_t size, size_t step, struct kept *kept, struct dc_error *err)
{
  const struct dc_sink sink = { .write = keep, .self = kept };
  DC_AUTO (dc_compressor) *compressor = NULL;

  if (dc_compressor_new (options, &sink, &compressor, err) < 0)
    return -1;
  while (size > 0) {
    const size_t part = size < step ? size : step;
    if (dc_compressor_add (compressor, input, part, err) < 0)
      return -1;
    input += part;
    size -= part;
  }
  return dc_compressor_end (compressor, err);
}

/* Other people's decoders. */
static size_t
decode_zstd (const struct dc_buffer *b, char *out)
{
  const size_t size = ZSTD_decompress (out, INPUT_SIZE, b->data, b->size);

  ck_assert_msg (!ZSTD_isError (size), "%s", ZSTD_getErrorName (size));
  return size;
}

static size_t
decode_gzip (const struct dc_buffer *b, char *out)
{
  struct libdeflate_decompressor *d = libdeflate_alloc_decompressor ();
  size_t total = 0, taken, given;

  for (size_t at = 0; at < b->size; at += taken) {
    ck_assert_int_eq (libdeflate_gzip_decompress_ex (
                          d, b->data + at, b->size - at, out + total,
                          INPUT_SIZE - total, &taken, &given),
                      LIBDEFLATE_SUCCESS);
    ck_assert_uint_le (given, DC_GZIP_MEMBER_SIZE);
    total += given;
  }
  libdeflate_free_decompressor (d);
  return total;
}

static size_t
decode_none (const struct dc_buffer *b, char *out)
{
  if (b->size > 0)
    memcpy (out, b->data, b->size);
  return b->size;
}

static size_t (*const decode[]) (const struct dc_buffer *, char *) = {
  [DC_COMPRESSION_NONE] = decode_none,
  [DC_COMPRESSION_GZIP] = decode_gzip,
  [DC_COMPRESSION_ZSTD] = decode_zstd,
};

START_TEST (test_others_read_what_we_write)
{
  static const size_t sizes[] = { 0,       1,           MIB - 1, MIB,
                                  MIB + 1, 2 * MIB - 1, 2 * MIB, INPUT_SIZE };
  struct dc_error err;
  const struct dc_compress_options options = { .kind = (enum dc_compression) _i,
                                               .threads = 2 };
  AUTO_FREE char *input = make_input ();
  AUTO_FREE char *output = malloc (INPUT_SIZE);

  for (size_t i = 0; i < DC_COUNT (sizes); i++) {
    struct kept kept = KEPT_INIT;
    ck_assert_ok (
        compress (&options, input, sizes[i], 100 * 1000, &kept, &err));
    if (options.kind != DC_COMPRESSION_NONE)
      ck_assert_uint_gt (kept.bytes.size, 0); /* "" is no gzip, no zstd */
    ck_assert_uint_eq (decode[_i](&kept.bytes, output), sizes[i]);
    ck_assert_int_eq (memcmp (input, output, sizes[i]), 0);
    dc_buffer_release (&kept.bytes);
  }
}
END_TEST

/* Sizes at a job's end are where an early flush would show. */
START_TEST (test_bytes_depend_neither_on_threads_nor_on_steps)
{
  static const size_t sizes[] = { 0, 300, 2 * MIB, INPUT_SIZE };
  static const struct {
    unsigned threads;
    size_t step;
  } ways[] = {
    { 1, INPUT_SIZE }, { 2, MIB }, { 7, 65537 }, { 1, 1000 * 1000 }
  };
  struct dc_error err;
  AUTO_FREE char *input = make_input ();

  for (size_t i = 0; i < DC_COUNT (sizes); i++) {
    char first[DC_DIGEST_TEXT_SIZE] = "";
    for (size_t j = 0; j < DC_COUNT (ways); j++) {
      const struct dc_compress_options options = { .kind =
                                                       (enum dc_compression) _i,
                                                   .threads = ways[j].threads };
      struct kept kept = KEPT_INIT;
      char text[DC_DIGEST_TEXT_SIZE];
      ck_assert_ok (
          compress (&options, input, sizes[i], ways[j].step, &kept, &err));
      ck_assert_ok (
          dc_digest_bytes (kept.bytes.data, kept.bytes.size, text, &err));
      if (j == 0)
        memcpy (first, text, sizeof first);
      ck_assert_str_eq (text, first);
      dc_buffer_release (&kept.bytes);
    }
  }
}
END_TEST

START_TEST (test_single_bytes_are_enough)
{
  struct dc_error err;
  const struct dc_compress_options options = { .kind = (enum dc_compression) _i,
                                               .threads = 1 };
  AUTO_FREE char *input = make_input ();
  struct kept whole = KEPT_INIT, single = KEPT_INIT;

  ck_assert_ok (compress (&options, input, 3000, 3000, &whole, &err));
  ck_assert_ok (compress (&options, input, 3000, 1, &single, &err));
  ck_assert_uint_eq (whole.bytes.size, single.bytes.size);
  ck_assert_int_eq (
      memcmp (whole.bytes.data, single.bytes.data, whole.bytes.size), 0);
  dc_buffer_release (&whole.bytes);
  dc_buffer_release (&single.bytes);
}
END_TEST

/* RFC 1952: magic, deflate, no flags, mtime 0; then XFL and OS 255. */
START_TEST (test_gzip_header_holds_nothing_that_varies)
{
  struct dc_error err;
  const struct dc_compress_options options = { .kind = DC_COMPRESSION_GZIP };
  struct kept kept = KEPT_INIT;

  ck_assert_ok (compress (&options, "x", 1, 1, &kept, &err));
  ck_assert_int_eq (memcmp (kept.bytes.data, "\x1f\x8b\x08\0\0\0\0\0", 8), 0);
  ck_assert_int_eq ((unsigned char) kept.bytes.data[9], 255);
  dc_buffer_release (&kept.bytes);
}
END_TEST

/* RFC 8878, 3.1.1.1: neither content size nor check sum nor dictionary, also
 * when the input ends before the library begins.
 */
START_TEST (test_zstd_header_holds_only_the_window)
{
  struct dc_error err;
  const struct dc_compress_options options = { .kind = DC_COMPRESSION_ZSTD };

  for (size_t size = 0; size < 2; size++) {
    struct kept kept = KEPT_INIT;
    ck_assert_ok (compress (&options, "x", size, 1, &kept, &err));
    ck_assert_int_eq (memcmp (kept.bytes.data, "\x28\xb5\x2f\xfd\0", 5), 0);
    dc_buffer_release (&kept.bytes);
  }
}
END_TEST

START_TEST (test_what_the_sink_says_arrives)
{
  struct dc_error err;
  const struct dc_compress_options options = { .kind = (enum dc_compression) _i,
                                               .threads = 2 };
  AUTO_FREE char *input = make_input ();
  int writes = 1;

  /* With threads the number of writes differs from run to run: the last ones
   * may not come again.
   */
  for (int fail_at = 0; fail_at <= writes / 2; fail_at += 1 + writes / 3) {
    struct kept kept = KEPT_INIT;
    ck_assert_ok (compress (&options, input, INPUT_SIZE, MIB, &kept, &err));
    writes = kept.writes;
    dc_buffer_release (&kept.bytes);

    kept = (struct kept) KEPT_INIT;
    kept.fail_at = fail_at;
    ck_assert_fails (compress (&options, input, INPUT_SIZE, MIB, &kept, &err),
                     DC_ERR_SYSTEM, "the disk is full");
    dc_buffer_release (&kept.bytes);
  }
}
END_TEST

/* Nothing hangs, and valgrind finds nothing left. */
START_TEST (test_free_in_the_middle)
{
  struct dc_error err;
  const struct dc_compress_options options = { .kind = (enum dc_compression) _i,
                                               .threads = 3 };
  struct kept kept = KEPT_INIT;
  const struct dc_sink sink = { .write = keep, .self = &kept };
  AUTO_FREE char *input = make_input ();
  struct dc_compressor *compressor = NULL;

  ck_assert_ok (dc_compressor_new (&options, &sink, &compressor, &err));
  ck_assert_ok (dc_compressor_add (compressor, input, INPUT_SIZE, &err));
  dc_compressor_free (compressor);
  dc_compressor_free (NULL);
  dc_buffer_release (&kept.bytes);
}
END_TEST

START_TEST (test_levels_that_are_not_there)
{
  static const struct {
    struct dc_compress_options options;
    const char *text;
  } bad[] = {
    { { DC_COMPRESSION_ZSTD, 20, 1 },
      "zstd has no level 20, the highest is 19" },
    { { DC_COMPRESSION_GZIP, 13, 1 },
      "gzip has no level 13, the highest is 12" },
    { { DC_COMPRESSION_NONE, 1, 1 }, "none has no level 1, the highest is 0" },
    { { DC_COMPRESSION_ZSTD, -1, 1 }, "zstd has no level -1" },
  };
  struct dc_error err;
  struct kept kept = KEPT_INIT;

  for (size_t i = 0; i < DC_COUNT (bad); i++)
    ck_assert_fails (compress (&bad[i].options, "", 0, 1, &kept, &err),
                     DC_ERR_INVALID, bad[i].text);
}
END_TEST

static size_t
size_at_level (enum dc_compression kind, int level, const char *input)
{
  struct dc_error err;
  const struct dc_compress_options options = { kind, level, 1 };
  struct kept kept = KEPT_INIT;

  ck_assert_ok (compress (&options, input, 60000, MIB, &kept, &err));
  const size_t size = kept.bytes.size;
  dc_buffer_release (&kept.bytes);
  return size;
}

START_TEST (test_levels)
{
  AUTO_FREE char *input = make_input ();
  const size_t gzip6 = size_at_level (DC_COMPRESSION_GZIP, 6, input);
  const size_t zstd3 = size_at_level (DC_COMPRESSION_ZSTD, 3, input);

  ck_assert_uint_eq (size_at_level (DC_COMPRESSION_GZIP, 0, input), gzip6);
  ck_assert_uint_gt (size_at_level (DC_COMPRESSION_GZIP, 1, input), gzip6);
  ck_assert_uint_lt (size_at_level (DC_COMPRESSION_GZIP, 12, input), gzip6);
  ck_assert_uint_eq (size_at_level (DC_COMPRESSION_ZSTD, 0, input), zstd3);
  ck_assert_uint_lt (size_at_level (DC_COMPRESSION_ZSTD, 19, input), zstd3);
}
END_TEST

static int
count_threads (void)
{
  DIR *tasks = opendir ("/proc/self/task");
  int count = -2; /* "." and ".." */

  ck_assert_ptr_nonnull (tasks);
  while (readdir (tasks) != NULL)
    count++;
  (void) closedir (tasks);
  return count;
}

START_TEST (test_the_threads_asked_for_are_there)
{
  struct dc_error err;
  const struct dc_compress_options options = { .kind = (enum dc_compression) _i,
                                               .threads = 5 };
  struct kept kept = KEPT_INIT;
  const struct dc_sink sink = { .write = keep, .self = &kept };
  DC_AUTO (dc_compressor) *compressor = NULL;
  const int before = count_threads ();

  ck_assert_ok (dc_compressor_new (&options, &sink, &compressor, &err));
  ck_assert_ok (dc_compressor_add (compressor, "x", 1, &err));
  ck_assert_int_eq (count_threads (), before + 5);
  ck_assert_ok (dc_compressor_end (compressor, &err));
  dc_buffer_release (&kept.bytes);
}
END_TEST

START_TEST (test_names)
{
  struct dc_error err;
  enum dc_compression kind;

  for (int i = DC_COMPRESSION_NONE; i <= DC_COMPRESSION_ZSTD; i++) {
    ck_assert_ok (dc_compression_parse (
        dc_compression_name ((enum dc_compression) i), &kind, &err));
    ck_assert_int_eq ((int) kind, i);
  }
  ck_assert_str_eq (dc_compression_name (DC_COMPRESSION_ZSTD), "zstd");
  ck_assert_fails (dc_compression_parse ("gz\n", &kind, &err), DC_ERR_INVALID,
                   "'gz\\x0A' is not a compression: zstd, gzip or none");
}
END_TEST

START_TEST (test_cores)
{
  ck_assert_uint_ge (dc_usable_cores (), 1);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  const struct dc_compress_options options = { .kind = (enum dc_compression) _i,
                                               .threads = 2 };
  struct kept kept = KEPT_INIT;
  const struct dc_sink sink = { .write = keep, .self = &kept };
  struct dc_compressor *compressor = NULL;
  int failures = 0;

  OOM_LOOP (status, dc_compressor_new (&options, &sink, &compressor, &err))
  {
    failures += status < 0;
    if (status == 0)
      dc_compressor_free (compressor);
    else
      ck_assert_ptr_null (compressor);
  }
  ck_assert_int_ge (failures, 1);
}
END_TEST

static void
add (TCase *tcase)
{
  const int end = DC_COMPRESSION_ZSTD + 1;

  tcase_add_loop_test (tcase, test_others_read_what_we_write, 0, end);
  tcase_add_loop_test (tcase, test_bytes_depend_neither_on_threads_nor_on_steps,
                       0, end);
  tcase_add_loop_test (tcase, test_single_bytes_are_enough, 0, end);
  tcase_add_test (tcase, test_gzip_header_holds_nothing_that_varies);
  tcase_add_test (tcase, test_zstd_header_holds_only_the_window);
  tcase_add_loop_test (tcase, test_what_the_sink_says_arrives, 0, end);
  tcase_add_loop_test (tcase, test_free_in_the_middle, 0, end);
  tcase_add_test (tcase, test_levels_that_are_not_there);
  tcase_add_test (tcase, test_levels);
  tcase_add_loop_test (tcase, test_the_threads_asked_for_are_there,
                       DC_COMPRESSION_GZIP, end);
  tcase_add_test (tcase, test_names);
  tcase_add_test (tcase, test_cores);
  tcase_add_loop_test (tcase, test_no_memory, 0, end);
}

int
main (void)
{
  return unit_run ("compress", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "analyzer/resource/sysstat.h"
#include "lib/cleanup.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* A file with two activities: a processor without a count, and the queue. */
enum {
  MAGIC_SIZE = 76,
  HEADER_SIZE = 72,
  ACTIVITY_SIZE = 36,
  RECORD_SIZE = 24,
  CPU_SIZE = 80,
  QUEUE_SIZE = 40,
  FIRST = MAGIC_SIZE + HEADER_SIZE + 2 * ACTIVITY_SIZE,
  SAMPLE_SIZE = RECORD_SIZE + CPU_SIZE + 4 + QUEUE_SIZE,
  FILE_SIZE = FIRST + RECORD_SIZE + 4 + 2 * SAMPLE_SIZE,
};

static void
put (unsigned char *bytes, uint64_t number, size_t size)
{
  for (size_t i = 0; i < size; i++)
    bytes[i] = (unsigned char) (number >> 8 * i);
}

static unsigned char *
put_sample (unsigned char *at, uint64_t time, uint64_t busy, uint64_t idle,
            unsigned load)
{
  put (at + 8, time, 8);
  put (at + 20, 1, 1);
  at += RECORD_SIZE;
  put (at, busy, 8);      /* user */
  put (at + 24, idle, 8); /* idle */
  at += CPU_SIZE;
  put (at, 1, 4); /* items of the queue */
  put (at + 4 + 24, load, 4);
  return at + 4 + QUEUE_SIZE;
}

static void
make (unsigned char bytes[FILE_SIZE])
{
  unsigned char *const header = bytes + MAGIC_SIZE;
  unsigned char *const first = header + HEADER_SIZE;
  unsigned char *const second = first + ACTIVITY_SIZE;

  memset (bytes, 0, FILE_SIZE);
  put (bytes, 0xd596, 2);
  put (bytes + 2, 0x2175, 2);
  put (bytes + 8, HEADER_SIZE, 4);
  put (header + 20, 2, 4);
  put (header + 52, ACTIVITY_SIZE, 4);
  put (header + 56, RECORD_SIZE, 4);
  put (header + 66, 8, 1);
  put (first, 1, 4);
  put (first + 8, 1, 4);
  put (first + 12, 1, 4);
  put (first + 20, CPU_SIZE, 4);
  put (second, 9, 4);
  put (second + 12, 1, 4);
  put (second + 16, 1, 4);
  put (second + 20, QUEUE_SIZE, 4);
  unsigned char *at = bytes + FIRST;
  put (at + 20, 2, 1); /* a restart */
  at = put_sample (at + RECORD_SIZE + 4, 1000, 100, 100, 50);
  (void) put_sample (at, 1600, 150, 250, 175);
}

START_TEST (test_samples)
{
  struct dc_error err;
  unsigned char bytes[FILE_SIZE];
  struct dc_samples samples = { NULL, 0 };

  make (bytes);
  ck_assert_ok (
      dc_sysstat_parse ((const char *) bytes, sizeof bytes, &samples, &err));
  ck_assert_uint_eq (samples.count, 2);
  ck_assert_uint_eq (samples.items[0].cpu, UINT64_MAX);
  ck_assert_uint_eq (samples.items[0].load, 50);
  ck_assert_uint_eq (samples.items[1].time, 1600);
  ck_assert_uint_eq (samples.items[1].cpu, 2500);
  ck_assert_uint_eq (samples.items[1].load, 175);
  ck_assert_uint_eq (samples.items[1].memory_used, UINT64_MAX);
  dc_samples_release (&samples);
}
END_TEST

/* Cut anywhere, it is an error and the samples before stay. */
START_TEST (test_cut)
{
  struct dc_error err;
  unsigned char bytes[FILE_SIZE];

  make (bytes);
  for (size_t size = 0; size < sizeof bytes; size++) {
    struct dc_samples samples = { NULL, 0 };
    const int status =
        dc_sysstat_parse ((const char *) bytes, size, &samples, &err);
    const bool is_whole = size == FIRST || size == FIRST + RECORD_SIZE + 4 ||
                          size == FILE_SIZE - SAMPLE_SIZE;
    ck_assert_int_eq (status, is_whole ? 0 : -1);
    ck_assert_uint_eq (samples.count, size >= FILE_SIZE - SAMPLE_SIZE);
    dc_samples_release (&samples);
  }
}
END_TEST

static const struct {
  size_t offset;
  uint64_t number;
  enum dc_code code;
  const char *words;
} broken[] = {
  { 0, 0x1234, DC_ERR_INVALID, "no file of sysstat" },
  { 0, 0x96d5, DC_ERR_UNSUPPORTED, "another machine" },
  { 2, 0x2171, DC_ERR_UNSUPPORTED, "sysstat 0.0.0" },
  { 8, 0xffffffff, DC_ERR_INVALID, "a header of 4294967295" },
  { MAGIC_SIZE + 20, 257, DC_ERR_INVALID, "damaged" },
  { MAGIC_SIZE + 60, 1, DC_ERR_UNSUPPORTED, "extra" },
  { MAGIC_SIZE + 66, 4, DC_ERR_UNSUPPORTED, "32-bit" },
  { MAGIC_SIZE + HEADER_SIZE + 8, 0xffffffff, DC_ERR_INVALID, "ends within" },
  { FIRST + 20, 9, DC_ERR_UNSUPPORTED, "type 9" },
  { FIRST + 16, 1, DC_ERR_UNSUPPORTED, "extra" },
};

START_TEST (test_broken)
{
  struct dc_error err;
  unsigned char bytes[FILE_SIZE];
  struct dc_samples samples = { NULL, 0 };
  const size_t size = broken[_i].number > UINT16_MAX ? 4 : 2;

  make (bytes);
  put (bytes + broken[_i].offset, broken[_i].number,
       broken[_i].offset == MAGIC_SIZE + 66 ? 1 : size);
  ck_assert_fails (
      dc_sysstat_parse ((const char *) bytes, sizeof bytes, &samples, &err),
      broken[_i].code, broken[_i].words);
  dc_samples_release (&samples);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  unsigned char bytes[FILE_SIZE];
  struct dc_samples samples = { NULL, 0 };

  make (bytes);
  OOM_LOOP (status, dc_sysstat_parse ((const char *) bytes, sizeof bytes,
                                      &samples, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    dc_samples_release (&samples);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_samples);
  tcase_add_test (tcase, test_cut);
  tcase_add_loop_test (tcase, test_broken, 0, DC_COUNT (broken));
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("sysstat", add);
}

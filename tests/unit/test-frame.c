/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/frame.h"
#include "tests/unit/unit.h"

static struct dc_error err;

static void
make_pipe (int pair[2])
{
  ck_assert_int_eq (pipe2 (pair, O_CLOEXEC | O_NONBLOCK), 0);
}

static void
close_pipe (const int pair[2])
{
  ck_assert_int_eq (close (pair[0]), 0);
  ck_assert_int_eq (close (pair[1]), 0);
}

START_TEST (test_round_trip)
{
  struct dc_frame_reader reader = { .size = 0 };
  struct dc_frame frame = { .kind = DC_FRAME_PROGRESS };
  const uint64_t sent[2] = { 7, UINT64_MAX };
  uint64_t done, total;
  char text[20];
  int pair[2];

  make_pipe (pair);
  ck_assert_int_eq (dc_frame_receive (&reader, pair[0], &err), 0);
  dc_frame_add (&frame, sent, sizeof sent);
  dc_frame_add_text (&frame, "read\x1b[2J");
  for (int i = 0; i < 3; i++)
    ck_assert_ok (dc_frame_send (pair[1], &frame, &err));
  ck_assert_int_eq (dc_frame_receive (&reader, pair[0], &err), 1);
  for (int i = 0; i < 3; i++) {
    ck_assert_int_eq (dc_frame_next (&reader, &frame, &err), 1);
    ck_assert_uint_eq (frame.kind, DC_FRAME_PROGRESS);
    dc_frame_take (&frame, &done, sizeof done);
    dc_frame_take (&frame, &total, sizeof total);
    dc_frame_take_text (&frame, text, sizeof text);
    ck_assert_uint_eq (done, 7);
    ck_assert_uint_eq (total, UINT64_MAX);
    ck_assert_str_eq (text, "read?[2J");
  }
  ck_assert_int_eq (dc_frame_next (&reader, &frame, &err), 0);
  close_pipe (pair);
}
END_TEST

START_TEST (test_byte_by_byte)
{
  struct dc_frame_reader reader = { .size = 0 };
  struct dc_frame frame = { .kind = DC_FRAME_RESULT };
  int pair[2];

  make_pipe (pair);
  for (int i = 0; i < 5000; i++)
    dc_frame_add_text (&frame, "x"); /* the last do not fit */
  ck_assert_uint_eq (frame.size, DC_FRAME_PAYLOAD_MAX);
  const size_t size = DC_FRAME_HEAD_SIZE + frame.size;
  const struct dc_frame sent = frame;
  for (size_t i = 0; i < size; i++) {
    ck_assert_int_eq (dc_frame_next (&reader, &frame, &err), 0);
    ck_assert_int_eq (write (pair[1], (const char *) &sent + i, 1), 1);
    ck_assert_int_eq (dc_frame_receive (&reader, pair[0], &err), 1);
  }
  ck_assert_int_eq (dc_frame_next (&reader, &frame, &err), 1);
  ck_assert_mem_eq (&frame, &sent, size);
  close_pipe (pair);
}
END_TEST

START_TEST (test_end)
{
  struct dc_frame_reader reader = { .size = 0 };
  int pair[2];

  make_pipe (pair);
  ck_assert_int_eq (close (pair[1]), 0);
  ck_assert_fails (dc_frame_receive (&reader, pair[0], &err), DC_ERR_NOTFOUND,
                   "says no more");
  ck_assert_int_eq (close (pair[0]), 0);
}
END_TEST

static const struct {
  uint32_t kind, size;
  const char *words;
} bad[] = {
  { DC_FRAME_KINDS, 0, "unknown kind 5" },
  { UINT32_MAX, 0, "unknown kind 4294967295" },
  { DC_FRAME_MESSAGE, 3, "kind 0 with 3 bytes" },
  { DC_FRAME_MESSAGE, 1029, "kind 0 with 1029 bytes" },
  { DC_FRAME_PROGRESS, 15, "kind 1 with 15 bytes" },
  { DC_FRAME_PROGRESS, 16 + 257, "kind 1 with 273 bytes" },
  { DC_FRAME_RESULT, 0, "kind 2 with 0 bytes" },
  { DC_FRAME_RESULT, DC_FRAME_PAYLOAD_MAX + 1, "kind 2 with 4089 bytes" },
  { DC_FRAME_RESULT, UINT32_MAX, "kind 2 with 4294967295 bytes" },
  { DC_FRAME_DONE, 1, "kind 3 with 1 bytes" },
  { DC_FRAME_ERROR, 7, "kind 4 with 7 bytes" },
  { DC_FRAME_ERROR, 521, "kind 4 with 521 bytes" },
};

START_TEST (test_bad)
{
  struct dc_frame_reader reader = { .size = DC_FRAME_HEAD_SIZE };
  struct dc_frame frame;

  memcpy (reader.bytes, &bad[_i].kind, 4);
  memcpy (reader.bytes + 4, &bad[_i].size, 4);
  ck_assert_fails (dc_frame_next (&reader, &frame, &err), DC_ERR_INVALID,
                   bad[_i].words);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_round_trip);
  tcase_add_test (tcase, test_byte_by_byte);
  tcase_add_test (tcase, test_end);
  tcase_add_loop_test (tcase, test_bad, 0, sizeof bad / sizeof bad[0]);
}

int
main (void)
{
  return unit_run ("frame", add);
}

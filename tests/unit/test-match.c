/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/buffer.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "transform/state/match.h"

#define LONG                                                                   \
  "0123456789012345678901234567890123456789012345678901234567890123456789"

static const struct dc_span needles[] = {
  { "password", 8 },         { "PRIVATE KEY-----", 16 },  { "assword-9", 9 },
  { LONG, sizeof LONG - 1 }, { "\0\0\0\0\xff\0\0\0", 8 },
};

static int
note (void *self, size_t needle, uint64_t offset, struct dc_error *err)
{
  return dc_buffer_print (self, err, "%zu@%llu ", needle,
                          (unsigned long long) offset);
}

static int
search (const char *bytes, size_t size, size_t piece, struct dc_buffer *out,
        struct dc_error *err)
{
  DC_AUTO (dc_match) *match = NULL;
  struct dc_match_place place = { .offset = 0 };

  dc_buffer_clear (out);
  if (dc_match_new (needles, DC_COUNT (needles), &match, err) < 0)
    return -1;
  for (size_t i = 0; i < size; i += piece)
    if (dc_match_feed (match, &place, bytes + i,
                       size - i < piece ? size - i : piece, note, out, err) < 0)
      return -1;
  return 0;
}

static const struct {
  const char *bytes;
  size_t size;
  const char *found;
} cases[] = {
  { "", 0, "" },
  { "passwor", 7, "" },
  { "password", 8, "0@0 " },
  { "xpassword-9y", 12, "0@1 2@2 " },
  { "passwordpassword", 16, "0@0 0@8 " },
  { "-----BEGIN PRIVATE KEY-----\n", 28, "1@11 " },
  { "ab" LONG "cd", sizeof LONG + 3, "3@2 " },
  { "01234567" LONG, sizeof LONG + 7, "3@8 " },
  { "\0\0\0\0\0\xff\0\0\0\0", 10, "4@1 " },
  { "Password pass word passw0rd PRIVATE KEY----", 43, "" },
};

/* In pieces of any size the same is found, once. */
START_TEST (test_pieces)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (100000);

  for (size_t piece = 1; piece <= cases[_i].size + 1; piece++) {
    ck_assert_ok (search (cases[_i].bytes, cases[_i].size, piece, &out, &err));
    ck_assert_msg (strcmp (dc_buffer_text (&out), cases[_i].found) == 0,
                   "pieces of %zu: '%s'", piece, dc_buffer_text (&out));
  }
}
END_TEST

/* Against memmem(3), in bytes that look alike. */
START_TEST (test_random)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (1000000);
  char bytes[5000];
  size_t expected = 0, found = 0;

  srandom (7);
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = "pasword-9"[random () % 9];
  for (size_t i = 0; i + 9 < sizeof bytes; i += 97)
    memcpy (bytes + i, "password-9", 10);
  for (size_t n = 0; n < DC_COUNT (needles); n++)
    for (size_t i = 0; i + needles[n].size <= sizeof bytes; i++)
      expected += memcmp (bytes + i, needles[n].text, needles[n].size) == 0;
  ck_assert_ok (search (bytes, sizeof bytes, 61, &out, &err));
  for (size_t i = 0; i < out.size; i++)
    found += out.data[i] == '@';
  ck_assert_uint_gt (expected, 50);
  ck_assert_uint_eq (found, expected);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (100000);
  int failures = 0;

  OOM_LOOP (status, search ("password", 8, 3, &out, &err))
  failures += status < 0;
  ck_assert_int_ge (failures, 2);
  ck_assert_str_eq (dc_buffer_text (&out), "0@0 ");
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_pieces, 0, DC_COUNT (cases));
  tcase_add_test (tcase, test_random);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("match", add);
}

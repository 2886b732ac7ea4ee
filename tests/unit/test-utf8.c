/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/cleanup.h"
#include "lib/utf8.h"
#include "tests/unit/unit.h"

static const struct {
  uint32_t point;
  const char *bytes;
} good[] = {
  { 'A', "A" },
  { 0x7f, "\x7f" },
  { 0x80, "\xc2\x80" },
  { 0x7ff, "\xdf\xbf" },
  { 0x800, "\xe0\xa0\x80" },
  { 0xd7ff, "\xed\x9f\xbf" },
  { 0xe000, "\xee\x80\x80" },
  { 0xffff, "\xef\xbf\xbf" },
  { 0x10000, "\xf0\x90\x80\x80" },
  { 0x10ffff, "\xf4\x8f\xbf\xbf" },
};

START_TEST (test_both_ways)
{
  uint32_t point = 0;
  char bytes[DC_UTF8_SIZE_MAX];
  const size_t size = strlen (good[_i].bytes);

  ck_assert_uint_eq (dc_utf8_encode (good[_i].point, bytes), size);
  ck_assert_mem_eq (bytes, good[_i].bytes, size);
  ck_assert_uint_eq (dc_utf8_decode (good[_i].bytes, size, &point), size);
  ck_assert_uint_eq (point, good[_i].point);
  ck_assert (dc_utf8_is_valid (good[_i].bytes, size));
  ck_assert (size == 1 || !dc_utf8_is_valid (good[_i].bytes, size - 1));
}
END_TEST

static const char *const bad[] = {
  "\x80",           "\xc0\xaf",         "\xc1\xbf",         "\xc2",
  "\xc2 ",          "\xe0\x9f\xbf",     "\xed\xa0\x80",     "\xed\xbf\xbf",
  "\xe2\x82 ",      "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
  "good then \xff",
};

START_TEST (test_refused)
{
  ck_assert (!dc_utf8_is_valid (bad[_i], strlen (bad[_i])));
}
END_TEST

START_TEST (test_no_code_points)
{
  char bytes[DC_UTF8_SIZE_MAX];

  ck_assert_uint_eq (dc_utf8_encode (0xd800, bytes), 0);
  ck_assert_uint_eq (dc_utf8_encode (0xdfff, bytes), 0);
  ck_assert_uint_eq (dc_utf8_encode (0x110000, bytes), 0);
  ck_assert (dc_utf8_is_valid ("", 0));
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_both_ways, 0, DC_COUNT (good));
  tcase_add_loop_test (tcase, test_refused, 0, DC_COUNT (bad));
  tcase_add_test (tcase, test_no_code_points);
}

int
main (void)
{
  return unit_run ("utf8", add);
}

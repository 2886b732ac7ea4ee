/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "lib/number.h"
#include "tests/unit/unit.h"

static const struct {
  const char *text;
  uint64_t min, max, number;
} good[] = {
  { "0", 0, 0, 0 },
  { "7", 7, 7, 7 },
  { "00042", 1, 42, 42 },
  { "18446744073709551615", 0, UINT64_MAX, UINT64_MAX },
};

static const struct {
  const char *text;
  uint64_t min, max;
  enum dc_code code;
  const char *words;
} bad[] = {
  { "", 0, 9, DC_ERR_INVALID, "a number is missing" },
  { NULL, 0, 9, DC_ERR_INVALID, "a number is missing" },
  { "-1", 0, 9, DC_ERR_INVALID, "'-1' is not a decimal number" },
  { "+1", 0, 9, DC_ERR_INVALID, "not a decimal number" },
  { " 1", 0, 9, DC_ERR_INVALID, "not a decimal number" },
  { "1 ", 0, 9, DC_ERR_INVALID, "not a decimal number" },
  { "0x1", 0, 9, DC_ERR_INVALID, "not a decimal number" },
  { "1\n2", 0, 99, DC_ERR_INVALID, "'1\\x0A2' is not a decimal number" },
  { "\xb2", 0, 9, DC_ERR_INVALID, "not a decimal number" },
  { "99999999999999999999x", 0, 9, DC_ERR_INVALID, "not a decimal number" },
  { "6", 7, 9, DC_ERR_LIMIT, "6 is not between 7 and 9" },
  { "10", 7, 9, DC_ERR_LIMIT, "10 is not between 7 and 9" },
  { "18446744073709551616", 0, UINT64_MAX, DC_ERR_LIMIT, "is not between 0" },
  { "184467440737095516160", 0, UINT64_MAX, DC_ERR_LIMIT, "is not between 0" },
};

START_TEST (test_good)
{
  struct dc_error err;
  uint64_t number = 1;

  ck_assert_ok (dc_number_parse (good[_i].text, good[_i].min, good[_i].max,
                                 &number, &err));
  ck_assert_uint_eq (number, good[_i].number);
}
END_TEST

START_TEST (test_bad)
{
  struct dc_error err;
  uint64_t number = 123;

  ck_assert_fails (
      dc_number_parse (bad[_i].text, bad[_i].min, bad[_i].max, &number, &err),
      bad[_i].code, bad[_i].words);
  ck_assert_uint_eq (number, 123);
}
END_TEST

START_TEST (test_bytes_need_no_nul)
{
  struct dc_error err;
  uint64_t number = 1;

  ck_assert_ok (dc_number_parse_bytes ("1234", 2, 0, 99, &number, &err));
  ck_assert_uint_eq (number, 12);
  ck_assert_fails (dc_number_parse_bytes ("1\0002", 3, 0, 99, &number, &err),
                   DC_ERR_INVALID, "'1\\x002' is not a decimal number");
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_good, 0, sizeof good / sizeof good[0]);
  tcase_add_loop_test (tcase, test_bad, 0, sizeof bad / sizeof bad[0]);
  tcase_add_test (tcase, test_bytes_need_no_nul);
}

int
main (void)
{
  return unit_run ("number", add);
}

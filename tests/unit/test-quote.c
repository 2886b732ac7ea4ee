/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/quote.h"
#include "tests/unit/unit.h"

static const struct {
  const char *in, *out;
} cases[] = {
  { "plain text", "plain text" },
  { "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
    "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80" },
  { "a\nb\tc", "a\\x0Ab\\x09c" },
  { "\x1b[31m", "\\x1B[31m" },
  { "back\\slash", "back\\\\slash" },
  { "lone \xc3", "lone \\xC3" },
  { "overlong \xc0\xaf \xe0\x80\xaf", "overlong \\xC0\\xAF \\xE0\\x80\\xAF" },
  { "C1 \xc2\x9b", "C1 \\xC2\\x9B" },
  { "turned \xe2\x80\xae", "turned \\xE2\\x80\\xAE" },
  { "surrogate \xed\xa0\x80", "surrogate \\xED\\xA0\\x80" },
  { "beyond \xf4\x90\x80\x80", "beyond \\xF4\\x90\\x80\\x80" },
  { "", "" },
  { NULL, "(none)" },
};

START_TEST (test_cases)
{
  ck_assert_str_eq (dc_quote (cases[_i].in).text, cases[_i].out);
}
END_TEST

START_TEST (test_long_is_cut)
{
  char text[1000];

  memset (text, '\n', sizeof text);
  const struct dc_quoted quoted = dc_quote_bytes (text, sizeof text);
  ck_assert_uint_lt (strlen (quoted.text), sizeof quoted.text);
  ck_assert (unit_contains (quoted.text, "\\x0A..."));
}
END_TEST

START_TEST (test_clean)
{
  char text[] = "caf\xc3\xa9 \\x0A \x1b[31m\n \xc2\x9b \xe2\x80\xae \xff\xc3";

  dc_quote_clean (text);
  ck_assert_str_eq (text, "caf\xc3\xa9 \\x0A ?[31m? ?? ??? ??");
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, sizeof cases / sizeof cases[0]);
  tcase_add_test (tcase, test_long_is_cut);
  tcase_add_test (tcase, test_clean);
}

int
main (void)
{
  return unit_run ("quote", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "lib/buffer.h"
#include "lib/cleanup.h"
#include "lib/span.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

enum how { LINE, FIELD, WORD };

static const struct {
  enum how how;
  const char *text, *parts; /* each part in brackets */
} cases[] = {
  { LINE, "", "" },       { LINE, "a\n\nb", "[a][][b]" },
  { LINE, "a\n", "[a]" }, { LINE, "\n", "[]" },
  { FIELD, "", "[]" },    { FIELD, "a::b", "[a][][b]" },
  { FIELD, ":", "[][]" }, { WORD, "", "" },
  { WORD, " \t ", "" },   { WORD, " a\tbc \r", "[a][bc]" },
};

static bool
next (enum how how, struct dc_span *rest, struct dc_span *part)
{
  if (how == LINE)
    return dc_span_line (rest, part);
  return how == FIELD ? dc_span_field (rest, ':', part)
                      : dc_span_word (rest, part);
}

START_TEST (test_parts)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100);
  struct dc_span rest = dc_span_of (cases[_i].text), part;

  while (next (cases[_i].how, &rest, &part))
    ck_assert_ok (
        dc_buffer_print (&b, &err, "[%.*s]", (int) part.size, part.text));
  ck_assert_str_eq (dc_buffer_text (&b), cases[_i].parts);
}
END_TEST

START_TEST (test_questions)
{
  const struct dc_span span = dc_span_trim (dc_span_of (" ab\t\r"));

  ck_assert (dc_span_is (span, "ab"));
  ck_assert (!dc_span_is (span, "a"));
  ck_assert (!dc_span_is (span, "abc"));
  ck_assert (dc_span_starts (span, "a"));
  ck_assert (!dc_span_starts (span, "abc"));
  ck_assert (dc_span_has (span, 'b'));
  ck_assert (!dc_span_has (span, '\t'));
  ck_assert_uint_eq (dc_span_trim (dc_span_of ("  ")).size, 0);
}
END_TEST

START_TEST (test_order)
{
  static const char *const rising[] = { "", "a", "a-b", "ab", "b", "\xff" };

  for (size_t i = 0; i < DC_COUNT (rising); i++)
    for (size_t j = 0; j < DC_COUNT (rising); j++) {
      const int order =
          dc_span_compare (dc_span_of (rising[i]), dc_span_of (rising[j]));
      ck_assert_int_eq ((order > 0) - (order < 0), (i > j) - (i < j));
    }
}
END_TEST

START_TEST (test_copy)
{
  struct dc_error err;
  AUTO_FREE char *copy = NULL;

  ck_assert_fails (dc_span_copy ((struct dc_span){ "a\0b", 3 }, &copy, &err),
                   DC_ERR_INVALID, "NUL");
  oom_fail_at (0);
  ck_assert_fails (dc_span_copy (dc_span_of ("a"), &copy, &err), DC_ERR_SYSTEM,
                   "cannot keep a text");
  ck_assert_ptr_null (copy);
  ck_assert_ok (dc_span_copy ((struct dc_span){ "abc", 2 }, &copy, &err));
  ck_assert_str_eq (copy, "ab");
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_parts, 0, sizeof cases / sizeof cases[0]);
  tcase_add_test (tcase, test_questions);
  tcase_add_test (tcase, test_order);
  tcase_add_test (tcase, test_copy);
}

int
main (void)
{
  return unit_run ("span", add);
}

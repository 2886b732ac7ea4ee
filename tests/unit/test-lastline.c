/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/lastline.h"
#include "tests/unit/unit.h"

static const struct {
  const char *said, *last;
} cases[] = {
  { "", "" },
  { "\n\n", "" },
  { "one", "one" },
  { "one\ntwo\n", "two" },
  { "one\ntwo\n\n\n", "two" },
  { "10%\r20%\rdone", "done" },
  { "error\r\n", "error" },
  { "one\ntw", "tw" },
};

/* Every split of the same bytes gives the same line. */
START_TEST (test_cases)
{
  const size_t size = strlen (cases[_i].said);

  for (size_t split = 0; split <= size; split++) {
    struct dc_lastline line = { 0 };
    dc_lastline_add (&line, cases[_i].said, split);
    dc_lastline_add (&line, cases[_i].said + split, size - split);
    ck_assert (dc_span_is (dc_lastline_text (&line), cases[_i].last));
    ck_assert (!dc_lastline_is_cut (&line));
  }
}
END_TEST

START_TEST (test_long)
{
  struct dc_lastline line = { 0 };

  dc_lastline_add (&line, "start", 5);
  for (int i = 0; i < 1000; i++)
    dc_lastline_add (&line, "0123456789", 10);
  dc_lastline_add (&line, "end", 3);
  const struct dc_span text = dc_lastline_text (&line);
  ck_assert (dc_lastline_is_cut (&line));
  ck_assert_uint_eq (text.size, DC_LASTLINE_MAX);
  ck_assert_mem_eq (text.text, "3456789012", 10);
  ck_assert_mem_eq (text.text + text.size - 5, "89end", 5);
  dc_lastline_add (&line, "\nnext", 5);
  ck_assert (dc_span_is (dc_lastline_text (&line), "next"));
  ck_assert (!dc_lastline_is_cut (&line));
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, sizeof cases / sizeof cases[0]);
  tcase_add_test (tcase, test_long);
}

int
main (void)
{
  return unit_run ("lastline", add);
}

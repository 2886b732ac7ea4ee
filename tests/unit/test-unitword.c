/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/unit/unit.h"
#include "lib/words.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* The words of a text, with '|' behind each. */
static const struct {
  const char *text, *words;
} good[] = {
  { "", "" },
  { " \t ", "" },
  { "one", "one|" },
  { " one\ttwo \n three ", "one|two|three|" },
  { "'two words' \"and 'more'\"", "two words|and 'more'|" },
  { "''", "|" },
  { "-g 'daemon on; master_process on;'", "-g|daemon on; master_process on;|" },
  { "in\"the middle\"of", "inthe middleof|" },
  { "a\\sb\\tc", "a b\tc|" },
  { "'it\\'s' \"say \\\"x\\\"\" \\\\", "it's|say \"x\"|\\|" },
  { "\\x41\\102\\u20ac\\U0001f600", "AB\xe2\x82\xac\xf0\x9f\x98\x80|" },
  { "\\xe9", "\xe9|" },
  { "\\d+ \\$x", "\\d+|\\$x|" },
  { "\\x4 \\xzz \\u12 \\777 \\09", "\\x4|\\xzz|\\u12|\\777|\\09|" },
  { "\\x00 \\000 \\ud800", "\\x00|\\000|\\ud800|" },
  { "end\\", "end\\|" },
  { "\\ x", "\\ x|" },
  { "a#b ;c $D ${E} %f", "a#b|;c|$D|${E}|%f|" },
};

START_TEST (test_good)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_WORDS struct dc_words words = { NULL, 0 };
  char seen[128] = "";

  ck_assert_ok (dc_unit_words (good[_i].text, &words, &err));
  for (size_t i = 0; i < words.count; i++) {
    strncat (seen, words.items[i], sizeof seen - strlen (seen) - 1);
    strncat (seen, "|", sizeof seen - strlen (seen) - 1);
  }
  ck_assert_str_eq (seen, good[_i].words);
}
END_TEST

static const char *const bad[] = {
  "\"", "'", "a 'b", "\"a\\\"", "'a\\", "a\"b c",
};

START_TEST (test_bad)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  ck_assert_fails (dc_unit_words (bad[_i], &words, &err), DC_ERR_INVALID,
                   "a quote stays open");
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  OOM_LOOP (status, dc_unit_words ("a 'b c' \\x41 d", &words, &err))
  {
    ck_assert (status == 0 ? words.count == 4 : err.code == DC_ERR_SYSTEM);
    dc_words_release (&words);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_good, 0, DC_COUNT (good));
  tcase_add_loop_test (tcase, test_bad, 0, DC_COUNT (bad));
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("unitword", add);
}

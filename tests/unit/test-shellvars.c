/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/shellvars.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static const struct {
  const char *text, *expected; /* the last variable */
} cases[] = {
  { "A=b", "A=b" },
  { "export A=b # c", "A=b" },
  { "  A='b $X \\' ; B=c", "A=b $X \\" },
  { "A=\"b c\" export", "A=b c" },
  { "X=1\nA=${X}2$X\"$X\"'$X'", "A=121"
                                "1$X" },
  { "A=${X:-d}${X-e}${X}$X.", "A=de." },
  { "A=a\\ b\\\"", "A=a b\"" },
  { "A=1\nA=2", "A=2" },
  { "if x; then\n\tA=1\nfi", "A=1" },
  { "B=1\nA=$(x)\nA=`x`\nA=\"open\n A b=1\n#A=1\nA+=1\nA=${x/y/z}", "B=1" },
};

START_TEST (test_cases)
{
  struct dc_error err;
  AUTO_WORDS struct dc_words vars = { NULL, 0 };

  ck_assert_ok (
      dc_shellvars_read (cases[_i].text, strlen (cases[_i].text), &vars, &err));
  ck_assert_uint_ge (vars.count, 1);
  ck_assert_str_eq (vars.items[vars.count - 1], cases[_i].expected);
}
END_TEST

START_TEST (test_no_memory)
{
  static const char text[] = "export A=1\nB=\"$A${C:-d}\"\nA=2\n";
  struct dc_error err;
  AUTO_WORDS struct dc_words vars = { NULL, 0 };

  OOM_LOOP (status, dc_shellvars_read (text, strlen (text), &vars, &err))
  {
    ck_assert (status == 0 || err.code == DC_ERR_SYSTEM);
    dc_words_release (&vars);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, DC_COUNT (cases));
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("shellvars", add);
}

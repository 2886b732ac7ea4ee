/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/assign.h"
#include "lib/cleanup.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static const struct {
  const char *text, *value; /* of A */
} cases[] = {
  { "A=plain", "plain" },
  { "A=1\nA=2\n", "2" },
  { "\n# A=1\nB=2\nAA=3\n", NULL },
  { "A", NULL },
  { "  A=indented\r\n", "indented" },
  { "A=", "" },
  { "A=\"\"", "" },
  { "A=two words \t", "two words" },
  { "A=word # comment", "word" },
  { "A=word#no comment", "word#no comment" },
  { "A=#no comment", "#no comment" },
  { "A=\"in double\" # comment", "in double" },
  { "A='in $single \\'", "in $single \\" },
  { "A='a\\\\b\\$'", "a\\\\b\\$" },
  { "A=\"a \\$b \\` \\\" \\\\ \\n\"", "a $b ` \" \\ \\n" },
  { "A=\"$(reboot)\"", "$(reboot)" },
  { "A=joined\" with \"'parts'", "joined with parts" },
  { "A=a\\ b\\\"", "a b\"" },
  { "A=b=c", "b=c" },
  { "A=kept\nA=\"open\nB=x", "kept" },
  { "A=kept\nA=open'", "kept" },
  { "A=kept\nA=back\\", "kept" },
};

START_TEST (test_cases)
{
  struct dc_error err;
  AUTO_FREE char *a = NULL;
  const struct dc_assign row = { "A", &a };
  const char *text = cases[_i].text;

  ck_assert_ok (dc_assign_read (text, strlen (text), &row, 1, &err));
  ck_assert_pstr_eq (a, cases[_i].value);
}
END_TEST

START_TEST (test_nul_makes_a_bad_line)
{
  struct dc_error err;
  AUTO_FREE char *a = NULL;
  const struct dc_assign row = { "A", &a };

  ck_assert_ok (dc_assign_read ("A=1\nA=\0002\n", 9, &row, 1, &err));
  ck_assert_str_eq (a, "1");
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  char *a = NULL;
  const struct dc_assign row = { "A", &a };

  OOM_LOOP (status, dc_assign_read ("A=1\nA=2\n", 8, &row, 1, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    free (DC_TAKE (a));
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, (int) DC_COUNT (cases));
  tcase_add_test (tcase, test_nul_makes_a_bad_line);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("assign", add);
}

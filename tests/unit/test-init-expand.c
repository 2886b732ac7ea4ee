/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/buffer.h"
#include "runtime/init/expand.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* The argv of a command of WORDS behind its argv[0], with some variables. */
static int
expand (const char *const *words, unsigned flags, struct di_argv *argv,
        struct di_error *err)
{
  static const char *const variables[] = {
    "ONE=one", "TWO=two two", "QUOTED='a b' \"c\"d \\'",
    "EMPTY=",  "BLANK=  ",    "OPEN=x 'y z"
  };
  static char phase[] = "start", none[] = "-", path[] = "/bin/a",
              first[] = "$ONE";
  char *line_words[16] = { phase, none, path, first };
  struct di_line line = { .words = line_words, .count = 4, .flags = flags };
  struct di_env env = { 0 };
  int status = 0;

  *argv = (struct di_argv){ 0 };
  for (size_t i = 0; words[i] != NULL; i++)
    memcpy (&line_words[line.count++], &words[i], sizeof words[i]);
  for (size_t i = 0; i < DC_COUNT (variables) && status == 0; i++)
    status = di_env_put (&env, variables[i], err);
  if (status == 0)
    status = di_argv_make (&line, &env, argv, err);
  di_env_release (&env);
  return status;
}

/* Source: systemd.service(5), "Command lines". */
static const struct {
  const char *words[6];
  const char *out; /* each word, then '|' */
} cases[] = {
  { { NULL }, "one|" },
  { { "a", "", "b", NULL }, "one|a||b|" },
  { { "$ONE", "$TWO", "${TWO}", NULL }, "one|one|two|two|two two|" },
  { { "x${ONE}y${TWO}", NULL },
    "one|xoney"
    "two two|" },
  { { "$QUOTED", NULL }, "one|a b|cd|'|" },
  { { "${QUOTED}", NULL }, "one|'a b' \"c\"d \\'|" },
  { { "$OPEN", NULL }, "one|x|y z|" },
  { { "$EMPTY", "$BLANK", "$NONE", "$", "-", NULL }, "one|-|" },
  { { "${EMPTY}", "${NONE}", NULL }, "one|||" },
  { { "$$ONE", "a$$b", "$$", NULL }, "one|$ONE|a$b|$|" },
  { { "a$ONE", "a$", "${O-N}", NULL }, "one|a$ONE|a$||" },
  { { "${", "${ONE", "${}", "${ONE:-x}", NULL }, "one|${|${ONE||${ONE:-x}|" },
};

static void
check (const struct di_argv *argv, const char *expected)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (4096);

  for (size_t i = 0; argv->items[i] != NULL; i++)
    ck_assert_ok (dc_buffer_print (&b, &err, "%s|", argv->items[i]));
  ck_assert_str_eq (dc_buffer_text (&b), expected);
}

START_TEST (test_cases)
{
  struct di_error err;
  struct di_argv argv;

  ck_assert_int_eq (expand (cases[_i].words, 0, &argv, &err), 0);
  check (&argv, cases[_i].out);
  di_argv_release (&argv);
}
END_TEST

START_TEST (test_literal)
{
  static const char *const words[] = { "$ONE", "${TWO}", "$$", NULL };
  struct di_error err;
  struct di_argv argv;

  ck_assert_int_eq (expand (words, DI_LITERAL, &argv, &err), 0);
  check (&argv, "$ONE|$ONE|${TWO}|$$|");
  di_argv_release (&argv);
}
END_TEST

START_TEST (test_no_memory)
{
  static const char *const words[] = { "$TWO", NULL };
  struct di_error err;
  struct di_argv argv;
  int failures = 0;

  OOM_LOOP (status, expand (words, 0, &argv, &err))
  {
    failures += status < 0;
    di_argv_release (&argv);
  }
  ck_assert_int_ge (failures, 3);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, DC_COUNT (cases));
  tcase_add_test (tcase, test_literal);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("init-expand", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/option.h"
#include "lib/cleanup.h"
#include "tests/unit/unit.h"

struct target {
  bool is_all;
  const char *output;
  struct dc_option_texts disks;
  unsigned threads;
  int format;
};

static const struct dc_option rows[] = {
  { .name = "all", .letter = 'a', .target = offsetof (struct target, is_all) },
  { .name = "output",
    .letter = 'o',
    .kind = DC_OPTION_TEXT,
    .target = offsetof (struct target, output),
    .argument = "FILE" },
  { .name = "disk",
    .kind = DC_OPTION_TEXTS,
    .target = offsetof (struct target, disks),
    .argument = "FILE" },
  { .name = "threads",
    .kind = DC_OPTION_NUMBER,
    .target = offsetof (struct target, threads),
    .argument = "N",
    .min = 1,
    .max = 64 },
  { .name = "format",
    .kind = DC_OPTION_CHOICE,
    .target = offsetof (struct target, format),
    .argument = "WORD",
    .choices = { "text", "json" } },
  DC_OPTION_END,
};

#define ARGV_MAX 8

static int
parse (const char *const *words, struct target *target, int *first,
       struct dc_error *err)
{
  char *argv[ARGV_MAX + 1];
  int argc = 0;

  for (; words[argc] != NULL; argc++)
    argv[argc] = strdup (words[argc]);
  argv[argc] = NULL;
  const int status = dc_options_parse (rows, argc, argv, target, first, err);
  if (status == 0 && target->output != NULL)
    ck_assert_str_eq (target->output, "x");
  for (int i = 0; i < argc; i++)
    free (argv[i]);
  return status;
}

START_TEST (test_every_kind)
{
  static const char *const words[] = { "c",        "op1",         "-ox",
                                       "--all",    "--threads=7", "--",
                                       "--format", NULL };
  struct dc_error err;
  struct target target = { .threads = 0 };
  int first = 0;

  ck_assert_ok (parse (words, &target, &first, &err));
  ck_assert (target.is_all);
  ck_assert_uint_eq (target.threads, 7);
  ck_assert_int_eq (first, 5); /* "op1" and "--format" are operands */
}
END_TEST

START_TEST (test_choice_and_list)
{
  static const char *const words[] = { "c", "--format", "json", "--disk",
                                       "a", "--disk=b", NULL };
  struct dc_error err;
  struct target target = { .threads = 0 };
  int first = 0;

  ck_assert_ok (parse (words, &target, &first, &err));
  ck_assert_int_eq (target.format, 1);
  ck_assert_uint_eq (target.disks.count, 2);
}
END_TEST

static const struct {
  const char *words[4], *message;
} bad[] = {
  { { "c", "--no" }, "unknown option '--no'" },
  { { "c", "-z" }, "unknown option '-z'" },
  { { "c", "--output" }, "option '--output' needs FILE" },
  { { "c", "-o" }, "option '-o' needs an argument" },
  { { "c", "--all=x" }, "option '--all' takes no argument" },
  { { "c", "--threads", "0" }, "--threads: " },
  { { "c", "--threads", "1x" }, "--threads: " },
  { { "c", "--format", "xml" }, "--format: 'xml' is none of: text, json" },
};

START_TEST (test_mistakes_are_named)
{
  struct dc_error err;
  struct target target = { .threads = 0 };
  int first = 0;

  ck_assert_int_eq (parse (bad[_i].words, &target, &first, &err), -1);
  ck_assert_msg (unit_contains (err.text, bad[_i].message), "%s", err.text);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_every_kind);
  tcase_add_test (tcase, test_choice_and_list);
  tcase_add_loop_test (tcase, test_mistakes_are_named, 0, (int) DC_COUNT (bad));
}

int
main (void)
{
  return unit_run ("option", add);
}

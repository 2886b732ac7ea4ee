/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/unit/unitenv.h"
#include "lib/tree/backends.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* The variables with '|' behind each. */
static void
print (const struct dc_words *environment, char seen[static 256])
{
  seen[0] = '\0';
  for (size_t i = 0; i < environment->count; i++) {
    strncat (seen, environment->items[i], 255 - strlen (seen));
    strncat (seen, "|", 255 - strlen (seen));
  }
}

static const struct {
  const char *text, *variables;
} good[] = {
  { "", "" },
  { "A=b\nC=d", "A=b|C=d|" },
  { "A=b\r\nC=d\r\n", "A=b|C=d|" },
  { "# A=1\n ; B=2\n\n  C = 3 \n", "C=3|" },
  { "no assignment\nA=1\n", "A=1|" },
  { "A=1\nB=2\nA=3\n", "A=3|B=2|" },
  { "A=\nB=  \n", "A=|B=|" },
  { "A= inner  blanks\tkept  \n", "A=inner  blanks\tkept|" },
  { "A=b \\\n c\n", "A=b  c|" },
  { "A=b\\ \nB=\\\\x\\y\n", "A=b |B=\\xy|" },
  { "A='x  # y\\' \nB='two\nlines'\n", "A=x  # y\\|B=two\nlines|" },
  { "A=\"x \\\"y\\\" \\$z \\a \\\n\"\n", "A=x \"y\" $z \\a |" },
  { "A='x'\"y\"z 'w'\n", "A=xyz 'w'|" },
  { "A=it's\nB=2\n", "A=it's|B=2|" },
  { "A=x # y\n", "A=x # y|" },
  { "export A=1\n1B=2\nC-D=3\n_E=4\n", "_E=4|" },
  { "A='open\nB=2", "A=open\nB=2|" },
  { "A=\"open\nB=2", "A=open\nB=2|" },
  { "A=\"end\\", "A=end\\|" },
  { "A=end\\", "A=end|" },
  { "A='bell\a'\nB=1\n", "B=1|" },
  { "# latin1 \xe9\nA=1\n", "A=1|" },
  { "# c \\\nA=1\n", "A=1|" },
};

START_TEST (test_files)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_WORDS struct dc_words environment = { NULL, 0 };
  char seen[256];

  ck_assert_ok (dc_environment_parse (good[_i].text, strlen (good[_i].text),
                                      &environment, &err));
  print (&environment, seen);
  ck_assert_str_eq (seen, good[_i].variables);
}
END_TEST

START_TEST (test_refused_files)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_WORDS struct dc_words environment = { NULL, 0 };

  ck_assert_fails (dc_environment_parse ("A=\xe9\n", 4, &environment, &err),
                   DC_ERR_INVALID, "not UTF-8");
  ck_assert_fails (dc_environment_parse ("A=1\n\0", 5, &environment, &err),
                   DC_ERR_INVALID, "NUL");
  ck_assert_fails (
      dc_environment_parse ("", (size_t) 64 << 20, &environment, &err),
      DC_ERR_LIMIT, "67108864 bytes");
}
END_TEST

START_TEST (test_too_many)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_WORDS struct dc_words environment = { NULL, 0 };
  char name[16];

  for (int i = 0; i < DC_ENVIRONMENT_COUNT_MAX; i++) {
    (void) snprintf (name, sizeof name, "A%d=", i); /* fits */
    ck_assert_ok (dc_environment_set (&environment, name, &err));
  }
  ck_assert_ok (dc_environment_set (&environment, "A7=x", &err));
  ck_assert_fails (dc_environment_set (&environment, "B=", &err), DC_ERR_LIMIT,
                   "more than 4096 variables");
  ck_assert_str_eq (dc_environment_get (&environment, "A7x", 2), "x");
  ck_assert_ptr_null (dc_environment_get (&environment, "A7x", 3));
  ck_assert_ptr_null (dc_environment_get (&environment, "", 0));
}
END_TEST

#define DIR(p)                                                                 \
  {                                                                            \
    .path = p, .mode = 0040755                                                 \
  }
#define FILE(p, t)                                                             \
  {                                                                            \
    .path = p, .mode = 0100644, .data = t                                      \
  }

static const struct dc_memory_file files[] = {
  DIR (""),
  DIR ("etc"),
  DIR ("etc/default"),
  FILE ("etc/default/a", "A=file\nB=file\n"),
  FILE ("etc/default/b", "B=later\n"),
  FILE ("etc/default/bad", "B=\xe9\n"),
};

static const struct {
  const char *settings, *variables, *missing;
} units[] = {
  { "", "", NULL },
  { "Environment=A=1 \"B=two words\" 'C=$A %i'\n", "A=1|B=two words|C=$A x|",
    NULL },
  { "Environment=A=1\nEnvironment=\nEnvironment=B=2 A=3\n", "B=2|A=3|", NULL },
  { "Environment=A=1 B=%m 'open\nEnvironment=C=3\n", "A=1|C=3|", NULL },
  { "EnvironmentFile=-/etc/default/%p\nEnvironment=A=1 Z=1\n",
    "A=file|Z=1|B=file|", NULL },
  { "EnvironmentFile=/etc/default/?\n", "A=file|B=later|", NULL },
  { "EnvironmentFile=/etc/none\nEnvironmentFile=/etc/no\nEnvironment=A=1\n",
    "A=1|", "/etc/none" },
  { "EnvironmentFile=-/etc/none*\n", "", NULL },
  { "EnvironmentFile=/etc/default/bad\n", "", "/etc/default/bad" },
  { "EnvironmentFile=-/etc/default/bad\n", "", NULL },
  { "EnvironmentFile=/etc/none\nEnvironmentFile=\n", "", NULL },
  { "EnvironmentFile=etc/default/a\n", "", NULL },
};

static int
read_unit (struct dc_tree *tree, const char *settings,
           struct dc_words *environment, char **missing, struct dc_error *err)
{
  char name[] = "a@x.service", instance[] = "x";
  struct dc_unit unit = { .name = NULL };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (4096);

  int status = dc_buffer_print (&b, err, "[Service]\n%s", settings);
  if (status == 0)
    status = dc_unit_parse (&unit, b.data, b.size, "/a", err);
  unit.name = name;
  unit.instance = instance;
  if (status == 0)
    status = dc_unit_environment (tree, &unit, "Service", NULL, environment,
                                  missing, err);
  unit.name = NULL;
  unit.instance = NULL;
  dc_unit_release (&unit);
  return status;
}

START_TEST (test_units)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_WORDS struct dc_words environment = { NULL, 0 };
  AUTO_FREE char *missing = NULL;
  char seen[256];

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  ck_assert_ok (
      read_unit (tree, units[_i].settings, &environment, &missing, &err));
  print (&environment, seen);
  ck_assert_str_eq (seen, units[_i].variables);
  ck_assert_pstr_eq (missing, units[_i].missing);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_WORDS struct dc_words environment = { NULL, 0 };
  char *missing = NULL;

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  OOM_LOOP (status, read_unit (tree,
                               "Environment=A=1 'B=2'\n"
                               "EnvironmentFile=/etc/default/?\n"
                               "EnvironmentFile=/none\n",
                               &environment, &missing, &err))
  {
    ck_assert (status == 0 ? environment.count == 2 && missing != NULL
                           : err.code == DC_ERR_SYSTEM);
    free (DC_TAKE (missing));
    dc_words_release (&environment);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_files, 0, DC_COUNT (good));
  tcase_add_test (tcase, test_refused_files);
  tcase_add_test (tcase, test_too_many);
  tcase_add_loop_test (tcase, test_units, 0, DC_COUNT (units));
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("unitenv", add);
}

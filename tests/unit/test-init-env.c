/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "lib/buffer.h"
#include "runtime/init/env.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* Variables as "A=1|B=2|". */
static void
print (const struct di_env *env, struct dc_buffer *b)
{
  struct dc_error err = { .code = DC_OK };

  for (size_t i = 0; i < env->count; i++)
    ck_assert_ok (dc_buffer_print (b, &err, "%s|", env->items[i]));
  if (env->items != NULL)
    ck_assert_ptr_null (env->items[env->count]);
}

START_TEST (test_set_and_unset)
{
  struct di_error err;
  struct di_env env = { 0 };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (4096);

  ck_assert_int_eq (di_env_put (&env, "A=1", &err), 0);
  ck_assert_int_eq (di_env_put (&env, "AB=2", &err), 0);
  ck_assert_int_eq (di_env_put (&env, "C==3", &err), 0);
  ck_assert_int_eq (di_env_put (&env, "A=4", &err), 0);
  ck_assert_str_eq (di_env_get (&env, "C", 1), "=3");
  ck_assert_ptr_null (di_env_get (&env, "B", 1));
  di_env_unset (&env, "AB=3"); /* another value: stays */
  di_env_unset (&env, "C==3");
  di_env_unset (&env, "D");
  print (&env, &b);
  ck_assert_str_eq (dc_buffer_text (&b), "A=4|AB=2|");
  di_env_unset (&env, "A");
  ck_assert_uint_eq (env.count, 1);
  di_env_release (&env);
}
END_TEST

START_TEST (test_limit)
{
  struct di_error err;
  struct di_env env = { 0 };
  char text[32];

  for (int i = 0; i < DI_ENV_MAX; i++) {
    snprintf (text, sizeof text, "A%d=", i);
    ck_assert_int_eq (di_env_put (&env, text, &err), 0);
  }
  ck_assert_int_eq (di_env_put (&env, "B=", &err), -1);
  ck_assert_int_eq (di_env_put (&env, "A0=new", &err), 0);
  di_env_release (&env);
}
END_TEST

/* Source: systemd.exec(5), EnvironmentFile=. */
static const struct {
  const char *in, *out;
} files[] = {
  { "", "" },
  { "A=1\nB=2\n", "A=1|B=2|" },
  { "A=1", "A=1|" },
  { "A=\nB=x\n", "A=|B=x|" },
  { "# A=1\n;B=2\n  # C=3\nD=4\n", "D=4|" },
  { "A\nB=2\n", "B=2|" },
  { "export A=1\nB=2\n", "B=2|" },
  { "1A=1\nA-B=2\n=3\n", "" },
  { "  A  =  1 2  \t\r\nB=3\n", "A=1 2|B=3|" },
  { "A='1 $x \\ #\n2'\nB=3\n", "A=1 $x \\ #\n2|B=3|" },
  { "A=\"1 \\\"x\\\" \\$ \\n \\\\\"\n", "A=1 \"x\" $ \\n \\|" },
  { "A=\"a\\\nb\"\n", "A=ab|" },
  { "A=a\\\nb\nB=1\n", "A=ab|B=1|" },
  { "A=\\\n  b\n", "A=b|" },
  { "A=a\\ \\\\b\\x\n", "A=a \\bx|" },
  { "A=\" a \" ' b '\n", "A= a  b |" },
  { "A=x\"y z\"\n", "A=x\"y z\"|" },
  { "A=it's\nB=1\n", "A=it's|B=1|" },
  { "A=a # b\n", "A=a # b|" },
  { "A=\"open\nB=1\n", "A=open\nB=1\n|" },
  { "A=x\\", "A=x\\|" },
  { "A=1\nA=2\n", "A=2|" },
  { "A=caf\xc3\xa9\n", "A=caf\xc3\xa9|" },
};

START_TEST (test_file)
{
  struct di_error err;
  struct di_env env = { 0 };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (4096);
  AUTO_FREE char *text = strdup (files[_i].in);

  ck_assert_ptr_nonnull (text);
  ck_assert_int_eq (di_envfile_parse (text, strlen (text), &env, &err), 0);
  print (&env, &b);
  ck_assert_str_eq (dc_buffer_text (&b), files[_i].out);
  di_env_release (&env);
}
END_TEST

START_TEST (test_file_cut_anywhere)
{
  static const char rich[] =
      "A=\"x\\\"y\" 'z'\n#c\\\nB=a\\\n b\\\\ \n C = d \n";
  struct di_error err;

  for (size_t size = 0; size < sizeof rich; size++) {
    struct di_env env = { 0 };
    AUTO_FREE char *text = strndup (rich, size);
    ck_assert_ptr_nonnull (text);
    ck_assert_int_eq (di_envfile_parse (text, strlen (text), &env, &err), 0);
    di_env_release (&env);
  }
}
END_TEST

START_TEST (test_missing_file)
{
  struct di_error err;
  struct di_env env = { 0 };

  ck_assert_int_eq (di_envfile_read ("/no/such/file", false, &env, &err), -1);
  ck_assert (unit_contains (err.text, "'/no/such/file' does not exist"));
  ck_assert_int_eq (di_envfile_read ("/no/such/file", true, &env, &err), 0);
  ck_assert_int_eq (di_envfile_read ("/no/*.conf", true, &env, &err), 0);
}
END_TEST

static int
read_text (struct di_env *env, struct di_error *err)
{
  char text[] = "A=1\nB=2\nA=3\n";

  *env = (struct di_env){ 0 };
  return di_envfile_parse (text, sizeof text - 1, env, err);
}

START_TEST (test_no_memory)
{
  struct di_error err;
  struct di_env env;
  int failures = 0;

  OOM_LOOP (status, read_text (&env, &err))
  {
    failures += status < 0;
    di_env_release (&env);
  }
  ck_assert_int_eq (failures, 4); /* the list and three strings */
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_set_and_unset);
  tcase_add_test (tcase, test_limit);
  tcase_add_loop_test (tcase, test_file, 0, DC_COUNT (files));
  tcase_add_test (tcase, test_file_cut_anywhere);
  tcase_add_test (tcase, test_missing_file);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("init-env", add);
}

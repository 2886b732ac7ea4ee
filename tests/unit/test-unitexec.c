/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/unit/unitexec.h"
#include "lib/buffer.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static int
read_commands (const char *value, struct dc_unit *unit, struct dc_execs **execs,
               struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (4096);

  *unit = (struct dc_unit){ .name = strdup ("a@x.service") };
  if (unit->name == NULL)
    return dc_fail_errno (err, "no memory");
  unit->instance = strdup ("x");
  if (unit->instance == NULL)
    return dc_fail_errno (err, "no memory");
  if (dc_buffer_print (&b, err, "[Service]\nExecStart=%s\n", value) < 0 ||
      dc_unit_parse (unit, b.data, b.size, "/a.service", err) < 0)
    return -1;
  return dc_execs_read (unit, "Service", "ExecStart", "host", execs, err);
}

/* Commands as "flags program: word|word|" and '\n' behind each. */
static void
print (const struct dc_execs *execs, struct dc_buffer *b)
{
  struct dc_error err = { .code = DC_OK };

  for (size_t i = 0; i < execs->count; i++) {
    const struct dc_exec *exec = &execs->items[i];
    ck_assert_ok (
        dc_buffer_print (b, &err, "%x %s: ", exec->flags, exec->program));
    for (size_t k = 0; k < exec->argv.count; k++)
      ck_assert_ok (dc_buffer_print (b, &err, "%s|", exec->argv.items[k]));
    ck_assert_ok (dc_buffer_print (b, &err, "\n"));
  }
}

static const struct {
  const char *value, *commands;
} good[] = {
  { "", "" },
  { "/usr/sbin/nginx -g 'daemon on;'",
    "0 /usr/sbin/nginx: /usr/sbin/nginx|-g|daemon on;|\n" },
  { "nginx", "0 nginx: nginx|\n" },
  { "-/bin/a", "1 /bin/a: /bin/a|\n" },
  { "@/bin/a b c", "2 /bin/a: b|c|\n" },
  { ":/bin/a", "4 /bin/a: /bin/a|\n" },
  { "+/bin/a", "8 /bin/a: /bin/a|\n" },
  { "!/bin/a", "10 /bin/a: /bin/a|\n" },
  { "!!/bin/a", "20 /bin/a: /bin/a|\n" },
  { ":!-@/bin/a b", "17 /bin/a: b|\n" },
  { "!!@-:/bin/a b", "27 /bin/a: b|\n" },
  { "/bin/%p --name=%i %% $X", "0 /bin/a: /bin/a|--name=x|%|$X|\n" },
  { "/bin/a 1 ; -/bin/b 2", "0 /bin/a: /bin/a|1|\n1 /bin/b: /bin/b|2|\n" },
  { "/bin/a ; ; /bin/b;c ;", "0 /bin/a: /bin/a|\n0 /bin/b;c: /bin/b;c|\n" },
  { "/bin/a \\; \";\" \\\\; \\;x", "0 /bin/a: /bin/a|;|;|\\;|\\;x|\n" },
  { "/bin/a \\\n ; /bin/b", "0 /bin/a: /bin/a|\n" }, /* a comment */
  { "/bin/grep '\\d+'", "0 /bin/grep: /bin/grep|\\d+|\n" },
  { "'/opt/my app/run' x", "0 /opt/my app/run: /opt/my app/run|x|\n" },
  { "-not/absolute", "" },
  { "-/bin/a 'open", "" },
  { "@/bin/a ; x", "2 /bin/a: ;|x|\n" },
};

START_TEST (test_good)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_unit unit;
  DC_AUTO (dc_execs) *execs = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (4096);

  ck_assert_ok (read_commands (good[_i].value, &unit, &execs, &err));
  print (execs, &b);
  ck_assert_str_eq (dc_buffer_text (&b), good[_i].commands);
  dc_unit_release (&unit);
}
END_TEST

static const struct {
  const char *value;
  enum dc_code code;
  const char *words;
} bad[] = {
  { "bin/a", DC_ERR_INVALID,
    "/a.service:2: command 'bin/a' is neither an absolute path nor a name" },
  { "/bin/", DC_ERR_INVALID, "command '/bin/' is a folder" },
  { "++/bin/a", DC_ERR_INVALID, "command '+/bin/a'" },
  { "!+/bin/a", DC_ERR_INVALID, "command '+/bin/a'" },
  { "!!!/bin/a", DC_ERR_INVALID, "command '!/bin/a'" },
  { "..", DC_ERR_INVALID, "command '..'" },
  { "@", DC_ERR_INVALID, "the command is empty" },
  { "''", DC_ERR_INVALID, "the command is empty" },
  { "@/bin/a", DC_ERR_INVALID, "'@' without a process name" },
  { "/bin/a 'open", DC_ERR_INVALID, "a quote stays open" },
  { "/bin/a %m", DC_ERR_UNSUPPORTED, "/a.service:2: specifier '%m'" },
};

START_TEST (test_bad)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_unit unit;
  struct dc_execs *execs = NULL;

  ck_assert_fails (read_commands (bad[_i].value, &unit, &execs, &err),
                   bad[_i].code, bad[_i].words);
  ck_assert_ptr_null (execs);
  dc_unit_release (&unit);
}
END_TEST

static const char *const variables[] = {
  "ONE=one",     "TWO='two two' too", "THREE=", "OPTS=-p 22 -o \"A b\" c\\ d",
  "OPEN=a 'b c",
};

static const struct {
  const char *value, *argv;
} expanded[] = {
  { "echo ${ONE} ${TWO} ${THREE}", "echo|one|'two two' too||" },
  { "echo $ONE $TWO $THREE", "echo|one|two two|too|" },
  { "sshd -D $OPTS", "sshd|-D|-p|22|-o|A b|c d|" },
  { "echo $OPEN", "echo|a|b c|" },
  { "echo a${ONE}b${ONE} x$ONE", "echo|aonebone|x$ONE|" },
  { "echo $NONE ${NONE} ${NONE}x", "echo||x|" },
  { "echo $$ONE $$ ${ONE $", "echo|$ONE|$|${ONE|" },
  { "echo x${} ${} ${:} ${", "echo|x||${:}|${|" }, /* as systemd 252 */
  { "echo ${ONE:-two} $${ONE}", "echo|${ONE:-two}|${ONE}|" },
  { ":echo $ONE ${ONE} $$", "echo|$ONE|${ONE}|$$|" },
};

START_TEST (test_variables)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_unit unit;
  DC_AUTO (dc_execs) *execs = NULL;
  AUTO_WORDS struct dc_words environment = { NULL, 0 };
  AUTO_WORDS struct dc_words argv = { NULL, 0 };
  char seen[256] = "";

  for (size_t i = 0; i < DC_COUNT (variables); i++)
    ck_assert_ok (dc_words_add (&environment, variables[i], &err));
  ck_assert_ok (read_commands (expanded[_i].value, &unit, &execs, &err));
  ck_assert_ok (dc_exec_argv (&execs->items[0], &environment, &argv, &err));
  for (size_t i = 0; i < argv.count; i++) {
    strncat (seen, argv.items[i], sizeof seen - strlen (seen) - 1);
    strncat (seen, "|", sizeof seen - strlen (seen) - 1);
  }
  ck_assert_str_eq (seen, expanded[_i].argv);
  dc_unit_release (&unit);
}
END_TEST

START_TEST (test_too_many_commands)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_unit unit = { .name = NULL };
  struct dc_execs *execs = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (65536);

  ck_assert_ok (dc_buffer_print (&b, &err, "[Service]\nExecStart=a"));
  for (int i = 0; i < DC_EXEC_COUNT_MAX; i++)
    ck_assert_ok (dc_buffer_print (&b, &err, " ; a"));
  unit.name = strdup ("a.service");
  ck_assert_ok (dc_unit_parse (&unit, b.data, b.size, "/a", &err));
  ck_assert_fails (
      dc_execs_read (&unit, "Service", "ExecStart", NULL, &execs, &err),
      DC_ERR_LIMIT, "more than 1024 commands");
  dc_unit_release (&unit);
}
END_TEST

static int
whole (struct dc_unit *unit, struct dc_execs **execs, struct dc_words *argv,
       struct dc_error *err)
{
  static char assignment[] = "A=b c";
  static char *items[] = { assignment, NULL };
  const struct dc_words environment = { items, 1 };

  if (read_commands ("@/bin/%p \\; $A ${A}x ; -b", unit, execs, err) < 0)
    return -1;
  return dc_exec_argv (&(*execs)->items[0], &environment, argv, err);
}

START_TEST (test_no_memory)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_unit unit;
  struct dc_execs *execs = NULL;
  AUTO_WORDS struct dc_words argv = { NULL, 0 };

  OOM_LOOP (status, whole (&unit, &execs, &argv, &err))
  {
    ck_assert (status == 0 ? argv.count == 4 : err.code == DC_ERR_SYSTEM);
    dc_execs_free (DC_TAKE (execs));
    dc_words_release (&argv);
    dc_unit_release (&unit);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_good, 0, DC_COUNT (good));
  tcase_add_loop_test (tcase, test_bad, 0, DC_COUNT (bad));
  tcase_add_loop_test (tcase, test_variables, 0, DC_COUNT (expanded));
  tcase_add_test (tcase, test_too_many_commands);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("unitexec", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/shellexec.h"
#include "tests/unit/endpoints.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

/* Words with '|' between them; NULL: no program stays. */
static const struct {
  const char *script, *expected;
} cases[] = {
  { "/bin/a", "/bin/a" },
  { "exec /bin/a -b 'c d' \"e f\"", "/bin/a|-b|c d|e f" },
  { "  A=1 B='2 3' /bin/a x", "/bin/a|x" },
  { "true; exec /bin/a", "/bin/a" },
  { "true && /bin/a", NULL },
  { "/bin/a & /bin/b", NULL },
  { "", NULL },
  { "# exec /bin/a", NULL },
  { "X=1", NULL },
  { "exec -a name /bin/a", "/bin/a" },
  { "if [ -e /x ]; then exec /bin/a; else exec /bin/b $B; fi", "/bin/b|$B" },
  { "cd /srv\nexec ./a >/dev/null 2>&1 </x y", "./a|y" },
  { "exec a >>log&", "a" },
  { "(umask 7; exec /bin/a)", "/bin/a" },
  /* As mariadb.service of Debian 12 has it. */
  { "set -f; [ ! -e /usr/bin/r ] && VAR= ||  VAR=`/usr/bin/r; exec b`; "
    "[ $? -eq 0 ] || exit 1;  exec /usr/sbin/mariadbd $OPTS $VAR",
    "/usr/sbin/mariadbd|$OPTS|$VAR" },
  { "exec a $(echo $(exec b)) c", "a||c" },
  /* What is a variable, and what is not. */
  { "exec a ${X}b \"$Y\" '$Z' \\$Q \"\\$R\"", "a|${X}b|$Y|$$Z|$$Q|$$R" },
  { "exec a \\\n b\\ c 'd'\"e\"f", "a|b c|def" },
  { "exec 'a", "a" },
};

static const char *
parse (const char *script, struct dc_buffer *b)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_WORDS struct dc_words argv = { NULL, 0 };

  const int status = dc_shellexec_parse (script, strlen (script), &argv, &err);
  ck_assert_int_ge (status, 0);
  ck_assert_int_eq (status, argv.count > 0);
  for (size_t i = 0; i < argv.count; i++)
    ck_assert_ok (
        dc_buffer_print (b, &err, "%s%s", i > 0 ? "|" : "", argv.items[i]));
  return status > 0 ? dc_buffer_text (b) : NULL;
}

START_TEST (test_parse)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (10000);
  const char *found = parse (cases[_i].script, &b);

  if (cases[_i].expected == NULL)
    ck_assert_ptr_null (found);
  else
    ck_assert_str_eq (found != NULL ? found : "(none)", cases[_i].expected);
}
END_TEST

static const struct small_guest guest = {
  "Environment=\"OPTS=--port 7\"\n"
  "ExecStart=-/bin/sh -ec \"true; exec /usr/bin/redis-server $OPTS "
  "--bind 10.0.0.1\"",
  NULL, NULL, NULL, 0
};

/* The shell puts in the variables that systemd leaves alone. */
START_TEST (test_service)
{
  check_guest (&guest, "s.service tcp 10.0.0.1 7 declared "
                       "/usr/lib/systemd/system/s.service:3\n"
                       "endpoint.protected /usr/lib/systemd/system/s.service:3 "
                       "s.service: protected-mode without a password answers "
                       "only local clients\n");
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);

  OOM_LOOP (status, print_guest (&guest, &b, &err))
  {
    ck_assert (status == 0 || err.code == DC_ERR_SYSTEM);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_parse, 0, DC_COUNT (cases));
  tcase_add_test (tcase, test_service);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("shellexec", add);
}

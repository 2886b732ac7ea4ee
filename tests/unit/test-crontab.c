/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/job/crontab.h"
#include "lib/buffer.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* The entries as "LINE:NORMAL|COMMAND; ", what is refused as "LINE?WHAT; ". */
static int
print (const struct dc_crontab *crontab, struct dc_buffer *b,
       struct dc_error *err)
{
  for (size_t i = 0; i < crontab->entry_count; i++) {
    const struct dc_cron_entry *entry = &crontab->entries[i];
    if (dc_buffer_print (b, err, "%u:", entry->line) < 0)
      return -1;
    for (size_t k = 0; k < entry->environment.count; k++)
      if (dc_buffer_print (b, err, "%s ", entry->environment.items[k]) < 0)
        return -1;
    if (dc_buffer_print (b, err, "%s|%s%s%s; ", entry->normal,
                         entry->user != NULL ? entry->user : "",
                         entry->user != NULL ? " runs " : "",
                         entry->command) < 0)
      return -1;
  }
  for (size_t i = 0; i < crontab->fault_count; i++)
    if (dc_buffer_print (b, err, "%u?%s; ", crontab->faults[i].line,
                         crontab->faults[i].what) < 0)
      return -1;
  return crontab->is_cut ? dc_buffer_print (b, err, "cut") : 0;
}

/* What `crontab -n` of Debian 12 says of these is in test-jobs-cron.sh. */
static const struct {
  const char *text, *expected;
} cases[] = {
  { "", "" },
  { "# x\n\n \t# y\n* * * * * a b\n", "4:*-*-* *:*:00|a b; " },
  { "25 6 * * * a\n", "1:*-*-* 06:25:00|a; " },
  { "*/5 * * * * a\n", "1:*-*-* *:00/5:00|a; " },
  { "5-55/10 7-9,12,14-15 * * * a\n", "1:*-*-* 07..09,12,14,15:05/10:00|a; " },
  { "0 0 1-7 JAN,jul * a\n", "1:*-01,07-01..07 00:00:00|a; " },
  { "0 0 * * mon-fri,7 a\n", "1:Mon..Fri,Sun *-*-* 00:00:00|a; " },
  { "0 0 * * 0-7 a\n", "1:*-*-* 00:00:00|a; " },
  { "0 0 * * 6,0 a\n", "1:Sat,Sun *-*-* 00:00:00|a; " },
  { "0 0 13 * 5 a\n", "1:*-*-13 00:00:00 or Fri *-*-* 00:00:00|a; " },
  { "0 0 */2 * 5 a\n", "1:Fri *-*-01/2 00:00:00|a; " },
  { "0 0 * * fri-sun a\n", "1:never|a; " },
  { "5-1 * * * * a\n", "1:never|a; " },
  { "1-2-3 * * * * a\n", "1:*-*-* *:01,02:00|a; " },
  { "*/70 * * * * a\n", "1:*-*-* *:00:00|a; " },
  { "@hourly a\n@reboot b\n@weekly c\n",
    "1:*-*-* *:00:00|a; 2:boot|b; 3:Sun *-*-* 00:00:00|c; " },
  { "* * * * * date +\\%F%input%more\n", "1:*-*-* *:*:00|date +%F; " },
  { "MAILTO=\"\"\nX=1\n PATH = /a:/b \nMAILTO='r'\n@daily a\nSHELL=\n",
    "5:MAILTO=r PATH=/a:/b *-*-* 00:00:00|a; 6?minute; " },
  { "5/10 * * * * a\n1,,2 * * * * a\n0 24 * * * a\n0 0 0 * * a\n",
    "1?minute; 2?minute; 3?hour; 4?day of the month; " },
  { "0 0 * 13 * a\n0 0 * * 8 a\n@Daily a\n0 0 * january * a\n\r\n",
    "1?month; 2?day of the week; 3?time specifier; 4?month; 5?minute; " },
  { "* * * * * a", "1:*-*-* *:*:00|a; cut" },
};

START_TEST (test_cases)
{
  struct dc_error err;
  struct dc_crontab crontab;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);
  const char *text = cases[_i].text;

  ck_assert_ok (dc_crontab_parse (text, strlen (text), DC_CRONTAB_OF_USER,
                                  &crontab, &err));
  ck_assert_ok (print (&crontab, &b, &err));
  ck_assert_str_eq (dc_buffer_text (&b), cases[_i].expected);
  dc_crontab_release (&crontab);
}
END_TEST

START_TEST (test_other_forms)
{
  static const struct {
    enum dc_crontab_form form;
    const char *text, *expected;
  } forms[] = {
    { DC_CRONTAB_OF_SYSTEM, "0 0 * * *\troot\ta b\n@daily\n",
      "1:*-*-* 00:00:00|root runs a b; 2?user; " },
    { DC_CRONTAB_OF_ANACRON,
      "SHELL=/bin/sh\n1\t5\tdaily\trun x\n7 10 w y\n@monthly 15 m z\nx 1 y z\n",
      "2:SHELL=/bin/sh every day|run x; 3:SHELL=/bin/sh every 7 days|y; "
      "4:SHELL=/bin/sh every month|z; 5?period; " },
  };
  struct dc_error err;
  struct dc_crontab crontab;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);
  const char *text = forms[_i].text;

  ck_assert_ok (
      dc_crontab_parse (text, strlen (text), forms[_i].form, &crontab, &err));
  ck_assert_ok (print (&crontab, &b, &err));
  ck_assert_str_eq (dc_buffer_text (&b), forms[_i].expected);
  dc_crontab_release (&crontab);
}
END_TEST

START_TEST (test_limits)
{
  static char text[DC_CRONTAB_SIZE_MAX + 1];
  struct dc_error err;
  struct dc_crontab crontab = { NULL, 0, NULL, 0, false };

  for (size_t i = 0; i < sizeof text; i++)
    text[i] = "@daily a\n"[i % 9];
  ck_assert_fails (
      dc_crontab_parse (text, sizeof text, DC_CRONTAB_OF_USER, &crontab, &err),
      DC_ERR_LIMIT, "crontab is 1048577 bytes");
  ck_assert_fails (dc_crontab_parse (text, sizeof text - 1, DC_CRONTAB_OF_USER,
                                     &crontab, &err),
                   DC_ERR_LIMIT, "lines of a crontab");
  ck_assert_ptr_null (crontab.entries);
}
END_TEST

/* A long variable before many lines is not kept for each of them. */
START_TEST (test_variables_have_a_limit)
{
  struct dc_error err;
  struct dc_crontab crontab;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_CRONTAB_SIZE_MAX);
  size_t size = 0;

  ck_assert_ok (dc_buffer_print (&b, &err, "PATH=%0100000d\n", 1));
  for (int i = 0; i < 5000; i++)
    ck_assert_ok (dc_buffer_print (&b, &err, "@daily a\n"));
  ck_assert_ok (
      dc_crontab_parse (b.data, b.size, DC_CRONTAB_OF_USER, &crontab, &err));
  ck_assert_uint_eq (crontab.entry_count, 5000);
  for (size_t i = 0; i < crontab.entry_count; i++)
    for (size_t k = 0; k < crontab.entries[i].environment.count; k++)
      size += strlen (crontab.entries[i].environment.items[k]);
  ck_assert_uint_le (size, DC_CRONTAB_SIZE_MAX);
  dc_crontab_release (&crontab);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  static const char text[] =
      "PATH=a\nPATH=b\n0 0 1 * 1 root a\n@daily b c\nx\n";

  struct dc_crontab crontab = { NULL, 0, NULL, 0, false };
  OOM_LOOP (status, dc_crontab_parse (text, sizeof text - 1,
                                      DC_CRONTAB_OF_SYSTEM, &crontab, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    ck_assert_uint_eq (crontab.entry_count, status == 0 ? 2 : 0);
    dc_crontab_release (&crontab);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, (int) DC_COUNT (cases));
  tcase_add_loop_test (tcase, test_other_forms, 0, 2);
  tcase_add_test (tcase, test_limits);
  tcase_add_test (tcase, test_variables_have_a_limit);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("crontab", add);
}

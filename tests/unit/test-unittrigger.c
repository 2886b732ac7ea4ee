/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/unit/unitcalendar.h"
#include "analyzer/unit/unittrigger.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* The "Normalized form" of `systemd-analyze calendar` 252. */
static const struct {
  const char *text, *normal;
} calendars[] = {
  { "daily", "*-*-* 00:00:00" },
  { "Weekly UTC", "Mon *-*-* 00:00:00 UTC" },
  { "quarterly", "*-01,04,07,10-01 00:00:00" },
  { "Mon,Fri 10:00", "Mon,Fri *-*-* 10:00:00" },
  { "Mon..Fri *-*-* 6:5", "Mon..Fri *-*-* 06:05:00" },
  { "Wed-Sat,Tue 12-10-15 1:10:30", "Tue..Sat 2012-10-15 01:10:30" },
  { "Thu,Wed,Sat..Sun", "Wed,Thu,Sat,Sun *-*-* 00:00:00" },
  { "*:0/15", "*-*-* *:00/15:00" },
  { "*:*:0/30", "*-*-* *:*:00/30" },
  { "2020-1-1", "2020-01-01 00:00:00" },
  { "*-*~3 1:2:3", "*-*~03 01:02:03" },
  { "*-1,4,7,10-1", "*-01,04,07,10-01 00:00:00" },
  { "2023-*-1/5", "2023-*-01/5 00:00:00" },
  { "6,18:00", "*-*-* 06,18:00:00" },
  { "00..07/2:00", "*-*-* 00..06/2:00:00" },
  { "5/2,3,1:00", "*-*-* 01,03,05/2:00:00" },
  { "Sat *-*-1..7 18:00", "Sat *-*-01..07 18:00:00" },
  { "10:00 Europe/Berlin", "*-*-* 10:00:00 Europe/Berlin" },
  { "monday", "Mon *-*-* 00:00:00" },
  { "1,1,2:00", "*-*-* 01,02:00:00" },
  /* Not understood, or refused by systemd too. */
  { "@12345", "@12345" },
  { "12:00:0.5", "12:00:0.5" },
  { "25:00", "25:00" },
  { "1:2:3:4", "1:2:3:4" },
  { "Mon..x", "Mon..x" },
  { "", "" },
};

START_TEST (test_calendar)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);

  ck_assert_ok (dc_calendar_print (calendars[_i].text, &b, &err));
  ck_assert_str_eq (dc_buffer_text (&b), calendars[_i].normal);
}
END_TEST

/* A unit NAME with this TEXT. */
static struct dc_unit
make (const char *name, const char *text)
{
  struct dc_error err;
  struct dc_unit unit = { .name = strdup (name) };

  ck_assert_ok (dc_unit_parse (&unit, text, strlen (text), "/x", &err));
  return unit;
}

START_TEST (test_triggered)
{
  static const struct {
    const char *name, *text, *other;
  } cases[] = {
    { "a.timer", "[Timer]\nOnCalendar=daily\n", "a.service" },
    { "a.timer", "[Timer]\nUnit=b.target\n", "b.target" },
    { "a.path", "[Path]\nUnit=%p-x.service\n", "a-x.service" },
    { "a.socket", "[Socket]\n", "a.service" },
    { "a.socket", "[Socket]\nAccept=yes\n", "a@.service" },
    { "a.socket", "[Socket]\nAccept=yes\nService=b.service\n", "b.service" },
    { "m-n.automount", "[Automount]\n", "m-n.mount" },
    { "a.timer", "[Timer]\nUnit=no unit\n", "a.service" },
    { "a.target", "[Unit]\n", NULL },
  };
  struct dc_error err;
  AUTO_FREE char *other = NULL;
  struct dc_unit unit = make (cases[_i].name, cases[_i].text);

  ck_assert_ok (dc_unit_triggered (&unit, &other, &err));
  if (cases[_i].other == NULL)
    ck_assert_ptr_null (other);
  else
    ck_assert_str_eq (other, cases[_i].other);
  dc_unit_release (&unit);
}
END_TEST

START_TEST (test_schedule)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer written = DC_BUFFER_INIT (1000);
  AUTO_BUFFER struct dc_buffer normal = DC_BUFFER_INIT (1000);
  const struct dc_setting *first = NULL;
  struct dc_unit unit =
      make ("a.timer", "[Timer]\nOnBootSec=5min\nOnCalendar=x\nOnCalendar=\n"
                       "OnCalendar=daily\nPersistent=true\nOnCalendar=6:0\n");

  ck_assert_ok (dc_unit_schedule (&unit, &written, &normal, &first, &err));
  ck_assert_str_eq (dc_buffer_text (&written),
                    "OnCalendar=daily; OnCalendar=6:0; OnBootSec=5min; "
                    "Persistent=true");
  ck_assert_str_eq (dc_buffer_text (&normal),
                    "*-*-* 00:00:00 or *-*-* 06:00:00 or boot + 5min");
  ck_assert_uint_eq (first->line, 5);
  dc_unit_release (&unit);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  AUTO_FREE char *other = NULL;
  struct dc_unit unit = make ("a.socket", "[Socket]\nAccept=yes\n");

  OOM_LOOP (status, dc_unit_triggered (&unit, &other, &err))
  ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
  dc_unit_release (&unit);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_calendar, 0, (int) DC_COUNT (calendars));
  tcase_add_loop_test (tcase, test_triggered, 0, 9);
  tcase_add_test (tcase, test_schedule);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("unittrigger", add);
}

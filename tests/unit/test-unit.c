/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/unit/unit.h"
#include "lib/buffer.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static int
parse (const char *text, struct dc_unit *unit, struct dc_error *err)
{
  return dc_unit_parse (unit, text, strlen (text), "/x.service", err);
}

/* TEXT, and its settings as "section/key=value@line" with blanks between. */
static const struct {
  const char *text, *settings;
} good[] = {
  { "", "" },
  { "[Unit]\nDescription=Web  server \n", "Unit/Description=Web  server@2 " },
  { "[A]\n k =  v\n\n[B]\nk=\n", "A/k=v@2 B/k=@5 " },
  { "[A]\nk=a=b\n", "A/k=a=b@2 " },
  { "[A]\n# k=1\n ;k=2\nk=3", "A/k=3@4 " },
  { "k=1\n[A]\nno equals sign\nk=2\n", "A/k=2@4 " },
  { "[A]\nk=a \\\n  b\nl=c\n", "A/k=a    b@2 A/l=c@4 " },
  { "[A]\nk=a\\\n# comment \\\n; another\n b\n", "A/k=a  b@2 " },
  { "[A]\nk=a\\\\\nl=b\n", "A/k=a\\\\@2 A/l=b@3 " },
  { "[A]\nk=a\\\\\\\nb\n", "A/k=a\\\\ b@2 " },
  { "[A]\nk=a\\\n\nl=b\n", "A/k=a@2 A/l=b@4 " },
  { "[A]\nk=a \\", "A/k=a@2 " },
  { "[A]\nk=a \\\n[B]\nl=b\n", "A/k=a  [B]@2 A/l=b@4 " },
  { "[A]\r\nk=a\r\nl=b \\\r\nc\r\n", "A/k=a@2 A/l=b  c@3 " },
  { "[A]\rk=a\rl=b\r", "A/k=a@2 A/l=b@3 " },
  { "\xef\xbb\xbf[A]\nk=caf\xc3\xa9\n", "A/k=caf\xc3\xa9@2 " },
  { "[A] \nk=1\n", "A/k=1@2 " },
  { "[X-Ours]\nk=1\n", "X-Ours/k=1@2 " },
};

START_TEST (test_good)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_unit unit = { .name = NULL };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (4096);

  ck_assert_ok (parse (good[_i].text, &unit, &err));
  for (size_t i = 0; i < unit.setting_count; i++) {
    const struct dc_setting *s = &unit.settings[i];
    ck_assert_ok (dc_buffer_print (&b, &err, "%s/%s=%s@%u ", s->section, s->key,
                                   s->value, s->line));
    ck_assert_str_eq (s->file, "/x.service");
  }
  ck_assert_str_eq (dc_buffer_text (&b), good[_i].settings);
  dc_unit_release (&unit);
}
END_TEST

/* The setting before the fault stays. */
static const struct {
  const char *text;
  size_t size;
  const char *words;
} bad[] = {
#define TEXT(s) s, sizeof s - 1
  { TEXT ("[A]\nk=1\n[B\nk=2\n"), "/x.service:3: section '[B' has no ']'" },
  { TEXT ("[A]\nk=1\nk=caf\xe9\n"), "/x.service:3: 'k=caf\\xE9' is not UTF-8" },
  { TEXT ("[A]\nk=1\nk=\xff\\\n2\n"), "/x.service:3: " },
  { TEXT ("[A]\nk=1\n\0\n"), "/x.service:3: a NUL byte" },
#undef TEXT
};

START_TEST (test_bad)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_unit unit = { .name = NULL };

  ck_assert_fails (
      dc_unit_parse (&unit, bad[_i].text, bad[_i].size, "/x.service", &err),
      DC_ERR_INVALID, bad[_i].words);
  ck_assert_uint_eq (unit.setting_count, 1);
  dc_unit_release (&unit);
}
END_TEST

START_TEST (test_limits)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_unit unit = { .name = NULL };
  const size_t size = (size_t) 64 * 1024 * 1024;
  AUTO_FREE char *text = malloc (size);

  ck_assert_ptr_nonnull (text);
  memset (text, 'a', size);
  ck_assert_fails (dc_unit_parse (&unit, text, size, "/x.service", &err),
                   DC_ERR_LIMIT, "/x.service is 67108864 bytes, limit");
  /* One line of a mebibyte in half a million pieces is read in no time. */
  memcpy (text, "[A]\nk=", 6);
  for (size_t i = 6; i < DC_UNIT_SIZE_MAX; i += 2)
    memcpy (text + i, "\\\n", 2);
  ck_assert_ok (
      dc_unit_parse (&unit, text, DC_UNIT_SIZE_MAX, "/x.service", &err));
  ck_assert_uint_eq (unit.setting_count, 1);

  memcpy (text, "[A]\n", 4);
  for (size_t i = 0; i <= DC_UNIT_SETTING_MAX; i++)
    memcpy (text + 4 + 4 * i, "k=1\n", 4);
  ck_assert_fails (
      dc_unit_parse (&unit, text, DC_UNIT_SETTING_MAX * 4 + 4, "/x", &err),
      DC_ERR_LIMIT, "more than 16384 settings");
  dc_unit_release (&unit);
}
END_TEST

static const char lists[] = "[S]\n"
                            "Exec=a\nExec=b\nExec=\nExec=c\nType=simple\n"
                            "Exec=d\nExec=e\nType=notify\nUser=x\nUser=\n"
                            "Yes=On\nNo=f\nOdd=perhaps\nKept=no\nKept=eh\n"
                            "[T]\nExec=t\n";

START_TEST (test_values)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_unit unit = { .name = NULL };
  const struct dc_setting *where = NULL;

  ck_assert_ok (parse (lists, &unit, &err));
  ck_assert_str_eq (dc_unit_value (&unit, "S", "Type", &where), "notify");
  ck_assert_uint_eq (where->line, 9);
  ck_assert_ptr_null (dc_unit_value (&unit, "S", "User", NULL));
  ck_assert_ptr_null (dc_unit_value (&unit, "S", "type", NULL));
  ck_assert_ptr_null (dc_unit_value (&unit, "T", "Type", NULL));
  ck_assert (dc_unit_is (&unit, "S", "Yes", false));
  ck_assert (!dc_unit_is (&unit, "S", "No", true));
  ck_assert (dc_unit_is (&unit, "S", "Odd", true));
  ck_assert (!dc_unit_is (&unit, "S", "Odd", false));
  ck_assert (!dc_unit_is (&unit, "S", "Kept", true));
  ck_assert (dc_unit_is (&unit, "S", "None", true));
  dc_unit_release (&unit);
}
END_TEST

START_TEST (test_list_begins_behind_its_reset)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_unit unit = { .name = NULL };
  const struct dc_setting *setting;
  size_t position = 0;
  char seen[8] = "";

  ck_assert_ok (parse (lists, &unit, &err));
  while (dc_unit_next (&unit, "S", "Exec", &position, &setting) == 1)
    strncat (seen, setting->value, sizeof seen - strlen (seen) - 1);
  ck_assert_str_eq (seen, "cde");
  position = 0;
  ck_assert_int_eq (dc_unit_next (&unit, "S", "User", &position, &setting), 0);
  dc_unit_release (&unit);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_unit unit = { .name = NULL };

  OOM_LOOP (status, parse ("[A]\nk=a\\\n b\n[B]\nl=1\nl=2\n", &unit, &err))
  {
    ck_assert (status == 0 ? unit.setting_count == 3
                           : err.code == DC_ERR_SYSTEM);
    dc_unit_release (&unit);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_good, 0, DC_COUNT (good));
  tcase_add_loop_test (tcase, test_bad, 0, DC_COUNT (bad));
  tcase_add_test (tcase, test_limits);
  tcase_add_test (tcase, test_values);
  tcase_add_test (tcase, test_list_begins_behind_its_reset);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("unit", add);
}

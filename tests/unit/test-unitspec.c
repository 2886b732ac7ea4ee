/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/unit/unit.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static char plain_name[] = "a-b-c\\x2dd.service";
static char plain_file[] = "/etc/systemd/system/a.service";
static char instance_name[] = "srv-x@var-lib\\x2dq.mount";
static char instance[] = "var-lib\\x2dq";
static char root_name[] = "fsck@-.service";
static char root_instance[] = "-";

static const struct dc_unit units[] = {
  { .name = plain_name, .file = plain_file },
  { .name = instance_name, .instance = instance },
  { .name = root_name, .instance = root_instance },
};

enum { PLAIN, INSTANCE, ROOT };

static const struct {
  const char *text, *expanded;
  int unit;
} good[] = {
  { "", "", PLAIN },
  { "no specifier", "no specifier", PLAIN },
  { "%n|%N", "a-b-c\\x2dd.service|a-b-c\\x2dd", PLAIN },
  { "%p|%P", "a-b-c\\x2dd|a/b/c-d", PLAIN },
  { "%i|%I|", "||", PLAIN },
  { "%j|%J", "c\\x2dd|c-d", PLAIN },
  { "%f", "/a/b/c-d", PLAIN },
  { "%y|%Y", "/etc/systemd/system/a.service|/etc/systemd/system", PLAIN },
  { "%n|%N", "srv-x@var-lib\\x2dq.mount|srv-x@var-lib\\x2dq", INSTANCE },
  { "%p|%P|%j", "srv-x|srv/x|x", INSTANCE },
  { "%i|%I|%f", "var-lib\\x2dq|var/lib-q|/var/lib-q", INSTANCE },
  { "%f|%I", "/|/", ROOT },
  { "%t/x %S %C %L %E %T %V",
    "/run/x /var/lib /var/cache /var/log /etc /tmp /var/tmp", PLAIN },
  { "%u%U%g%G%h", "root0root0/root", PLAIN },
  { "%d", "/run/credentials/a-b-c\\x2dd.service", PLAIN },
  { "%H|%l", "web.example.org|web", PLAIN },
  { "100%% %%i", "100% %i", PLAIN },
  { "%1 %z %", "%1 %z %", PLAIN },
};

START_TEST (test_good)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_FREE char *out = NULL;

  ck_assert_ok (dc_unit_expand (&units[good[_i].unit], good[_i].text,
                                "web.example.org", &out, &err));
  ck_assert_str_eq (out, good[_i].expanded);
}
END_TEST

static const struct {
  const char *text, *words;
} bad[] = {
  { "x%H", "'%H' needs the host's name" },
  { "%l", "'%l' needs" },
  { "%m", "'%m' is known only when" },
  { "%b", "'%b'" },
  { "%v", "'%v'" },
  { "%y", "the unit has no file" },
  { "%Y", "the unit has no file" },
};

START_TEST (test_bad)
{
  struct dc_error err = { .code = DC_OK };
  char *out = NULL;

  ck_assert_fails (
      dc_unit_expand (&units[INSTANCE], bad[_i].text, NULL, &out, &err),
      DC_ERR_UNSUPPORTED, bad[_i].words);
  ck_assert_ptr_null (out);
}
END_TEST

START_TEST (test_size_is_limited)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_FREE char *out = NULL;
  const size_t size = DC_UNIT_SIZE_MAX / 4;
  AUTO_FREE char *text = malloc (size + 1);

  ck_assert_ptr_nonnull (text);
  for (size_t i = 0; i < size; i++)
    text[i] = "%n"[i % 2];
  text[size] = '\0';
  ck_assert_fails (dc_unit_expand (&units[0], text, NULL, &out, &err),
                   DC_ERR_LIMIT, "more than");
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err = { .code = DC_OK };
  char *out = NULL;

  OOM_LOOP (status, dc_unit_expand (&units[INSTANCE], "a %I %J %f %d %n %%",
                                    NULL, &out, &err))
  {
    ck_assert (status == 0 || err.code == DC_ERR_SYSTEM);
    free (DC_TAKE (out));
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_good, 0, DC_COUNT (good));
  tcase_add_loop_test (tcase, test_bad, 0, DC_COUNT (bad));
  tcase_add_test (tcase, test_size_is_limited);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("unitspec", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/program/keptlist.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define STATUS(name, more)                                                     \
  "Package: " name                                                             \
  "\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n" more "\n"

/* s.service runs a script of package app, which needs package data. */
static const struct dc_memory_file files[] = {
  FOLDERS,
  FILE (USR "/default.target", "[Unit]\nWants=s.service\n"),
  FILE (USR "/s.service", "[Service]\nEnvironmentFile=-/etc/default/s\n"
                          "ExecStart=/usr/bin/run --conf /etc/run.conf\n"),
  DIR ("bin"),
  PROGRAM ("bin/sh", "shell"),
  DIR ("etc/default"),
  FILE ("etc/default/s", "A=b\n"),
  FILE ("etc/passwd", "root:x:0:0::/:/bin/sh\n"),
  LINK ("etc/run.conf", "/opt/run.conf"),
  FILE ("etc/unrelated", "x"),
  DIR ("opt"),
  FILE ("opt/run.conf", "x"),
  PROGRAM ("opt/helper", "x"),
  DIR ("usr/bin"),
  LINK ("usr/bin/run", "run.real"),
  PROGRAM ("usr/bin/run.real", "#! /bin/sh -e\nexec /opt/helper \"$@\"\n"),
  DIR ("usr/share"),
  DIR ("usr/share/app"),
  FILE ("usr/share/app/page", "x"),
  DIR ("usr/share/data"),
  FILE ("usr/share/data/words", "x"),
  DIR ("usr/share/doc"),
  FILE ("usr/share/doc/data", "x"),
  DIR ("var"),
  DIR ("var/lib"),
  DIR ("var/lib/dpkg"),
  DIR ("var/lib/dpkg/info"),
  FILE ("var/lib/dpkg/info/app.list",
        "/usr/bin/run.real\n/usr/share/app/page\n"),
  FILE ("var/lib/dpkg/info/data.list",
        "/usr/share/data/words\n/usr/share/doc/data\n"),
  FILE ("var/lib/dpkg/status",
        STATUS ("app", "Depends: data\n") STATUS ("data", "")),
};

static int
list (const char *name, struct dc_buffer *text, struct dc_error *err)
{
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_guest) *guest = NULL;
  DC_AUTO (dc_profile) *profile = NULL;
  json_auto_t *json = NULL;

  dc_buffer_clear (text);
  if (dc_tree_memory (files, DC_COUNT (files), &tree, err) < 0 ||
      dc_guest_new ("memory", &guest, err) < 0 ||
      dc_profile_make (tree, guest, NULL, &dc_report_silent, &profile, err) < 0)
    return -1;
  guest = NULL;
  if (dc_kept_list (tree, profile, name, &json, err) < 0)
    return -1;
  return dc_kept_list_text (json, text, err);
}

static const char expected[] =
    "/\tit leads to /opt\n"
    "/bin\tit leads to /bin/sh\n"
    "/bin/sh\tit runs /usr/bin/run.real\n"
    "/etc\tit leads to /etc/passwd\n"
    "/etc/default\tit leads to /etc/default/s\n"
    "/etc/default/s\tthe service manager reads it\n"
    "/etc/passwd\tnames of users, groups, hosts and services\n"
    "/etc/run.conf\tit leads to /opt/run.conf\n"
    "/lib\tit leads to /usr/lib\n"
    "/opt\tit leads to /opt/run.conf\n"
    "/opt/helper\t/usr/bin/run.real names it\n"
    "/opt/run.conf\tthe service names it\n"
    "/usr\tit leads to /usr/bin\n"
    "/usr/bin\tit leads to /usr/bin/run.real\n"
    "/usr/bin/run\tit leads to /usr/bin/run.real\n"
    "/usr/bin/run.real\tthe service runs it\n"
    "/usr/lib\tit leads to /usr/lib/systemd\n"
    "/usr/lib/systemd\tit leads to /usr/lib/systemd/system\n"
    "/usr/lib/systemd/system\tit leads to /usr/lib/systemd/system/s.service\n"
    "/usr/lib/systemd/system/s.service\tthe service manager reads it\n"
    "/usr/share\tit leads to /usr/share/app\n"
    "/usr/share/app\tit leads to /usr/share/app/page\n"
    "/usr/share/app/page\tit lies in the package of /usr/bin/run.real\n"
    "/usr/share/data\tit leads to /usr/share/data/words\n"
    "/usr/share/data/words\tpackage data is needed by another\n";

START_TEST (test_list)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (100000);

  ck_assert_ok (list ("s", &text, &err));
  ck_assert_str_eq (dc_buffer_text (&text), expected);
  ck_assert_ok (list ("s.service", &text, &err));
  ck_assert_str_eq (dc_buffer_text (&text), expected);
  ck_assert_fails (list ("t", &text, &err), DC_ERR_NOTFOUND, "no service 't'");
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (100000);
  int failures = 0;

  OOM_LOOP (status, list ("s", &text, &err))
  failures += status < 0;
  ck_assert_int_gt (failures, 100);
  ck_assert_str_eq (dc_buffer_text (&text), expected);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_list);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("kept", add);
}

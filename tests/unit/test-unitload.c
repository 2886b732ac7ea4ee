/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

/* All of these as `systemctl --root=... list-unit-files` of 252 has them. */
START_TEST (test_states)
{
  static const struct dc_memory_file files[] = {
    FOLDERS,
    FILE (USR "/also.service", "[Install]\nAlso=x.service\n"),
    FILE (USR "/bad.service", "[Unit]\n[Service\n" WANTED),
    FILE (USR "/declared.service", "[Install]\nAlias=d.service\n"),
    LINK (ETC "/d.service", "/lib/systemd/system/declared.service"),
    FILE (USR "/disabled.service", WANTED),
    FILE (USR "/empty.service", ""),
    FILE (USR "/default@.service", WANTED "DefaultInstance=x\n"),
    FILE (USR "/other@.service", WANTED "DefaultInstance=x\n"),
    DIR (ETC "/foo.target.wants"),
    LINK (ETC "/foo.target.wants/default@x.service",
          "/lib/systemd/system/default@.service"),
    LINK (ETC "/foo.target.wants/other@y.service",
          "/lib/systemd/system/other@.service"),
    LINK (ETC "/foo.target.wants/wanted.service", "../wanted.service"),
    FILE (ETC "/foo.target.wants/regular.service", "no link"),
    LINK (ETC "/indirect.service", "/usr/lib/systemd/system/known.service"),
    FILE (USR "/known.service", WANTED),
    DIR ("opt"),
    FILE ("opt/out.service", WANTED),
    LINK (ETC "/out.service", "/opt/out.service"),
    LINK ("opt/null", "/dev/null"),
    LINK (ETC "/masked1.service", "/dev/null"),
    LINK (ETC "/masked2.service", "../../../dev/null"),
    LINK (ETC "/masked3.service", "/opt/null"),
    FILE (USR "/masked1.service", PLAIN),
    FILE (ETC "/masked4.service", ""),
    FILE (USR "/masked4.service", WANTED),
    FILE (USR "/regular.service", WANTED),
    FILE (USR "/reset.service", WANTED "WantedBy=\n"),
    FILE (USR "/required.service", WANTED),
    DIR (ETC "/foo.target.requires"),
    LINK (ETC "/foo.target.requires/required.service", "/nowhere"),
    FILE (USR "/static.service", PLAIN),
    LINK (USR "/vendoralias.service", "static.service"),
    FILE (USR "/vendor.service", WANTED),
    DIR (USR "/foo.target.wants"),
    LINK (USR "/foo.target.wants/vendor.service", "../vendor.service"),
    LINK (USR "/foo.target.wants/other@v.service", "../other@.service"),
    FILE (ETC "/wanted.service", WANTED),
    DIR (USR "/folder.service"),
    FILE (USR "/not a unit.service", PLAIN),
  };

  check_units (files, DC_COUNT (files),
               "also.service indirect +\n"
               "bad.service bad +\n"
               "declared.service enabled + = d.service\n"
               "default@.service enabled +\n"
               "default@x.service enabled +\n"
               "disabled.service disabled +\n"
               "empty.service masked +\n"
               "known.service indirect + = indirect.service\n"
               "masked1.service masked +\n"
               "masked2.service masked +\n"
               "masked3.service masked +\n"
               "masked4.service masked +\n"
               "other@.service indirect +\n"
               "other@v.service static\n"
               "other@y.service enabled +\n"
               "out.service linked +\n"
               "regular.service disabled +\n"
               "required.service enabled +\n"
               "reset.service static\n"
               "static.service static = vendoralias.service\n"
               "vendor.service disabled +\n"
               "wanted.service enabled +\n");
}
END_TEST

START_TEST (test_aliases)
{
  static const struct dc_memory_file files[] = {
    FOLDERS,
    FILE (USR "/plain.service", PLAIN),
    LINK (USR "/a.service", "plain.service"),
    LINK (ETC "/b.service", "/usr/lib/systemd/system/a.service"),
    LINK (ETC "/c.service", "../system/b.service"),
    FILE (USR "/t@.service", PLAIN),
    LINK (USR "/u@.service", "t@.service"),
    LINK (ETC "/v@x.service", "/lib/systemd/system/t@.service"),
    LINK (ETC "/w@x.service", "/lib/systemd/system/t@x.service"),
    LINK (ETC "/t@own.service", "/lib/systemd/system/t@.service"),
    /* What systemd refuses. */
    LINK (ETC "/dangling.service", "/nowhere/x.service"),
    LINK (ETC "/gone.service", "/lib/systemd/system/gone2.service"),
    LINK (ETC "/instance.service", "/lib/systemd/system/t@.service"),
    LINK (ETC "/w@y.service", "/lib/systemd/system/t@x.service"),
    LINK (ETC "/loop1.service", "loop2.service"),
    LINK (ETC "/loop2.service", "loop1.service"),
    LINK (ETC "/self.service", "self.service"),
    FILE (USR "/s.slice", PLAIN),
    LINK (ETC "/r.slice", "/lib/systemd/system/s.slice"),
    LINK (ETC "/type.socket", "/lib/systemd/system/plain.service"),
    /* A refused link does not hide the vendor's file. */
    LINK (ETC "/hidden.service", "/lib/systemd/system/s.slice"),
    FILE (USR "/hidden.service", PLAIN),
  };

  check_units (
      files, DC_COUNT (files),
      "dangling.service bad +\n"
      "gone.service bad +\n"
      "hidden.service static\n"
      "instance.service bad +\n"
      "loop1.service bad +\n"
      "loop2.service bad +\n"
      "plain.service indirect + = a.service = b.service = c.service\n"
      "r.slice bad +\n"
      "s.slice indirect +\n"
      "t@.service indirect + = u@.service\n"
      "t@own.service enabled + = u@own.service\n"
      "t@x.service indirect + = u@x.service = v@x.service = w@x.service\n"
      "type.socket bad +\n"
      "w@y.service bad +\n");
}
END_TEST

START_TEST (test_problems_are_told)
{
  static const struct dc_memory_file files[] = {
    FOLDERS,
    LINK (ETC "/a.service", "/nowhere/x.service"),
    LINK (ETC "/b.service", "/lib/systemd/system/none.service"),
    LINK (ETC "/c.service", "/lib/systemd/system/none.socket"),
    FILE (ETC "/d.service", "[Unit]\nDescription=\xe9\n"),
  };
  static const char *const problems[] = {
    "/etc/systemd/system/a.service: the link leads to no file",
    "/etc/systemd/system/b.service: there is no 'none.service'",
    "/etc/systemd/system/c.service: it may not be an alias of 'none.socket'",
    "/etc/systemd/system/d.service:2: 'Description=\\xE9' is not UTF-8",
  };
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_units) *units = NULL;

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  ck_assert_ok (dc_units_load (tree, &units, &err));
  ck_assert_uint_eq (units->count, DC_COUNT (problems));
  for (size_t i = 0; i < units->count; i++)
    ck_assert_str_eq (units->items[i].problem, problems[i]);
}
END_TEST

/* The order as `systemd --test` of 252 has it. */
START_TEST (test_dropins)
{
  static const struct dc_memory_file files[] = {
    FOLDERS,
    FILE (USR "/da-sh-es.service", CONF ("main")),
    DIR (USR "/service.d"),
    FILE (USR "/service.d/05.conf", CONF ("type05")),
    FILE (USR "/service.d/20.conf", CONF ("type20")),
    DIR (USR "/da-.service.d"),
    FILE (USR "/da-.service.d/10.conf", CONF ("da10")),
    FILE (USR "/da-.service.d/.hidden.conf", CONF ("hidden")),
    FILE (USR "/da-.service.d/readme.txt", CONF ("readme")),
    FILE (USR "/da-.service.d/bad.conf", CONF ("bad") "[Serv\n" CONF ("no")),
    FILE (USR "/da-.service.d/masked.conf", CONF ("masked")),
    DIR (ETC "/da-sh-.service.d"),
    FILE (ETC "/da-sh-.service.d/10.conf", CONF ("dash10")),
    LINK (ETC "/da-sh-.service.d/masked.conf", "/dev/null"),
    DIR (USR "/da-sh-es.service.d"),
    FILE (USR "/da-sh-es.service.d/20.conf", CONF ("own20")),
    LINK (USR "/da-sh-es.service.d/link.conf", "/opt.conf"),
    FILE ("opt.conf", CONF ("linked")),
    FILE (USR "/t-m@.service", CONF ("template")),
    LINK (USR "/alias@.service", "t-m@.service"),
    LINK (USR "/multi-user.target", "x"),
    DIR (ETC "/a.target.wants"),
    LINK (ETC "/a.target.wants/t-m@x-y.service", "x"),
    DIR (USR "/t-m@.service.d"),
    FILE (USR "/t-m@.service.d/1.conf", CONF ("T1")),
    DIR (USR "/t-m@x-y.service.d"),
    FILE (USR "/t-m@x-y.service.d/2.conf", CONF ("T2")),
    DIR (USR "/t-@.service.d"),
    FILE (USR "/t-@.service.d/3.conf", CONF ("T3")),
    DIR (USR "/t-@x-y.service.d"),
    FILE (USR "/t-@x-y.service.d/4.conf", CONF ("T4")),
    DIR (USR "/t-@x-.service.d"),
    FILE (USR "/t-@x-.service.d/5.conf", CONF ("not this")),
    DIR (USR "/alias@x-y.service.d"),
    FILE (USR "/alias@x-y.service.d/6.conf", CONF ("T6")),
    DIR (ETC "/loop.service.d"),
    LINK (ETC "/loop.service.d/a.conf", "b.conf"),
    LINK (ETC "/loop.service.d/b.conf", "a.conf"),
    LINK (USR "/loop.service.d", "loop.service.d"),
    FILE (ETC "/loop.service", CONF ("main")),
  };

  check_settings (files, DC_COUNT (files), "da-sh-es.service",
                  "main type05 dash10 own20 bad linked ");
  check_settings (files, DC_COUNT (files), "alias@x-y.service",
                  "template type05 T1 T2 type20 T3 T4 T6 ");
  check_settings (files, DC_COUNT (files), "loop.service",
                  "main type05 type20 ");
}
END_TEST

START_TEST (test_presets)
{
  static const struct dc_memory_file files[] = {
    FOLDERS,
    DIR ("etc/systemd/system-preset"),
    FILE ("etc/systemd/system-preset/50-x.preset",
          "# comment\n; comment\nenable t@.service a b\nenable s*.service\n"
          "disable sshd.service\nignore i.service\nnonsense a.service\n"
          "enable\n"),
    DIR ("usr/lib/systemd/system-preset"),
    FILE ("usr/lib/systemd/system-preset/50-x.preset", "disable s*\n"),
    FILE ("usr/lib/systemd/system-preset/90-default.preset",
          "disable x\\x2dy.service\ndisable *@*.service\ndisable b*\n"),
    FILE ("usr/lib/systemd/system-preset/99.conf", "disable *\n"),
    FILE (USR "/a.service", WANTED),
    FILE (USR "/b.service", WANTED),
    FILE (USR "/i.service", WANTED),
    FILE (USR "/sshd.service", WANTED),
    FILE (USR "/static.service", PLAIN),
    FILE (USR "/t@.service", WANTED),
    FILE (USR "/x\\x2dy.service", WANTED),
    DIR (ETC "/m.target.wants"),
    LINK (ETC "/m.target.wants/t@a.service", "x"),
    LINK (ETC "/m.target.wants/t@c.service", "x"),
  };

  check_units (files, DC_COUNT (files),
               "a.service disabled +\n"
               "b.service disabled -\n"
               "i.service disabled\n"
               "sshd.service disabled +\n"
               "static.service static\n"
               "t@.service indirect +\n"
               "t@a.service enabled +\n"
               "t@c.service enabled -\n"
               "x\\x2dy.service disabled -\n");
}
END_TEST

/* A /lib of its own goes before /usr/lib; /usr/local goes before both. */
START_TEST (test_split_usr)
{
  static const struct dc_memory_file files[] = {
    DIR (""),
    DIR ("lib"),
    DIR ("lib/systemd"),
    DIR ("lib/systemd/system"),
    FILE ("lib/systemd/system/a.service", CONF ("lib")),
    FILE ("lib/systemd/system/b.service", CONF ("lib")),
    DIR ("usr"),
    DIR ("usr/lib"),
    DIR ("usr/lib/systemd"),
    DIR (USR),
    FILE (USR "/a.service", CONF ("usr")),
    FILE (USR "/c.service", CONF ("usr")),
    DIR ("usr/local"),
    DIR ("usr/local/lib"),
    DIR ("usr/local/lib/systemd"),
    DIR ("usr/local/lib/systemd/system"),
    FILE ("usr/local/lib/systemd/system/b.service", CONF ("local")),
  };

  check_settings (files, DC_COUNT (files), "a.service", "lib ");
  check_settings (files, DC_COUNT (files), "b.service", "local ");
  check_settings (files, DC_COUNT (files), "c.service", "usr ");
}
END_TEST

START_TEST (test_no_systemd)
{
  static const struct dc_memory_file files[] = {
    DIR (""), DIR ("etc"), DIR ("etc/init.d"),
    PROGRAM ("etc/init.d/x", "#!/bin/sh\n")
  };
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_units) *units = NULL;

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  ck_assert_ok (dc_units_load (tree, &units, &err));
  ck_assert_uint_eq (units->count, 0);
  ck_assert_ptr_null (units->default_target);
  ck_assert_ptr_null (dc_units_find (units, "x.service"));
}
END_TEST

/* Templates that pull in ever new instances of themselves. */
START_TEST (test_explosion_is_stopped)
{
  static const struct dc_memory_file files[] = {
    FOLDERS,
    MULTI,
    LINK (ETC "/multi-user.target.wants/t@x.service", "x"),
    FILE (USR "/t@.service", "[Unit]\nWants=t@%i0.service t@%i1.service\n"),
  };
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_units *units = NULL;

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  ck_assert_fails (dc_units_load (tree, &units, &err), DC_ERR_LIMIT,
                   "units: more than 20000 units");
}
END_TEST

/* A big template is read for each instance, but not without end. */
START_TEST (test_text_is_limited)
{
  enum { INSTANCES = 100 };
  static char text[DC_UNIT_SIZE_MAX];
  static char names[INSTANCES][64];
  struct dc_memory_file files[INSTANCES + 11] = {
    FOLDERS,
    { .path = USR "/t@.service",
      .mode = 0100644,
      .data = text,
      .size = sizeof text },
    DIR (ETC "/x.target.wants"),
  };
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_units) *units = NULL;
  size_t bad = 0;

  memset (text, '#', sizeof text);
  for (size_t i = 0; i < INSTANCES; i++) {
    (void) snprintf (names[i], sizeof names[i], /* fits */
                     ETC "/x.target.wants/t@%zu.service", i);
    files[11 + i] = (struct dc_memory_file) LINK (names[i], "x");
  }
  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  ck_assert_ok (dc_units_load (tree, &units, &err));
  ck_assert_uint_eq (units->count, INSTANCES + 1);
  for (size_t i = 0; i < units->count; i++)
    bad += units->items[i].state == DC_UNIT_BAD;
  ck_assert_uint_eq (bad, INSTANCES + 1 - 31);
}
END_TEST

static int
load (struct dc_tree *tree, struct dc_units **units, struct dc_error *err)
{
  return dc_units_load (tree, units, err);
}

START_TEST (test_no_memory)
{
  static const struct dc_memory_file files[] = {
    FOLDERS,
    DIR ("etc/init.d"),
    PROGRAM ("etc/init.d/odd", "#!/bin/sh\n# Provides: x\n"),
    DIR ("etc/rc2.d"),
    LINK ("etc/rc2.d/S01odd", "../init.d/odd"),
    FILE (USR "/native.service", WANTED),
    LINK (USR "/default.target", "t@x.target"),
    FILE (USR "/multi-user.target", "[Unit]\nWants=t@x.service\n"),
    LINK (ETC "/default.target", "/usr/lib/systemd/system/multi-user.target"),
    FILE (USR "/t@.service", WANTED "[Service]\nType=dbus\nSlice=a-b.slice\n"),
    LINK (USR "/u@.service", "t@.service"),
    DIR (USR "/t@.service.d"),
    FILE (USR "/t@.service.d/a.conf", "[Unit]\nWants=t@y.service\n"),
    LINK (ETC "/bad.service", "/nowhere"),
    LINK (ETC "/alias.service", "/usr/lib/systemd/system/native.service"),
    FILE (USR "/a-b.slice", PLAIN),
    DIR ("usr/lib/systemd/system-preset"),
    FILE ("usr/lib/systemd/system-preset/9.preset", "enable t@.service x\n"),
  };
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_units *units = NULL;

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  OOM_LOOP (status, load (tree, &units, &err))
  {
    ck_assert (status == 0 ? units->count == 8 : err.code == DC_ERR_SYSTEM);
    dc_units_free (DC_TAKE (units));
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_states);
  tcase_add_test (tcase, test_aliases);
  tcase_add_test (tcase, test_problems_are_told);
  tcase_add_test (tcase, test_dropins);
  tcase_add_test (tcase, test_presets);
  tcase_add_test (tcase, test_split_usr);
  tcase_add_test (tcase, test_no_systemd);
  tcase_add_test (tcase, test_explosion_is_stopped);
  tcase_add_test (tcase, test_text_is_limited);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("unitload", add);
}

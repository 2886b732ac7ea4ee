/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define ETC_WANTS "/" ETC "/multi-user.target.wants/"
#define A_SERVICE "/" USR "/a.service"

/* As `systemd --test` of 252 starts them. */
static const struct dc_memory_file start_files[] = {
  FOLDERS,
  MULTI,
  FILE (USR "/a.service",
        "[Unit]\nWants=\"quoted.service\" b.service t@%p.service u@.service\n"
        "Requires=c.service\nBindsTo=d.service\nUpholds=e.service\n"
        "Requisite=no1.service\nPartOf=no2.service\nOnFailure=no3.service\n"
        "After=no4.service\nWants=none.service x\\x2dy.service\nWants=\n"),
  LINK (ETC "/multi-user.target.wants/a.service", "/nowhere/at-all"),
  FILE (USR "/b.service", "[Unit]\nWants=a.service b.service\n"),
  FILE (USR "/c.service", PLAIN),
  FILE (USR "/d.service", "[Service]\nBusName=a.b\n"),
  FILE (USR "/dbus.socket", PLAIN),
  FILE (USR "/e.service", "[Service]\nSockets=e.socket\nSlice=f-g.slice\n"),
  FILE (USR "/e.socket", PLAIN),
  FILE (USR "/f.slice", PLAIN),
  FILE (USR "/f-g.slice", PLAIN),
  FILE (USR "/masked.service", PLAIN),
  LINK (ETC "/masked.service", "/dev/null"),
  LINK (USR "/multi-user.target.wants/masked.service", "../masked.service"),
  FILE (USR "/bad.service", "[Unit\n"),
  LINK (USR "/multi-user.target.wants/bad.service", "../bad.service"),
  FILE (USR "/unwanted1.service", PLAIN),
  LINK (USR "/multi-user.target.wants/unwanted1.service", "../x"),
  LINK (ETC "/multi-user.target.wants/unwanted1.service", "/dev/null"),
  FILE (USR "/unwanted2.service", PLAIN),
  LINK (USR "/multi-user.target.wants/unwanted2.service", "../x"),
  FILE (ETC "/multi-user.target.wants/unwanted2.service", ""),
  FILE (USR "/no1.service", PLAIN),
  FILE (USR "/no2.service", PLAIN),
  FILE (USR "/no3.service", PLAIN),
  FILE (USR "/no4.service", PLAIN),
  FILE (USR "/no5.service", PLAIN),
  FILE (USR "/quoted.service", PLAIN),
  FILE (USR "/s.timer", "[Timer]\nUnit=no5.service\n"),
  LINK (ETC "/multi-user.target.wants/s.timer", "../s.timer"),
  FILE (USR "/t@.service", "[Unit]\nWants=t@%i.service\n"),
  FILE (USR "/u@.service", PLAIN),
  DIR (USR "/u@.service.wants"),
  LINK (USR "/u@.service.wants/v@.service", "../v@.service"),
  FILE (USR "/v@.service", PLAIN),
  FILE (USR "/x\\x2dy.service", PLAIN),
};
static const char start_expected[] =
    "a.service enabled + <- " ETC_WANTS "a.service\n"
    "b.service static <- " A_SERVICE ":2\n"
    "bad.service bad +\n"
    "basic.target static <- /" USR "/multi-user.target:2\n"
    "c.service static <- " A_SERVICE ":3\n"
    "d.service static <- " A_SERVICE ":4\n"
    "dbus.socket static <- /" USR "/d.service\n"
    "e.service static <- " A_SERVICE ":5\n"
    "e.socket static <- /" USR "/e.service:2\n"
    "f-g.slice static <- /" USR "/e.service:3\n"
    "f.slice static <- /" USR "/f-g.slice\n"
    "graphical.target static <- /" USR "/default.target = default.target\n"
    "masked.service masked +\n"
    "multi-user.target static <- /" USR "/graphical.target:2\n"
    "no1.service static\n"
    "no2.service static\n"
    "no3.service static\n"
    "no4.service static\n"
    "no5.service static\n"
    "quoted.service static\n"
    "s.timer enabled + <- " ETC_WANTS "s.timer\n"
    "sysinit.target static <- /" USR "/a.service\n"
    "t@.service static\n"
    "t@a.service static <- " A_SERVICE ":2\n"
    "u@.service static\n"
    "u@a.service static <- " A_SERVICE ":2\n"
    "unwanted1.service enabled +\n"
    "unwanted2.service static\n"
    "v@.service static\n"
    "v@a.service static <- /" USR "/u@.service.wants/v@.service\n"
    "x\\x2dy.service static <- " A_SERVICE ":10\n";

START_TEST (test_start)
{
  check_units (start_files, DC_COUNT (start_files), start_expected);
}
END_TEST

START_TEST (test_links_of_aliases_and_variants_count)
{
  static const struct dc_memory_file files[] = {
    FOLDERS,
    FILE (USR "/graphical.target", PLAIN),
    LINK (ETC "/default.target", "/lib/systemd/system/graphical.target"),
    LINK (USR "/default.target", "multi-user.target"),
    DIR (ETC "/default.target.wants"),
    LINK (ETC "/default.target.wants/a-b-c.service", "../a-b-c.service"),
    FILE (USR "/a-b-c.service", "[Unit]\nDefaultDependencies=no\n"),
    DIR (USR "/a-.service.requires"),
    LINK (USR "/a-.service.requires/t@x-y.service", "../t@.service"),
    DIR (USR "/a-b-.service.upholds"),
    LINK (USR "/a-b-.service.upholds/alias.service", "../alias.service"),
    FILE (USR "/b.service", PLAIN),
    LINK (USR "/alias.service", "b.service"),
    FILE (USR "/t@.service", PLAIN),
  };

  check_units (files, DC_COUNT (files),
               "a-b-c.service enabled + <- "
               "/" ETC "/default.target.wants/a-b-c.service\n"
               "b.service static <- /" USR
               "/a-b-.service.upholds/alias.service = alias.service\n"
               "graphical.target indirect + <- /" ETC
               "/default.target = default.target\n"
               "t@.service static\n"
               "t@x-y.service static <- /" USR
               "/a-.service.requires/t@x-y.service\n");
}
END_TEST

static const char script[] = "#!/bin/sh\n"
                             "# pidfile: /run/odd.pid\n"
                             "### BEGIN INIT INFO\n"
                             "# Provides: odd other $x taken\n"
                             "# Required-Start: $local_fs $network foo.sh odd\n"
                             "# X-Start-Before: bar\n"
                             "# Short-Description:  An odd  one\n"
                             "### END INIT INFO\n"
                             "echo 'Usage: $0 {start|stop|reload}'\n";

#define SYSV                                                                   \
  DIR ("etc/init.d"), PROGRAM ("etc/init.d/odd.sh", script),                   \
      PROGRAM ("etc/init.d/plain", "#!/bin/sh\n"),                             \
      PROGRAM ("etc/init.d/native", "#!/bin/sh\n"),                            \
      PROGRAM ("etc/init.d/masked", "#!/bin/sh\n"),                            \
      PROGRAM ("etc/init.d/taken", "\177ELF\n"),                               \
      PROGRAM ("etc/init.d/taken.dpkg-old", "#!/bin/sh\n"),                    \
      FILE ("etc/init.d/README", "text"), DIR ("etc/rc2.d"),                   \
      LINK ("etc/rc2.d/S01odd.sh", "../init.d/odd.sh"),                        \
      LINK ("etc/rc2.d/S01native", "../init.d/native"),                        \
      LINK ("etc/rc2.d/K01plain", "../init.d/plain"), DIR ("etc/rc5.d"),       \
      LINK ("etc/rc5.d/S02taken", "../init.d/taken"),                          \
      FILE (USR "/native.service", WANTED),                                    \
      LINK (ETC "/masked.service", "/dev/null")

START_TEST (test_sysv)
{
  static const struct dc_memory_file files[] = {
    FOLDERS,
    SYSV,
    FILE (USR "/multi-user.target", PLAIN),
    LINK (USR "/default.target", "multi-user.target"),
    PROGRAM ("etc/rc.local", "#!/bin/sh\n"),
    FILE (USR "/rc-local.service", PLAIN),
  };

  check_units (files, DC_COUNT (files),
               "masked.service masked +\n"
               "multi-user.target static <- /" USR
               "/default.target = default.target\n"
               "native.service disabled +\n"
               "odd.service generated <- /etc/rc2.d/S01odd.sh = other.service\n"
               "plain.service generated\n"
               "rc-local.service static <- /etc/rc.local\n"
               "taken.service generated\n");
}
END_TEST

/* What an init script pulls in starts because the script does. */
START_TEST (test_sysv_pulls_in)
{
  static const struct dc_memory_file files[] = {
    FOLDERS,
    DIR ("etc/init.d"),
    PROGRAM ("etc/init.d/a", "#!/bin/sh\n"),
    DIR ("etc/rc2.d"),
    LINK ("etc/rc2.d/S01a", "../init.d/a"),
    FILE (USR "/multi-user.target", PLAIN),
    LINK (USR "/default.target", "multi-user.target"),
    FILE (USR "/sysinit.target", PLAIN),
  };

  check_units (files, DC_COUNT (files),
               "a.service generated <- /etc/rc2.d/S01a\n"
               "multi-user.target static <- /" USR
               "/default.target = default.target\n"
               "sysinit.target static <- /etc/rc2.d/S01a\n");
}
END_TEST

/* As the generator of 252 writes it. */
START_TEST (test_sysv_settings)
{
  static const struct dc_memory_file files[] = { FOLDERS, SYSV };

  check_settings (
      files, DC_COUNT (files), "odd.service",
      "/run/odd.pid x.target x.target network-online.target "
      "network-online.target foo.service bar.service LSB: An odd  one "
      "forking no 5min no process no /etc/init.d/odd.sh no 5 6 "
      "/etc/init.d/odd.sh start /etc/init.d/odd.sh stop "
      "/etc/init.d/odd.sh reload ");
  check_settings (files, DC_COUNT (files), "plain.service",
                  "forking no 5min no process no /etc/init.d/plain yes "
                  "/etc/init.d/plain start /etc/init.d/plain stop ");
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_start);
  tcase_add_test (tcase, test_links_of_aliases_and_variants_count);
  tcase_add_test (tcase, test_sysv);
  tcase_add_test (tcase, test_sysv_pulls_in);
  tcase_add_test (tcase, test_sysv_settings);
}

int
main (void)
{
  return unit_run ("unitgraph", add);
}

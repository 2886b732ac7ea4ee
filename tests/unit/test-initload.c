/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/init/initload.h"
#include "analyzer/init/inittab.h"
#include "analyzer/init/scriptdaemon.h"
#include "analyzer/init/upstartevent.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define SYSVINIT PROGRAM ("sbin/init", "INIT_VERSION=sysvinit-3.06")
#define LSB(start)                                                             \
  "#!/bin/sh\n### BEGIN INIT INFO\n# Required-Start: " start                   \
  "\n### END INIT INFO\n"

/* Debian's way: inittab, links, a script with start-stop-daemon, defaults. */
static struct dc_memory_file sysvinit[] = {
  DIR (""),
  DIR ("etc"),
  DIR ("etc/default"),
  FILE ("etc/default/web", "OPTS=\"-p 81\"\n"),
  DIR ("etc/init.d"),
  PROGRAM ("etc/init.d/db", LSB ("") "DAEMON=/usr/sbin/db\nPIDFILE=/run/db\n"),
  PROGRAM ("etc/init.d/odd", "#!/bin/sh\ndaemon --user=joe /opt/odd $(id)\n"),
  PROGRAM ("etc/init.d/off", LSB ("")),
  PROGRAM ("etc/init.d/rc", ""),
  PROGRAM (
      "etc/init.d/web",
      LSB ("db $network") "NAME=web\nDAEMON=/usr/sbin/$NAME\nOPTS=\n"
                          ". /etc/default/$NAME\ndo_start () {\n"
                          "start-stop-daemon --start --test -x $DAEMON\n"
                          "start-stop-daemon -S -p /run/$NAME.pid \\\n"
                          "  --chuid www:web --exec $DAEMON -- $OPTS\n}\n"),
  FILE ("etc/inittab", "id:3:initdefault:\nl3:3:wait:/etc/init.d/rc 3\n"
                       "garbage\n1:23:respawn:/sbin/getty 38400 tty1\n"
                       "a:3:respawn:/opt/app $X\nx:2:respawn:/opt/no\n"),
  DIR ("etc/rc3.d"),
  LINK ("etc/rc3.d/K01off", "../init.d/off"),
  LINK ("etc/rc3.d/S01db", "../init.d/db"),
  LINK ("etc/rc3.d/S02loop", "S02loop"),
  LINK ("etc/rc3.d/S02web", "../init.d/web"),
  LINK ("etc/rc3.d/S03odd", "../init.d/odd"),
  PROGRAM ("etc/rc.local", "#!/bin/sh\n/opt/late &\nexit 0\n"),
  DIR ("sbin"),
  SYSVINIT,
};

/* Alpine's way. */
static struct dc_memory_file openrc[] = {
  DIR (""),
  DIR ("bin"),
  PROGRAM ("bin/busybox", ""),
  DIR ("etc"),
  DIR ("etc/conf.d"),
  FILE ("etc/conf.d/web", "cfg=/etc/web.conf\n"),
  DIR ("etc/init.d"),
  PROGRAM ("etc/init.d/agent",
           "#!/sbin/openrc-run\nsupervisor=supervise-daemon\n"
           "command=/usr/bin/agent\ncommand_args_foreground=-f\n"),
  PROGRAM ("etc/init.d/base", "#!/sbin/openrc-run\nstart() {\n :\n}\n"),
  PROGRAM ("etc/init.d/local", "#!/sbin/openrc-run\nstart() {\n :\n}\n"),
  PROGRAM ("etc/init.d/own",
           "#!/sbin/openrc-run\nstart() {\n start-stop-daemon --start "
           "--pidfile /run/own --user joe --exec /opt/own -- -x\n}\n"),
  PROGRAM ("etc/init.d/unused", "#!/sbin/openrc-run\ncommand=/bin/u\n"),
  PROGRAM ("etc/init.d/web",
           "#!/sbin/openrc-run\ndescription=\"a web server\"\n"
           "command=/usr/sbin/web\ncommand_args=\"-c ${cfg:-/x}\"\n"
           "command_user=\"www:web\"\npidfile=\"/run/$RC_SVCNAME.pid\"\n"
           "depend() {\n need net base\n use dns\n after *\n}\n"
           "start_pre() {\n checkpath -d -m 0755 -o www:web /run/web\n}\n"),
  FILE ("etc/inittab", "::sysinit:/sbin/openrc sysinit\n"
                       "::wait:/sbin/openrc default\n"
                       "tty1::respawn:/sbin/getty 38400 tty1\n"),
  DIR ("etc/local.d"),
  PROGRAM ("etc/local.d/late.start", "#!/bin/sh\n"),
  DIR ("etc/runlevels"),
  DIR ("etc/runlevels/default"),
  LINK ("etc/runlevels/default/agent", "/etc/init.d/agent"),
  LINK ("etc/runlevels/default/local", "/etc/init.d/local"),
  LINK ("etc/runlevels/default/lost", "/etc/init.d/lost"),
  LINK ("etc/runlevels/default/more", "/etc/runlevels/more"),
  LINK ("etc/runlevels/default/web", "/etc/init.d/web"),
  DIR ("etc/runlevels/more"),
  LINK ("etc/runlevels/more/default", "/etc/runlevels/default"),
  LINK ("etc/runlevels/more/own", "/etc/init.d/own"),
  DIR ("sbin"),
  LINK ("sbin/init", "/bin/busybox"),
};

static struct dc_memory_file runit[] = {
  DIR (""),
  DIR ("etc"),
  DIR ("etc/init.d"),
  PROGRAM ("etc/init.d/boot", LSB ("")),
  PROGRAM ("etc/init.d/web", LSB ("")),
  DIR ("etc/rcS.d"),
  LINK ("etc/rcS.d/S01boot", "../init.d/boot"),
  LINK ("etc/rcS.d/S02web", "../init.d/web"),
  DIR ("etc/runit"),
  PROGRAM ("etc/runit/1", "#!/bin/sh\nfor s in /etc/rcS.d/S*; do $s start\n"
                          "done\n"),
  PROGRAM ("etc/runit/2", "#!/bin/sh\nSVDIR=/etc/service\nexec env - "
                          "PATH=$PATH runsvdir -P $SVDIR 'log: ...'\n"),
  LINK ("etc/service", "/var/service"),
  DIR ("sbin"),
  LINK ("sbin/init", "/sbin/runit-init"),
  PROGRAM ("sbin/runit-init", ""),
  DIR ("var"),
  DIR ("var/service"),
  DIR ("var/service/.hidden"),
  DIR ("var/service/empty"),
  DIR ("var/service/off"),
  FILE ("var/service/off/down", ""),
  PROGRAM ("var/service/off/run", "#!/bin/sh\nexec /opt/off\n"),
  DIR ("var/service/web"),
  DIR ("var/service/web/log"),
  PROGRAM ("var/service/web/log/run", "#!/bin/sh\nexec svlogd /var/log/web\n"),
  PROGRAM ("var/service/web/run",
           "#!/bin/sh\nexec 2>&1\ncd /srv\n"
           "exec chpst -e ./env -u www:web /opt/web -p 80\n"),
};

static struct dc_memory_file upstart[] = {
  DIR (""),
  DIR ("etc"),
  DIR ("etc/init"),
  FILE ("etc/init/after.conf", "start on started web\nexec /opt/after\n"),
  FILE ("etc/init/never.conf", "start on desktop-session-start\nexec /opt/n\n"),
  FILE ("etc/init/off.conf", "start on startup\nexec /opt/off\n"),
  FILE ("etc/init/off.override", "manual\n"),
  FILE ("etc/init/web.conf",
        "# a web server\ndescription \"serves\"\n"
        "start on (local-filesystems\n          and net-device-up IFACE!=lo\n"
        "          and runlevel [2345])\nstop on runlevel [016]\n"
        "setuid www\nenv PORT=80\nenv NAME=\"a b\"\nchdir /srv\n"
        "limit nofile 1024 unlimited\nexpect fork\nrespawn\n"
        "respawn limit 5 10\npre-start script\n  mkdir -p /run/web\n"
        "end script\nexec /opt/web \\\n  -p $PORT\n"),
  DIR ("sbin"),
  PROGRAM ("sbin/init", "ELF upstart"),
};

/* supervisord, started by sysvinit. */
static struct dc_memory_file supervisor[] = {
  DIR (""),
  DIR ("etc"),
  DIR ("etc/init.d"),
  PROGRAM ("etc/init.d/supervisor",
           LSB ("") "start-stop-daemon --start --exec /usr/bin/supervisord -- "
                    "-c /etc/sup.conf\n"),
  FILE ("etc/inittab", "id:2:initdefault:\n"),
  DIR ("etc/rc2.d"),
  LINK ("etc/rc2.d/S01supervisor", "../init.d/supervisor"),
  DIR ("etc/sup.d"),
  FILE ("etc/sup.d/b.conf",
        "[program:worker]\ncommand=/opt/worker --number=%(process_num)d\n"
        "numprocs=2\nprocess_name=%(program_name)s_%(process_num)02d\n"
        "user=joe ; not root\nautorestart=true\n"
        "environment=A=\"1,2\",B=%(program_name)s\n"
        "[program:idle]\ncommand=/opt/idle\nautostart=false\n"
        "[program:many]\ncommand=/opt/many\nnumprocs=257\n"
        "[program:odd]\ncommand=/opt/odd %(ENV_HOME)s\n"),
  FILE ("etc/sup.conf", "[supervisord]\nlogfile=/x\n[group:g]\n"
                        "programs=worker,idle\n[include]\n"
                        "files = sup.d/*.conf\n"
                        "[fcgi-program:cgi]\ncommand=/opt/cgi\n"
                        "  -x\nsocket=unix:///run/cgi\ndirectory=%(here)s\n"),
  DIR ("sbin"),
  SYSVINIT,
};

/* BusyBox's init with Buildroot's names. */
static struct dc_memory_file busybox[] = {
  DIR (""),
  DIR ("etc"),
  DIR ("etc/init.d"),
  PROGRAM ("etc/init.d/S50web", "#!/bin/sh\nstart-stop-daemon -S -q -x "
                                "/usr/sbin/web -- -d\n"),
  PROGRAM ("etc/init.d/rcS", "#!/bin/sh\n"),
  FILE ("etc/inittab", "::sysinit:/etc/init.d/rcS\n"
                       "::respawn:/opt/app -v\n"),
  DIR ("sbin"),
  PROGRAM ("sbin/init", "BusyBox v1.36"),
};

/* The boot loader names another program than /sbin/init. */
static struct dc_memory_file named[] = {
  DIR (""),
  DIR ("boot"),
  DIR ("boot/grub"),
  FILE ("boot/grub/grub.cfg", "# linux init=/no\nmenuentry x {\n"
                              "\tlinux /vmlinuz ro init=/opt/first quiet\n}\n"),
  DIR ("opt"),
  PROGRAM ("opt/first", "something else"),
  DIR ("sbin"),
  SYSVINIT,
};

static const struct {
  struct dc_memory_file *files;
  size_t count;
  const char *expected;
} guests[] = {
  { sysvinit, DC_COUNT (sysvinit),
    "sysvinit /sbin/init 3 by /sbin/init:0\n"
    "db.service sysvinit enabled <- /etc/rc3.d/S01db\n"
    "  daemon=/usr/sbin/db (incomplete) pidfile=/run/db\n"
    "getty@tty1.service sysvinit enabled <- /etc/inittab:4\n"
    "  exec=/sbin/getty 38400 tty1\n"
    "inittab-a.service sysvinit enabled <- /etc/inittab:5\n"
    "  exec=/bin/sh -c \"exec /opt/app $$X\"\n"
    "odd.service sysvinit enabled <- /etc/rc3.d/S03odd\n"
    "  after=db.service,web.service\n"
    "  daemon=/opt/odd (incomplete) user=joe\n"
    "off.service sysvinit disabled\n"
    "rc-local.service rc.local enabled <- /etc/rc.local\n"
    "  exec=/etc/rc.local start\n"
    "rc.service sysvinit disabled\n"
    "web.service sysvinit enabled <- /etc/rc3.d/S02web\n"
    "  after=db.service,network-online.target\n"
    "  daemon=/usr/sbin/web -p 81 user=www group=web pidfile=/run/web.pid\n"
    "! init.damaged\n"
    "! init.link\n" },
  { openrc, DC_COUNT (openrc),
    "openrc /bin/busybox default by /etc/inittab:1\n"
    "agent.service openrc enabled <- /etc/runlevels/default/agent\n"
    "  exec=/usr/bin/agent -f\n"
    "base.service openrc enabled <- /etc/init.d/web:8\n"
    "getty@tty1.service sysvinit enabled <- /etc/inittab:3\n"
    "  exec=/sbin/getty 38400 tty1\n"
    "local-late.service rc.local enabled <- /etc/local.d/late.start\n"
    "  exec=/etc/local.d/late.start\n"
    "local.service openrc enabled <- /etc/runlevels/default/local\n"
    "own.service openrc enabled <- /etc/runlevels/more/own\n"
    "  daemon=/opt/own -x user=joe pidfile=/run/own\n"
    "unused.service openrc disabled\n"
    "  exec=/bin/u\n"
    "web.service openrc enabled <- /etc/runlevels/default/web\n"
    "  after=net.service,base.service,dns.service\n"
    "  exec=/usr/sbin/web -c /etc/web.conf user=www group=web "
    "pidfile=/run/web.pid\n"
    "! init.link\n" },
  { runit, DC_COUNT (runit),
    "runit /sbin/runit-init - by /sbin/init:0\n"
    "boot.service sysvinit enabled <- /etc/rcS.d/S01boot\n"
    "off.service runit disabled\n"
    "  daemon=/opt/off\n"
    "web.service runit enabled <- /etc/service/web\n"
    "  daemon=/opt/web -p 80 user=www group=web\n"
    "  log=/etc/service/web/log/run\n"
    "! init.link\n" },
  { upstart, DC_COUNT (upstart),
    "upstart /sbin/init 2 by /sbin/init:0\n"
    "after.service upstart enabled <- /etc/init/after.conf:1\n"
    "  exec=/opt/after\n"
    "never.service upstart disabled\n"
    "  exec=/opt/n\n"
    "off.service upstart disabled\n"
    "  exec=/opt/off\n"
    "web.service upstart enabled <- /etc/init/web.conf:3\n"
    "  exec=/bin/sh -e -c \"exec /opt/web  -p $$PORT\" user=www\n" },
  { supervisor, DC_COUNT (supervisor),
    "sysvinit /sbin/init 2 by /sbin/init:0\n"
    "supervisor-cgi.service supervisor enabled <- /etc/sup.conf:8\n"
    "  exec=/opt/cgi -x\n"
    "supervisor-idle.service supervisor disabled\n"
    "  exec=/opt/idle\n"
    "supervisor-many.service supervisor enabled <- /etc/sup.d/b.conf:12\n"
    "  exec=/opt/many\n"
    "supervisor-odd.service supervisor enabled <- /etc/sup.d/b.conf:15\n"
    "supervisor-worker_00.service supervisor enabled <- /etc/sup.d/b.conf:2\n"
    "  exec=/opt/worker --number=0 user=joe\n"
    "supervisor-worker_01.service supervisor enabled <- /etc/sup.d/b.conf:2\n"
    "  exec=/opt/worker --number=1 user=joe\n"
    "supervisor.service sysvinit enabled <- /etc/rc2.d/S01supervisor\n"
    "  daemon=/usr/bin/supervisord -c /etc/sup.conf\n"
    "! supervisor.unknown\n"
    "! supervisor.unknown\n" },
  { busybox, DC_COUNT (busybox),
    "busybox /sbin/init - by /sbin/init:0\n"
    "S50web.service sysvinit enabled <- /etc/init.d/rcS\n"
    "  daemon=/usr/sbin/web -d\n"
    "inittab-2.service busybox enabled <- /etc/inittab:2\n"
    "  exec=/opt/app -v\n"
    "rcS.service sysvinit disabled\n" },
  { named, DC_COUNT (named), "unknown /opt/first -\n" },
};

/* The words of a setting that may be given several times. */
static void
print_list (const struct dc_unit *unit, const char *section, const char *key,
            const char *label, struct dc_buffer *b)
{
  struct dc_error err = { .code = DC_OK };
  const struct dc_setting *setting;
  size_t position = 0, count = 0;

  while (dc_unit_next (unit, section, key, &position, &setting) == 1)
    ck_assert_ok (dc_buffer_print (b, &err, "%s%s", count++ == 0 ? label : ",",
                                   setting->value));
  if (count > 0)
    ck_assert_ok (dc_buffer_print (b, &err, "\n"));
}

static void
print_command (const struct dc_unit *unit, const char *section,
               const char *label, struct dc_buffer *b)
{
  static const char *const keys[][2] = { { "User", " user=" },
                                         { "Group", " group=" },
                                         { "PIDFile", " pidfile=" } };
  struct dc_error err = { .code = DC_OK };
  const char *exec = dc_unit_value (unit, section, "ExecStart", NULL);

  if (exec == NULL)
    return;
  ck_assert_ok (dc_buffer_print (b, &err, "  %s=%s", label, exec));
  if (dc_unit_is (unit, section, "Incomplete", false))
    ck_assert_ok (dc_buffer_print (b, &err, " (incomplete)"));
  for (size_t i = 0; i < DC_COUNT (keys); i++) {
    const char *value = dc_unit_value (unit, section, keys[i][0], NULL);
    if (value != NULL)
      ck_assert_ok (dc_buffer_print (b, &err, "%s%s", keys[i][1], value));
  }
  ck_assert_ok (dc_buffer_print (b, &err, "\n"));
}

static void
print_unit (const struct dc_unit *unit, struct dc_buffer *b)
{
  struct dc_error err = { .code = DC_OK };

  ck_assert_ok (dc_buffer_print (
      b, &err, "%s %s %s%s%s\n", unit->name, dc_manager_name (unit->manager),
      dc_unit_state_name (unit->state), unit->is_started ? " <- " : "",
      unit->is_started ? unit->started_by : ""));
  print_list (unit, "Unit", "After", "  after=", b);
  if (!dc_unit_is_script (unit))
    print_command (unit, "Service", "exec", b);
  print_command (unit, "X-Daemon", "daemon", b);
  print_list (unit, "X-Init", "Log", "  log=", b);
}

static void
print (const struct dc_profile *profile, struct dc_buffer *b)
{
  const struct dc_init *init = &profile->init;
  struct dc_error err = { .code = DC_OK };

  ck_assert_ok (dc_buffer_print (
      b, &err, "%s %s %s",
      init->is_known ? dc_manager_name (init->manager) : "unknown",
      init->program != NULL ? init->program : "-",
      init->runlevel != NULL ? init->runlevel : "-"));
  if (init->is_known)
    ck_assert_ok (dc_buffer_print (b, &err, " by %s:%u", init->evidence.file,
                                   init->evidence.line));
  ck_assert_ok (dc_buffer_print (b, &err, "\n"));
  for (size_t i = 0; i < profile->units->count; i++)
    print_unit (&profile->units->items[i], b);
  for (size_t i = 0; i < profile->finding_count; i++)
    ck_assert_ok (dc_buffer_print (b, &err, "! %s\n", profile->findings[i].id));
}

static int
load (struct dc_tree *tree, struct dc_profile *profile, struct dc_error *err)
{
  if (dc_init_find (tree, &profile->init, err) < 0 ||
      (profile->init.is_known && dc_inits_load (tree, profile, err) < 0) ||
      dc_scriptdaemons_find (tree, profile, err) < 0)
    return -1;
  return dc_inits_load_inner (tree, profile, err);
}

static void
release (struct dc_profile *profile)
{
  dc_init_release (&profile->init);
  dc_units_free (profile->units);
  dc_findings_release (profile);
}

START_TEST (test_guests)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (65536);
  struct dc_profile profile = { .units = calloc (1, sizeof *profile.units) };

  ck_assert_ok (
      dc_tree_memory (guests[_i].files, guests[_i].count, &tree, &err));
  ck_assert_ok (load (tree, &profile, &err));
  print (&profile, &b);
  ck_assert_str_eq (dc_buffer_text (&b), guests[_i].expected);
  release (&profile);
}
END_TEST

/* What a unit has beside its command. */
START_TEST (test_settings)
{
  static const struct {
    size_t guest;
    const char *unit, *section, *key, *values;
  } cases[] = {
    { 0, "web.service", "Service", "ExecStart", "/etc/init.d/web start\n" },
    { 0, "web.service", "X-Init", "Order", "02\n" },
    { 1, "web.service", "Service", "ExecStartPre",
      "+/bin/sh -c \"mkdir -p '/run/web' && chmod 0755 '/run/web' && chown "
      "www:web '/run/web'\"\n" },
    { 1, "web.service", "Unit", "Requires", "net.service,base.service\n" },
    { 1, "agent.service", "Service", "Restart", "always\n" },
    { 1, "own.service", "Service", "ExecStart", "/etc/init.d/own start\n" },
    { 2, "web.service", "Service", "WorkingDirectory", "/etc/service/web\n" },
    { 3, "web.service", "Service", "Type", "forking\n" },
    { 3, "web.service", "Service", "Environment", "PORT=80,\"NAME=a b\"\n" },
    { 3, "web.service", "Service", "LimitNOFILE", "1024:infinity\n" },
    { 3, "web.service", "Service", "ExecStartPre",
      "/bin/sh -e -c \"  mkdir -p /run/web\\n\"\n" },
    { 4, "supervisor-cgi.service", "Service", "WorkingDirectory", "/etc\n" },
    { 4, "supervisor-worker_01.service", "Service", "Environment",
      "A=1,2,B=worker\n" },
    { 4, "supervisor-worker_01.service", "Service", "Restart", "always\n" },
  };
  struct dc_error err = { .code = DC_OK };

  for (size_t i = 0; i < DC_COUNT (cases); i++) {
    DC_AUTO (dc_tree) *tree = NULL;
    AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (65536);
    struct dc_profile profile = { .units = calloc (1, sizeof *profile.units) };
    const size_t guest = cases[i].guest;
    ck_assert_ok (
        dc_tree_memory (guests[guest].files, guests[guest].count, &tree, &err));
    ck_assert_ok (load (tree, &profile, &err));
    const struct dc_unit *unit = dc_units_find (profile.units, cases[i].unit);
    ck_assert_ptr_nonnull (unit);
    print_list (unit, cases[i].section, cases[i].key, "", &b);
    ck_assert_str_eq (dc_buffer_text (&b), cases[i].values);
    release (&profile);
  }
}
END_TEST

START_TEST (test_events)
{
  static const struct {
    const char *expression;
    bool happens;
  } cases[] = {
    { "startup", true },
    { "runlevel [2345]", true },
    { "runlevel RUNLEVEL=[345]", false },
    { "stopped rc RUNLEVEL=[2345]", true },
    { "started known or never", true },
    { "started known and never", false },
    { "(started unknown or (filesystem and runlevel 2))", true },
    { "", false },
    { ")))", false },
    { "((((((((((((((((((((((((((((((((((((((((startup", false },
  };
  static char known[] = "known", level[] = "2";
  char *started[] = { known, NULL };
  const struct dc_upstart_events events = { level, { started, 1 } };

  for (size_t i = 0; i < DC_COUNT (cases); i++)
    ck_assert_msg (dc_upstart_happens (&events, cases[i].expression) ==
                       cases[i].happens,
                   "%s", cases[i].expression);
}
END_TEST

START_TEST (test_inittab_limits)
{
  static char text[DC_INITTAB_SIZE_MAX + 1];
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_inittab) *inittab = NULL;

  for (size_t i = 0; i < sizeof text; i++)
    text[i] = "a:1:off:x\n"[i % 10];
  ck_assert_fails (dc_inittab_parse (text, sizeof text, &inittab, &err),
                   DC_ERR_LIMIT, "inittab is 262145 bytes");
  ck_assert_fails (dc_inittab_parse (text, sizeof text - 1, &inittab, &err),
                   DC_ERR_LIMIT, "entries of inittab");
  ck_assert_ok (dc_inittab_parse ("a:\0:off:x\n", 10, &inittab, &err));
  ck_assert_uint_eq (inittab->skipped, 1);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_profile profile = { .units = calloc (1, sizeof *profile.units) };

  ck_assert_ok (
      dc_tree_memory (guests[_i].files, guests[_i].count, &tree, &err));
  OOM_LOOP (status, load (tree, &profile, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    release (&profile);
    profile = (struct dc_profile){ .units = calloc (1, sizeof *profile.units) };
  }
  release (&profile);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_guests, 0, (int) DC_COUNT (guests));
  tcase_add_test (tcase, test_settings);
  tcase_add_test (tcase, test_events);
  tcase_add_test (tcase, test_inittab_limits);
  tcase_add_loop_test (tcase, test_no_memory, 0, (int) DC_COUNT (guests));
  tcase_set_timeout (tcase, 30);
}

int
main (void)
{
  return unit_run ("initload", add);
}

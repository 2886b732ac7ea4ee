/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/tree/backends.h"
#include "runtime/init/plan.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "transform/init/initplan.h"

#define UNIT_MAX 8
#define HEAD                                                                   \
  "decant-init 1\n"                                                            \
  "tmpfile D /run 0755 0 0\n"                                                  \
  "tmpfile d /run/lock 1777 0 0\n"                                             \
  "tmpfile d /tmp 1777 0 0\n"                                                  \
  "journal\n"
#define PATH                                                                   \
  "  env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "   \
  "LANG=C.UTF-8\n"
#define NOFILE "  limit nofile 1024 keep\n"

static const struct dc_memory_file files[] = {
  { .path = "", .mode = S_IFDIR | 0755 },
  { .path = "bin", .mode = S_IFDIR | 0755 },
  { .path = "bin/a", .mode = S_IFREG | 0755, .data = "" },
  { .path = "etc", .mode = S_IFDIR | 0755 },
  { .path = "etc/default", .mode = S_IFDIR | 0755 },
  { .path = "etc/default/a", .mode = S_IFREG | 0644, .data = "X=1\n" },
  { .path = "etc/group",
    .mode = S_IFREG | 0644,
    .data = "root:x:0:\nadm:x:4:web\nwww-data:x:33:\n" },
  { .path = "etc/passwd",
    .mode = S_IFREG | 0644,
    .data = "root:x:0:0::/root:/bin/sh\n"
            "web:x:1001:33::/srv/web:/bin/false\n" },
};

/* A unit of the guest: its name and its file. */
struct unit {
  const char *name, *text;
};

/* What a test compiles. */
struct guest {
  struct dc_tree *tree;
  struct dc_users *users;
  struct dc_unit items[UNIT_MAX];
  struct dc_units units;
};

/* All of them start at boot.  UNITS are sorted and end in a NULL name. */
static void
load (struct guest *guest, const struct unit *units)
{
  struct dc_error err;

  *guest = (struct guest){ .units.items = guest->items };
  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &guest->tree, &err));
  ck_assert_ok (dc_users_load (guest->tree, &guest->users, &err));
  for (; units->name != NULL; units++) {
    struct dc_unit *unit = &guest->items[guest->units.count++];
    char file[64];
    snprintf (file, sizeof file, "/u/%s", units->name);
    unit->name = strdup (units->name);
    unit->is_started = true;
    ck_assert_ptr_nonnull (unit->name);
    ck_assert_ok (
        dc_unit_parse (unit, units->text, strlen (units->text), file, &err));
  }
}

static void
release (struct guest *guest)
{
  for (size_t i = 0; i < guest->units.count; i++)
    dc_unit_release (&guest->items[i]);
  dc_users_free (guest->users);
  dc_tree_free (guest->tree);
}

/* Compile all services of GUEST. */
static int
compile (struct guest *guest, struct dc_initplan **plan, struct dc_error *err)
{
  struct dc_init_choice choices[UNIT_MAX];
  size_t count = 0;

  for (size_t i = 0; i < guest->units.count; i++) {
    if (dc_unit_has_type (guest->items[i].name, "service"))
      choices[count++] =
          (struct dc_init_choice){ .unit = guest->items[i].name };
  }
  return dc_initplan_make (guest->tree, &guest->units, guest->users, "host",
                           choices, count, plan, err);
}

/* decant-init itself must read what we wrote. */
static void
check_with_init (const struct dc_initplan *plan)
{
  struct di_error err;
  struct di_plan read;
  AUTO_FREE char *text = strndup (plan->text, plan->size);

  ck_assert_ptr_nonnull (text);
  ck_assert_msg (di_plan_parse (text, plan->size, &read, &err) == 0,
                 "%s in:\n%s", err.text, plan->text);
  ck_assert_uint_eq (read.service_count, plan->services.count);
  di_plan_release (&read);
}

/* Compile UNITS; the plan without its head must be EXPECTED, the findings
 * (one a line) FINDINGS.
 */
static void
check (const struct unit *units, const char *expected, const char *findings)
{
  struct dc_error err;
  struct guest guest;
  DC_AUTO (dc_initplan) *plan = NULL;
  AUTO_BUFFER struct dc_buffer found = DC_BUFFER_INIT (65536);

  load (&guest, units);
  ck_assert_ok (compile (&guest, &plan, &err));
  ck_assert_int_eq (strncmp (plan->text, HEAD, strlen (HEAD)), 0);
  ck_assert_str_eq (plan->text + strlen (HEAD), expected);
  for (size_t i = 0; i < plan->findings.count; i++)
    ck_assert_ok (
        dc_buffer_print (&found, &err, "%s\n", plan->findings.items[i]));
  ck_assert_str_eq (dc_buffer_text (&found), findings);
  check_with_init (plan);
  release (&guest);
}

/* The lines of one unit "a.service", less what every service has. */
static const struct {
  const char *text, *lines, *findings;
} cases[] = {
  /* Types. */
  { "ExecStart=/bin/a -x 'b c' 100%%\n",
    "  type simple\n" PATH NOFILE
    "  exec start - /bin/a /bin/a -x b%20c 100%25\n",
    "" },
  { "Type=idle\nExecStart=a\n",
    "  type simple\n" PATH NOFILE "  exec start - /bin/a a\n", "" },
  { "Type=oneshot\nExecStart=/bin/a 1\nExecStart=-@/bin/a b 2\n"
    "RemainAfterExit=yes\n",
    "  type oneshot\n" PATH "  remain\n  timeout-start infinity\n" NOFILE
    "  exec start - /bin/a /bin/a 1\n  exec start i /bin/a b 2\n",
    "" },
  { "ExecStop=/bin/a\nRemainAfterExit=yes\n",
    "  type oneshot\n" PATH "  remain\n  timeout-start infinity\n" NOFILE
    "  exec stop - /bin/a /bin/a\n",
    "" },
  { "Type=forking\nPIDFile=a/%p.pid\nGuessMainPID=no\nExecStart=/bin/a\n",
    "  type forking\n" PATH "  no-guess\n  pidfile /run/a/a.pid\n"
    "  env PIDFILE=/run/a/a.pid\n" NOFILE "  exec start - /bin/a /bin/a\n",
    "" },
  { "Type=notify\nExecStart=/bin/a\n",
    "  type notify\n" PATH "  notify main\n" NOFILE
    "  exec start - /bin/a /bin/a\n",
    "" },
  { "Type=notify-reload\nNotifyAccess=all\nExecStart=/bin/a\n",
    "  type notify\n" PATH "  notify all\n  reload-signal 1\n" NOFILE
    "  exec start - /bin/a /bin/a\n",
    "" },
  { "WatchdogSec=1min\nRuntimeMaxSec=infinity\nExecCondition=/bin/a\n"
    "TimeoutAbortSec=2\nTimeoutStopFailureMode=abort\nReloadSignal=USR1\n"
    "WatchdogSignal=SIGKILL\nTimeoutStartFailureMode=maybe\nExecStart=/bin/a\n",
    "  type simple\n" PATH "  on-stop-timeout abort\n  watchdog-signal 9\n"
    "  notify main\n  timeout-abort 2000\n  watchdog 60000\n" NOFILE
    "  exec condition - /bin/a /bin/a\n  exec start - /bin/a /bin/a\n",
    "a.service: TimeoutStartFailureMode='maybe' is not understood, ignoring "
    "it (/u/a.service:9)\n" },
  { "BusName=org.a\nExecStart=/bin/a\n",
    "  type simple\n" PATH NOFILE "  exec start - /bin/a /bin/a\n",
    "a.service: Type=dbus is up when its name is on the bus; without a bus it "
    "counts as up when it runs\n" },
  { "Type=quick\nExecStart=/bin/a\n",
    "  type simple\n" PATH NOFILE "  exec start - /bin/a /bin/a\n",
    "a.service: Type='quick' is not understood, ignoring it "
    "(/u/a.service:2)\n" },
  /* Commands. */
  { "ExecStart=/bin/a\nExecStartPre=-+/bin/a\nExecStartPre=:/bin/a $X\n"
    "ExecStartPost=!!/bin/a\nExecReload=!/bin/a\nExecStopPost=/bin/a\n",
    "  type simple\n" PATH NOFILE "  exec pre ipu /bin/a /bin/a\n"
    "  exec pre n /bin/a /bin/a $X\n  exec start - /bin/a /bin/a\n"
    "  exec post - /bin/a /bin/a\n  exec stop-post - /bin/a /bin/a\n"
    "  exec reload p /bin/a /bin/a\n",
    "" },
  { "ExecStart=/bin/none\nExecStop=-/bin/none\nExecStartPre=none\n",
    "  type simple\n" PATH NOFILE "  exec pre - /bin/none none\n"
    "  exec start - /bin/none /bin/none\n  exec stop i /bin/none /bin/none\n",
    "a.service: program 'none' is not in the guest, the command will fail "
    "(/u/a.service:4)\n"
    "a.service: program '/bin/none' is not in the guest, the command will "
    "fail (/u/a.service:2)\n" },
  /* Users. */
  { "ExecStart=/bin/a\nUser=web\nSupplementaryGroups=www-data 77\n"
    "WorkingDirectory=~\n",
    "  type simple\n" PATH
    "  user 1001\n  group 33\n  groups 33 4 33 77\n  own-groups 33 4\n"
    "  env HOME=/srv/web LOGNAME=web USER=web\n"
    "  chdir - /srv/web\n" NOFILE "  exec start - /bin/a /bin/a\n",
    "" },
  { "ExecStart=/bin/a\nUser=1001\nGroup=adm\n",
    "  type simple\n" PATH "  user 1001\n  group 4\n  groups 4\n"
    "  env HOME=/srv/web LOGNAME=web USER=web\n" NOFILE
    "  exec start - /bin/a /bin/a\n",
    "" },
  { "ExecStart=/bin/a\nUser=root\n",
    "  type simple\n" PATH "  user 0\n  group 0\n  groups\n"
    "  env HOME=/root LOGNAME=root SHELL=/bin/sh USER=root\n" NOFILE
    "  exec start - /bin/a /bin/a\n",
    "" },
  { "ExecStart=/bin/a\nGroup=www-data\n",
    "  type simple\n" PATH "  group 33\n" NOFILE
    "  exec start - /bin/a /bin/a\n",
    "" },
  { "ExecStart=/bin/a\nStateDirectory=b/c:x/y/z b a:n b\n"
    "RuntimeDirectory=r:s\nCacheDirectory=a:b:c\n",
    "  type simple\n" PATH NOFILE "  folder runtime 0755 /run/r\n"
    "  folder-link /run/s r\n"
    "  folder state 0755 /var/lib/a /var/lib/b /var/lib/b/c\n"
    "  folder-link /var/lib/x/y/z ../../b/c\n"
    "  folder-link /var/lib/n a\n"
    "  exec start - /bin/a /bin/a\n",
    "a.service: CacheDirectory='a:b:c' is not a path below /var/cache, "
    "ignoring it\n" },
  { "ExecStart=/bin/a\nExecStartPre=/bin/a\nUser=root\n"
    "PermissionsStartOnly=true\n",
    "  type simple\n" PATH "  user 0\n  group 0\n  groups\n"
    "  env HOME=/root LOGNAME=root SHELL=/bin/sh USER=root\n" NOFILE
    "  exec pre pu /bin/a /bin/a\n  exec start - /bin/a /bin/a\n",
    "" },
  /* Variables and folders. */
  { "ExecStart=/bin/a\nEnvironment=A=1 \"B=x y\" bad\nEnvironment=A=2\n"
    "EnvironmentFile=-/etc/%p.conf\nEnvironmentFile=/etc/default/a\n"
    "EnvironmentFile=/etc/none\nPassEnvironment=P Q\nUnsetEnvironment=B\n",
    "  type simple\n" PATH NOFILE "  env A=2 B=x%20y\n"
    "  envfile i /etc/a.conf\n  envfile - /etc/default/a\n"
    "  envfile - /etc/none\n  passenv P Q\n  unsetenv B\n"
    "  exec start - /bin/a /bin/a\n",
    "a.service: environment file '/etc/none' does not exist, it will not start "
    "(/u/a.service:7)\n" },
  { "ExecStart=/bin/a\nRuntimeDirectory=a %p/b ../x /y\n"
    "RuntimeDirectoryMode=2750\nRuntimeDirectoryPreserve=restart\n"
    "LogsDirectory=a\nConfigurationDirectory=a:b\n",
    "  type simple\n" PATH "  preserve restart\n" NOFILE
    "  folder runtime 2750 /run/a /run/a/b\n  folder logs 0755 /var/log/a\n"
    "  exec start - /bin/a /bin/a\n",
    "a.service: RuntimeDirectory='../x' is not a path below /run, ignoring it\n"
    "a.service: RuntimeDirectory='/y' is not a path below /run, ignoring it\n"
    "a.service: ConfigurationDirectory='a:b' is not a path below /etc, "
    "ignoring "
    "it\n" },
  /* Plain settings, times and limits. */
  { "ExecStart=/bin/a\nKillMode=mixed\nKillSignal=SIGQUIT\nUMask=007\n"
    "SendSIGKILL=no\nSendSIGHUP=yes\nIgnoreSIGPIPE=false\n"
    "RuntimeDirectoryPreserve=yes\nWorkingDirectory=-/srv\n"
    "TimeoutSec=7\nTimeoutStopSec=0\nRestart=on-failure\nRestartSec=1500ms\n"
    "StartLimitBurst=3\nSuccessExitStatus=143 SIGKILL TEMPFAIL what\n"
    "RestartPreventExitStatus=255\nRestartForceExitStatus=1\n"
    "LimitNOFILE=1:2\nLimitNOFILE=65535\nLimitCORE=infinity\n",
    "  type simple\n" PATH
    "  sigpipe\n  kill-mode mixed\n  kill-signal 3\n  restart on-failure\n"
    "  send-sighup\n  no-sigkill\n  umask 0007\n  chdir i /srv\n"
    "  preserve yes\n  timeout-start 7000\n  timeout-stop infinity\n"
    "  restart-delay 1500\n  start-limit 3 10000\n  success 143\n"
    "  success s9\n  success 75\n  restart-prevent 255\n  restart-force 1\n"
    "  limit nofile 65535 65535\n  limit core infinity infinity\n"
    "  exec start - /bin/a /bin/a\n",
    "a.service: SuccessExitStatus='what' is not understood, ignoring it\n" },
  { "ExecStart=/bin/a\nKillMode=all\nTimeoutStartSec=soon\nUMask=9\n",
    "  type simple\n" PATH NOFILE "  exec start - /bin/a /bin/a\n",
    "a.service: KillMode='all' is not understood, ignoring it "
    "(/u/a.service:3)\n"
    "a.service: UMask='9' is not understood, ignoring it (/u/a.service:5)\n"
    "a.service: TimeoutStartSec='soon' is not understood, ignoring it "
    "(/u/a.service:4)\n" },
  /* What has no line. */
  { "ExecStart=/bin/a\nProtectProc=invisible\nPrivateTmp=no\n"
    "TasksMax=5\nSyslogIdentifier=a\nX-Own=1\nRestartMode=direct\n"
    "[Unit]\nDescription=A\nOnFailure=b.service\nConflicts=c.service\n",
    "  type simple\n" PATH NOFILE "  exec start - /bin/a /bin/a\n",
    "a.service: the container's own confinement takes the place of "
    "ProtectProc=\n"
    "a.service: the container's own limits take the place of TasksMax=\n"
    "a.service: decant-init does not do, and the service may need: "
    "RestartMode=\n" },
  /* Conditions. */
  { "ExecStart=/bin/a\n[Unit]\nConditionPathExists=/gone\n"
    "ConditionFileNotEmpty=\nConditionPathExists=!/etc/%p\n"
    "ConditionDirectoryNotEmpty=|/etc/a b\nConditionPathExistsGlob=|!/x*\n"
    "AssertPathIsSymbolicLink=/l\nConditionVirtualization=!vm\n"
    "ConditionACPower=true\nConditionPathIsDirectory=x\n",
    "  type simple\n  condition exists n /etc/a\n"
    "  condition filled-directory t /etc/a%20b\n  condition glob nt /x*\n"
    "  assertion link - /l\n" PATH NOFILE "  exec start - /bin/a /bin/a\n",
    "a.service: ConditionPathIsDirectory='x' is not understood, ignoring it "
    "(/u/a.service:12)\n" },
  { "ExecStart=/bin/a\n[Unit]\nConditionKernelVersion=>= 5.4 <9 !$=x*\n"
    "ConditionMemory=>1G\nConditionCPUs=4\nAssertCapability=!cap_kill\n"
    "ConditionArchitecture=arm64\nConditionControlGroupController=io x\n"
    "AssertHost=HO?T\nConditionVirtualization=|podman\n"
    "ConditionVirtualization=|private-users\n"
    "ConditionControlGroupController=v1\nConditionCPUPressure=5%\n"
    "ConditionEnvironment=LANG=C.UTF-8\nConditionNeedsUpdate=/etc\n",
    "  type simple\n  condition kernel - >=5.4%20<9%20!$=x*\n"
    "  condition memory - >1073741824\n  condition cpus - 4\n"
    "  condition machine - aarch64\n  condition controller - io\n"
    "  condition exists t /run/.containerenv\n"
    "  condition user-namespace t yes\n"
    "  condition exists n /sys/fs/cgroup/cgroup.controllers\n"
    "  condition outdated - /etc\n  assertion capability n 5\n" PATH NOFILE
    "  exec start - /bin/a /bin/a\n",
    "a.service: ConditionCPUPressure=5% is not looked at, taken as true "
    "(/u/a.service:14)\n" },
  { "ExecStart=/bin/a\n[Unit]\nAssertUser=!root\nAssertMemory=|x\n"
    "AssertOSRelease=|ID=none\nAssertKernelVersion=5\n",
    "  type simple\n  assertion kernel - 5\n  assertion exists n /\n" PATH
        NOFILE "  exec start - /bin/a /bin/a\n",
    "a.service: will not start, because in a container AssertUser=!root is "
    "false (/u/a.service:4)\n" },
  { "ExecStart=/bin/a\n[Unit]\nConditionVirtualization=|container\n"
    "ConditionPathExists=|/x\n",
    "  type simple\n" PATH NOFILE "  exec start - /bin/a /bin/a\n", "" },
};

START_TEST (test_one_service)
{
  AUTO_FREE char *text = NULL, *expected = NULL;

  ck_assert_int_ge (asprintf (&text, "[Service]\n%s", cases[_i].text), 0);
  ck_assert_int_ge (asprintf (&expected, "service a\n%s", cases[_i].lines), 0);
  const struct unit units[] = { { "a.service", text }, { NULL } };
  check (units, expected, cases[_i].findings);
}
END_TEST

/* Left out, with a reason, and still a plan. */
static const struct {
  const char *text, *findings;
} left_out[] = {
  { "ExecStart=/bin/a\nExecStart=/bin/a\n",
    "a.service: left out: it has 2 start commands, not one\n" },
  { "Type=simple\n",
    "a.service: left out: it has 0 start commands, not one\n" },
  { "ExecStart=a/b\n",
    "a.service: left out, because of ExecStart=: /u/a.service:2: command 'a/b' "
    "is neither an absolute path nor a name\n" },
  { "ExecStart=/bin/a\n[Unit]\nConditionVirtualization=!container\n",
    "a.service: left out, because in a container "
    "ConditionVirtualization=!container is false (/u/a.service:4)\n" },
  { "ExecStart=/bin/a\n[Unit]\nConditionVirtualization=|vm\n",
    "a.service: left out, because in a container none of its alternative "
    "conditions is true\n" },
};

START_TEST (test_left_out)
{
  AUTO_FREE char *text = NULL;

  ck_assert_int_ge (asprintf (&text, "[Service]\n%s", left_out[_i].text), 0);
  const struct unit units[] = { { "a.service", text }, { NULL } };
  check (units, "", left_out[_i].findings);
}
END_TEST

/* Never as root instead. */
static const struct {
  const char *text, *words;
} unknown[] = {
  { "User=nosuch", "service 'a': /u/a.service:3: user 'nosuch' is not in" },
  { "User=4711", "user '4711' is not in the guest's passwd file" },
  { "Group=nosuch", "/u/a.service:3: group 'nosuch' is not in the guest's" },
  { "SupplementaryGroups=adm nosuch", "group 'nosuch' is not in" },
};

START_TEST (test_unknown_user)
{
  struct dc_error err;
  struct guest guest;
  struct dc_initplan *plan = NULL;
  AUTO_FREE char *text = NULL;

  ck_assert_int_ge (
      asprintf (&text, "[Service]\nExecStart=/bin/a\n%s\n", unknown[_i].text),
      0);
  const struct unit units[] = { { "a.service", text }, { NULL } };
  load (&guest, units);
  ck_assert_fails (compile (&guest, &plan, &err), DC_ERR_INVALID,
                   unknown[_i].words);
  release (&guest);
}
END_TEST

#define SERVICE(unit) "[Unit]\n" unit "[Service]\nExecStart=/bin/a\n"
#define LINES "  type simple\n" PATH NOFILE "  exec start - /bin/a /bin/a\n"

/* Units a, b, c.service and t.target; after the head the edges' lines. */
static const struct {
  const char *a, *b, *c, *target;
  const char *a_lines, *b_lines, *c_lines;
  const char *findings;
} orders[] = {
  { "", "", "", "", "", "", "", "" },
  { "After=b.service\n", "", "Before=b.service\n", "", "  after b\n",
    "  after c\n", "", "" },
  { "After=b.service x.service\nRequires=b.service c.service\n", "", "", "",
    "  needs b\n  tie requires b c\n", "", "", "" },
  { "After=b.service c.service\nWants=b.service\nBindsTo=c.service\n", "", "",
    "", "  after b\n  needs c\n  tie wants b\n  tie binds c\n", "", "", "" },
  /* Without an order; the other way round; what there is not. */
  { "OnFailure=b.service x.service\nUpholds=%p.service c.service\n",
    "StopPropagatedFrom=a.service\nPartOf=c.service\nOnFailure=y@%n.service\n",
    "ReloadPropagatedFrom=a.service b.service\nConflicts=shutdown.target\n", "",
    "  tie stops b\n  tie reloads c\n  tie upholds c\n  tie failure b\n",
    "  tie part-of c\n  tie reloads c\n", "", "" },
  /* Through a target that starts. */
  { "After=t.target\n", "Before=t.target\n", "", "", "  after b\n", "", "",
    "" },
  { "After=t.target\n", "", "", "[Unit]\nWants=b.service c.service\n",
    "  after b c\n", "", "", "" },
  { "After=t.target\n", "DefaultDependencies=no\n", "",
    "[Unit]\nRequires=a.service b.service c.service\n", "  after c\n", "", "",
    "" },
  /* Cycles: what is needed stays. */
  { "After=b.service\n", "After=a.service\nRequires=a.service\n", "", "", "",
    "  needs a\n  tie requires a\n", "",
    "a.service: does not wait for b.service, which waits "
    "for it\n" },
  { "After=b.service\n", "After=c.service\n", "After=a.service\n", "",
    "  after b\n", "  after c\n", "",
    "c.service: does not wait for a.service, which waits for it\n" },
  { "After=a.service\n", "", "", "", "", "", "", "" },
};

START_TEST (test_order)
{
  AUTO_FREE char *expected = NULL;
  const char *settings[] = { orders[_i].a, orders[_i].b, orders[_i].c };
  char *text[3];

  for (size_t i = 0; i < 3; i++)
    ck_assert_int_ge (asprintf (&text[i],
                                "[Unit]\n%s[Service]\nExecStart=/bin/a\n",
                                settings[i]),
                      0);
  ck_assert_int_ge (asprintf (&expected,
                              "service a\n%s" LINES "service b\n%s" LINES
                              "service c\n%s" LINES,
                              orders[_i].a_lines, orders[_i].b_lines,
                              orders[_i].c_lines),
                    0);
  const struct unit units[] = { { "a.service", text[0] },
                                { "b.service", text[1] },
                                { "c.service", text[2] },
                                { "t.target", orders[_i].target },
                                { NULL } };
  check (units, expected, orders[_i].findings);
  for (size_t i = 0; i < 3; i++)
    free (text[i]);
}
END_TEST

static const struct unit pair[] = {
  { "a.service", SERVICE ("") },
  { "b.service", SERVICE ("After=a.service\n") },
  { NULL },
};

START_TEST (test_choices)
{
  struct dc_error err;
  struct guest guest;
  DC_AUTO (dc_initplan) *plan = NULL, *again = NULL;
  AUTO_WORDS struct dc_words prepare = { NULL, 0 };

  ck_assert_ok (dc_words_add (&prepare, "/bin/a 'first one' $X", &err));
  const struct dc_init_choice choices[] = {
    { .unit = "b.service", .prepare = &prepare, .is_essential = true },
    { .unit = "a.service" },
  };
  const struct dc_init_choice other[] = { choices[1], choices[0] };
  load (&guest, pair);
  ck_assert_ok (dc_initplan_make (guest.tree, &guest.units, guest.users, NULL,
                                  choices, 2, &plan, &err));
  ck_assert_str_eq (plan->text, HEAD
                    "service a\n" LINES "service b\n  essential\n  after a\n"
                    "  type simple\n" PATH NOFILE
                    "  exec pre pu /bin/a /bin/a first%20one $X\n"
                    "  exec start - /bin/a /bin/a\n");
  ck_assert_uint_eq (plan->services.count, 2);
  ck_assert_str_eq (plan->services.items[1], "b");
  check_with_init (plan);
  ck_assert_ok (dc_initplan_make (guest.tree, &guest.units, guest.users, NULL,
                                  other, 2, &again, &err));
  ck_assert_str_eq (again->text, plan->text);
  release (&guest);
}
END_TEST

START_TEST (test_bad_choices)
{
  struct dc_error err;
  struct guest guest;
  struct dc_initplan *plan = NULL;
  const struct unit units[] = { { "a.service", "[Service]\nType=simple\n" },
                                { "t.target", "" },
                                { NULL } };
  const struct {
    struct dc_init_choice choices[2];
    size_t count;
    enum dc_code code;
    const char *words;
  } bad[] = {
    { { { .unit = "c.service" } }, 1, DC_ERR_NOTFOUND, "no unit 'c.service'" },
    { { { .unit = "t.target" } }, 1, DC_ERR_INVALID, "is not a service" },
    { { { .unit = "a.service" }, { .unit = "a.service" } },
      2,
      DC_ERR_INVALID,
      "'a.service' is chosen twice" },
    { { { .unit = "a.service", .is_essential = true } },
      1,
      DC_ERR_UNSUPPORTED,
      "essential service a.service: left out" },
  };

  load (&guest, units);
  for (size_t i = 0; i < DC_COUNT (bad); i++)
    ck_assert_fails (dc_initplan_make (guest.tree, &guest.units, guest.users,
                                       NULL, bad[i].choices, bad[i].count,
                                       &plan, &err),
                     bad[i].code, bad[i].words);
  release (&guest);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  struct guest guest;
  struct dc_initplan *plan = NULL;
  const struct unit units[] = {
    { "a.service",
      SERVICE (
          "After=b.service t.target\nConditionPathExists=/x\n") "User="
                                                                "web\nEnvironme"
                                                                "nt=A="
                                                                "1\nRuntimeDire"
                                                                "ctory=a\nNice="
                                                                "1\n" },
    { "b.service", SERVICE ("Requires=a.service\nAfter=a.service\n") },
    { "t.target", "" },
    { NULL }
  };

  load (&guest, units);
  OOM_LOOP (status, compile (&guest, &plan, &err))
  {
    if (status == 0)
      dc_initplan_free (plan);
    else
      ck_assert_int_eq (err.code, DC_ERR_SYSTEM);
    ck_assert (status == 0 || oom_has_failed ());
  }
  release (&guest);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_one_service, 0, DC_COUNT (cases));
  tcase_add_loop_test (tcase, test_left_out, 0, DC_COUNT (left_out));
  tcase_add_loop_test (tcase, test_unknown_user, 0, DC_COUNT (unknown));
  tcase_add_loop_test (tcase, test_order, 0, DC_COUNT (orders));
  tcase_add_test (tcase, test_choices);
  tcase_add_test (tcase, test_bad_choices);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("initplan", add);
}

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

/* What a process is given and what is taken from it. */

#define HEAD                                                                   \
  "  type simple\n"                                                            \
  "  env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "   \
  "LANG=C.UTF-8\n"
#define LIMIT "  limit nofile 1024 keep\n" /* somewhere among the lines */
#define TAIL "  exec start - /bin/a /bin/a\n"

static const struct dc_memory_file files[] = {
  { .path = "", .mode = S_IFDIR | 0755 },
  { .path = "bin", .mode = S_IFDIR | 0755 },
  { .path = "bin/a", .mode = S_IFREG | 0755, .data = "" },
  { .path = "etc", .mode = S_IFDIR | 0755 },
  { .path = "etc/credstore", .mode = S_IFDIR | 0755 },
  { .path = "etc/credstore/stored", .mode = S_IFREG | 0600, .data = "x" },
  { .path = "etc/machine-info",
    .mode = S_IFREG | 0644,
    .data = "PRETTY_HOSTNAME=100%\n" },
  { .path = "etc/os-release",
    .mode = S_IFREG | 0644,
    .data = "ID=debian\nVERSION_ID=\"12\"\n" },
  { .path = "etc/passwd",
    .mode = S_IFREG | 0644,
    .data = "root:x:0:0::/root:/bin/bash\n" },
  { .path = "etc/secret", .mode = S_IFREG | 0600, .data = "x" },
};

static const struct {
  const char *text;     /* of [Service] */
  const char *lines;    /* between HEAD and TAIL */
  const char *findings; /* each with a newline */
} cases[] = {
  { "", "", "" },
  /* Capabilities: merged, taken away, taken away by others. */
  { "CapabilityBoundingSet=CAP_CHOWN CAP_KILL\n"
    "CapabilityBoundingSet=cap_setuid\nCapabilityBoundingSet=~CAP_KILL\n",
    "  bound 81\n", "" },
  { "CapabilityBoundingSet=~CAP_SYS_ADMIN\n", "  bound 7fffffffffdfffff\n",
    "" },
  { "CapabilityBoundingSet=\n", "  bound 0\n", "" },
  { "CapabilityBoundingSet=~\n", "", "" },
  { "CapabilityBoundingSet=CAP_FLY CAP_CHOWN\n", "  bound 1\n",
    "a.service: CapabilityBoundingSet=: 'CAP_FLY' is not known, ignoring it "
    "(/u/a.service:3)\n" },
  { "CapabilityBoundingSet=CAP_CHOWN CAP_MKNOD CAP_SYS_TIME\nPrivateDevices=1\n"
    "ProtectClock=yes\n",
    "  bound 1\n  filter\n",
    "a.service: the container's own confinement takes the place of "
    "PrivateDevices=\n" },
  /* System calls. */
  { "SystemCallFilter=@system-service\nSystemCallErrorNumber=EPERM\n",
    "  filter\n", "" },
  { "SystemCallFilter=@system-service\nSystemCallFilter=\n", "", "" },
  { "SystemCallFilter=~fly @flying reboot:ESOMETHING mount:7\n"
    "SystemCallErrorNumber=5000\n",
    "  filter\n",
    "a.service: SystemCallErrorNumber='5000' is not understood, ignoring it "
    "(/u/a.service:4)\n"
    "a.service: SystemCallFilter=: 'fly' is not known, ignoring it "
    "(/u/a.service:3)\n"
    "a.service: SystemCallFilter=: '@flying' is not known, ignoring it "
    "(/u/a.service:3)\n"
    "a.service: SystemCallFilter=: 'reboot:ESOMETHING' is not known, ignoring "
    "it (/u/a.service:3)\n" },
  { "RestrictAddressFamilies=AF_UNIX AF_FLYING\nRestrictNamespaces=no\n",
    "  filter\n",
    "a.service: RestrictAddressFamilies=: 'AF_FLYING' is not known, ignoring "
    "it (/u/a.service:3)\n" },
  { "RestrictNamespaces=net fly\n", "  filter\n",
    "a.service: RestrictNamespaces=: 'fly' is not known, ignoring it "
    "(/u/a.service:3)\n" },
  { "RestrictAddressFamilies=AF_UNIX\nRestrictAddressFamilies=\n"
    "RestrictRealtime=no\nLockPersonality=no\n",
    "", "" },
  { "RestrictRealtime=yes\n", "  limit rtprio 0 0\n  filter\n", "" },

  { "AmbientCapabilities=CAP_NET_BIND_SERVICE CAP_CHOWN\nSecureBits=noroot "
    "noroot-locked\nNoNewPrivileges=yes\n",
    "  ambient 0 cap_chown\n  ambient 10 cap_net_bind_service\n"
    "  securebits 3\n  no-new-privileges\n",
    "" },
  { "DynamicUser=yes\n",
    "  user 65053\n  group 65053\n  groups 65053\n  env LOGNAME=a USER=a\n"
    "  no-new-privileges\n  isolate 20000\n  mount ro i /\n"
    "  mount rw i /dev\n  mount ro i /home\n  mount rw i /proc\n"
    "  mount ro i /root\n  mount ro i /run/user\n  mount rw i /sys\n"
    "  mount private i /tmp\n  mount private i /var/tmp\n  filter\n",
    "a.service: DynamicUser= becomes the fixed user 65053\n" },
  /* Specifiers: of the guest's files, of the running system. */
  { "Environment=A=%o-%w.%W%%o B=%b%m%%m%v C=%s%q%%%n\n",
    "  env A=debian-12.%25o B=%{b}%{m}%25m%{v} C=/bin/bash100%25%25a.service\n",
    "" },
  /* Credentials. */
  { "LoadCredential=k:/etc/secret\nLoadCredential=stored\n"
    "LoadCredential=gone\nLoadCredential=else\nSetCredential=else:a\\tb %n\n"
    "LoadCredential=../x\nLoadCredential=y:../x\nSetCredential=z\n",
    "  credential file k /etc/secret\n"
    "  credential file stored /etc/credstore/stored\n"
    "  credential file gone /run/credstore/gone\n"
    "  credential file else /run/credstore/else\n"
    "  credential text else a%09b%20%25n\n",
    "a.service: credential 'gone' is not in the guest: mount it at "
    "'/run/credstore/gone' (/u/a.service:5)\n"
    "a.service: LoadCredential='../x' is not understood, ignoring it "
    "(/u/a.service:8)\n"
    "a.service: LoadCredential='y:../x' is not understood, ignoring it "
    "(/u/a.service:9)\n"
    "a.service: SetCredential='z' is not understood, ignoring it "
    "(/u/a.service:10)\n" },
  /* Mounts: a folder before what is in it, nothing in what is hidden. */
  { "PrivateTmp=yes\nProtectSystem=full\n",
    "  isolate 20000\n  mount ro i /bin\n  mount ro i /boot\n"
    "  mount ro i /efi\n  mount ro i /etc\n  mount ro i /lib\n"
    "  mount ro i /lib64\n  mount ro i /sbin\n  mount private i /tmp\n"
    "  mount ro i /usr\n  mount private i /var/tmp\n",
    "a.service: the container's own confinement takes the place of "
    "PrivateTmp=, ProtectSystem=\n" },
  { "InaccessiblePaths=/srv /srv-b\nReadOnlyPaths=-/srv/x /srv-b/ /a\n"
    "ReadWritePaths=/a/b /a\nReadWritePaths=/a relative\nPrivateNetwork=1\n",
    "  isolate 40020000\n  mount ro - /a\n  mount rw - /a\n"
    "  mount rw - /a/b\n  mount hide - /srv\n  mount hide - /srv-b\n"
    "  mount ro - /srv-b\n",
    "a.service: the container's own confinement takes the place of "
    "InaccessiblePaths=, PrivateNetwork=, ReadOnlyPaths=, ReadWritePaths=\n" },
  { "BindPaths=/data:/srv/data:norbind -/opt\n"
    "BindReadOnlyPaths=/etc/secret:/run/s\n"
    "TemporaryFileSystem=/var:ro,size=5%%,nodev,noexec\n",
    "  isolate 20000\n  mount bind i /opt /opt\n"
    "  mount bind-ro - /run/s /etc/secret\n"
    "  mount bind n /srv/data /data\n"
    "  mount tmpfs - /var mode=0755,size=5%25\n  mount ro - /var\n"
    "  mount noexec - /var\n",
    "a.service: expects '/data' at '/srv/data': this needs CAP_SYS_ADMIN in "
    "the container, or a mount of the container's own\n"
    "a.service: expects '/etc/secret' at '/run/s': this needs CAP_SYS_ADMIN "
    "in the container, or a mount of the container's own\n"
    "a.service: the container's own confinement takes the place of "
    "TemporaryFileSystem=\n" },
  { "RootDirectory=/srv/root/\nBindPaths=/probe\n"
    "PrivateTmp=yes\n",
    "  root /srv/root\n  isolate 20000\n  mount bind - /srv/root/dev /dev\n"
    "  mount bind - /srv/root/probe /probe\n"
    "  mount bind - /srv/root/proc /proc\n"
    "  mount bind - /srv/root/sys /sys\n"
    "  mount private i /srv/root/tmp\n"
    "  mount private i /srv/root/var/tmp\n",
    "a.service: expects '/probe' at '/probe': this needs CAP_SYS_ADMIN in the "
    "container, or a mount of the container's own\n"
    "a.service: the container's own confinement takes the place of "
    "PrivateTmp=\n" },
  { "RootDirectory=relative\n", "",
    "a.service: RootDirectory='relative' is not understood, ignoring it "
    "(/u/a.service:3)\n" },
  /* Priorities. */
  { "Nice=-5\nOOMScoreAdjust=-900\n", "  nice -5\n  oom-score -900\n", "" },
  { "Nice=+7\nOOMScoreAdjust=0\n", "  nice 7\n  oom-score 0\n", "" },
  { "Nice=20\nOOMScoreAdjust=-1001\n", "",
    "a.service: Nice='20' is not understood, ignoring it (/u/a.service:3)\n"
    "a.service: OOMScoreAdjust='-1001' is not understood, ignoring it "
    "(/u/a.service:4)\n" },
  { "CPUSchedulingPolicy=rr\nCPUSchedulingPriority=7\n"
    "CPUSchedulingResetOnFork=yes\nIOSchedulingClass=idle\n"
    "IOSchedulingPriority=3\n",
    "  scheduler rr 7 1\n  io-priority idle 3\n", "" },
  { "CPUSchedulingPolicy=fifo\nIOSchedulingPriority=0\n",
    "  scheduler fifo 1 0\n  io-priority best-effort 0\n", "" },
  { "CPUSchedulingPolicy=batch\nCPUSchedulingPriority=7\n"
    "IOSchedulingClass=1\n",
    "  scheduler batch 0 0\n  io-priority realtime 4\n", "" },
  { "CPUAffinity=0 2-3,5\nCPUAffinity=1\n", "  cpus 0 1 2 3 5\n", "" },
  { "CPUAffinity=3-1\nCPUAffinity=1024\n", "",
    "a.service: CPUAffinity='3-1' is not understood, ignoring it "
    "(/u/a.service:3)\n"
    "a.service: CPUAffinity='1024' is not understood, ignoring it "
    "(/u/a.service:4)\n" },
  { "TimerSlackNSec=70\nPersonality=x86\nCoredumpFilter=default 100\n",
    "  timer-slack 70\n  personality 8\n  coredump-filter 133\n", "" },
  { "TimerSlackNSec=2us\nPersonality=x86-64\n"
    "CoredumpFilter=private-anonymous elf-headers\n",
    "  timer-slack 2000\n  coredump-filter 11\n", "" },
  /* Streams. */
  { "StandardOutput=journal\nStandardError=append:/var/log/a\n",
    "  stdout log\n  stderr append /var/log/a\n", "" },
  { "StandardOutput=file:/l/%p\nStandardError=file:/l/a\n",
    "  stdout file /l/a\n", "" },
  { "StandardOutput=inherit\nStandardError=null\n",
    "  stdout null\n  stderr null\n", "" },
  { "StandardInput=file:/etc/secret\nStandardOutput=inherit\n",
    "  stdin file /etc/secret\n  stdout inherit\n", "" },
  { "StandardInputText=a\\tb %p\nStandardInputData=aGVs\n"
    "StandardInputData=bG8K\n",
    "  stdin data a%09b%20a%0Ahello%0A\n", "" },
  { "StandardInput=null\nStandardInputText=a\nStandardInputData=AAAA\n", "",
    "a.service: StandardInputData='AAAA' is not understood, ignoring it "
    "(/u/a.service:5)\n" },
  { "StandardInput=tty\nStandardOutput=truncate:log\n", "",
    "a.service: StandardInput=tty: there is no terminal, its input is empty "
    "(/u/a.service:3)\n"
    "a.service: StandardOutput='truncate:log' is not understood, ignoring it "
    "(/u/a.service:4)\n" },
};

static int
compile (const char *text, struct dc_initplan **plan, struct dc_error *err)
{
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_users) *users = NULL;
  char name[] = "a.service";
  struct dc_unit unit = { .name = name, .is_started = true };
  const struct dc_units units = { .items = &unit, .count = 1 };
  const struct dc_init_choice choice = { .unit = name };
  int status = dc_tree_memory (files, DC_COUNT (files), &tree, err);

  if (status == 0)
    status = dc_users_load (tree, &users, err);
  if (status == 0)
    status = dc_unit_parse (&unit, text, strlen (text), "/u/a.service", err);
  if (status == 0)
    status =
        dc_initplan_make (tree, &units, users, "host", &choice, 1, plan, err);
  unit.name = NULL;
  dc_unit_release (&unit);
  return status;
}

/* Of a filter only that there is one: what it does is tried by
 * test-decant-init-filter.sh.
 */
static void
compare_lines (const char *text, const char *expected)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (65536);
  struct dc_error err;

  while (*text != '\0') {
    const size_t size = strcspn (text, "\n") + 1;
    const bool is_filter = strncmp (text, "  filter ", 9) == 0;
    const bool is_limit = strncmp (text, LIMIT, strlen (LIMIT)) == 0;
    ck_assert_ok (is_limit    ? 0
                  : is_filter ? dc_buffer_print (&b, &err, "  filter\n")
                              : dc_buffer_append (&b, text, size, &err));
    text += size;
  }
  ck_assert_str_eq (dc_buffer_text (&b), expected);
}

START_TEST (test_lines)
{
  DC_AUTO (dc_initplan) *plan = NULL;
  AUTO_FREE char *text = NULL, *expected = NULL;
  AUTO_BUFFER struct dc_buffer findings = DC_BUFFER_INIT (65536);
  struct dc_error err;
  struct di_plan read;
  struct di_error read_err;

  ck_assert_int_ge (
      asprintf (&text, "[Service]\nExecStart=/bin/a\n%s", cases[_i].text), 0);
  ck_assert_int_ge (asprintf (&expected, "%s%s%s", HEAD, cases[_i].lines, TAIL),
                    0);
  ck_assert_ok (compile (text, &plan, &err));
  compare_lines (strstr (plan->text, "service a\n") + strlen ("service a\n"),
                 expected);
  for (size_t i = 0; i < plan->findings.count; i++)
    ck_assert_ok (
        dc_buffer_print (&findings, &err, "%s\n", plan->findings.items[i]));
  ck_assert_str_eq (dc_buffer_text (&findings), cases[_i].findings);
  /* decant-init itself must read what we wrote. */
  ck_assert_msg (di_plan_parse (plan->text, plan->size, &read, &read_err) == 0,
                 "%s", read_err.text);
  di_plan_release (&read);
}
END_TEST

START_TEST (test_no_memory)
{
  AUTO_FREE char *text = NULL;
  struct dc_error err;
  struct dc_initplan *plan = NULL;

  ck_assert_int_ge (
      asprintf (&text, "[Service]\nExecStart=/bin/a\n%s", cases[_i].text), 0);
  OOM_LOOP (status, compile (text, &plan, &err))
  {
    if (status == 0)
      dc_initplan_free (plan);
    else
      ck_assert_msg (err.code == DC_ERR_SYSTEM, "%s", err.text);
    ck_assert (status == 0 || oom_has_failed ());
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_lines, 0, DC_COUNT (cases));
  tcase_add_loop_test (tcase, test_no_memory, 0, DC_COUNT (cases));
}

int
main (void)
{
  return unit_run ("initprocess", add);
}

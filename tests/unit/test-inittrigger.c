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

#define LINES "  type simple\n" PATH NOFILE "  exec start - /bin/a /bin/a\n"

/* The units are in the order of their names, as dc_units has them. */
static const struct unit triggered[] = {
  { "a.path",
    "[Path]\nPathExists=/old\nPathExists=\nPathModified=/x\nPathChanged=y\n"
    "MakeDirectory=yes\n" },
  { "a.service", "[Service]\nExecStart=/bin/a\nNonBlocking=yes\n" },
  { "a.socket",
    "[Socket]\nListenStream=80\nListenDatagram=[::1]:53\nListenStream=vsock:1:2"
    "\nListenStream=70000\nListenFIFO=/run/a b\nListenNetlink=route 1361\n"
    "SocketUser=web\nSocketMode=0600\nBacklog=4294967295\nReceiveBuffer=8K\n"
    "KeepAlive=yes\nKeepAliveTimeSec=2min\nFileDescriptorName=http\n"
    "BindIPv6Only=both\nTriggerLimitIntervalSec=1\n" },
  { "a.timer",
    "[Timer]\nOnBootSec=1min\nOnCalendar=Mon 06:25 UTC\nOnCalendar=x\n"
    "OnUnitActiveSec=1h\nPersistent=yes\nRandomizedDelaySec=2\n" },
  { "b.socket", "[Socket]\nListenStream=@b\nAccept=yes\n" },
  { "b@.service", "[Service]\nExecStart=/bin/a\nStandardInput=socket\n" },
  { "c.socket", "[Socket]\nSocketMode=0600\nService=a.service\n" },
  { NULL }
};

static const char triggered_plan[] =
    "service a\n  non-blocking\n  sockets a\n" LINES
    "service b@\n  type simple\n" PATH
    "  stdin socket\n  stdout inherit\n" NOFILE "  exec start - /bin/a /bin/a\n"
    "path a\n"
    "  starts a\n"
    "  watch modified /x\n"
    "  make-folder\n"
    "  trigger-limit 200 2000\n"
    "socket a\n"
    "  starts a\n"
    "  listen stream 80\n"
    "  listen datagram [::1]:53\n"
    "  listen fifo /run/a%20b\n"
    "  listen netlink 0:1361\n"
    "  descriptor http\n"
    "  socket-owner 1001 33\n"
    "  backlog 1000000\n"
    "  socket-mode 0600\n"
    "  option keep-alive 1\n"
    "  option keep-alive-time 120\n"
    "  option receive-buffer 8192\n"
    "  option only-ip6 0\n"
    "  trigger-limit 20 1000\n"
    "timer a\n"
    "  starts a\n"
    "  elapse boot 60000\n"
    "  calendar UTC 2 * 1ffe fffffffe 40 2000000 1\n"
    "  elapse unit-active 3600000\n"
    "  random-delay 2000\n"
    "  persistent\n"
    "socket b\n"
    "  starts b@\n"
    "  listen stream @b\n"
    "  descriptor b.socket\n"
    "  accept\n"
    "  trigger-limit 200 2000\n";

START_TEST (test_triggers)
{
  check (
      triggered, triggered_plan,
      "a.path: PathChanged='y' is not understood, ignoring it (/u/a.path:5)\n"
      "a.socket: cannot listen on 'vsock:1:2' in a container "
      "(/u/a.socket:4)\n"
      "a.socket: cannot listen on '70000' in a container (/u/a.socket:5)\n"
      "a.timer: OnCalendar='x' is not understood, ignoring it "
      "(/u/a.timer:4)\n"
      "c.socket: left out: it listens on nothing\n");
}
END_TEST

START_TEST (test_triggers_no_memory)
{
  struct dc_error err;
  struct guest guest;
  struct dc_initplan *plan = NULL;

  load (&guest, triggered);
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
  tcase_add_test (tcase, test_triggers);
  tcase_add_test (tcase, test_triggers_no_memory);
}

int
main (void)
{
  return unit_run ("inittrigger", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/probe/protocol.h"
#include "runtime/verify/check.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* ---- Listeners: lines of Linux 6.1 ---- */

static const char tcp[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n"
    "   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000\n"
    "   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000\n"
    "   2: 0100007F:1F90 0100007F:0050 01 00000000:00000000 00:00000000\n"
    "   3: 0100007F:1F9 00000000:0000 0A\n   4: nonsense\n   5:\n"
    "   6: 0100007F:1FFFF 00000000:0000 0A\n   7: 01007F:1F90 0:0 0A\n";
static const char tcp6[] =
    "   0: 00000000000000000000000001000000:0019 "
    "00000000000000000000000000000000:0000 0A 00000000:00000000\n";
static const char udp[] = "  0: 00000000:0035 00000000:0000 07 00000000\n"
                          "  1: 00000000:0036 0100007F:0035 01 00000000\n";
static const char local[] =
    "Num       RefCount Protocol Flags    Type St Inode Path\n"
    "0000000000000000: 00000002 00000000 00010000 0001 01 17 /run/a b.sock\n"
    "0000000000000000: 00000002 00000000 00000000 0002 01 18 /dev/log\n"
    "0000000000000000: 00000003 00000000 00000000 0001 03 19 /run/connected\n"
    "0000000000000000: 00000002 00000000 00010000 0005 01 20 @abstract\n"
    "0000000000000000: 00000002 00000000 00010000 0001 01 21\n";

static void
parse_all (struct dc_listeners *listeners)
{
  struct dc_error err;

  ck_assert_ok (
      dc_listeners_parse (listeners, DC_OVER_TCP, tcp, sizeof tcp - 1, &err));
  ck_assert_ok (
      dc_listeners_parse (listeners, DC_OVER_TCP, tcp6, sizeof tcp6 - 1, &err));
  ck_assert_ok (
      dc_listeners_parse (listeners, DC_OVER_UDP, udp, sizeof udp - 1, &err));
  ck_assert_ok (dc_listeners_parse (listeners, DC_OVER_UNIX, local,
                                    sizeof local - 1, &err));
}

START_TEST (test_listeners)
{
  static const struct {
    const char *address;
    uint16_t port;
    const char *path;
  } want[] = {
    { "0.0.0.0", 80, NULL },    { "127.0.0.1", 8080, NULL },
    { "127.0.0.1", 505, NULL }, { "::1", 25, NULL },
    { "0.0.0.0", 53, NULL },    { "", 0, "/run/a b.sock" },
    { "", 0, "/dev/log" },      { "", 0, "@abstract" },
  };
  AUTO_LISTENERS struct dc_listeners listeners = { .items = NULL };

  parse_all (&listeners);
  ck_assert_uint_eq (listeners.count, DC_COUNT (want));
  for (size_t i = 0; i < listeners.count; i++) {
    ck_assert_str_eq (listeners.items[i].address, want[i].address);
    ck_assert_int_eq (listeners.items[i].port, want[i].port);
    if (want[i].path != NULL)
      ck_assert_str_eq (listeners.items[i].path, want[i].path);
  }
}
END_TEST

START_TEST (test_listeners_no_memory)
{
  struct dc_error err;
  struct dc_listeners listeners = { .items = NULL };

  OOM_LOOP (status, dc_listeners_parse (&listeners, DC_OVER_UNIX, local,
                                        sizeof local - 1, &err))
  {
    ck_assert (status == 0 || err.code == DC_ERR_SYSTEM);
    dc_listeners_release (&listeners);
  }
}
END_TEST

static const struct {
  const char *listens, *promised;
  bool want;
} fits[] = {
  { "0.0.0.0", "", true },
  { "::", "0.0.0.0", true },
  { "0.0.0.0", "127.0.0.1", true },
  { "127.0.0.1", "", true },
  { "::1", "0.0.0.0", true },
  { "127.0.0.1", "127.0.0.1", true },
  { "127.0.0.1", "127.0.0.2", false },
  { "::1", "localhost", true },
  { "10.0.0.5", "*", true },
};

START_TEST (test_fits)
{
  struct dc_listener listener = { .transport = DC_OVER_TCP, .port = 80 };
  struct dc_promise_endpoint endpoint = { .transport = DC_OVER_TCP,
                                          .port = 80 };

  (void) snprintf (listener.address, sizeof listener.address, "%s",
                   fits[_i].listens);
  endpoint.address = (char *) (uintptr_t) fits[_i].promised;
  ck_assert_msg (dc_listener_fits (&listener, &endpoint) == fits[_i].want,
                 "%s for %s", fits[_i].listens, fits[_i].promised);
  endpoint.port = 81;
  ck_assert (!dc_listener_fits (&listener, &endpoint));
}
END_TEST

static const struct {
  const char *listens, *promised;
  bool want;
} paths[] = {
  { "/run/x", "/run/x", true },
  { "/var/run/x", "/run/x", true },
  { "/run/x", "/var/run/x", true },
  { "/run/x", "/run/y", false },
  { "private/smtp", "/var/spool/postfix/private/smtp", true },
  { "smtp", "/var/spool/postfix/private/lsmtp", false },
  { "@x", "@x", true },
  { "@x", "/run/@x", false },
};

START_TEST (test_paths)
{
  const struct dc_listener listener = {
    .transport = DC_OVER_UNIX,
    .path = (char *) (uintptr_t) paths[_i].listens,
  };
  const struct dc_promise_endpoint endpoint = {
    .transport = DC_OVER_UNIX,
    .path = (char *) (uintptr_t) paths[_i].promised,
  };

  ck_assert_msg (dc_listener_fits (&listener, &endpoint) == paths[_i].want,
                 "%s for %s", paths[_i].listens, paths[_i].promised);
}
END_TEST

/* ---- What decant-init says ---- */

static const char status[] =
    "0\nsystem running\n"
    "service nginx 4 3 15 1700000000000 0 success -1 k % nginx.service\n"
    "service a%20b 10 13 0 1700000000000 2 exit-code 768 - no%20good%0A\n"
    "service c 9 13 0 1 0 success 0 - %\n"
    "service d 1 0 0 0 0 success -1 - %\nunknown line\n";

START_TEST (test_states)
{
  struct dc_error err;
  AUTO_STATES struct dc_states states = { .items = NULL };

  ck_assert_ok (dc_states_parse (&states, status, sizeof status - 1, &err));
  ck_assert_uint_eq (states.count, 4);
  const struct dc_state *nginx = dc_states_find (&states, "nginx.service");
  ck_assert_int_eq (nginx->kind, DC_STATE_UP);
  ck_assert_int_eq (nginx->main_pid, 15);
  ck_assert_str_eq (nginx->text, "");
  const struct dc_state *failed = dc_states_find (&states, "a b.service");
  ck_assert_int_eq (failed->kind, DC_STATE_FAILED);
  ck_assert_str_eq (failed->text, "no good\n");
  ck_assert_int_eq (failed->restarts, 2);
  ck_assert_int_eq (failed->status, 768);
  ck_assert_ptr_null (dc_states_find (&states, "nginx.servic"));
  ck_assert_ptr_nonnull (dc_states_find (&states, "c"));
}
END_TEST

static const char *const bad_states[] = {
  "",
  "1 no\n",
  "0\nservice x\n",
  "0\nservice x 11 0 0 0 0 r -1 - %\n",
  "0\nservice x -2 0 0 0 0 r -1 - %\n",
  "0\nservice x 1 0 99999999999999999999 0 0 r -1 - %\n",
};

START_TEST (test_bad_states)
{
  struct dc_error err;
  AUTO_STATES struct dc_states states = { .items = NULL };

  ck_assert_fails (
      dc_states_parse (&states, bad_states[_i], strlen (bad_states[_i]), &err),
      _i == 5 ? DC_ERR_LIMIT : DC_ERR_INVALID, "");
}
END_TEST

START_TEST (test_states_no_memory)
{
  struct dc_error err;
  struct dc_states states = { .items = NULL };

  OOM_LOOP (result, dc_states_parse (&states, status, sizeof status - 1, &err))
  {
    ck_assert (result == 0 || err.code == DC_ERR_SYSTEM);
    dc_states_release (&states);
  }
}
END_TEST

/* ---- Verdicts ---- */

static const struct {
  int state; /* of the promise */
  const char *line;
  enum dc_verdict want;
  const char *words;
} verdicts[] = {
  { DC_PROMISE_UP, "4 3 15 1 0 success -1 k %", DC_VERDICT_KEPT, "up" },
  { DC_PROMISE_UP, "4 3 15 1 9 success -1 k %", DC_VERDICT_BROKEN,
    "was started 10 times" },
  { DC_PROMISE_UP, "9 13 0 1 0 success 0 - %", DC_VERDICT_BROKEN,
    "has ended by itself" },
  { DC_PROMISE_DONE, "9 13 0 1 0 success 0 - %", DC_VERDICT_KEPT, "done" },
  { DC_PROMISE_DONE, "5 4 0 1 0 success 0 - %", DC_VERDICT_KEPT, "done" },
  { DC_PROMISE_UP, "2 1 0 1 0 success -1 k %", DC_VERDICT_COMING,
    "has not come up" },
  { DC_PROMISE_UP, "3 1 0 1 5 exit-code 256 k %", DC_VERDICT_COMING,
    "again and again" },
  { DC_PROMISE_UP, "10 13 0 1 0 exit-code 768 - %", DC_VERDICT_BROKEN,
    "failed (exit-code): its program exited with status 3" },
  { DC_PROMISE_UP, "0 0 0 0 0 success -1 - %", DC_VERDICT_BROKEN,
    "was not started" },
  { DC_PROMISE_UP, "0 0 0 0 0 success -1 o %", DC_VERDICT_KEPT,
    "waits for its trigger" },
  { DC_PROMISE_ON_DEMAND, "0 0 0 0 0 success -1 o %", DC_VERDICT_KEPT,
    "waits for its trigger" },
  { DC_PROMISE_ON_DEMAND, "10 13 0 1 0 exit-code 256 o %", DC_VERDICT_KEPT,
    "failed (exit-code)" },
};

START_TEST (test_verdict)
{
  struct dc_error err;
  struct dc_finding_text text;
  char answer[200];
  char unit[] = "x.service";
  struct dc_promise_service service = { .unit = unit,
                                        .state = verdicts[_i].state };
  const struct dc_promise promise = { .services = { &service, 1 } };
  struct dc_seen seen = { .has_states = true };

  (void) snprintf (answer, sizeof answer, "0\nservice x %s\n",
                   verdicts[_i].line);
  ck_assert_ok (dc_states_parse (&seen.states, answer, strlen (answer), &err));
  ck_assert_int_eq (dc_check_service (&promise, 0, &seen, NULL, &text),
                    verdicts[_i].want);
  ck_assert_msg (unit_contains (text.text, verdicts[_i].words), "%s",
                 text.text);
  dc_states_release (&seen.states);
}
END_TEST

static const struct {
  const char *words[DC_PROCESS_WORDS];
  const char *name, *program;
  bool want;
} programs[] = {
  { { "/usr/sbin/nginx", "-g" }, "nginx", "/usr/sbin/nginx", true },
  { { "nginx: master process /usr/sbin/nginx" },
    "nginx",
    "/usr/sbin/nginx",
    true },
  { { "sshd: /usr/sbin/sshd -D" }, "sshd", "/usr/sbin/sshd", true },
  { { "/usr/bin/perl", "/opt/visits/visits" },
    "visits",
    "/opt/visits/visits",
    true },
  { { "/bin/sh", "-e", "/opt/x" }, "sh", "/opt/x", true },
  { { "-bash" }, "bash", "/bin/bash", true },
  { { "nginxer" }, "nginxer", "/usr/sbin/nginx", false },
  { { "/usr/sbin/cron" }, "cron", "/usr/sbin/nginx", false },
};

START_TEST (test_program)
{
  struct dc_process process = { .pid = 1 };

  for (size_t i = 0; i < DC_PROCESS_WORDS; i++)
    process.words[i] = (char *) (uintptr_t) programs[_i].words[i];
  (void) snprintf (process.name, sizeof process.name, "%s", programs[_i].name);
  ck_assert_int_eq (dc_process_runs (&process, programs[_i].program),
                    programs[_i].want);
}
END_TEST

/* Our own /proc: this very test is in it. */
START_TEST (test_processes)
{
  struct dc_error err;
  AUTO_PROCESSES struct dc_processes processes = { .items = NULL };
  AUTO_CLOSE int proc = open ("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  bool is_found = false;

  ck_assert_ok (dc_processes_read (&processes, proc, &err));
  for (size_t i = 0; i < processes.count; i++)
    if (processes.items[i].pid == getpid ()) {
      is_found = true;
      ck_assert_uint_eq (processes.items[i].uid, geteuid ());
    }
  ck_assert (is_found);
}
END_TEST

static void
add_tests (TCase *tcase)
{
  tcase_add_test (tcase, test_listeners);
  tcase_add_test (tcase, test_listeners_no_memory);
  tcase_add_loop_test (tcase, test_fits, 0, DC_COUNT (fits));
  tcase_add_loop_test (tcase, test_paths, 0, DC_COUNT (paths));
  tcase_add_test (tcase, test_states);
  tcase_add_loop_test (tcase, test_bad_states, 0, DC_COUNT (bad_states));
  tcase_add_test (tcase, test_states_no_memory);
  tcase_add_loop_test (tcase, test_verdict, 0, DC_COUNT (verdicts));
  tcase_add_loop_test (tcase, test_program, 0, DC_COUNT (programs));
  tcase_add_test (tcase, test_processes);
}

int
main (void)
{
  return unit_run ("verify-tables", add_tests);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/number.h"
#include "lib/run.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

#define ARGV(...)                                                              \
  (const char *const[])                                                        \
  {                                                                            \
    __VA_ARGS__, NULL                                                          \
  }
#define SHELL(script) ARGV ("sh", "-c", (script))

static struct dc_error err;

static void
assert_prints (const char *const *argv, const char *text)
{
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (10000);
  const struct dc_run run = { .argv = argv, .out = &out };

  ck_assert_ok (dc_run (&run, &dc_report_silent, &err));
  ck_assert_str_eq (dc_buffer_text (&out), text);
}

static void
make_pipe (int *read_fd, int *write_fd)
{
  int pair[2];

  ck_assert_int_eq (pipe2 (pair, O_CLOEXEC), 0);
  *read_fd = pair[0];
  *write_fd = pair[1];
}

struct heard {
  char text[1024];
};

static void
hear (void *self, enum dc_level level, const char *text)
{
  struct heard *heard = self;

  (void) level;
  (void) snprintf (heard->text, sizeof heard->text, "%s", text);
}

/* Everybody who could write to the pipe has gone, or goes within 10 s. */
static int
reaches_end (int read_fd)
{
  struct pollfd polled = { .fd = read_fd, .events = POLLIN };
  char byte;

  return poll (&polled, 1, 10000) == 1 && read (read_fd, &byte, 1) == 0;
}

START_TEST (test_arguments_are_not_a_shell)
{
  assert_prints (ARGV ("printf", "%s|", "a b", "$HOME", "`id`", "*", ""),
                 "a b|$HOME|`id`|*||");
  assert_prints (ARGV ("/bin/echo", "by path"), "by path\n");
  assert_prints (ARGV ("cat"), ""); /* stdin is /dev/null */
}
END_TEST

START_TEST (test_environment)
{
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (10000);
  const struct dc_run run = {
    .argv = ARGV ("env"),
    .env = ARGV ("ONE=1", "LC_ALL=C.UTF-8"),
    .pass_env = ARGV ("DECANT_PASSED", "DECANT_ABSENT", "ONE"),
    .out = &out,
  };

  ck_assert_int_eq (setenv ("DECANT_PASSED", "yes=no", 1), 0);
  ck_assert_int_eq (setenv ("DECANT_SECRET", "x", 1), 0);
  ck_assert_int_eq (setenv ("ONE", "2", 1), 0);
  ck_assert_ok (dc_run (&run, &dc_report_silent, &err));
  ck_assert_str_eq (dc_buffer_text (&out),
                    "ONE=1\nLC_ALL=C.UTF-8\nDECANT_PASSED=yes=no\n"
                    "PATH=" DC_RUN_PATH "\n");
}
END_TEST

static const struct {
  const char *script, *text;
} failures[] = {
  { "exit 3", "sh exited with status 3" },
  { "echo first >&2; printf 'the \\033 last\\n\\n' >&2; exit 1",
    "sh exited with status 1: the \\x1B last" },
  { "echo why >&2; kill -SEGV $$",
    "sh was killed by signal 11 (Segmentation fault): why" },
};

START_TEST (test_failure)
{
  const struct dc_run run = { .argv = SHELL (failures[_i].script) };

  ck_assert_fails (dc_run (&run, &dc_report_silent, &err), DC_ERR_TOOL,
                   failures[_i].text);
  ck_assert_str_eq (err.text, failures[_i].text);
}
END_TEST

START_TEST (test_exit_status_is_an_answer)
{
  int status = -1;
  const struct dc_run run = { .argv = SHELL ("exit 200"),
                              .exit_status = &status };
  const struct dc_run killed = { .argv = SHELL ("kill -KILL $$"),
                                 .exit_status = &status };

  ck_assert_ok (dc_run (&run, &dc_report_silent, &err));
  ck_assert_int_eq (status, 200);
  ck_assert_fails (dc_run (&killed, &dc_report_silent, &err), DC_ERR_TOOL,
                   "killed by signal 9");
  ck_assert_int_eq (status, 200);
}
END_TEST

START_TEST (test_cannot_start)
{
  const struct dc_run absent = { .argv = ARGV ("decant-no-such\n") };
  const struct dc_run no_path = { .argv = ARGV ("/no/such/program") };
  const struct dc_run folder = { .argv = ARGV ("/usr") };

  ck_assert_fails (dc_run (&absent, &dc_report_silent, &err), DC_ERR_NOTFOUND,
                   "no program 'decant-no-such\\x0A' in /usr/local/sbin:");
  ck_assert_fails (dc_run (&no_path, &dc_report_silent, &err), DC_ERR_NOTFOUND,
                   "'/no/such/program': cannot start it: No such file");
  ck_assert_fails (dc_run (&folder, &dc_report_silent, &err), DC_ERR_SYSTEM,
                   "'/usr': cannot start it: Permission denied");
}
END_TEST

START_TEST (test_redirections)
{
  AUTO_FREE char *folder = unit_scratch ();
  AUTO_CLOSE int dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  AUTO_CLOSE int in = openat (dir_fd, "in", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  AUTO_CLOSE int out =
      openat (dir_fd, "out", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (100);
  const struct dc_run run = { .argv = ARGV ("rev"),
                              .stdin_fd = in,
                              .stdout_fd = out };

  ck_assert_ok (dc_file_write (in, "abc\n", 4, &err));
  ck_assert_int_eq (lseek (in, 0, SEEK_SET), 0);
  ck_assert_ok (dc_run (&run, &dc_report_silent, &err));
  ck_assert_int_eq (lseek (out, 0, SEEK_SET), 0);
  ck_assert_ok (dc_file_read_all (out, &text, &err));
  ck_assert_str_eq (dc_buffer_text (&text), "cba\n");
}
END_TEST

/* Our own 1 becomes its stdin, our own 2 its stdout.  ARG: a pipe. */
static int
run_with_crossed_stdio (void *arg)
{
  const int *pair = arg;
  const struct dc_run run = { .argv = ARGV ("cat"),
                              .stdin_fd = 1,
                              .stdout_fd = 2 };
  AUTO_CLOSE int in = open ("/etc/hostname", O_RDONLY | O_CLOEXEC);

  if (dup3 (in, 1, O_CLOEXEC) < 0 || dup3 (pair[1], 2, O_CLOEXEC) < 0)
    return 1;
  return dc_run (&run, &dc_report_silent, &err) == 0 ? 0 : 2;
}

static int
run_with_closed_stdio (void *arg)
{
  const struct dc_run run = { .argv = ARGV ("cat") };

  (void) arg;
  if (close (1) < 0 || dc_run (&run, &dc_report_silent, &err) == 0)
    return 1;
  return unit_contains (err.text, "standard descriptor 1: Bad file") ? 0 : 2;
}

START_TEST (test_own_stdio)
{
  int pair[2];
  char text[300] = "";

  make_pipe (&pair[0], &pair[1]);
  ck_assert_int_eq (unit_in_child (run_with_crossed_stdio, pair), 0);
  ck_assert_int_gt (read (pair[0], text, sizeof text), 0);
  ck_assert_int_eq (unit_in_child (run_with_closed_stdio, NULL), 0);
  ck_assert_int_eq (close (pair[0]), 0);
  ck_assert_int_eq (close (pair[1]), 0);
}
END_TEST

START_TEST (test_descriptors)
{
  AUTO_CLOSE int leaked = open ("/dev/null", O_RDONLY); /* no O_CLOEXEC */
  AUTO_CLOSE int kept = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (100);
  const int moved = fcntl (kept, F_DUPFD_CLOEXEC, 77);
  const struct dc_run run = { .argv = SHELL ("echo /proc/self/fd/*"),
                              .keep_fds = (int[]){ moved },
                              .keep_fd_count = 1,
                              .out = &out };

  ck_assert_int_eq (moved, 77);
  ck_assert_ok (dc_run (&run, &dc_report_silent, &err));
  /* 3 is the folder that the shell reads. */
  ck_assert_str_eq (dc_buffer_text (&out),
                    "/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 "
                    "/proc/self/fd/3 /proc/self/fd/77\n");
  ck_assert_int_eq (fcntl (moved, F_GETFD), FD_CLOEXEC);
  ck_assert_int_eq (close (moved), 0);
}
END_TEST

#define TELL_SOCKET                                                            \
  SHELL ("test $LISTEN_PID -eq $$ && test $LISTEN_FDS = 1 &&"                  \
         "readlink /proc/self/fd/3; ! test -e /proc/self/fd/77")

/* The handed-over socket may have any number here, and 3 may be free or
 * ours.
 */
static int
run_with_socket (void *arg)
{
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (100);
  const int zero = open ("/dev/zero", O_RDONLY | O_CLOEXEC);
  const int fd = fcntl (zero, F_DUPFD_CLOEXEC, *(const int *) arg);
  struct dc_run run = { .argv = TELL_SOCKET, .listen_fd = fd, .out = &out };
  struct dc_run missing = { .argv = ARGV ("/missing"), .listen_fd = fd };

  if (zero != fd && close (zero) != 0)
    return 1;
  if (dc_run (&run, &dc_report_silent, &err) < 0 ||
      strcmp (dc_buffer_text (&out), "/dev/zero\n") != 0)
    return 2;
  if (dc_run (&missing, &dc_report_silent, &err) == 0 ||
      err.code != DC_ERR_NOTFOUND)
    return 3;
  run.jail = missing.jail = &(struct dc_jail){ .cpu_max_s = 9 };
  if (dc_run (&missing, &dc_report_silent, &err) == 0 ||
      err.code != DC_ERR_NOTFOUND)
    return 4;
  run.out = NULL;
  return dc_run (&run, &dc_report_silent, &err) == 0 ? 0 : 5;
}

START_TEST (test_listen_fd)
{
  for (int fd = 3; fd < 20; fd++)
    ck_assert_int_eq (unit_in_child (run_with_socket, &fd), 0);
  ck_assert_int_eq (unit_in_child (run_with_socket, &(int){ 77 }), 0);
}
END_TEST

/* As on a kernel without these calls.  ARG: a descriptor not to be kept. */
static int
run_on_old_kernel (void *arg)
{
  AUTO_FREE char *script = NULL;
  struct heard heard = { 0 };
  const struct dc_report report = { .message = hear,
                                    .self = &heard,
                                    .cancel_fd = -1 };
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);

  if (seccomp_rule_add (filter, SCMP_ACT_ERRNO (ENOSYS), SCMP_SYS (close_range),
                        0) != 0 ||
      seccomp_rule_add (filter, SCMP_ACT_ERRNO (ENOSYS),
                        SCMP_SYS (landlock_create_ruleset), 0) != 0 ||
      seccomp_load (filter) != 0)
    return 1;
  seccomp_release (filter);
  if (asprintf (&script, "! test -e /proc/self/fd/%d", *(int *) arg) < 0)
    return 2;
  const struct dc_run run = { .argv = SHELL (script),
                              .jail = &(struct dc_jail){ .cpu_max_s = 9 } };
  if (dc_run (&run, &report, &err) < 0)
    return 3;
  return unit_contains (heard.text, "no Landlock, running sh with limits only")
             ? 0
             : 4;
}

START_TEST (test_old_kernel)
{
  AUTO_CLOSE int leaked = open ("/dev/null", O_RDONLY); /* no O_CLOEXEC */

  ck_assert_int_eq (unit_in_child (run_on_old_kernel, &leaked), 0);
}
END_TEST

START_TEST (test_signals_are_default)
{
  sigset_t blocked, before;

  ck_assert (signal (SIGPIPE, SIG_IGN) != SIG_ERR);
  ck_assert_int_eq (sigemptyset (&blocked), 0);
  ck_assert_int_eq (sigaddset (&blocked, SIGTERM), 0);
  ck_assert_int_eq (sigprocmask (SIG_BLOCK, &blocked, &before), 0);
  /* Signals 32 and 33 are glibc's own; we may have got them ignored. */
  assert_prints (SHELL ("grep ^SigBlk /proc/self/status;"
                        "grep -o '^SigIgn:.*[08]0000000$' /proc/self/status |"
                        "cut -c 1-6"),
                 "SigBlk:\t0000000000000000\nSigIgn\n");
  ck_assert_int_eq (sigprocmask (SIG_SETMASK, &before, &blocked), 0);
  ck_assert_int_eq (sigismember (&blocked, SIGTERM), 1);
}
END_TEST

START_TEST (test_timeout)
{
  int read_fd, write_fd;
  make_pipe (&read_fd, &write_fd);
  const struct dc_run run = { .argv = SHELL ("sleep 1000; true"),
                              .keep_fds = &write_fd,
                              .keep_fd_count = 1,
                              .timeout_ms = 50 };

  ck_assert_fails (dc_run (&run, &dc_report_silent, &err), DC_ERR_TOOL,
                   "sh took longer than 50 ms and was stopped");
  ck_assert_int_eq (close (write_fd), 0);
  ck_assert (reaches_end (read_fd)); /* sleep is gone, too */
  ck_assert_int_eq (close (read_fd), 0);
}
END_TEST

START_TEST (test_cancel)
{
  AUTO_CLOSE int cancel_fd = eventfd (1, EFD_CLOEXEC);
  const struct dc_report report = { .cancel_fd = cancel_fd };
  const struct dc_run run = { .argv = ARGV ("sleep", "1000") };

  ck_assert_fails (dc_run (&run, &report, &err), DC_ERR_CANCELLED, "cancelled");
}
END_TEST

START_TEST (test_output_is_bounded)
{
  AUTO_BUFFER struct dc_buffer small = DC_BUFFER_INIT (1000);
  AUTO_BUFFER struct dc_buffer large = DC_BUFFER_INIT (5000000);
  const struct dc_run endless = { .argv = ARGV ("yes"), .out = &small };
  const struct dc_run long_one = {
    .argv = ARGV ("head", "-c", "5000000", "/dev/zero"), .out = &large
  };

  ck_assert_fails (dc_run (&endless, &dc_report_silent, &err), DC_ERR_LIMIT,
                   "output of yes: more than 1000 bytes");
  ck_assert_ok (dc_run (&long_one, &dc_report_silent, &err));
  ck_assert_uint_eq (large.size, 5000000);
}
END_TEST

/* A daemon that keeps our pipes open does not keep us. */
START_TEST (test_ends_with_the_program)
{
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (1000);
  const struct dc_run run = { .argv = SHELL ("sleep 30 & echo started"),
                              .out = &out,
                              .timeout_ms = 20000 };

  ck_assert_ok (dc_run (&run, &dc_report_silent, &err));
  ck_assert_str_eq (dc_buffer_text (&out), "started\n");
}
END_TEST

START_TEST (test_server)
{
  int read_fd, write_fd;
  make_pipe (&read_fd, &write_fd);
  const struct dc_run run = { .argv = SHELL ("cat; echo bye >&2"),
                              .stdin_fd = read_fd };
  struct dc_child *child = NULL;

  ck_assert_ok (dc_child_start (&run, &child, &err));
  ck_assert_int_eq (dc_child_has_ended (child, &err), 0);
  ck_assert_int_eq (getpgid (dc_child_pid (child)), dc_child_pid (child));
  ck_assert_int_eq (close (write_fd), 0);
  ck_assert_ok (dc_child_wait (child, &dc_report_silent, &err));
  ck_assert_int_eq (dc_child_has_ended (child, &err), 1);
  ck_assert_str_eq (err.text, "sh exited with status 0: bye");
  ck_assert_ok (dc_child_wait (child, &dc_report_silent, &err));
  dc_child_free (child);
  ck_assert_int_eq (close (read_fd), 0);
}
END_TEST

START_TEST (test_free_stops)
{
  int read_fd, write_fd;
  make_pipe (&read_fd, &write_fd);
  const struct dc_run run = {
    .argv = SHELL ("trap '' TERM; echo ready; sleep 1000; sleep 1000"),
    .stdout_fd = write_fd
  };
  struct dc_child *child = NULL;
  char bytes[6];

  ck_assert_ok (dc_child_start (&run, &child, &err));
  ck_assert_int_eq (close (write_fd), 0);
  ck_assert_int_eq (read (read_fd, bytes, sizeof bytes), 6);
  dc_child_free (child);
  ck_assert (reaches_end (read_fd));
  ck_assert_int_eq (close (read_fd), 0);
}
END_TEST

START_TEST (test_stderr_goes_where_it_is_sent)
{
  const int outlives = _i;
  int read_fd, write_fd;
  char bytes[8] = "";
  make_pipe (&read_fd, &write_fd);
  const struct dc_run run = { .argv = SHELL ("printf gone >&2; exit 3"),
                              .stderr_fd = write_fd,
                              .outlives_us = outlives };

  ck_assert_fails (dc_run (&run, &dc_report_silent, &err), DC_ERR_TOOL,
                   "sh exited with status 3");
  ck_assert (!unit_contains (err.text, "gone"));
  ck_assert_int_eq (read (read_fd, bytes, sizeof bytes - 1), 4);
  ck_assert_str_eq (bytes, "gone");
  ck_assert_int_eq (close (write_fd), 0);
  ck_assert_int_eq (close (read_fd), 0);
}
END_TEST

struct orphan {
  int write_fd;
  int outlives_us;
};

static int
start_and_die (void *arg)
{
  const struct orphan *orphan = arg;
  const struct dc_run run = { .argv = SHELL ("printf $$; exec sleep 1000"),
                              .stdout_fd = orphan->write_fd,
                              .outlives_us = orphan->outlives_us };
  struct dc_child *child = NULL;

  if (dc_child_start (&run, &child, &err) < 0)
    return 1;
  if (orphan->outlives_us)
    dc_child_free (child);
  return 0;
}

START_TEST (test_dies_with_us_or_not)
{
  const int outlives = _i;
  int read_fd, write_fd;
  make_pipe (&read_fd, &write_fd);
  struct orphan orphan = { write_fd, outlives };
  char pid[20] = "";

  ck_assert_int_eq (unit_in_child (start_and_die, &orphan), 0);
  ck_assert_int_eq (close (write_fd), 0);
  if (outlives) {
    ck_assert_int_gt (read (read_fd, pid, sizeof pid - 1), 0);
    uint64_t number = 0;
    ck_assert_ok (dc_number_parse (pid, 2, INT_MAX, &number, &err));
    ck_assert_int_eq (kill ((pid_t) number, SIGKILL), 0); /* it was there */
  } else {
    /* It may have said its number before. */
    while (read (read_fd, pid, sizeof pid) > 0)
      ;
  }
  ck_assert (reaches_end (read_fd));
  ck_assert_int_eq (close (read_fd), 0);
}
END_TEST

START_TEST (test_without_memory)
{
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (100);
  const struct dc_run run = { .argv = ARGV ("echo", "x"),
                              .env = ARGV ("A=1"),
                              .pass_env = ARGV ("HOME"),
                              .jail = &(struct dc_jail){ .cpu_max_s = 10 },
                              .out = &out };

  OOM_LOOP (status, dc_run (&run, &dc_report_silent, &err))
  {
    ck_assert (status == 0 ? out.size == 2 : err.code == DC_ERR_SYSTEM);
    dc_buffer_clear (&out);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_arguments_are_not_a_shell);
  tcase_add_test (tcase, test_environment);
  tcase_add_loop_test (tcase, test_failure, 0, DC_COUNT (failures));
  tcase_add_test (tcase, test_exit_status_is_an_answer);
  tcase_add_test (tcase, test_cannot_start);
  tcase_add_test (tcase, test_redirections);
  tcase_add_test (tcase, test_own_stdio);
  tcase_add_test (tcase, test_descriptors);
  tcase_add_test (tcase, test_listen_fd);
  tcase_add_test (tcase, test_old_kernel);
  tcase_add_test (tcase, test_signals_are_default);
  tcase_add_test (tcase, test_timeout);
  tcase_add_test (tcase, test_cancel);
  tcase_add_test (tcase, test_output_is_bounded);
  tcase_add_test (tcase, test_ends_with_the_program);
  tcase_add_test (tcase, test_server);
  tcase_add_test (tcase, test_free_stops);
  tcase_add_loop_test (tcase, test_dies_with_us_or_not, 0, 2);
  tcase_add_loop_test (tcase, test_stderr_goes_where_it_is_sent, 0, 2);
  tcase_add_test (tcase, test_without_memory);
}

int
main (void)
{
  return unit_run ("run", add);
}

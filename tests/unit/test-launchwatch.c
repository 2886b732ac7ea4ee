/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyzer/appliance/launchwatch.h"
#include "tests/unit/unit.h"

/* Each test is a process group of its own, since the watch stops a group: a
 * launcher, and below it a program that only a signal ends.
 */

#define BROKEN 99

static pid_t
start_program (void)
{
  const pid_t pid = fork ();

  if (pid == 0)
    for (;;)
      (void) pause ();
  return pid;
}

/* How the launcher of one test ends: PROVOKE makes the watch act. */
static int
run_launcher (void (*provoke) (struct dc_launchwatch *watch, int *ends),
              int (*check) (struct dc_launchwatch *watch))
{
  struct dc_error err;
  struct dc_launchwatch *watch = NULL;
  int ends[2], status = 0;

  /* Check's own handler would hand the signal on to Check. */
  if (setpgid (0, 0) < 0 || signal (SIGTERM, SIG_DFL) == SIG_ERR)
    return BROKEN;
  const pid_t program = start_program ();
  if (pipe2 (ends, O_CLOEXEC) < 0 ||
      dc_launchwatch_start (ends[1], &watch, &err) < 0)
    return BROKEN;
  provoke (watch, ends);
  while (waitpid (program, &status, 0) < 0)
    ; /* our own SIGTERM comes by */
  const int answer = check (watch);
  dc_launchwatch_free (watch);
  return WIFSIGNALED (status) && WTERMSIG (status) == SIGTERM ? answer : BROKEN;
}

static void
close_reader (struct dc_launchwatch *watch, int *ends)
{
  (void) watch;
  (void) close (ends[0]);
}

static void
start_late (struct dc_launchwatch *watch, int *ends)
{
  (void) ends;
  dc_launchwatch_allow (watch, 1);
}

static int
says_gone (struct dc_launchwatch *watch)
{
  return dc_launchwatch_is_reader_gone (watch) &&
                 !dc_launchwatch_has_timed_out (watch)
             ? 0
             : 1;
}

static int
says_late (struct dc_launchwatch *watch)
{
  return dc_launchwatch_has_timed_out (watch) &&
                 !dc_launchwatch_is_reader_gone (watch)
             ? 0
             : 1;
}

static const struct {
  void (*provoke) (struct dc_launchwatch *watch, int *ends);
  int (*check) (struct dc_launchwatch *watch);
} cases[] = {
  { close_reader, says_gone },
  { start_late, says_late },
};

START_TEST (test_stops_the_program_and_not_us)
{
  int status = 0;
  const pid_t pid = fork ();

  if (pid == 0)
    _exit (run_launcher (cases[_i].provoke, cases[_i].check));
  ck_assert_int_eq (waitpid (pid, &status, 0), pid);
  ck_assert_msg (WIFEXITED (status) && WEXITSTATUS (status) == 0,
                 "the launcher ended with status %#x", (unsigned) status);
}
END_TEST

/* While all is well, and when it is over, nothing is stopped. */
START_TEST (test_leaves_alone)
{
  struct dc_error err;
  struct dc_launchwatch *watch = NULL;
  int ends[2];

  ck_assert_int_eq (pipe2 (ends, O_CLOEXEC), 0);
  ck_assert_ok (dc_launchwatch_start (ends[1], &watch, &err));
  dc_launchwatch_allow (watch, 1);
  dc_launchwatch_allow (watch, 0);
  (void) poll (NULL, 0, 1300);
  ck_assert_int_eq (dc_launchwatch_has_timed_out (watch), 0);
  ck_assert_int_eq (dc_launchwatch_is_reader_gone (watch), 0);
  dc_launchwatch_free (watch);
  ck_assert_int_eq (close (ends[0]), 0);
  ck_assert_int_eq (close (ends[1]), 0);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_stops_the_program_and_not_us, 0,
                       DC_COUNT (cases));
  tcase_add_test (tcase, test_leaves_alone);
}

int
main (void)
{
  return unit_run ("launchwatch", add);
}

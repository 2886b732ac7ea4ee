/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/status.h"
#include "tests/unit/unit.h"

/* How a real child ends that exits with CODE or kills itself with SIGNAL. */
static int
status_of (int code, int signal)
{
  int status = 0;
  const pid_t pid = fork ();

  ck_assert_int_ge (pid, 0);
  if (pid == 0) {
    if (signal != 0)
      (void) raise (signal);
    _exit (code);
  }
  ck_assert_int_eq (waitpid (pid, &status, 0), pid);
  return status;
}

START_TEST (test_exit)
{
  struct dc_error err;

  ck_assert_int_eq (dc_status_exit (status_of (0, 0)), 0);
  ck_assert_int_eq (dc_status_exit (status_of (255, 0)), 255);
  ck_assert_fails (dc_status_fail (status_of (3, 0), "cat", &err), DC_ERR_TOOL,
                   "cat exited with status 3");
}
END_TEST

START_TEST (test_signal)
{
  struct dc_error err;
  const int status = status_of (0, SIGKILL);

  ck_assert_int_eq (dc_status_exit (status), -1);
  ck_assert_fails (dc_status_fail (status, "cat", &err), DC_ERR_TOOL,
                   "cat was killed by signal 9 (Killed)");
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_exit);
  tcase_add_test (tcase, test_signal);
}

int
main (void)
{
  return unit_run ("status", add);
}

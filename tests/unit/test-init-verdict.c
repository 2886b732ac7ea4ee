/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <string.h>

#include "lib/cleanup.h"
#include "runtime/init/verdict.h"
#include "tests/unit/unit.h"

#define EXITED(status) ((status) << 8) /* as wait(2) has it */
#define CORE 0x80

static char seven[] = "7", killed[] = "s9", last[] = "255", answer[] = "42";
static char *success_words[] = { seven, killed };
static char *prevent_words[] = { last };
static char *force_words[] = { answer };
static const struct di_line lines[] = {
  { .keyword = DI_SUCCESS, .words = success_words, .count = 2 },
  { .keyword = DI_RESTART_PREVENT, .words = prevent_words, .count = 1 },
  { .keyword = DI_RESTART_FORCE, .words = force_words, .count = 1 },
};

static const struct {
  int status;
  enum di_result daemon, oneshot, command;
} judged[] = {
  { EXITED (0), DI_OK, DI_OK, DI_OK },
  { EXITED (3), DI_FAILED_STATUS, DI_FAILED_STATUS, DI_FAILED_STATUS },
  { EXITED (7), DI_OK, DI_OK, DI_FAILED_STATUS },
  { SIGTERM, DI_OK, DI_FAILED_SIGNAL, DI_FAILED_SIGNAL },
  { SIGHUP, DI_OK, DI_FAILED_SIGNAL, DI_FAILED_SIGNAL },
  { SIGKILL, DI_OK, DI_OK, DI_FAILED_SIGNAL },
  { SIGSEGV, DI_FAILED_SIGNAL, DI_FAILED_SIGNAL, DI_FAILED_SIGNAL },
  { SIGSEGV | CORE, DI_FAILED_CORE, DI_FAILED_CORE, DI_FAILED_CORE },
};

START_TEST (test_judge)
{
  const struct di_service service = { .lines = lines,
                                      .line_count = DC_COUNT (lines) };
  const int status = judged[_i].status;

  ck_assert_int_eq (di_judge (&service, status, DI_ROLE_DAEMON),
                    judged[_i].daemon);
  ck_assert_int_eq (di_judge (&service, status, DI_ROLE_ONESHOT),
                    judged[_i].oneshot);
  ck_assert_int_eq (di_judge (&service, status, DI_ROLE_COMMAND),
                    judged[_i].command);
}
END_TEST

/* The table of systemd.service(5), Restart=: one letter a result, in the
 * order of enum di_result.
 */
static const struct {
  enum di_restart restart;
  const char *is_restarted; /* ok status signal core timeout ... */
} restarts[] = {
  { DI_RESTART_NO, "nnnnnnnnn" },
  { DI_RESTART_ALWAYS, "yyyyyyyyn" },
  { DI_RESTART_ON_SUCCESS, "ynnnnnnnn" },
  { DI_RESTART_ON_FAILURE, "nyyyyyyyn" },
  { DI_RESTART_ON_ABNORMAL, "nnyyyyyyn" },
  { DI_RESTART_ON_ABORT, "nnyynnnnn" },
  { DI_RESTART_ON_WATCHDOG, "nnnnnnnyn" },
};

START_TEST (test_restart)
{
  const struct di_service service = { .restart = restarts[_i].restart };

  for (int result = DI_OK; result <= DI_TOO_OFTEN; result++) {
    const struct di_verdict verdict = { .result = (enum di_result) result };
    const bool expected = restarts[_i].is_restarted[result] == 'y';
    ck_assert_int_eq (di_is_restarted (&service, &verdict, -1), expected);
  }
}
END_TEST

START_TEST (test_restart_by_status)
{
  struct di_service service = { .lines = lines,
                                .line_count = DC_COUNT (lines),
                                .restart = DI_RESTART_ALWAYS };
  const struct di_verdict failed = { .result = DI_FAILED_STATUS };
  const struct di_verdict too_often = { .result = DI_TOO_OFTEN };

  ck_assert (!di_is_restarted (&service, &failed, EXITED (255)));
  ck_assert (di_is_restarted (&service, &failed, EXITED (1)));
  service.restart = DI_RESTART_NO;
  ck_assert (di_is_restarted (&service, &failed, EXITED (42)));
  ck_assert (!di_is_restarted (&service, &too_often, EXITED (42)));
}
END_TEST

START_TEST (test_exit_status)
{
  static const struct {
    struct di_verdict verdict;
    int status;
  } cases[] = {
    { { DI_OK, 0 }, 0 },
    { { DI_FAILED_STATUS, EXITED (3) }, 3 },
    { { DI_FAILED_SIGNAL, SIGSEGV }, 139 },
    { { DI_FAILED_CORE, SIGSEGV | CORE }, 139 },
    { { DI_TIMED_OUT, 0 }, 1 },
    { { DI_UNSTARTED, 0 }, 1 },
    { { DI_PROTOCOL, 0 }, 1 },
    { { DI_TOO_OFTEN, 0 }, 1 },
  };

  for (size_t i = 0; i < DC_COUNT (cases); i++)
    ck_assert_int_eq (di_verdict_status (&cases[i].verdict), cases[i].status);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_judge, 0, DC_COUNT (judged));
  tcase_add_loop_test (tcase, test_restart, 0, DC_COUNT (restarts));
  tcase_add_test (tcase, test_restart_by_status);
  tcase_add_test (tcase, test_exit_status);
}

int
main (void)
{
  return unit_run ("init-verdict", add);
}

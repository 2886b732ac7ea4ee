/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <sys/wait.h>

#include "runtime/init/verdict.h"
#include "runtime/init/words.h"

#define CORE_FLAG 0x80 /* of a wait status */
#define BIT(result) (1U << (result))
#define ALL_FAILURES                                                           \
  (BIT (DI_FAILED_STATUS) | BIT (DI_FAILED_SIGNAL) | BIT (DI_FAILED_CORE) |    \
   BIT (DI_TIMED_OUT) | BIT (DI_UNSTARTED) | BIT (DI_PROTOCOL) |               \
   BIT (DI_BARKED))

/* After which results each value of Restart= starts again.  "Too often" is
 * in none of them.
 */
static const unsigned restarts[] = {
  [DI_RESTART_NO] = 0,
  [DI_RESTART_ON_SUCCESS] = BIT (DI_OK),
  [DI_RESTART_ON_FAILURE] = ALL_FAILURES,
  [DI_RESTART_ON_ABNORMAL] = ALL_FAILURES & ~BIT (DI_FAILED_STATUS),
  [DI_RESTART_ON_WATCHDOG] = BIT (DI_BARKED),
  [DI_RESTART_ON_ABORT] = BIT (DI_FAILED_SIGNAL) | BIT (DI_FAILED_CORE),
  [DI_RESTART_ALWAYS] = BIT (DI_OK) | ALL_FAILURES,
};

/* Is STATUS among those of the KEYWORD's lines? */
static bool
is_listed (const struct di_service *service, enum di_keyword keyword,
           int status)
{
  size_t position = 0;
  const struct di_line *line;
  int listed;

  while ((line = di_next (service, keyword, &position)) != NULL) {
    for (size_t i = 0; i < line->count; i++) {
      if (di_status_parse (line->words[i], &listed) == 0 &&
          listed == (status & ~CORE_FLAG))
        return true;
    }
  }
  return false;
}

static bool
is_gentle (int signal)
{
  return signal == SIGHUP || signal == SIGINT || signal == SIGTERM ||
         signal == SIGPIPE;
}

enum di_result
di_judge (const struct di_service *service, int status, enum di_role role)
{
  if (role != DI_ROLE_COMMAND && is_listed (service, DI_SUCCESS, status))
    return DI_OK;
  if (WIFEXITED (status))
    return WEXITSTATUS (status) == 0 ? DI_OK : DI_FAILED_STATUS;
  if (role == DI_ROLE_DAEMON && is_gentle (WTERMSIG (status)))
    return DI_OK;
  return (status & CORE_FLAG) != 0 ? DI_FAILED_CORE : DI_FAILED_SIGNAL;
}

bool
di_is_restarted (const struct di_service *service,
                 const struct di_verdict *verdict, int main_status)
{
  if (verdict->result == DI_TOO_OFTEN)
    return false;
  if (main_status >= 0 && is_listed (service, DI_RESTART_PREVENT, main_status))
    return false;
  if (main_status >= 0 && is_listed (service, DI_RESTART_FORCE, main_status))
    return true;
  return (restarts[service->restart] & BIT (verdict->result)) != 0;
}

int
di_verdict_status (const struct di_verdict *verdict)
{
  switch (verdict->result) {
  case DI_OK:
    return 0;
  case DI_FAILED_STATUS:
    return WEXITSTATUS (verdict->status);
  case DI_FAILED_SIGNAL:
  case DI_FAILED_CORE:
    return 128 + WTERMSIG (verdict->status);
  case DI_TIMED_OUT:
  case DI_UNSTARTED:
  case DI_PROTOCOL:
  case DI_BARKED:
  case DI_TOO_OFTEN:
    break;
  }
  return 1;
}

const char *
di_status_verb (int status)
{
  return WIFEXITED (status) ? "ended with status " : "was killed by signal ";
}

int
di_status_number (int status)
{
  return WIFEXITED (status) ? WEXITSTATUS (status) : WTERMSIG (status);
}

const char *
di_result_name (enum di_result result)
{
  static const char *const names[] = {
    [DI_OK] = "success",
    [DI_FAILED_STATUS] = "exit-code",
    [DI_FAILED_SIGNAL] = "signal",
    [DI_FAILED_CORE] = "core-dump",
    [DI_TIMED_OUT] = "timeout",
    [DI_UNSTARTED] = "resources",
    [DI_BARKED] = "watchdog",
    [DI_PROTOCOL] = "protocol",
    [DI_TOO_OFTEN] = "start-limit-hit",
  };

  return names[result];
}

const char *
di_status_kind (int status)
{
  if (WIFEXITED (status))
    return "exited";
  return (status & CORE_FLAG) != 0 ? "dumped" : "killed";
}

const char *
di_status_word (char *digits, int status)
{
  const char *name =
      WIFEXITED (status) ? NULL : di_signal_name (WTERMSIG (status));

  return name != NULL ? name : di_number (digits, di_status_number (status));
}

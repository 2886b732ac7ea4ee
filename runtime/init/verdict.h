/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_VERDICT_H
#define DC_INIT_VERDICT_H

/* verdict: how a service ended, and whether it is to run again.
 *
 * Source: systemd.service(5), Restart= (the table of exit causes),
 * SuccessExitStatus=; wait(2).
 */

#include "runtime/init/plan.h"

enum di_result {
  DI_OK,
  DI_FAILED_STATUS, /* a process ended with a status that is no success */
  DI_FAILED_SIGNAL, /* ... was killed by a signal */
  DI_FAILED_CORE,   /* ... and left a core dump */
  DI_TIMED_OUT,
  DI_UNSTARTED, /* a process could not be made */
  DI_PROTOCOL,  /* it did not do what its type promises */
  DI_BARKED,    /* the watchdog heard nothing in its time */
  DI_TOO_OFTEN, /* started too often in too short a time */
};

struct di_verdict {
  enum di_result result;
  int status; /* wait status, of the FAILED_ ones */
};

enum di_role {
  DI_ROLE_DAEMON,  /* may also end by the signals that ask it to */
  DI_ROLE_ONESHOT, /* may not */
  DI_ROLE_COMMAND, /* may not, and SuccessExitStatus= is not for it */
};

/* Judge the wait status of a process. */
enum di_result di_judge (const struct di_service *service, int status,
                         enum di_role role);

/* Is the service to be started again?  MAIN_STATUS is the wait status of its
 * last main process, -1 when it had none.
 */
bool di_is_restarted (const struct di_service *service,
                      const struct di_verdict *verdict, int main_status);

/* The status to exit with because of it: that of the process, 128 and the
 * number of its signal, else 1; 0 for success.
 */
int di_verdict_status (const struct di_verdict *verdict);

/* In systemd's words: "exit-code". */
const char *di_result_name (enum di_result result);
/* "exited", "killed" or "dumped", and the status or the signal's name: "3",
 * "TERM".
 */
const char *di_status_kind (int status);
#define DI_STATUS_WORD(status)                                                 \
  di_status_word ((char[DI_NUMBER_SIZE]){ 0 }, (status))
const char *di_status_word (char *digits, int status);

/* "ended with status ", and "3", of a wait status. */
const char *di_status_verb (int status);
int di_status_number (int status);

#endif

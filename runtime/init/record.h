/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_RECORD_H
#define DC_INIT_RECORD_H

/* record: what is known of a service, in memory that its keeper and PID 1
 * share.
 *
 * The keeper writes, PID 1 reads: to answer who asks how a service is.  What
 * must survive the keeper lies here too.  Nothing is locked: a number may be
 * one event old, and a text that is being written is cut or mixed, but its
 * last byte is always NUL.
 */

#include <stdint.h>
#include <sys/types.h>

#define DI_STATUS_SIZE 128 /* bytes, with the NUL */

struct di_record {
  int64_t since_ms;          /* of the wall clock: the last change of state */
  int64_t window_ms, starts; /* the start limit's */
  int64_t restarts;          /* by Restart=, since it was told to start */
  pid_t main_pid;            /* 0: none, or not known */
  int state;                 /* enum di_state */
  int result;                /* enum di_result, of the last life */
  int main_status;           /* wait status, -1: the main process did not end */
  int verdict_status;        /* wait status that RESULT comes from */
  int is_limited;            /* it was started too often, at last */
  char status[DI_STATUS_SIZE]; /* the service's own words, STATUS= */
};

/* COUNT records, zero, in memory that children share; NULL with errno. */
struct di_record *di_records_make (size_t count);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_STATE_H
#define DC_INIT_STATE_H

/* state: how a service goes from one state to the next (the picture is in
 * runtime/init/service.h).
 */

#include "runtime/init/service.h"

#define DI_MAIN_TICK_MS 1000 /* for a main process that is no child of ours */

enum di_clock {
  DI_CLOCK_NONE,
  DI_CLOCK_START,
  DI_CLOCK_RUNTIME,
  DI_CLOCK_STOP,
  DI_CLOCK_ABORT
};

/* What happens in a state without a reason to do otherwise. */
struct di_course {
  const char *doing; /* for messages: "is not through with STARTING" */
  int phase;         /* commands to run one after another, -1: none */
  enum di_clock clock;
  enum di_state after;     /* when they all ended, or nobody is left */
  enum di_state failed;    /* when one failed */
  enum di_state timed_out; /* when the clock ran out */
  enum di_state stopped;   /* when asked to stop; itself: goes on */
};
extern const struct di_course di_courses[]; /* by state */

void di_enter (struct di_life *life, enum di_state state);

/* Leave the state as failed; the first failure is the one that is told. */
void di_life_fail (struct di_life *life, enum di_result result, int status);
/* The time that the clock of the state gives. */
int64_t di_allowance_ms (const struct di_life *life);
/* Run the next command of the state's phase, or leave the state. */
void di_run_next (struct di_life *life);
/* Judge the end of a command: the state's next, or its failure. */
void di_command_ended (struct di_life *life, int status, enum di_role role);
bool di_is_oneshot_start (const struct di_life *life);
/* The first process of a forking service left: who is the main one now? */
void di_find_main (struct di_life *life);
/* The service came to its end by itself. */
void di_run_out (struct di_life *life);
/* In TERM, KILL and FINAL: is it over, or time for the next means? */
void di_check_gone (struct di_life *life);
/* SIGKILL, now and at each tick. */
void di_kill_again (struct di_life *life);
/* Tell PID 1. */
void di_tell (const struct di_life *life, enum di_news news);

#endif

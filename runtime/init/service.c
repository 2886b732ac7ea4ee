/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <string.h>

#include "runtime/init/mainpid.h"
#include "runtime/init/procs.h"
#include "runtime/init/service.h"
#include "runtime/init/state.h"

void
di_life_begin (struct di_life *life)
{
  di_enter (life, DI_CHECK);
}

void
di_life_stop (struct di_life *life)
{
  const enum di_state next = di_courses[life->state].stopped;

  life->is_stopping = true;
  if (next != life->state)
    di_enter (life, next);
}

/* PID 1 asks only one that is up; it may be so no more. */
void
di_life_reload (struct di_life *life)
{
  life->has_reload_failed =
      life->state != DI_RUNNING && life->state != DI_EXITED;
  if (life->has_reload_failed)
    di_tell (life, DI_NEWS_RELOADED);
  else
    di_enter (life, DI_RELOAD);
}

static void
control_ended (struct di_life *life, int status)
{
  switch (life->state) {
  case DI_CHECK:
  case DI_PRE:
  case DI_POST:
  case DI_RELOAD:
  case DI_STOP:
  case DI_STOP_POST:
    di_command_ended (life, status, DI_ROLE_COMMAND);
    break;
  case DI_START: /* the first process of a forking service */
    if (di_judge (life->service, status, DI_ROLE_COMMAND) == DI_OK)
      di_find_main (life);
    else
      di_command_ended (life, status, DI_ROLE_COMMAND);
    break;
  case DI_ABORT:
  case DI_TERM:
  case DI_KILL:
  case DI_FINAL:
    di_check_gone (life);
    break;
  case DI_RUNNING:
  case DI_EXITED:
  case DI_DEAD:
  case DI_WAIT:
  case DI_DONE:
    break; /* no command runs in these */
  }
}

/* A daemon that moved to another process says so in its file. */
static bool
has_moved (struct di_life *life)
{
  const char *pidfile = life->service->pidfile;
  const pid_t pid = pidfile == NULL ? 0 : di_mainpid_read (pidfile);

  if (pid > 0)
    di_mainpid_set (life, pid);
  return pid > 0;
}

static void
main_ended (struct di_life *life, int status)
{
  switch (life->state) {
  case DI_START:
    if (di_is_oneshot_start (life)) {
      di_command_ended (life, status, DI_ROLE_ONESHOT);
      break;
    }
    di_say (life->service->name, di_status_verb (status),
            DI_NUMBER (di_status_number (status)), " before it was ready",
            NULL);
    const enum di_result result =
        di_judge (life->service, status, DI_ROLE_DAEMON);
    di_life_fail (life, result == DI_OK ? DI_PROTOCOL : result, status);
    break;
  case DI_RUNNING:
    if (!has_moved (life))
      di_run_out (life);
    break;
  case DI_ABORT:
  case DI_TERM:
  case DI_KILL:
  case DI_FINAL:
    di_check_gone (life);
    break;
  case DI_CHECK:
  case DI_PRE:
  case DI_POST: /* looked at when the commands are through */
  case DI_RELOAD:
  case DI_EXITED:
  case DI_STOP: /* whose commands often wait for this */
  case DI_STOP_POST:
  case DI_DEAD:
  case DI_WAIT:
  case DI_DONE:
    break;
  }
}

void
di_life_child_ended (struct di_life *life, pid_t pid, int status)
{
  if (pid == life->control_pid) {
    life->control_pid = 0;
    control_ended (life, status);
  } else if (pid == life->main_pid) {
    life->main_pid = life->record->main_pid = 0;
    life->main_status = status;
    main_ended (life, status);
  }
}

void
di_life_emptied (struct di_life *life)
{
  switch (life->state) {
  case DI_START:
    if (life->service->type == DI_FORKING && life->control_pid == 0)
      di_find_main (life);
    break;
  case DI_RUNNING:
    if (!life->has_main)
      di_run_out (life);
    break;
  case DI_EXITED:
    if (!life->is_idle)
      di_tell (life, DI_NEWS_IDLE);
    life->is_idle = true;
    break;
  case DI_ABORT:
  case DI_TERM:
  case DI_KILL:
  case DI_FINAL:
    di_check_gone (life);
    break;
  case DI_CHECK:
  case DI_PRE:
  case DI_POST:
  case DI_RELOAD:
  case DI_STOP:
  case DI_STOP_POST:
  case DI_DEAD:
  case DI_WAIT:
  case DI_DONE:
    break;
  }
}

static bool
is_believed (const struct di_life *life, pid_t sender)
{
  switch ((enum di_who) life->service->notify) {
  case DI_WHO_ALL:
    return sender > 0;
  case DI_WHO_EXEC:
    return sender == life->main_pid || sender == life->control_pid;
  case DI_WHO_MAIN:
    return sender == life->main_pid;
  case DI_WHO_NONE:
    break;
  }
  return false;
}

void
di_life_message (struct di_life *life, const struct di_message *message)
{
  if (message->sender <= 0 || !is_believed (life, message->sender))
    return;
  if (message->status[0] != '\0')
    memcpy (life->record->status, message->status, sizeof life->record->status);
  if (message->main_pid > 0 && message->main_pid != life->main_pid &&
      di_is_descendant (message->main_pid))
    di_mainpid_set (life, message->main_pid);
  if (message->watchdog_ms >= 0) {
    life->watchdog_ms = message->watchdog_ms;
    life->bark_ms = life->watchdog_ms == 0 || !life->was_up
                        ? DI_NEVER
                        : di_in_ms (life->watchdog_ms);
  }
  if (message->is_alive && life->bark_ms != DI_NEVER)
    life->bark_ms = di_in_ms (life->watchdog_ms);
  if (message->is_sick && life->bark_ms != DI_NEVER)
    life->bark_ms = di_now_ms ();
  if (message->extend_ms >= 0 &&
      di_courses[life->state].clock != DI_CLOCK_NONE &&
      life->deadline_ms < di_in_ms (message->extend_ms))
    life->deadline_ms = di_in_ms (message->extend_ms);
  if (message->is_ready && life->state == DI_START &&
      life->service->type == DI_NOTIFIED)
    di_enter (life, DI_POST);
}

void
di_life_bark (struct di_life *life)
{
  life->bark_ms = DI_NEVER;
  if (life->state != DI_RUNNING && life->state != DI_RELOAD)
    return;
  di_say (life->service->name, "was not heard of for ",
          DI_NUMBER (life->watchdog_ms), " ms", NULL);
  life->verdict = (struct di_verdict){ .result = DI_BARKED };
  di_enter (life, DI_ABORT);
}

/* Where a clock that ran out leads. */
static enum di_state
timed_out_state (const struct di_life *life)
{
  static const enum di_state others[] = {
    [DI_TIMEOUT_ABORT] = DI_ABORT, [DI_TIMEOUT_KILL] = DI_KILL
  };
  const struct di_service *service = life->service;
  int how = DI_TIMEOUT_TERMINATE;

  if (life->state <= DI_POST)
    how = service->on_start_timeout;
  else if (life->state == DI_STOP || life->state == DI_TERM)
    how = service->on_stop_timeout;
  return how == DI_TIMEOUT_TERMINATE ? di_courses[life->state].timed_out
                                     : others[how];
}

static void
say_timeout (const struct di_life *life)
{
  const char *status = life->record->status;

  di_say (life->service->name, "is not through with ",
          di_courses[life->state].doing, " after ",
          DI_NUMBER (di_allowance_ms (life)), " ms",
          status[0] == '\0' ? "" : "; it says: ", status, NULL);
}

void
di_life_deadline (struct di_life *life)
{
  if (di_courses[life->state].clock == DI_CLOCK_NONE) {
    di_enter (life, di_courses[life->state].timed_out); /* the wait is over */
    return;
  }
  say_timeout (life);
  if (life->state == DI_RELOAD) {
    life->has_reload_failed = true;
    if (life->control_pid > 0)
      kill (-life->control_pid, SIGKILL);
    life->control_pid = 0;
  } else if (life->verdict.result == DI_OK) {
    life->verdict = (struct di_verdict){ .result = DI_TIMED_OUT };
  }
  di_enter (life, timed_out_state (life));
}

void
di_life_tick (struct di_life *life)
{
  life->tick_ms = DI_NEVER;
  if (life->state == DI_START) {
    di_find_main (life);
  } else if (life->state == DI_KILL || life->state == DI_FINAL) {
    di_kill_again (life);
  } else if (life->state == DI_RUNNING && life->main_pid > 0) {
    if (di_is_descendant (life->main_pid))
      life->tick_ms = di_in_ms (DI_MAIN_TICK_MS);
    else
      di_life_child_ended (life, life->main_pid, 0); /* how, nobody told us */
  }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/init/credential.h"
#include "runtime/init/folders.h"
#include "runtime/init/mainpid.h"
#include "runtime/init/procs.h"
#include "runtime/init/service.h"
#include "runtime/init/state.h"

#define PIDFILE_TICK_MS 20 /* a daemon may write it after its parent left */
#define KILL_TICK_MS 100   /* who forks meanwhile is killed in the next round */
#define NO_PHASE (-1)

const struct di_course di_courses[] = {
  [DI_CHECK] = { "checking", DI_PHASE_CONDITION, DI_CLOCK_START, DI_PRE,
                 DI_TERM, DI_TERM, DI_TERM },
  [DI_PRE] = { "preparing", DI_PHASE_PRE, DI_CLOCK_START, DI_START, DI_TERM,
               DI_TERM, DI_TERM },
  [DI_START] = { "starting", DI_PHASE_START, DI_CLOCK_START, DI_POST, DI_TERM,
                 DI_TERM, DI_TERM },
  [DI_POST] = { "starting", DI_PHASE_POST, DI_CLOCK_START, DI_RUNNING, DI_TERM,
                DI_TERM, DI_TERM },
  [DI_RUNNING] = { "running", NO_PHASE, DI_CLOCK_RUNTIME, DI_STOP, DI_TERM,
                   DI_STOP, DI_STOP },
  [DI_EXITED] = { "running", NO_PHASE, DI_CLOCK_NONE, DI_STOP, DI_TERM,
                  DI_EXITED, DI_STOP },
  [DI_RELOAD] = { "reloading", DI_PHASE_RELOAD, DI_CLOCK_START, DI_RUNNING,
                  DI_RUNNING, DI_RUNNING, DI_STOP },
  [DI_STOP] = { "stopping", DI_PHASE_STOP, DI_CLOCK_STOP, DI_TERM, DI_TERM,
                DI_TERM, DI_STOP },
  [DI_ABORT] = { "aborting", NO_PHASE, DI_CLOCK_ABORT, DI_STOP_POST, DI_KILL,
                 DI_KILL, DI_ABORT },
  [DI_TERM] = { "ending", NO_PHASE, DI_CLOCK_STOP, DI_STOP_POST, DI_KILL,
                DI_KILL, DI_TERM },
  [DI_KILL] = { "ending", NO_PHASE, DI_CLOCK_STOP, DI_STOP_POST, DI_STOP_POST,
                DI_STOP_POST, DI_KILL },
  [DI_STOP_POST] = { "cleaning up", DI_PHASE_STOP_POST, DI_CLOCK_STOP, DI_FINAL,
                     DI_FINAL, DI_FINAL, DI_STOP_POST },
  [DI_FINAL] = { "ending", NO_PHASE, DI_CLOCK_STOP, DI_DEAD, DI_DEAD, DI_DEAD,
                 DI_FINAL },
  [DI_DEAD] = { "dead", NO_PHASE, DI_CLOCK_NONE, DI_DONE, DI_DONE, DI_DONE,
                DI_DEAD },
  [DI_WAIT] = { "waiting", NO_PHASE, DI_CLOCK_NONE, DI_CHECK, DI_DONE, DI_CHECK,
                DI_DONE },
  [DI_DONE] = { "done", NO_PHASE, DI_CLOCK_NONE, DI_DONE, DI_DONE, DI_DONE,
                DI_DONE },
};

void
di_tell (const struct di_life *life, enum di_news news)
{
  const struct di_report report = {
    .news = news,
    .status = news == DI_NEWS_RELOADED ? life->has_reload_failed
                                       : di_verdict_status (&life->verdict),
  };

  while (write (life->report_fd, &report, sizeof report) < 0 && errno == EINTR)
    ;
}

/* The time that the clock of the state gives. */
int64_t
di_allowance_ms (const struct di_life *life)
{
  switch (di_courses[life->state].clock) {
  case DI_CLOCK_START:
    return life->service->timeout_start_ms;
  case DI_CLOCK_RUNTIME:
    return life->service->runtime_max_ms;
  case DI_CLOCK_ABORT:
    if (life->service->timeout_abort_ms > 0)
      return life->service->timeout_abort_ms;
    return life->service->timeout_stop_ms;
  case DI_CLOCK_STOP:
    return life->service->timeout_stop_ms;
  case DI_CLOCK_NONE:
    break;
  }
  return DI_NEVER;
}

/* The first failure is the one that is told.  A service that could not be
 * reloaded runs as it did.
 */
void
di_life_fail (struct di_life *life, enum di_result result, int status)
{
  if (life->state == DI_RELOAD)
    life->has_reload_failed = true;
  else if (life->verdict.result == DI_OK)
    life->verdict = (struct di_verdict){ .result = result, .status = status };
  di_enter (life, di_courses[life->state].failed);
}

bool
di_is_oneshot_start (const struct di_life *life)
{
  return life->state == DI_START && life->service->type == DI_ONESHOT;
}

static const struct di_line *
next_line (struct di_life *life, int phase)
{
  const struct di_line *line;

  do
    line = di_next (life->service, DI_EXEC, &life->position);
  while (line != NULL && line->choice != phase);
  return line;
}

/* No process, or one that did not get to its program: systemd says of the
 * latter that it exited.
 */
static void
fail_unstarted (struct di_life *life)
{
  const int status = life->spawn_status;

  if (status >= 0 && life->state == DI_START &&
      life->service->type != DI_FORKING)
    life->main_status = status;
  di_life_fail (life, status >= 0 ? DI_FAILED_STATUS : DI_UNSTARTED, status);
}

/* Run the next command of the state's phase, or leave the state. */
void
di_run_next (struct di_life *life)
{
  pid_t pid = -1;

  while (pid < 0) {
    life->command = next_line (life, di_courses[life->state].phase);
    if (life->command == NULL) {
      di_enter (life, di_courses[life->state].after);
      return;
    }
    pid = di_command_run (life, life->command);
    if (pid < 0 && (life->command->flags & DI_IGNORE) == 0) {
      fail_unstarted (life);
      return;
    }
  }
  life->deadline_ms = di_in_ms (di_allowance_ms (life));
  if (di_is_oneshot_start (life))
    di_mainpid_set (life, pid);
  else
    life->control_pid = pid;
}

/* Did a condition say no?  That is no failure; 255 and signals are. */
static bool
is_skipped (const struct di_life *life, int status)
{
  return life->state == DI_CHECK && WIFEXITED (status) &&
         WEXITSTATUS (status) > 0 && WEXITSTATUS (status) < 255 &&
         (life->command->flags & DI_IGNORE) == 0;
}

/* Judge the end of a command; the state's next, or its failure. */
void
di_command_ended (struct di_life *life, int status, enum di_role role)
{
  if (is_skipped (life, status)) {
    di_say (life->service->name, "not started: its condition '",
            life->command->words[2], "' ", di_status_verb (status),
            DI_NUMBER (di_status_number (status)), NULL);
    life->is_skipped = true;
    di_enter (life, DI_TERM);
    return;
  }
  const enum di_result result = di_judge (life->service, status, role);

  if (result == DI_OK || (life->command->flags & DI_IGNORE) != 0) {
    di_run_next (life);
    return;
  }
  di_say (life->service->name, "'", life->command->words[2], "' ",
          di_status_verb (status), DI_NUMBER (di_status_number (status)), NULL);
  di_life_fail (life, result, status);
}

/* More starts than the limit allows?  Counted as systemd does, in windows. */
static bool
is_too_often (struct di_life *life)
{
  const int64_t limit = life->service->start_limit[0];
  const int64_t interval_ms = life->service->start_limit[1];
  const int64_t now_ms = di_now_ms ();

  if (limit == 0 || interval_ms == 0)
    return false;
  struct di_record *record = life->record;
  if (record->starts == 0 || now_ms - record->window_ms >= interval_ms) {
    record->window_ms = now_ms;
    record->starts = 0;
  }
  return ++record->starts > limit;
}

/* Do its conditions hold, and its assertions, without which it fails? */
static bool
is_wanted (struct di_life *life)
{
  static const struct {
    enum di_keyword keyword;
    const char *text;
  } kinds[] = {
    { DI_CONDITION, "not started: condition '" },
    { DI_ASSERTION, "not started: assertion '" },
  };
  const struct di_line *line;

  for (size_t i = 0; i < DI_COUNT (kinds); i++) {
    if (di_conditions_hold (life->service, kinds[i].keyword, &line))
      continue;
    di_say (life->service->name, kinds[i].text, line->words[0],
            (line->flags & DI_NEGATED) != 0 ? " not " : " ", line->words[2],
            "' is not true", NULL);
    life->is_refused = kinds[i].keyword == DI_ASSERTION;
    if (life->is_refused)
      life->verdict.result = DI_UNSTARTED;
    return false;
  }
  return true;
}

static void
enter_check (struct di_life *life)
{
  const struct di_service *service = life->service;
  struct di_error err;

  life->verdict = (struct di_verdict){ .result = DI_OK };
  life->has_main = life->is_forgiven = false;
  life->main_status = -1;
  life->is_idle = life->is_refused = life->is_skipped = false;
  life->was_up = false;
  life->watchdog_ms = life->service->watchdog_ms;
  life->bark_ms = DI_NEVER;
  life->record->status[0] = '\0';
  life->record->is_limited = is_too_often (life);
  if (life->record->is_limited) {
    di_say (service->name, "not started: more than ",
            DI_NUMBER (service->start_limit[0]), " starts in ",
            DI_NUMBER (service->start_limit[1]), " ms", NULL);
    life->verdict.result = DI_TOO_OFTEN;
    di_enter (life, DI_DONE);
    return;
  }
  if (!is_wanted (life)) {
    di_enter (life, DI_DONE);
    return;
  }
  if (service->pidfile != NULL)
    (void) unlink (service->pidfile); /* one of another life would mislead */
  if (di_folders_make (service, &err) < 0 ||
      di_credentials_make (service, &err) < 0 ||
      (service->notify != DI_WHO_NONE && life->notify.fd < 0 &&
       di_notify_open (&life->notify, service->name, &err) < 0)) {
    di_say (service->name, err.text, NULL);
    di_life_fail (life, DI_UNSTARTED, 0);
    return;
  }
  di_run_next (life);
}

/* How a service of one process is started, for the types but oneshot. */
static void
enter_start (struct di_life *life)
{
  if (life->service->type == DI_ONESHOT) {
    di_run_next (life);
    return;
  }
  life->command = next_line (life, DI_PHASE_START);
  const pid_t pid = di_command_run (life, life->command);
  if (pid < 0) {
    fail_unstarted (life);
    return;
  }
  if (life->service->type == DI_FORKING) {
    life->control_pid = pid;
    return;
  }
  di_mainpid_set (life, pid);
  life->is_forgiven = (life->command->flags & DI_IGNORE) != 0;
  if (life->service->type != DI_NOTIFIED)
    di_enter (life, DI_POST);
}

/* The first process of a forking service left: who is the main one now? */
void
di_find_main (struct di_life *life)
{
  const char *pidfile = life->service->pidfile;
  const pid_t pid = pidfile != NULL           ? di_mainpid_read (pidfile)
                    : life->service->no_guess ? 0
                                              : di_mainpid_guess ();

  if (pid > 0)
    di_mainpid_set (life, pid);
  if (pid > 0 || pidfile == NULL) {
    di_enter (life, DI_POST);
    return;
  }
  if (!di_has_children ()) {
    di_say (life->service->name, "left no process and no '", pidfile, "'",
            NULL);
    di_life_fail (life, DI_PROTOCOL, 0);
    return;
  }
  life->tick_ms = di_in_ms (PIDFILE_TICK_MS);
}

/* The service came to its end by itself. */
void
di_run_out (struct di_life *life)
{
  /* The commands of a oneshot were judged one by one. */
  const bool has_ended =
      life->main_status >= 0 && life->service->type != DI_ONESHOT;
  enum di_result result = DI_OK;

  if (has_ended)
    di_say (life->service->name, di_status_verb (life->main_status),
            DI_NUMBER (di_status_number (life->main_status)), NULL);
  if (has_ended && !life->is_forgiven)
    result = di_judge (life->service, life->main_status, DI_ROLE_DAEMON);
  if (result != DI_OK)
    di_life_fail (life, result, life->main_status);
  else
    di_enter (life, life->service->remains ? DI_EXITED : DI_STOP);
}

static bool
is_up (const struct di_life *life)
{
  return life->has_main ? life->main_pid > 0 : di_has_children ();
}

static void
enter_running (struct di_life *life)
{
  if (life->was_up)
    di_say (life->service->name,
            life->has_reload_failed ? "could not be reloaded" : "reloaded",
            NULL);
  else if (life->main_pid > 0)
    di_say (life->service->name, "started, process ",
            DI_NUMBER (life->main_pid), NULL);
  else
    di_say (life->service->name, "started", NULL);
  di_tell (life, life->was_up ? DI_NEWS_RELOADED : DI_NEWS_STARTED);
  life->was_up = life->was_told = true;
  if (life->watchdog_ms > 0 && life->bark_ms == DI_NEVER)
    life->bark_ms = di_in_ms (life->watchdog_ms);
  if (!is_up (life))
    di_run_out (life);
  else if (life->has_main && !life->is_main_child)
    life->tick_ms = di_in_ms (DI_MAIN_TICK_MS);
}

static void
enter_reload (struct di_life *life)
{
  if (life->service->reload_signal > 0 && life->main_pid > 0)
    kill (life->main_pid, (int) life->service->reload_signal);
  di_run_next (life);
}

static bool
is_gone (const struct di_life *life)
{
  switch ((enum di_kill_mode) life->service->kill_mode) {
  case DI_KILL_NONE:
    return true;
  case DI_KILL_PROCESS:
    return life->main_pid == 0 && life->control_pid == 0;
  case DI_KILL_GROUP:
  case DI_KILL_MIXED:
    break;
  }
  return !di_has_children ();
}

/* In TERM, KILL and FINAL: is it over, or time for the next means? */
void
di_check_gone (struct di_life *life)
{
  if (is_gone (life))
    di_enter (life, di_courses[life->state].after);
  else if ((life->state == DI_TERM || life->state == DI_ABORT) &&
           life->main_pid == 0 && life->control_pid == 0 &&
           life->service->kill_mode == DI_KILL_MIXED)
    di_enter (life, DI_KILL);
}

static void
enter_abort (struct di_life *life)
{
  if (!is_gone (life))
    di_life_signal (life, (int) life->service->watchdog_signal);
  di_check_gone (life);
}

static void
enter_term (struct di_life *life)
{
  if (!is_gone (life)) {
    di_life_signal (life, (int) life->service->kill_signal);
    if (life->service->sends_sighup)
      di_life_signal (life, SIGHUP);
  }
  di_check_gone (life);
}

void
di_kill_again (struct di_life *life)
{
  di_life_signal (life, SIGKILL);
  life->tick_ms = di_in_ms (KILL_TICK_MS);
}

static void
enter_kill (struct di_life *life)
{
  if (is_gone (life) || life->service->no_sigkill) {
    di_enter (life, di_courses[life->state].after);
    return;
  }
  di_kill_again (life);
}

static void
enter_dead (struct di_life *life)
{
  const struct di_service *service = life->service;
  const bool is_restarted =
      !life->is_stopping && !life->is_skipped &&
      di_is_restarted (service, &life->verdict, life->main_status);

  di_output_flush (&life->output);
  if (service->pidfile != NULL)
    (void) unlink (service->pidfile);
  if (service->preserve == DI_PRESERVE_NO ||
      (service->preserve == DI_PRESERVE_RESTART && !is_restarted))
    di_folders_remove (service);
  di_credentials_remove (service);
  life->main_pid = life->control_pid = 0;
  life->record->main_pid = 0;
  life->record->result = (int) life->verdict.result;
  life->record->main_status = life->main_status;
  life->record->verdict_status = life->verdict.status;
  di_enter (life, is_restarted ? DI_WAIT : DI_DONE);
}

static void
enter_wait (struct di_life *life)
{
  if (!life->was_told)
    di_tell (life, DI_NEWS_TRIED);
  life->was_told = true;
  life->record->restarts++;
  life->deadline_ms = di_in_ms (life->service->restart_delay_ms);
}

static void
enter_done (struct di_life *life)
{
  if (life->verdict.result != DI_OK && !life->is_refused)
    di_say (life->service->name, "failed", NULL);
  else if (life->is_stopping)
    di_say (life->service->name, "stopped", NULL);
  di_notify_close (&life->notify);
  /* Of the limit it is told only when nothing failed before. */
  if (life->verdict.result != DI_TOO_OFTEN || life->record->result == DI_OK)
    life->record->result =
        life->is_refused ? DI_OK : (int) life->verdict.result;
  di_tell (life,
           life->verdict.result == DI_OK ? DI_NEWS_ENDED : DI_NEWS_FAILED);
}

/* Nothing is left of a service that is up nevertheless. */
static void
enter_exited (struct di_life *life)
{
  if (!di_has_children ())
    di_life_emptied (life);
}

void
di_enter (struct di_life *life, enum di_state state)
{
  static void (*const entries[]) (struct di_life * life) = {
    [DI_CHECK] = enter_check,     [DI_PRE] = di_run_next,
    [DI_START] = enter_start,     [DI_POST] = di_run_next,
    [DI_RUNNING] = enter_running, [DI_EXITED] = enter_exited,
    [DI_RELOAD] = enter_reload,   [DI_STOP] = di_run_next,
    [DI_ABORT] = enter_abort,     [DI_TERM] = enter_term,
    [DI_KILL] = enter_kill,       [DI_STOP_POST] = di_run_next,
    [DI_FINAL] = enter_kill,      [DI_DEAD] = enter_dead,
    [DI_WAIT] = enter_wait,       [DI_DONE] = enter_done,
  };

  life->state = state;
  life->record->state = (int) state;
  life->record->since_ms = di_wall_ms ();
  life->position = 0;
  life->tick_ms = DI_NEVER;
  life->deadline_ms = di_in_ms (di_allowance_ms (life));
  entries[state](life);
}

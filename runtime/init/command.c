/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/init/credential.h"
#include "runtime/init/env.h"
#include "runtime/init/expand.h"
#include "runtime/init/folders.h"
#include "runtime/init/passing.h"
#include "runtime/init/procs.h"
#include "runtime/init/service.h"
#include "runtime/init/spawn.h"

static int
set (struct di_env *env, const char *name, const char *value,
     struct di_error *err)
{
  return di_env_set (env, name, strlen (name), value, err);
}

/* A result and the wait status of the main process, -1 for none, as the three
 * variables NAMES.
 */
static int
set_result (struct di_env *env, const char *const names[3],
            enum di_result result, int status, struct di_error *err)
{
  if (set (env, names[0], di_result_name (result), err) < 0)
    return -1;
  if (status < 0)
    return 0;
  if (set (env, names[1], di_status_kind (status), err) < 0)
    return -1;
  return set (env, names[2], DI_STATUS_WORD (status), err);
}

/* What a service that went down tells the commands that run then. */
static int
set_outcome (const struct di_life *life, struct di_env *env,
             struct di_error *err)
{
  static const char *const names[] = { "SERVICE_RESULT", "EXIT_CODE",
                                       "EXIT_STATUS" };

  if (life->is_skipped)
    return set (env, names[0], "exec-condition", err);
  return set_result (env, names, life->verdict.result, life->main_status, err);
}

/* Of the service that this one was started for. */
static int
set_cause (const struct di_life *life, struct di_env *env, struct di_error *err)
{
  static const char *const names[] = { "MONITOR_SERVICE_RESULT",
                                       "MONITOR_EXIT_CODE",
                                       "MONITOR_EXIT_STATUS" };
  char unit[DI_NAME_MAX + sizeof ".service"] = "";

  strncpy (unit, life->cause, DI_NAME_MAX);
  memcpy (unit + strlen (unit), ".service", sizeof ".service");
  if (set (env, "MONITOR_UNIT", unit, err) < 0)
    return -1;
  return set_result (env, names, (enum di_result) life->cause_record->result,
                     life->cause_record->main_status, err);
}

/* Would a message of this command's process be taken? */
static bool
is_heard (const struct di_service *service, const struct di_line *line)
{
  return line->choice == DI_PHASE_START || service->notify == DI_WHO_EXEC ||
         service->notify == DI_WHO_ALL;
}

/* What we know, before what the plan says. */
static int
set_facts (const struct di_life *life, const struct di_line *line,
           struct di_env *env, struct di_error *err)
{
  const bool is_down =
      line->choice == DI_PHASE_STOP || line->choice == DI_PHASE_STOP_POST;

  const char *item = NULL;
  while ((item = di_manager_next (life->manager, item)) != NULL) {
    if (di_env_put (env, item, err) < 0)
      return -1;
  }
  if (di_folders_env (life->service, env, err) < 0 ||
      di_credentials_env (life->service, env, err) < 0)
    return -1;
  if (is_heard (life->service, line) && life->notify.fd >= 0 &&
      set (env, "NOTIFY_SOCKET", life->notify.path, err) < 0)
    return -1;
  if (life->watchdog_ms > 0 && line->choice == DI_PHASE_START &&
      (set (env, "WATCHDOG_USEC", DI_NUMBER (life->watchdog_ms * 1000), err) <
           0 ||
       set (env, "WATCHDOG_PID", DI_PID_ROOM, err) < 0))
    return -1;
  if (life->main_pid > 0 &&
      set (env, "MAINPID", DI_NUMBER (life->main_pid), err) < 0)
    return -1;
  if (life->cause != NULL && set_cause (life, env, err) < 0)
    return -1;
  if (di_passing_fire_env (&life->passing->fire, env, err) < 0)
    return -1;
  if (line->choice == DI_PHASE_START &&
      di_passing_env (life->passing, life->service, env, err) < 0)
    return -1;
  return is_down ? set_outcome (life, env, err) : 0;
}

static int
set_passed (const struct di_line *line, struct di_env *env,
            struct di_error *err)
{
  for (size_t i = 0; i < line->count; i++) {
    const char *value = getenv (line->words[i]);
    if (value != NULL && set (env, line->words[i], value, err) < 0)
      return -1;
  }
  return 0;
}

static int
set_fixed (const struct di_line *line, struct di_env *env, struct di_error *err)
{
  for (size_t i = 0; i < line->count; i++) {
    if (di_env_put (env, line->words[i], err) < 0)
      return -1;
  }
  return 0;
}

static int
set_from_file (const struct di_line *line, struct di_env *env,
               struct di_error *err)
{
  return di_envfile_read (line->words[1], (line->flags & DI_IGNORE) != 0, env,
                          err);
}

static int
unset (const struct di_line *line, struct di_env *env, struct di_error *err)
{
  (void) err; /* it cannot fail */
  for (size_t i = 0; i < line->count; i++)
    di_env_unset (env, line->words[i]);
  return 0;
}

/* In this order, the later wins. */
static const struct {
  enum di_keyword keyword;
  int (*apply) (const struct di_line *line, struct di_env *env,
                struct di_error *err);
} sources[] = {
  { DI_PASSENV, set_passed },
  { DI_ENV, set_fixed },
  { DI_ENVFILE, set_from_file },
  { DI_UNSETENV, unset },
};

static int
make_env (const struct di_life *life, const struct di_line *line,
          struct di_env *env, struct di_error *err)
{
  if (set_facts (life, line, env, err) < 0)
    return -1;
  for (size_t i = 0; i < DI_COUNT (sources); i++) {
    size_t position = 0;
    const struct di_line *source;
    while ((source = di_next (life->service, sources[i].keyword, &position)) !=
           NULL) {
      if (sources[i].apply (source, env, err) < 0)
        return -1;
    }
  }
  return 0;
}

pid_t
di_command_run (struct di_life *life, const struct di_line *line)
{
  static char *const no_env[] = { NULL };
  struct di_env env = { 0 };
  struct di_argv argv = { 0 };
  struct di_error err;
  pid_t pid = -1;

  life->spawn_status = -1;
  if (make_env (life, line, &env, &err) == 0 &&
      di_argv_make (line, &env, &argv, &err) == 0) {
    const struct di_spawn spawn = { .service = life->service,
                                    .line = line,
                                    .argv = argv.items,
                                    .env =
                                        env.items == NULL ? no_env : env.items,
                                    .passing = life->passing,
                                    .output_fd = life->output.write_fd };
    pid = di_spawn (&spawn, &life->spawn_status, &err);
  }
  if (pid < 0)
    di_say (life->service->name, err.text, NULL);
  di_argv_release (&argv);
  di_env_release (&env);
  return pid;
}

/* Without a usable /proc the process groups of what we started are all we
 * can name.
 */
static void
signal_groups (const struct di_life *life, int signal)
{
  if (life->main_pid > 0)
    kill (-life->main_pid, signal);
  if (life->control_pid > 0)
    kill (-life->control_pid, signal);
}

static void
signal_one (pid_t pid, int signal)
{
  if (pid <= 0)
    return;
  kill (pid, signal);
  if (signal != SIGKILL)
    kill (pid, SIGCONT);
}

void
di_life_kill (struct di_life *life, enum di_target target, int signal)
{
  const pid_t one = target == DI_TARGET_MAIN      ? life->main_pid
                    : target == DI_TARGET_CONTROL ? life->control_pid
                                                  : 0;

  if (one > 0)
    kill (one, signal);
  else if (target == DI_TARGET_ALL && di_kill_descendants (signal) < 0)
    signal_groups (life, signal);
}

void
di_life_signal (struct di_life *life, int signal)
{
  const int mode = life->service->kill_mode;
  const bool is_for_all =
      mode == DI_KILL_GROUP || (mode == DI_KILL_MIXED && signal == SIGKILL);

  if (mode == DI_KILL_NONE)
    return;
  if (is_for_all) {
    if (di_kill_descendants (signal) < 0)
      signal_groups (life, signal);
    return;
  }
  signal_one (life->main_pid, signal);
  signal_one (life->control_pid, signal);
}

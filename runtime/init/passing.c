/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "runtime/init/passing.h"

#define PID_DIGITS 10
#define FIRST_FD 3

/* The names, joined by ':'. */
static int
set_names (const struct di_passing *passing, struct di_env *env,
           struct di_error *err)
{
  char names[DI_PASS_MAX * (DI_NAME_MAX + 1) + 1] = { 0 };
  char *end = names;

  for (size_t i = 0; i < passing->count; i++) {
    const size_t size = strnlen (passing->names[i], DI_NAME_MAX);
    if (i > 0)
      *end++ = ':';
    end = mempcpy (end, passing->names[i], size);
  }
  return di_env_set (env, "LISTEN_FDNAMES", strlen ("LISTEN_FDNAMES"), names,
                     err);
}

static int
set (struct di_env *env, const char *name, const char *value,
     struct di_error *err)
{
  return di_env_set (env, name, strlen (name), value, err);
}

/* Is the socket one of its three streams? */
static bool
is_stream (const struct di_service *service)
{
  static const enum di_keyword streams[] = { DI_STDIN, DI_STDOUT, DI_STDERR };

  for (size_t i = 0; i < DI_COUNT (streams); i++) {
    size_t position = 0;
    const struct di_line *line = di_next (service, streams[i], &position);
    if (line != NULL && line->choice == DI_STREAM_SOCKET)
      return true;
  }
  return false;
}

int
di_passing_fire_env (const struct di_fire *fire, struct di_env *env,
                     struct di_error *err)
{
  const struct di_trigger *trigger = fire->trigger;
  char unit[DI_NAME_MAX + sizeof ".timer"] = { 0 };

  /* Of sockets nothing is said. */
  if (trigger == NULL || trigger->kind == DI_OF_SOCKET)
    return 0;
  char *end = mempcpy (unit, trigger->name, strlen (trigger->name));
  memcpy (end, trigger->kind == DI_OF_TIMER ? ".timer" : ".path",
          trigger->kind == DI_OF_TIMER ? sizeof ".timer" : sizeof ".path");
  if (set (env, "TRIGGER_UNIT", unit, err) < 0)
    return -1;
  if (trigger->kind == DI_OF_PATH)
    return fire->path == NULL ? 0 : set (env, "TRIGGER_PATH", fire->path, err);
  if (set (env, "TRIGGER_TIMER_REALTIME_USEC", DI_NUMBER (fire->real_us), err) <
      0)
    return -1;
  return set (env, "TRIGGER_TIMER_MONOTONIC_USEC",
              DI_NUMBER (fire->monotonic_us), err);
}

int
di_passing_env (const struct di_passing *passing,
                const struct di_service *service, struct di_env *env,
                struct di_error *err)
{
  const struct di_peer *remote = passing->remote;

  if (remote != NULL && remote->host[0] != '\0' &&
      (set (env, "REMOTE_ADDR", remote->host, err) < 0 ||
       set (env, "REMOTE_PORT", DI_NUMBER (remote->port), err) < 0))
    return -1;
  if (passing->count == 0 || is_stream (service))
    return 0;
  if (set (env, "LISTEN_PID", "0000000000", err) < 0 ||
      set (env, "LISTEN_FDS", DI_NUMBER ((int64_t) passing->count), err) < 0)
    return -1;
  return set_names (passing, env, err);
}

/* Write our own number into the variables, whose memory is ours: after the
 * fork, without another allocation.
 */
static void
sign (char *const *env)
{
  static const char name[] = "LISTEN_PID=0000000000";
  char digits[DI_NUMBER_SIZE] = { 0 };

  for (; *env != NULL; env++) {
    if (strcmp (*env, name) == 0) {
      const char *pid = di_number (digits, getpid ());
      memcpy (*env + sizeof name - 1 - PID_DIGITS, pid, strlen (pid) + 1);
    }
  }
}

int
di_passing_make_room (const struct di_passing *passing, int *fd)
{
  const int behind = FIRST_FD + (int) passing->count;

  if (*fd < behind) {
    const int moved = fcntl (*fd, F_DUPFD_CLOEXEC, behind);
    if (moved >= 0) {
      close (*fd);
      *fd = moved;
    }
  }
  return *fd;
}

int
di_passing_stream (const struct di_passing *passing)
{
  if (passing->count != 1) {
    errno = ENOTSOCK;
    return -1;
  }
  const int fd = passing->fds[0];
  const int flags = fcntl (fd, F_GETFL);
  return fcntl (fd, F_SETFL, flags & ~O_NONBLOCK) < 0 ? -1 : fd;
}

/* Put the descriptors into their places; first out of the way, because a
 * number may be another's place.
 */
static int
place (const struct di_passing *passing, bool is_non_blocking)
{
  const int behind = FIRST_FD + (int) passing->count;
  int fds[DI_PASS_MAX];

  for (size_t i = 0; i < passing->count; i++) {
    fds[i] = fcntl (passing->fds[i], F_DUPFD_CLOEXEC, behind);
    if (fds[i] < 0)
      return -1;
  }
  for (size_t i = 0; i < passing->count; i++) {
    const int flags = fcntl (fds[i], F_GETFL);
    const int wanted =
        is_non_blocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
    if (dup2 (fds[i], FIRST_FD + (int) i) < 0 ||
        fcntl (fds[i], F_SETFL, wanted) < 0)
      return -1;
  }
  return 0;
}

int
di_take_sockets (const struct di_child *child, struct di_error *err)
{
  const struct di_spawn *spawn = child->spawn;
  const struct di_passing *passing = spawn->passing;

  if (passing->count == 0 || spawn->line->choice != DI_PHASE_START ||
      is_stream (spawn->service))
    return 0;
  sign (spawn->env);
  return place (passing, spawn->service->is_non_blocking) < 0
             ? di_fail_errno (err, "cannot pass its sockets", NULL)
             : 0;
}

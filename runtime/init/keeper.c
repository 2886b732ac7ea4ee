/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/init/keeper.h"
#include "runtime/init/procs.h"
#include "runtime/init/service.h"

#define POLL_MAX_MS 60000 /* poll takes an int; early is harmless */

/* A real-time signal, so that orders queue; libc keeps the first few. */
#define SIGNAL_ORDER 40
#define DESCRIPTOR_MAX 2048 /* more than PID 1 ever has */
#define ORDER_SHIFT 16      /* the order is above its value */

enum { SIGNALS, OUTPUT, NOTIFY, POLL_COUNT };

/* Children that ended, then whether any is left. */
static void
reap (struct di_life *life)
{
  pid_t pid;
  int status;

  while (life->state != DI_DONE &&
         (pid = waitpid (-1, &status, WNOHANG)) != 0) {
    if (pid > 0) {
      di_life_child_ended (life, pid, status);
    } else {
      if (errno == ECHILD)
        di_life_emptied (life);
      return;
    }
  }
}

static void
take_order (struct di_life *life, const struct signalfd_siginfo *info)
{
  if (info->ssi_pid != (uint32_t) getppid ())
    return;
  switch ((enum di_keeper_order) (info->ssi_int >> ORDER_SHIFT)) {
  case DI_KEEPER_RELOAD:
    di_life_reload (life);
    break;
  case DI_KEEPER_KILL:
    di_life_kill (life, (enum di_target) (info->ssi_int >> 8 & 0xff),
                  info->ssi_int & 0xff);
    break;
  }
}

static void
read_signals (struct di_life *life, int signal_fd)
{
  struct signalfd_siginfo info;

  while (life->state != DI_DONE &&
         read (signal_fd, &info, sizeof info) == (ssize_t) sizeof info) {
    if (info.ssi_signo == SIGTERM && !life->is_stopping)
      di_life_stop (life);
    else if (info.ssi_signo == SIGNAL_ORDER)
      take_order (life, &info);
  }
}

static int
poll_timeout_ms (const struct di_life *life)
{
  const int64_t soon_ms =
      life->tick_ms < life->deadline_ms ? life->tick_ms : life->deadline_ms;
  const int64_t next_ms = soon_ms < life->bark_ms ? soon_ms : life->bark_ms;
  const int64_t left_ms =
      next_ms == DI_NEVER ? POLL_MAX_MS : next_ms - di_now_ms ();

  if (left_ms <= 0)
    return 0;
  return left_ms < POLL_MAX_MS ? (int) left_ms : POLL_MAX_MS;
}

static void
read_messages (struct di_life *life)
{
  struct di_message message;

  while (life->state != DI_DONE && di_notify_read (&life->notify, &message) > 0)
    di_life_message (life, &message);
}

static void
look_at_clock (struct di_life *life)
{
  const int64_t now_ms = di_now_ms ();

  if (life->state != DI_DONE && life->tick_ms <= now_ms)
    di_life_tick (life);
  if (life->state != DI_DONE && life->bark_ms <= now_ms)
    di_life_bark (life);
  if (life->state != DI_DONE && life->deadline_ms <= now_ms)
    di_life_deadline (life);
}

static void
keep (struct di_life *life, int signal_fd)
{
  di_life_begin (life);
  while (life->state != DI_DONE) {
    /* A service waits while our own stdout is full. */
    const struct di_output *output = &life->output;
    struct pollfd fds[POLL_COUNT] = {
      [SIGNALS] = { .fd = signal_fd, .events = POLLIN },
      [OUTPUT] = { .fd = output->is_blocked ? STDOUT_FILENO : output->read_fd,
                   .events = output->is_blocked ? POLLOUT : POLLIN },
      [NOTIFY] = { .fd = life->notify.fd, .events = POLLIN },
    };
    if (poll (fds, POLL_COUNT, poll_timeout_ms (life)) < 0 && errno != EINTR)
      di_say (life->service->name, "cannot wait: ", strerror (errno), NULL);
    if (fds[OUTPUT].revents != 0)
      di_output_pump (&life->output);
    /* What a process said before it ended comes before its end. */
    read_messages (life);
    if (fds[SIGNALS].revents != 0)
      read_signals (life, signal_fd);
    reap (life);
    look_at_clock (life);
  }
  di_output_flush (&life->output);
}

/* Signals that come by descriptor; PID 1 blocked all of them. */
static int
open_signals (void)
{
  sigset_t set;

  sigemptyset (&set);
  sigaddset (&set, SIGTERM);
  sigaddset (&set, SIGCHLD);
  sigaddset (&set, SIGNAL_ORDER);
  return signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool
is_passed (const struct di_passing *passing, int fd)
{
  size_t i = 0;

  while (i < passing->count && passing->fds[i] != fd)
    i++;
  return i < passing->count;
}

/* PID 1's descriptors are not the keeper's, but for those to be passed.  The
 * highest one is not known, but those beyond the last to keep are closed in
 * one go.
 */
static void
close_others (const struct di_passing *passing, int report_fd)
{
  int last = report_fd;

  for (size_t i = 0; i < passing->count; i++)
    last = passing->fds[i] > last ? passing->fds[i] : last;
  for (int fd = STDERR_FILENO + 1; fd < last; fd++) {
    if (fd != report_fd && !is_passed (passing, fd))
      close (fd);
  }
  if (syscall (SYS_close_range, last + 1, ~0U, 0) < 0) {
    for (int fd = last + 1; fd < DESCRIPTOR_MAX; fd++)
      close (fd);
  }
}

static void
be_keeper (const struct di_keeping *keeping, int report_fd, pid_t parent)
{
  static struct di_life life; /* large, and there is one */
  static struct di_record own_record;
  const struct di_service *service = keeping->service;
  struct di_error err;

  life.service = service;
  life.record = keeping->record != NULL ? keeping->record : &own_record;
  life.manager = keeping->manager;
  life.passing = keeping->passing;
  life.cause = keeping->cause;
  life.cause_record = keeping->cause_record;
  life.report_fd = report_fd;
  life.notify.fd = -1;
  (void) setsid (); /* Ctrl-C on the container's terminal is for PID 1 */
  (void) prctl (PR_SET_CHILD_SUBREAPER, 1);
  (void) prctl (PR_SET_PDEATHSIG, SIGTERM);
  if (getppid () != parent)
    return; /* it ended before we asked to be told */
  close_others (keeping->passing, report_fd);
  if (di_output_open (&life.output, service, &err) < 0) {
    di_say (service->name, err.text, NULL);
    return;
  }
  const int signal_fd = open_signals ();
  if (signal_fd < 0) {
    di_say (service->name, "cannot receive signals: ", strerror (errno), NULL);
    return;
  }
  keep (&life, signal_fd);
}

pid_t
di_keeper_start (const struct di_keeping *keeping, int *report_fd)
{
  const struct di_service *service = keeping->service;
  const pid_t self = getpid ();
  int fds[2];

  if (pipe2 (fds, O_CLOEXEC) < 0) {
    di_say (service->name, "cannot make a pipe: ", strerror (errno), NULL);
    return -1;
  }
  const pid_t pid = fork ();
  if (pid == 0) {
    be_keeper (keeping, fds[1], self);
    _exit (0);
  }
  close (fds[1]);
  if (pid < 0) {
    di_say (service->name, "cannot make a process: ", strerror (errno), NULL);
    close (fds[0]);
    return -1;
  }
  (void) fcntl (fds[0], F_SETFL, O_NONBLOCK);
  *report_fd = fds[0];
  return pid;
}

bool
di_keeper_order (pid_t keeper, enum di_keeper_order order, int value)
{
  const union sigval number = { .sival_int =
                                    (int) order << ORDER_SHIFT | value };

  return keeper > 0 && sigqueue (keeper, SIGNAL_ORDER, number) == 0;
}

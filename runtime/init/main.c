/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* main: PID 1 of a converted system.  Prepares /run, starts the plan's
 * services through their keepers, reaps what nobody else does, and on
 * SIGTERM stops all in reverse order.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/init/account.h"
#include "runtime/init/client.h"
#include "runtime/init/connection.h"
#include "runtime/init/control.h"
#include "runtime/init/fleet.h"
#include "runtime/init/folders.h"
#include "runtime/init/journal.h"
#include "runtime/init/notify.h"
#include "runtime/init/procs.h"

#define STATUS_USAGE 2 /* also: the plan cannot be read */

/* SIGRTMIN+3, with which systemd is asked to halt, as the guest's libc and
 * podman count: glibc keeps two real-time signals to itself, musl three, so
 * that SIGRTMIN here would be one off.
 */
#define SIGNAL_HALT (32 + 2 + 3)

/* For processes that no service owns any more, when all services ended. */
#define SWEEP_TIMEOUT_MS 5000
#define SWEEP_KILL_MS 1000
#define CLOEXEC_RANGE 4 /* CLOSE_RANGE_CLOEXEC of <linux/close_range.h> */

/* Inherited descriptors stay out of the services; 0, 1 and 2 exist. */
static void
tidy_descriptors (void)
{
  int fd;

  do
    fd = open ("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0)
    close (fd);
  if (syscall (SYS_close_range, STDERR_FILENO + 1, ~0U, CLOEXEC_RANGE) < 0) {
    for (fd = STDERR_FILENO + 1; fd < 1024; fd++)
      (void) fcntl (fd, F_SETFD, FD_CLOEXEC);
  }
}

static int
read_plan (const char *path, struct di_plan *plan, struct di_error *err)
{
  static char text[DI_PLAN_SIZE_MAX + 2]; /* the plan's words lie in it */
  size_t size = 0;
  ssize_t n = 1;

  const int fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return di_fail_errno (err, "cannot be opened", NULL);
  while (n > 0 && size <= DI_PLAN_SIZE_MAX) {
    n = read (fd, text + size, DI_PLAN_SIZE_MAX + 1 - size);
    if (n > 0)
      size += (size_t) n;
  }
  close (fd);
  if (n < 0)
    return di_fail_errno (err, "cannot be read", NULL);
  text[size] = '\0';
  return di_plan_parse (text, size, plan, err);
}

/* All are blocked; these are read. */
static int
open_signals (void)
{
  static const int read_signals[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP,
                                      SIGNAL_HALT };
  sigset_t all, some;

  sigfillset (&all);
  (void) sigprocmask (SIG_SETMASK, &all, NULL);
  (void) signal (SIGPIPE, SIG_IGN);
  sigemptyset (&some);
  for (size_t i = 0; i < DI_COUNT (read_signals); i++)
    sigaddset (&some, read_signals[i]);
  return signalfd (-1, &some, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
take_signals (struct di_fleet *fleet, int signal_fd)
{
  struct signalfd_siginfo info;

  while (read (signal_fd, &info, sizeof info) == (ssize_t) sizeof info) {
    if (info.ssi_signo == SIGCHLD)
      continue;
    if (info.ssi_signo == SIGHUP) {
      di_say (NULL, "SIGHUP: reloading all services", NULL);
      di_fleet_reload (fleet);
      continue;
    }
    if (!fleet->is_ending)
      di_say (NULL, "signal ", DI_NUMBER (info.ssi_signo),
              ": stopping all services", NULL);
    di_fleet_stop (fleet, 0);
  }
}

/* End the children that are ready to be; returns whether any is left. */
static bool
reap (struct di_fleet *fleet, struct di_triggers *triggers)
{
  pid_t pid;
  int status;

  do {
    pid = waitpid (-1, &status, WNOHANG);
    if (pid > 0 && !di_connections_child_ended (triggers, pid))
      di_fleet_child_ended (fleet, pid, status);
  } while (pid > 0);
  return pid == 0;
}

static void
run (struct di_fleet *fleet, struct di_triggers *triggers, int signal_fd)
{
  static struct di_watch watch;
  static struct di_control control;
  static struct di_journal journal;
  struct di_error err;

  di_journal_open (&journal, fleet->plan);
  if (di_control_open (&control, fleet, &err) < 0)
    di_say (NULL, err.text, NULL);
  di_fleet_go_on (fleet);
  while (!di_fleet_is_over (fleet) || triggers->connection_count > 0) {
    di_watch_begin (&watch);
    di_watch_add (&watch, signal_fd, POLLIN);
    di_fleet_watch (fleet, &watch);
    di_control_watch (&control, &watch);
    di_triggers_watch (triggers, &watch);
    di_journal_watch (&journal, &watch);
    di_watch_wait (&watch);
    take_signals (fleet, signal_fd);
    di_fleet_listen (fleet);
    (void) reap (fleet, triggers);
    di_triggers_act (triggers, &watch);
    di_control_listen (&control, &watch);
    di_journal_listen (&journal, &watch);
    di_fleet_go_on (fleet);
    di_control_answer (&control);
  }
  di_control_answer (&control); /* who waited for the last to stop */
}

/* To everybody but us.  What podman exec started is in our PID namespace and
 * no descendant, hence -1; outside of one we must not.
 */
static void
signal_all (int signal)
{
  if (getpid () == 1)
    kill (-1, signal);
  else
    (void) di_kill_descendants (signal);
}

/* What KillMode=process left behind, and orphans of lost keepers. */
static void
sweep (struct di_fleet *fleet, struct di_triggers *triggers, int signal_fd,
       int signal)
{
  const int64_t end_ms =
      di_in_ms (signal == SIGKILL ? SWEEP_KILL_MS : SWEEP_TIMEOUT_MS);
  struct signalfd_siginfo info;

  if (!reap (fleet, triggers))
    return;
  signal_all (signal);
  while (reap (fleet, triggers) && di_now_ms () < end_ms) {
    struct pollfd wait = { .fd = signal_fd, .events = POLLIN };
    (void) poll (&wait, 1, (int) (end_ms - di_now_ms ()));
    while (read (signal_fd, &info, sizeof info) == (ssize_t) sizeof info)
      ; /* only SIGCHLD matters now, and reap() asks itself */
  }
}

static int
usage (void)
{
  di_say (NULL, "usage: decant-init [--check] [PLAN] | VERB [SERVICE...]",
          NULL);
  return STATUS_USAGE;
}

int
main (int argc, char **argv)
{
  static struct di_fleet fleet;
  static struct di_sockets sockets;
  static struct di_triggers triggers;
  struct di_plan plan;
  struct di_error err;
  const bool is_check = argc > 1 && strcmp (argv[1], "--check") == 0;
  const int words = argc - 1 - is_check;

  int status;
  if (di_client_main (argc, argv, &status))
    return status;
  if (words > 1 || (words == 1 && argv[argc - 1][0] == '-'))
    return usage ();
  const char *path = words == 1 ? argv[argc - 1] : DI_PLAN_PATH;
  if (read_plan (path, &plan, &err) < 0) {
    di_context (&err, "plan '", path, "'", NULL);
    di_say (NULL, err.text, NULL);
    return STATUS_USAGE;
  }
  if (is_check)
    return EXIT_SUCCESS;

  tidy_descriptors ();
  (void) umask (0); /* modes are those of the plan */
  if (getpid () != 1)
    (void) prctl (PR_SET_CHILD_SUBREAPER, 1);
  const int signal_fd = open_signals ();
  if (signal_fd < 0) {
    di_say (NULL, "cannot receive signals: ", strerror (errno), NULL);
    return EXIT_FAILURE;
  }
  di_accounts_add (&plan);
  di_tmpfiles_make (&plan);
  if (getpid () == 1)
    (void) mkdir (DI_RUN_FOLDER, 0755); /* notify.c does without it, too */
  if (di_fleet_begin (&fleet, &plan, &err) < 0) {
    di_say (NULL, err.text, NULL);
    return EXIT_FAILURE;
  }
  di_sockets_open (&sockets, &plan);
  fleet.sockets = &sockets;
  if (di_triggers_begin (&triggers, &fleet, &sockets, &err) < 0) {
    di_say (NULL, err.text, NULL);
    return EXIT_FAILURE;
  }
  run (&fleet, &triggers, signal_fd);
  di_triggers_end (&triggers);
  sweep (&fleet, &triggers, signal_fd, SIGTERM);
  sweep (&fleet, &triggers, signal_fd, SIGKILL);
  di_plan_release (&plan);
  return fleet.status;
}

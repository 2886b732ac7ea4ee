/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "lib/file.h"
#include "lib/landlock.h"
#include "lib/lastline.h"
#include "lib/launch.h"
#include "lib/quote.h"
#include "lib/run.h"
#include "lib/status.h"

#define DAY_MS 86400000u
#define TERM_GRACE_MS 1000 /* between SIGTERM and SIGKILL */

#define READ_SIZE 8192 /* bytes at a time */

/* Reads from one pipe before looking at the others: more than a pipe holds,
 * so that all is read that a child has left behind, but not for ever if its
 * own children go on.
 */
#define READS_MAX 160

/* A server must not stand still with its complaints before we read them. */
#define STDERR_PIPE_SIZE (1024 * 1024)

struct dc_child {
  char *name; /* for messages */
  pid_t pid;
  int pid_fd; /* -1 when nothing is left to reap */
  int out_fd; /* our ends of the pipes, -1: none or at its end */
  int err_fd;
  struct dc_buffer *out;
  int *exit_status;
  unsigned timeout_ms;
  bool outlives_us;
  int wait_status; /* valid once pid_fd is -1 */
  struct dc_lastline complaint;
};

char *
dc_run_find (const char *program)
{
  static const char folders[] = DC_RUN_PATH;

  for (const char *p = folders; *p != '\0';) {
    const size_t size = strcspn (p, ":");
    char *path = NULL;
    if (asprintf (&path, "%.*s/%s", (int) size, p, program) < 0)
      return NULL;
    if (access (path, X_OK) == 0)
      return path;
    free (path);
    p += size + (p[size] == ':');
  }
  errno = ENOENT;
  return NULL;
}

static uint64_t
now_ms (void)
{
  struct timespec now;

  (void) clock_gettime (CLOCK_MONOTONIC, &now); /* cannot fail: a fixed clock */
  return (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
}

static int
take_output (struct dc_child *child, const char *bytes, size_t size,
             struct dc_error *err)
{
  return dc_buffer_append (child->out, bytes, size, err);
}

static int
take_complaint (struct dc_child *child, const char *bytes, size_t size,
                struct dc_error *err)
{
  (void) err; /* it cannot fail */
  dc_lastline_add (&child->complaint, bytes, size);
  return 0;
}

/* What is in the pipe *FD now; at its end *FD becomes -1. */
static int
hear (struct dc_child *child, int *fd,
      int (*take) (struct dc_child *child, const char *bytes, size_t size,
                   struct dc_error *err),
      struct dc_error *err)
{
  for (unsigned i = 0; *fd >= 0 && i < READS_MAX; i++) {
    char bytes[READ_SIZE];
    const ssize_t n = read (*fd, bytes, sizeof bytes);
    if (n < 0 && errno == EAGAIN)
      return 0;
    if (n < 0 && errno != EINTR)
      return dc_fail_errno (err, "cannot read what %s prints", child->name);
    if (n == 0) {
      dc_close_auto (fd);
      *fd = -1;
    }
    if (n > 0 && take (child, bytes, (size_t) n, err) < 0)
      return dc_context (err, "output of %s", child->name);
  }
  return 0;
}

static int
hear_both (struct dc_child *child, struct dc_error *err)
{
  if (hear (child, &child->out_fd, take_output, err) < 0)
    return -1;
  return hear (child, &child->err_fd, take_complaint, err);
}

/* Has ended, or will within TIMEOUT_MS. */
static bool
ends_within (const struct dc_child *child, int timeout_ms)
{
  struct pollfd polled = { .fd = child->pid_fd, .events = POLLIN };

  return poll (&polled, 1, timeout_ms) == 1;
}

static void
reap (struct dc_child *child)
{
  while (waitpid (child->pid, &child->wait_status, 0) < 0 && errno == EINTR)
    ;
  dc_close_auto (&child->pid_fd);
  child->pid_fd = -1;
}

/* Until it is reaped its pid cannot become somebody else's, so that these
 * signals reach the group of nobody but it.
 */
static void
stop (struct dc_child *child)
{
  (void) kill (-child->pid, SIGTERM); /* it may have ended by itself */
  (void) ends_within (child, TERM_GRACE_MS);
  (void) kill (-child->pid, SIGKILL); /* and what it started */
  reap (child);
}

/* Until it has ended; its pipes are read meanwhile. */
static int
follow (struct dc_child *child, const struct dc_report *report,
        struct dc_error *err)
{
  const uint64_t deadline = now_ms () + child->timeout_ms;

  for (bool has_ended = false; !has_ended;) {
    struct pollfd polled[] = {
      { .fd = child->pid_fd, .events = POLLIN },
      { .fd = report->cancel_fd, .events = POLLIN },
      { .fd = child->out_fd, .events = POLLIN },
      { .fd = child->err_fd, .events = POLLIN },
    };
    const uint64_t now = now_ms ();
    if (now >= deadline)
      return dc_fail (err, DC_ERR_TOOL,
                      "%s took longer than %u ms and was stopped", child->name,
                      child->timeout_ms);
    const uint64_t left_ms = deadline - now;
    const int n = poll (polled, DC_COUNT (polled),
                        left_ms < INT_MAX ? (int) left_ms : INT_MAX);
    if (n < 0 && errno != EINTR)
      return dc_fail_errno (err, "cannot wait for %s", child->name);
    if (n > 0 && polled[1].revents != 0)
      return dc_fail (err, DC_ERR_CANCELLED, "cancelled");
    has_ended = n > 0 && polled[0].revents != 0;
    if (hear_both (child, err) < 0)
      return -1;
  }
  return 0;
}

/* "qemu-img exited with status 1: Image is not in qcow2 format" */
static int
fail_as_ended (const struct dc_child *child, struct dc_error *err)
{
  const struct dc_span complaint = dc_lastline_text (&child->complaint);
  const char *dots = dc_lastline_is_cut (&child->complaint) ? "..." : "";
  struct dc_error how;

  (void) dc_status_fail (child->wait_status, child->name, &how);
  if (complaint.size == 0)
    return dc_fail (err, how.code, "%s", how.text);
  return dc_fail (err, how.code, "%s: %s%s", how.text, dots,
                  dc_quote_bytes (complaint.text, complaint.size).text);
}

int
dc_child_wait (struct dc_child *child, const struct dc_report *report,
               struct dc_error *err)
{
  if (child->pid_fd >= 0) {
    if (follow (child, report, err) < 0) {
      stop (child);
      return -1;
    }
    reap (child);
  }
  const int status = dc_status_exit (child->wait_status);
  if (status != 0 && (status < 0 || child->exit_status == NULL))
    return fail_as_ended (child, err);
  if (child->exit_status != NULL)
    *child->exit_status = status;
  return 0;
}

int
dc_child_has_ended (struct dc_child *child, struct dc_error *err)
{
  if (child->pid_fd >= 0) {
    const bool has_ended = ends_within (child, 0);
    (void) hear (child, &child->err_fd, take_complaint, err);
    if (!has_ended)
      return 0;
    reap (child);
  }
  (void) fail_as_ended (child, err);
  return 1;
}

pid_t
dc_child_pid (const struct dc_child *child)
{
  return child->pid;
}

void
dc_child_free (struct dc_child *child)
{
  if (child == NULL)
    return;
  if (child->pid_fd >= 0 && !child->outlives_us)
    stop (child);
  dc_close_auto (&child->pid_fd);
  dc_close_auto (&child->out_fd);
  dc_close_auto (&child->err_fd);
  free (child->name);
  free (child);
}

/* No signal handler of ours may run in the child. */
static pid_t
fork_without_signals (const struct dc_launch *launch)
{
  sigset_t all, before;

  (void) sigfillset (&all);
  (void) pthread_sigmask (SIG_SETMASK, &all, &before); /* cannot fail */
  const pid_t pid = fork ();
  if (pid == 0)
    dc_launch_exec (launch);
  const int fork_errno = errno;
  (void) pthread_sigmask (SIG_SETMASK, &before, NULL);
  errno = fork_errno;
  return pid;
}

static int
start (struct dc_child *child, struct dc_launch *launch, struct dc_error *err)
{
  child->pid = fork_without_signals (launch);
  if (child->pid < 0)
    return dc_fail_errno (err, "cannot fork for %s", child->name);
  /* The descriptor is O_CLOEXEC by itself. */
  child->pid_fd = (int) syscall (SYS_pidfd_open, child->pid, 0);
  if (child->pid_fd < 0) {
    (void) dc_fail_errno (err, "cannot watch %s", child->name);
    (void) kill (child->pid, SIGKILL);
    reap (child);
    return -1;
  }
  if (dc_launch_confirm (launch, err) < 0) {
    reap (child);
    return -1;
  }
  return 0;
}

static int
new_child (const struct dc_run *run, struct dc_child **out,
           struct dc_error *err)
{
  DC_AUTO (dc_child) *child = calloc (1, sizeof *child);

  if (child == NULL)
    return dc_fail_errno (err, "cannot keep a child");
  child->pid_fd = child->out_fd = child->err_fd = -1;
  child->out = run->out;
  child->exit_status = run->exit_status;
  child->timeout_ms = run->timeout_ms != 0 ? run->timeout_ms : DAY_MS;
  child->outlives_us = run->outlives_us != 0;
  const char *slash = strrchr (run->argv[0], '/');
  const char *name = slash != NULL ? slash + 1 : run->argv[0];
  child->name = strdup (dc_quote (name).text);
  if (child->name == NULL)
    return dc_fail_errno (err, "cannot keep a child");
  *out = DC_TAKE (child);
  return 0;
}

/* Pipes would otherwise take the numbers 0 to 2, which the child redirects.
 */
static int
check_own_stdio (struct dc_error *err)
{
  for (int fd = 0; fd < 3; fd++)
    if (fcntl (fd, F_GETFD) < 0)
      return dc_fail_errno (err, "standard descriptor %d", fd);
  return 0;
}

/* The ends of the pipes that are the child's, and /dev/null. */
struct plumbing {
  int null_fd;
  int out_fd;
  int err_fd;
};

static void
release_plumbing (struct plumbing *plumbing)
{
  dc_close_auto (&plumbing->null_fd);
  dc_close_auto (&plumbing->out_fd);
  dc_close_auto (&plumbing->err_fd);
}

static int
lay_pipes (struct dc_child *child, const struct dc_run *run,
           struct plumbing *plumbing, struct dc_error *err)
{
  plumbing->null_fd = open ("/dev/null", O_RDWR | O_CLOEXEC);
  if (plumbing->null_fd < 0)
    return dc_fail_errno (err, "cannot open '/dev/null'");
  if (child->out != NULL &&
      dc_file_pipe (&child->out_fd, &plumbing->out_fd, err) < 0)
    return -1;
  if (run->stderr_fd > 0 || run->outlives_us)
    return 0;
  if (dc_file_pipe (&child->err_fd, &plumbing->err_fd, err) < 0)
    return -1;
  /* If not, the usual size must do. */
  (void) fcntl (plumbing->err_fd, F_SETPIPE_SZ, STDERR_PIPE_SIZE);
  return 0;
}

static int
first_open (int fd, int fallback_fd)
{
  return fd > 0 ? fd : fallback_fd;
}

int
dc_child_start (const struct dc_run *run, struct dc_child **out,
                struct dc_error *err)
{
  DC_AUTO (dc_child) *child = NULL;
  DC_AUTO (dc_launch) *launch = NULL;
  __attribute__ ((__cleanup__ (
      release_plumbing))) struct plumbing plumbing = { -1, -1, -1 };

  assert (run->argv != NULL && run->argv[0] != NULL);
  assert (run->out == NULL || run->stdout_fd == 0);

  if (check_own_stdio (err) < 0 || new_child (run, &child, err) < 0 ||
      lay_pipes (child, run, &plumbing, err) < 0)
    return -1;
  const int null_fd = plumbing.null_fd;
  const int out_fd = first_open (run->stdout_fd, plumbing.out_fd);
  const struct dc_launch_stdio stdio = {
    { first_open (run->stdin_fd, null_fd), first_open (out_fd, null_fd),
      first_open (run->stderr_fd, first_open (plumbing.err_fd, null_fd)) },
  };
  if (dc_launch_new (run, &stdio, &launch, err) < 0 ||
      start (child, launch, err) < 0)
    return -1;
  *out = DC_TAKE (child);
  return 0;
}

int
dc_run (const struct dc_run *run, const struct dc_report *report,
        struct dc_error *err)
{
  DC_AUTO (dc_child) *child = NULL;

  if (run->jail != NULL && dc_landlock_abi () == 0)
    dc_debug (report,
              "this kernel has no Landlock, running %s with limits "
              "only",
              dc_quote (run->argv[0]).text);
  if (dc_child_start (run, &child, err) < 0)
    return -1;
  return dc_child_wait (child, report, err);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/init/child.h"
#include "runtime/init/passing.h"
#include "runtime/init/words.h"

#define SIGNAL_MAX 64 /* the kernel's, on all architectures but mips */

/* What a child tells its parent; less than PIPE_BUF, so in one piece. */
struct news {
  bool is_failure; /* the program is not run */
  struct di_error err;
};

static void
tell (const struct di_child *child, bool is_failure, const struct di_error *err)
{
  const struct news news = { .is_failure = is_failure, .err = *err };

  while (write (child->news_fd, &news, sizeof news) < 0 && errno == EINTR)
    ;
}

void
di_child_tell (const struct di_child *child, const struct di_error *err)
{
  tell (child, false, err);
}

static rlim_t
limit_value (int64_t wanted, rlim_t now)
{
  if (wanted == DI_LIMIT_KEEP)
    return now;
  return wanted == DI_LIMIT_INFINITY ? RLIM_INFINITY : (rlim_t) wanted;
}

static int
set_limit (const struct di_child *child, const struct di_line *line,
           struct di_error *err)
{
  const char *name = di_resource_name (line->choice);
  struct rlimit now, wanted;

  if (getrlimit (line->choice, &now) < 0)
    return di_fail_errno (err, "cannot read limit ", name, NULL);
  wanted.rlim_cur = limit_value (line->numbers[0], now.rlim_cur);
  wanted.rlim_max = limit_value (line->numbers[1], now.rlim_max);
  if (wanted.rlim_cur > wanted.rlim_max)
    wanted.rlim_cur = wanted.rlim_max;
  if (setrlimit (line->choice, &wanted) == 0)
    return 0;
  if (errno != EPERM)
    return di_fail_errno (err, "cannot set limit ", name, NULL);

  /* A container is seldom allowed to raise a limit: as far as we may. */
  if (wanted.rlim_max > now.rlim_max)
    wanted.rlim_max = now.rlim_max;
  if (wanted.rlim_cur > wanted.rlim_max) {
    wanted.rlim_cur = wanted.rlim_max;
    di_fail (err, "limit ", name, " is ", DI_NUMBER ((int64_t) wanted.rlim_cur),
             ", more is not allowed here", NULL);
    di_child_tell (child, err);
  }
  return setrlimit (line->choice, &wanted) == 0
             ? 0
             : di_fail_errno (err, "cannot set limit ", name, NULL);
}

static int
take_limits (const struct di_child *child, struct di_error *err)
{
  size_t position = 0;
  const struct di_line *line;

  while ((line = di_next (child->spawn->service, DI_LIMIT, &position)) !=
         NULL) {
    if (set_limit (child, line, err) < 0)
      return -1;
  }
  return 0;
}

/* The ids of a line of KEYWORD into GROUPS: is there one?  One that does not
 * fit was refused by the compiler.
 */
static bool
has_groups (const struct di_service *service, enum di_keyword keyword,
            gid_t groups[DI_GROUP_MAX], size_t *count)
{
  size_t position = 0;
  const struct di_line *line = di_next (service, keyword, &position);
  int64_t id;

  for (size_t i = 0; line != NULL && i < line->count; i++) {
    if (*count < DI_GROUP_MAX &&
        di_number_parse (line->words[i], 10, 0, UINT32_MAX, &id) == 0)
      groups[(*count)++] = (gid_t) id;
  }
  return line != NULL;
}

static int
take_groups (const struct di_child *child, struct di_error *err)
{
  static gid_t groups[DI_GROUP_MAX];
  const struct di_spawn *spawn = child->spawn;
  const struct di_service *service = spawn->service;
  const bool is_privileged = (spawn->line->flags & DI_PRIVILEGED) != 0;
  size_t count = 0;

  const bool are_set =
      (is_privileged && has_groups (service, DI_OWN_GROUPS, groups, &count)) ||
      has_groups (service, DI_GROUPS, groups, &count) ||
      service->user != DI_KEEP || service->group != DI_KEEP;
  return are_set && setgroups (count, groups) < 0
             ? di_fail_errno (err, "cannot set the supplementary groups", NULL)
             : 0;
}

static int
take_user (const struct di_child *child, struct di_error *err)
{
  const struct di_service *service = child->spawn->service;
  const uid_t user = (uid_t) service->user;
  const gid_t group = (gid_t) service->group;

  if (service->group != DI_KEEP && setresgid (group, group, group) < 0)
    return di_fail_errno (err, "cannot set group ", DI_NUMBER (service->group),
                          NULL);
  if (service->user != DI_KEEP && setresuid (user, user, user) < 0)
    return di_fail_errno (err, "cannot set user ", DI_NUMBER (service->user),
                          NULL);
  return 0;
}

static int
enter_folder (const struct di_child *child, struct di_error *err)
{
  size_t position = 0;
  const struct di_line *line =
      di_next (child->spawn->service, DI_CHDIR, &position);
  const char *path = line == NULL ? "/" : line->words[1];

  if (chdir (path) == 0 ||
      (line != NULL && (line->flags & DI_IGNORE) != 0 && chdir ("/") == 0))
    return 0;
  return di_fail_errno (err, "cannot enter folder ", path, NULL);
}

/* Default actions, no signal blocked.  By hand, because libc keeps the first
 * real-time signals to itself, and who started us may have ignored them: all
 * zero is the kernel's default action, whatever the architecture.
 */
static void
reset_signals (bool has_sigpipe)
{
  static const uint64_t default_action[8];
  const struct sigaction ignore = { .sa_handler = SIG_IGN };
  sigset_t none;

  for (int i = 1; i <= SIGNAL_MAX; i++)
    (void) syscall (SYS_rt_sigaction, i, default_action, NULL, SIGNAL_MAX / 8);
  if (!has_sigpipe)
    (void) sigaction (SIGPIPE, &ignore, NULL);
  sigemptyset (&none);
  (void) sigprocmask (SIG_SETMASK, &none, NULL);
}

/* systemd.exec(5), "Process Exit Codes": the first is 200. */
enum {
  EXIT_CHDIR = 200,
  EXIT_FDS = 202,
  EXIT_EXEC = 203,
  EXIT_LIMITS = 205,
  EXIT_STDIN = 208,
  EXIT_CHROOT = 210,
  EXIT_SETSCHEDULER = 214,
  EXIT_GROUP = 216,
  EXIT_USER = 217,
  EXIT_CAPABILITIES = 218,
  EXIT_NAMESPACE = 226,
  EXIT_NO_NEW_PRIVILEGES = 227,
  EXIT_SECCOMP = 228,
};

/* In this order.  Groups are set for every command, privileged or not, as
 * systemd 252 does.
 */
static const struct {
  di_step *take;
  unsigned without; /* enum di_flag: not for commands with one of these */
  int status;       /* to exit with when it fails */
} steps[] = {
  { di_take_streams, 0, EXIT_STDIN },
  { di_take_schedule, 0, EXIT_SETSCHEDULER },
  { take_limits, DI_UNCONFINED, EXIT_LIMITS },
  { di_isolate, DI_UNCONFINED, EXIT_NAMESPACE },
  { take_groups, 0, EXIT_GROUP },
  { di_bind_capabilities, DI_UNCONFINED, EXIT_CAPABILITIES },
  { di_enter_root, 0, EXIT_CHROOT },
  { take_user, DI_PRIVILEGED, EXIT_USER },
  { di_raise_capabilities, DI_PRIVILEGED | DI_UNCONFINED, EXIT_CAPABILITIES },
  { enter_folder, 0, EXIT_CHDIR },
  { di_renounce_privileges, DI_UNCONFINED, EXIT_NO_NEW_PRIVILEGES },
  { di_take_sockets, 0, EXIT_FDS },
  { di_load_filters, DI_UNCONFINED, EXIT_SECCOMP },
};

/* The variable that tells a process that it is meant. */
static void
set_own_pid (char *const *env)
{
  static const char name[] = "WATCHDOG_PID=";
  const char *pid = DI_NUMBER (getpid ());

  for (; *env != NULL; env++) {
    if (strcmp (*env + strcspn (*env, "0"), DI_PID_ROOM) == 0 &&
        strncmp (*env, name, sizeof name - 1) == 0)
      memcpy (*env + sizeof name - 1, pid, strlen (pid) + 1);
  }
}

/* The status to exit with.  This process has one thread, so that anything may
 * be called.
 */
static int
become (const struct di_child *child, struct di_error *err)
{
  const struct di_spawn *spawn = child->spawn;

  (void) setsid (); /* a new process leads no group, so it succeeds */
  umask ((mode_t) spawn->service->umask);
  reset_signals (spawn->service->has_sigpipe);
  for (size_t i = 0; i < DI_COUNT (steps); i++) {
    if ((spawn->line->flags & steps[i].without) == 0 &&
        steps[i].take (child, err) < 0)
      return steps[i].status;
  }
  set_own_pid (spawn->env);
  execve (spawn->line->words[2], spawn->argv, spawn->env);
  di_fail_errno (err, "cannot execute ", spawn->line->words[2], NULL);
  return EXIT_EXEC;
}

/* Wait until the child has executed its program (0), or failed before (-1).
 */
static int
hear (const struct di_spawn *spawn, int news_fd, struct di_error *err)
{
  struct news news;

  for (;;) {
    const ssize_t size = read (news_fd, &news, sizeof news);
    if (size < 0 && errno == EINTR)
      continue;
    if (size != (ssize_t) sizeof news)
      return 0;
    if (news.is_failure) {
      *err = news.err;
      return -1;
    }
    di_say (spawn->service->name, news.err.text, NULL);
  }
}

pid_t
di_spawn (const struct di_spawn *spawn, int *status, struct di_error *err)
{
  struct di_child child = { .spawn = spawn };
  int fds[2];

  if (pipe2 (fds, O_CLOEXEC) < 0)
    return di_fail_errno (err, "cannot make a pipe", NULL);
  child.news_fd = di_passing_make_room (spawn->passing, &fds[1]);
  const pid_t pid = fork ();
  if (pid == 0) {
    const int failed = become (&child, err);
    tell (&child, true, err);
    _exit (failed);
  }
  close (fds[1]);
  *status = -1;
  if (pid < 0)
    di_fail_errno (err, "cannot make a process", NULL);
  const bool is_started = pid > 0 && hear (spawn, fds[0], err) == 0;
  close (fds[0]);
  if (pid > 0 && !is_started)
    while (waitpid (pid, status, 0) < 0 && errno == EINTR)
      ;
  return is_started ? pid : -1;
}

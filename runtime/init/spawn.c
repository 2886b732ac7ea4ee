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

#include "runtime/init/spawn.h"
#include "runtime/init/words.h"

#define SIGNAL_MAX 64 /* the kernel's, on all architectures but mips */

/* What a child tells its parent; less than PIPE_BUF, so in one piece. */
enum step {
  STEP_INPUT,
  STEP_LIMIT,
  STEP_LOWERED, /* no failure: a limit is lower than the plan wants it */
  STEP_GROUPS,
  STEP_GROUP,
  STEP_USER,
  STEP_FOLDER,
  STEP_PROGRAM,
};

struct news {
  enum step step;
  int code;       /* errno */
  int resource;   /* of a limit */
  int64_t number; /* the id, or the limit now in force */
};

/* What the child needs, ready before the fork. */
struct child {
  const struct di_spawn *spawn;
  int news_fd;
  gid_t groups[DI_GROUP_MAX];
  size_t group_count;
  bool has_groups; /* set them, even to none */
};

static void
tell (const struct child *child, enum step step, int resource, int64_t number)
{
  const struct news news = {
    .step = step, .code = errno, .resource = resource, .number = number
  };

  while (write (child->news_fd, &news, sizeof news) < 0 && errno == EINTR)
    ;
}

static rlim_t
limit_value (int64_t wanted, rlim_t now)
{
  if (wanted == DI_LIMIT_KEEP)
    return now;
  return wanted == DI_LIMIT_INFINITY ? RLIM_INFINITY : (rlim_t) wanted;
}

static bool
is_limited (const struct child *child, const struct di_line *line)
{
  struct rlimit now, wanted;

  if (getrlimit (line->choice, &now) < 0)
    return false;
  wanted.rlim_cur = limit_value (line->numbers[0], now.rlim_cur);
  wanted.rlim_max = limit_value (line->numbers[1], now.rlim_max);
  if (wanted.rlim_cur > wanted.rlim_max)
    wanted.rlim_cur = wanted.rlim_max;
  if (setrlimit (line->choice, &wanted) == 0)
    return true;
  if (errno != EPERM)
    return false;

  /* A container is seldom allowed to raise a limit: as far as we may. */
  if (wanted.rlim_max > now.rlim_max)
    wanted.rlim_max = now.rlim_max;
  if (wanted.rlim_cur > wanted.rlim_max) {
    wanted.rlim_cur = wanted.rlim_max;
    tell (child, STEP_LOWERED, line->choice, (int64_t) wanted.rlim_cur);
  }
  return setrlimit (line->choice, &wanted) == 0;
}

static bool
are_limits_set (const struct child *child)
{
  size_t position = 0;
  const struct di_line *line;

  while ((line = di_next (child->spawn->service, DI_LIMIT, &position)) !=
         NULL) {
    if (!is_limited (child, line)) {
      tell (child, STEP_LIMIT, line->choice, 0);
      return false;
    }
  }
  return true;
}

static bool
is_user_set (const struct child *child)
{
  const struct di_service *service = child->spawn->service;
  const uid_t user = (uid_t) service->user;
  const gid_t group = (gid_t) service->group;

  if (child->has_groups && setgroups (child->group_count, child->groups) < 0) {
    tell (child, STEP_GROUPS, 0, 0);
    return false;
  }
  if (service->group != DI_KEEP && setresgid (group, group, group) < 0) {
    tell (child, STEP_GROUP, 0, service->group);
    return false;
  }
  if (service->user != DI_KEEP && setresuid (user, user, user) < 0) {
    tell (child, STEP_USER, 0, service->user);
    return false;
  }
  return true;
}

/* The folder to work in; *IS_OPTIONAL: else it is the root. */
static const char *
work_folder (const struct di_service *service, bool *is_optional)
{
  size_t position = 0;
  const struct di_line *line = di_next (service, DI_CHDIR, &position);

  *is_optional = line != NULL && (line->flags & DI_IGNORE) != 0;
  return line == NULL ? "/" : line->words[1];
}

static bool
is_folder_entered (const struct child *child)
{
  bool is_optional;
  const char *path = work_folder (child->spawn->service, &is_optional);

  if (chdir (path) == 0 || (is_optional && chdir ("/") == 0))
    return true;
  tell (child, STEP_FOLDER, 0, 0);
  return false;
}

static bool
is_input_set (const struct child *child)
{
  const int null_fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  if (null_fd >= 0 && dup2 (null_fd, STDIN_FILENO) >= 0 &&
      dup2 (child->spawn->output_fd, STDOUT_FILENO) >= 0 &&
      dup2 (child->spawn->output_fd, STDERR_FILENO) >= 0)
    return true;
  tell (child, STEP_INPUT, 0, 0);
  return false;
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

/* Only async-signal-safe calls from here on. */
static void
become (const struct child *child)
{
  const struct di_spawn *spawn = child->spawn;
  const struct di_service *service = spawn->service;
  const bool is_privileged = (spawn->line->flags & DI_PRIVILEGED) != 0;

  (void) setsid (); /* a new process leads no group, so it succeeds */
  if (!is_input_set (child))
    return;
  umask ((mode_t) service->umask);
  if (!are_limits_set (child) || (!is_privileged && !is_user_set (child)) ||
      !is_folder_entered (child))
    return;
  reset_signals (service->has_sigpipe);
  execve (spawn->line->words[2], spawn->argv, spawn->env);
  tell (child, STEP_PROGRAM, 0, 0);
}

/* The user's groups; one that does not fit was refused by the compiler. */
static void
collect_groups (struct child *child)
{
  const struct di_service *service = child->spawn->service;
  size_t position = 0;
  const struct di_line *line;
  int64_t id;

  child->has_groups = service->user != DI_KEEP || service->group != DI_KEEP;
  while ((line = di_next (service, DI_GROUPS, &position)) != NULL) {
    child->has_groups = true;
    for (size_t i = 0; i < line->count; i++) {
      if (child->group_count < DI_GROUP_MAX &&
          di_number_parse (line->words[i], 10, 0, UINT32_MAX, &id) == 0)
        child->groups[child->group_count++] = (gid_t) id;
    }
  }
}

static void
explain (const struct di_spawn *spawn, const struct news *news,
         struct di_error *err)
{
  static const char *const texts[] = {
    [STEP_INPUT] = "cannot set input and output",
    [STEP_LIMIT] = "cannot set limit ",
    [STEP_GROUPS] = "cannot set the supplementary groups",
    [STEP_GROUP] = "cannot set group ",
    [STEP_USER] = "cannot set user ",
    [STEP_FOLDER] = "cannot enter folder ",
    [STEP_PROGRAM] = "cannot execute ",
  };
  bool is_optional;
  const char *what = "";

  if (news->step == STEP_LIMIT)
    what = di_resource_name (news->resource);
  else if (news->step == STEP_GROUP || news->step == STEP_USER)
    what = DI_NUMBER (news->number);
  else if (news->step == STEP_FOLDER)
    what = work_folder (spawn->service, &is_optional);
  else if (news->step == STEP_PROGRAM)
    what = spawn->line->words[2];
  errno = news->code;
  di_fail_errno (err, texts[news->step], what, NULL);
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
    if (news.step != STEP_LOWERED) {
      explain (spawn, &news, err);
      return -1;
    }
    di_say (spawn->service->name, "limit ", di_resource_name (news.resource),
            " is ", DI_NUMBER (news.number), ", more is not allowed here",
            NULL);
  }
}

pid_t
di_spawn (const struct di_spawn *spawn, struct di_error *err)
{
  struct child child = { .spawn = spawn };
  int fds[2];

  collect_groups (&child);
  if (pipe2 (fds, O_CLOEXEC) < 0)
    return di_fail_errno (err, "cannot make a pipe", NULL);
  child.news_fd = fds[1];
  const pid_t pid = fork ();
  if (pid == 0) {
    become (&child);
    _exit (1);
  }
  close (fds[1]);
  if (pid < 0)
    di_fail_errno (err, "cannot make a process", NULL);
  const int status = pid < 0 ? -1 : hear (spawn, fds[0], err);
  close (fds[0]);
  if (pid > 0 && status < 0)
    while (waitpid (pid, NULL, 0) < 0 && errno == EINTR)
      ;
  return status < 0 ? -1 : pid;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "lib/capability.h"
#include "lib/landlock.h"
#include "lib/launch.h"
#include "lib/quote.h"

#define ENV_MAX 256 /* variables */

/* Socket activation: the number of the first socket and what names the
 * process it is meant for; the zeros are written over.
 */
#define LISTEN_FD 3
#define LISTEN_PID "LISTEN_PID="
#define LISTEN_PID_DIGITS 10

/* The steps of the child; the parent puts its words to the one that failed.
 */
enum step {
  STEP_PARENT,
  STEP_STDIO,
  STEP_DESCRIPTORS,
  STEP_LIMITS,
  STEP_JAIL,
  STEP_EXEC,
};

static const char *const step_words[] = {
  [STEP_PARENT] = "cannot tie it to its parent",
  [STEP_STDIO] = "cannot redirect it",
  [STEP_DESCRIPTORS] = "cannot pass its descriptors",
  [STEP_LIMITS] = "cannot limit it",
  [STEP_JAIL] = "cannot confine it",
  [STEP_EXEC] = "cannot start it",
};

struct failure {
  enum step step;
  int error;
};

struct limit {
  unsigned resource;
  struct rlimit value;
};

struct dc_launch {
  const struct dc_run *run;
  struct dc_launch_stdio stdio;
  pid_t parent;
  char *path;
  char **argv; /* the words are RUN's; execve() wants them without const */
  char **env;
  size_t env_count;
  char *listen_pid; /* the digits in ENV, NULL: no socket is handed over */
  struct limit limits[3];
  size_t limit_count;
  rlim_t fd_max; /* for kernels without close_range() */
  int ruleset;
  int failure_pipe[2]; /* closed by exec, or brings a struct failure */
};

/* What jailed programs need: programs, libraries and their data; libnuma
 * asks for the processors.  Measured with qemu-img and qemu-nbd 7.2.
 */
static const struct {
  const char *path;
  enum dc_landlock_access access;
} system_files[] = {
  { "/bin", DC_LANDLOCK_EXECUTE },
  { "/dev/null", DC_LANDLOCK_WRITE },
  { "/dev/random", DC_LANDLOCK_READ },
  { "/dev/urandom", DC_LANDLOCK_READ },
  { "/dev/zero", DC_LANDLOCK_READ },
  { "/etc/ld.so.cache", DC_LANDLOCK_READ },
  { "/lib", DC_LANDLOCK_EXECUTE },
  { "/lib64", DC_LANDLOCK_EXECUTE },
  { "/sbin", DC_LANDLOCK_EXECUTE },
  { "/sys/devices/system", DC_LANDLOCK_READ },
  { "/usr", DC_LANDLOCK_EXECUTE },
};

/* To open what others own, as the user who started us may. */
#define JAIL_CAPABILITIES                                                      \
  (DC_CAPABILITY (CAP_DAC_OVERRIDE) | DC_CAPABILITY (CAP_DAC_READ_SEARCH))

/* Add VARIABLE unless its name is there. */
static int
add_variable (struct dc_launch *launch, const char *variable,
              struct dc_error *err)
{
  const size_t size = strcspn (variable, "=") + 1;

  for (size_t i = 0; i < launch->env_count; i++)
    if (strncmp (launch->env[i], variable, size) == 0)
      return 0;
  if (launch->env_count == ENV_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "more than %d environment variables",
                    ENV_MAX);
  launch->env[launch->env_count] = strdup (variable);
  if (launch->env[launch->env_count] == NULL)
    return dc_fail_errno (err, "cannot keep an environment variable");
  launch->env_count++;
  return 0;
}

static int
add_ours (struct dc_launch *launch, const char *name, struct dc_error *err)
{
  const char *value = getenv (name);
  AUTO_FREE char *variable = NULL;

  if (value == NULL)
    return 0;
  if (asprintf (&variable, "%s=%s", name, value) < 0) {
    variable = NULL; /* undefined after a failure */
    return dc_fail_errno (err, "cannot keep an environment variable");
  }
  return add_variable (launch, variable, err);
}

static int
announce_socket (struct dc_launch *launch, struct dc_error *err)
{
  if (launch->run->listen_fd == 0)
    return 0;
  if (add_variable (launch, "LISTEN_FDS=1", err) < 0 ||
      add_variable (launch, LISTEN_PID "0000000000", err) < 0)
    return -1;
  launch->listen_pid = launch->env[launch->env_count - 1] + strlen (LISTEN_PID);
  return 0;
}

static int
make_environment (struct dc_launch *launch, struct dc_error *err)
{
  const char *const *env = launch->run->env;
  const char *const *names = launch->run->pass_env;

  launch->env = calloc (ENV_MAX + 1, sizeof *launch->env);
  if (launch->env == NULL)
    return dc_fail_errno (err, "cannot make an environment");
  if (announce_socket (launch, err) < 0)
    return -1;
  for (; env != NULL && *env != NULL; env++)
    if (add_variable (launch, *env, err) < 0)
      return -1;
  for (; names != NULL && *names != NULL; names++)
    if (add_ours (launch, *names, err) < 0)
      return -1;
  if (add_variable (launch, "PATH=" DC_RUN_PATH, err) < 0)
    return -1;
  return add_variable (launch, "LC_ALL=C", err);
}

static int
copy_argv (struct dc_launch *launch, struct dc_error *err)
{
  const char *const *argv = launch->run->argv;
  size_t count = 0;

  while (argv[count] != NULL)
    count++;
  launch->argv = calloc (count + 1, sizeof *launch->argv);
  if (launch->argv == NULL)
    return dc_fail_errno (err, "cannot keep %zu arguments", count);
  memcpy (launch->argv, argv, count * sizeof *argv);
  return 0;
}

static int
find_program (struct dc_launch *launch, struct dc_error *err)
{
  const char *program = launch->run->argv[0];

  errno = 0;
  launch->path =
      strchr (program, '/') != NULL ? strdup (program) : dc_run_find (program);
  if (launch->path != NULL)
    return 0;
  if (errno == ENOMEM)
    return dc_fail_errno (err, "cannot look for '%s'", dc_quote (program).text);
  return dc_fail (err, DC_ERR_NOTFOUND, "no program '%s' in %s",
                  dc_quote (program).text, DC_RUN_PATH);
}

/* GRACE: how far the hard limit, which kills, is above the soft one. */
static void
add_limit (struct dc_launch *launch, unsigned resource, rlim_t max,
           rlim_t grace)
{
  struct limit *limit = &launch->limits[launch->limit_count++];
  struct rlimit now = { RLIM_INFINITY, RLIM_INFINITY };

  assert (launch->limit_count <= DC_COUNT (launch->limits));

  (void) getrlimit (resource, &now); /* cannot fail: a known resource */
  limit->resource = resource;
  limit->value.rlim_cur = max < now.rlim_max ? max : now.rlim_max;
  limit->value.rlim_max =
      max + grace < now.rlim_max ? max + grace : now.rlim_max;
}

static int
allow_system (int ruleset, const char *path, enum dc_landlock_access access,
              struct dc_error *err)
{
  if (dc_landlock_allow_path (ruleset, path, access, err) == 0)
    return 0;
  return err->code == DC_ERR_NOTFOUND ? 0 : -1; /* not every system has all */
}

static int
allow_paths (int ruleset, const char *const *paths,
             enum dc_landlock_access access, struct dc_error *err)
{
  for (; paths != NULL && *paths != NULL; paths++)
    if (dc_landlock_allow_path (ruleset, *paths, access, err) < 0)
      return dc_context (err, "cannot let a program use a file");
  return 0;
}

static int
make_jail (struct dc_launch *launch, const struct dc_jail *jail,
           struct dc_error *err)
{
  add_limit (launch, RLIMIT_CORE, 0, 0);
  if (jail->memory_max > 0)
    add_limit (launch, RLIMIT_AS, jail->memory_max, 0);
  if (jail->cpu_max_s > 0)
    add_limit (launch, RLIMIT_CPU, jail->cpu_max_s, 1);
  if (dc_landlock_new (DC_LANDLOCK_OFFLINE, &launch->ruleset, err) < 0)
    return -1;

  const int ruleset = launch->ruleset;
  for (size_t i = 0; i < DC_COUNT (system_files); i++)
    if (allow_system (ruleset, system_files[i].path, system_files[i].access,
                      err) < 0)
      return -1;
  if (allow_system (ruleset, launch->path, DC_LANDLOCK_EXECUTE, err) < 0 ||
      allow_paths (ruleset, jail->read_paths, DC_LANDLOCK_READ, err) < 0)
    return -1;
  return allow_paths (ruleset, jail->write_paths, DC_LANDLOCK_WRITE, err);
}

/* What the child needs until exec must survive the socket's arrival: nothing
 * of it has that number, because dc_child_start() opened others before.
 */
static void
check_listen_fd (const struct dc_launch *launch)
{
  if (launch->run->listen_fd == 0)
    return;
  assert (launch->ruleset != LISTEN_FD);
  assert (launch->failure_pipe[1] != LISTEN_FD);
  for (size_t i = 0; i < launch->run->keep_fd_count; i++)
    assert (launch->run->keep_fds[i] != LISTEN_FD);
}

int
dc_launch_new (const struct dc_run *run, const struct dc_launch_stdio *stdio,
               struct dc_launch **out, struct dc_error *err)
{
  DC_AUTO (dc_launch) *launch = calloc (1, sizeof *launch);
  struct rlimit fds = { 1024, 1024 };

  if (launch == NULL)
    return dc_fail_errno (err, "cannot prepare a program");
  launch->run = run;
  launch->stdio = *stdio;
  launch->parent = getpid ();
  launch->ruleset = -1;
  launch->failure_pipe[0] = launch->failure_pipe[1] = -1;
  (void) getrlimit (RLIMIT_NOFILE, &fds); /* cannot fail: a known resource */
  launch->fd_max = fds.rlim_cur;
  if (find_program (launch, err) < 0 || copy_argv (launch, err) < 0 ||
      make_environment (launch, err) < 0)
    return -1;
  if (run->jail != NULL && make_jail (launch, run->jail, err) < 0)
    return -1;
  if (pipe2 (launch->failure_pipe, O_CLOEXEC) < 0)
    return dc_fail_errno (err, "cannot make a pipe");
  check_listen_fd (launch);
  *out = DC_TAKE (launch);
  return 0;
}

void
dc_launch_free (struct dc_launch *launch)
{
  if (launch == NULL)
    return;
  for (size_t i = 0; i < launch->env_count; i++)
    free (launch->env[i]);
  free (launch->env);
  free (launch->argv);
  free (launch->path);
  dc_close_auto (&launch->ruleset);
  dc_close_auto (&launch->failure_pipe[0]);
  dc_close_auto (&launch->failure_pipe[1]);
  free (launch);
}

int
dc_launch_confirm (struct dc_launch *launch, struct dc_error *err)
{
  struct failure failure;
  ssize_t n;

  dc_close_auto (&launch->failure_pipe[1]);
  launch->failure_pipe[1] = -1;
  do
    n = read (launch->failure_pipe[0], &failure, sizeof failure);
  while (n < 0 && errno == EINTR);
  if (n == 0)
    return 0;
  if (n != sizeof failure)
    return dc_fail_errno (err, "cannot hear from a child");
  errno = failure.error;
  (void) dc_fail_errno (err, "%s", step_words[failure.step]);
  if (failure.step == STEP_EXEC && failure.error == ENOENT)
    err->code = DC_ERR_NOTFOUND;
  return dc_context (err, "'%s'", dc_quote (launch->run->argv[0]).text);
}

/* ---- From here on: in the child, async-signal-safe calls only. ---- */

static void fail_child (const struct dc_launch *launch, enum step step,
                        int error) __attribute__ ((__noreturn__));
static void
fail_child (const struct dc_launch *launch, enum step step, int error)
{
  const struct failure failure = { step, error };

  /* If the parent is gone, nobody wants to know. */
  (void) !write (launch->failure_pipe[1], &failure, sizeof failure);
  _exit (127);
}

/* Ctrl-C on a terminal reaches our group only; the parent may have died
 * before the kernel knew that we want to hear of it.
 */
static int
tie_to_parent (const struct dc_launch *launch)
{
  if (setpgid (0, 0) < 0)
    return errno;
  if (launch->run->outlives_us)
    return 0;
  if (prctl (PR_SET_PDEATHSIG, SIGKILL) < 0)
    return errno;
  return getppid () == launch->parent ? 0 : ESRCH;
}

/* In this order, because a source may be 1 or 2 but not 0. */
static int
set_stdio (const struct dc_launch *launch)
{
  for (int i = 0; i < 3; i++) {
    const int fd = launch->stdio.fds[i];
    if (fd == i ? fcntl (fd, F_SETFD, 0) < 0 : dup2 (fd, i) < 0)
      return errno;
  }
  return 0;
}

static int
pass_descriptors (const struct dc_launch *launch)
{
  const struct dc_run *run = launch->run;

  /* Linux 5.11; older: one by one, and what is not open is no error. */
  if (syscall (SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) < 0)
    for (rlim_t fd = 3; fd < launch->fd_max; fd++)
      (void) fcntl ((int) fd, F_SETFD, FD_CLOEXEC);
  for (size_t i = 0; i < run->keep_fd_count; i++)
    if (fcntl (run->keep_fds[i], F_SETFD, 0) < 0)
      return errno;
  return 0;
}

static int
hand_over_socket (const struct dc_launch *launch)
{
  const int fd = launch->run->listen_fd;
  unsigned pid = (unsigned) getpid ();

  if (fd == 0)
    return 0;
  for (int i = LISTEN_PID_DIGITS; i-- > 0; pid /= 10)
    launch->listen_pid[i] = (char) ('0' + pid % 10);
  if (fd == LISTEN_FD ? fcntl (fd, F_SETFD, 0) < 0 : dup2 (fd, LISTEN_FD) < 0)
    return errno;
  return 0;
}

static int
set_limits (const struct dc_launch *launch)
{
  for (size_t i = 0; i < launch->limit_count; i++) {
    const struct limit *limit = &launch->limits[i];
    if (setrlimit (limit->resource, &limit->value) < 0)
      return errno;
  }
  return 0;
}

static int
enter_jail (const struct dc_launch *launch)
{
  if (launch->run->jail == NULL)
    return 0;
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    return errno;
  const int failed = dc_capability_keep (JAIL_CAPABILITIES);
  return failed != 0 ? failed : dc_landlock_enter (launch->ruleset);
}

/* Handlers are reset by exec; what is ignored would stay so. */
static void
reset_signals (void)
{
  sigset_t none;

  for (int i = 1; i < NSIG; i++)
    (void) signal (i, SIG_DFL); /* SIGKILL and SIGSTOP cannot be set */
  (void) sigemptyset (&none);
  (void) sigprocmask (SIG_SETMASK, &none, NULL); /* cannot fail */
}

void
dc_launch_exec (const struct dc_launch *launch)
{
  static const struct {
    enum step step;
    int (*act) (const struct dc_launch *launch); /* 0, or the errno */
  } steps[] = {
    { STEP_PARENT, tie_to_parent },
    { STEP_STDIO, set_stdio },
    { STEP_DESCRIPTORS, pass_descriptors },
    { STEP_DESCRIPTORS, hand_over_socket },
    { STEP_LIMITS, set_limits },
    { STEP_JAIL, enter_jail },
  };

  for (size_t i = 0; i < DC_COUNT (steps); i++) {
    const int failed = steps[i].act (launch);
    if (failed != 0)
      fail_child (launch, steps[i].step, failed);
  }
  reset_signals ();
  (void) execve (launch->path, launch->argv, launch->env);
  fail_child (launch, STEP_EXEC, errno);
}

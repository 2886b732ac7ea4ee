/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/filter.h"

/* Allowed with any arguments.  Names that only one architecture has are
 * passed over by libseccomp on the other.
 */
static const int always[] = {
  /* descriptors that are open */
  SCMP_SYS (close),
  SCMP_SYS (close_range),
  SCMP_SYS (copy_file_range),
  SCMP_SYS (dup),
  SCMP_SYS (dup2),
  SCMP_SYS (dup3),
  SCMP_SYS (epoll_create1),
  SCMP_SYS (epoll_ctl),
  SCMP_SYS (epoll_pwait),
  SCMP_SYS (epoll_wait),
  SCMP_SYS (eventfd2),
  SCMP_SYS (fadvise64),
  SCMP_SYS (fallocate),
  SCMP_SYS (fdatasync),
  SCMP_SYS (fgetxattr),
  SCMP_SYS (flistxattr),
  SCMP_SYS (flock),
  SCMP_SYS (fstat),
  SCMP_SYS (fstatfs),
  SCMP_SYS (fsync),
  SCMP_SYS (ftruncate),
  SCMP_SYS (getdents64),
  SCMP_SYS (getpeername),
  SCMP_SYS (getsockname),
  SCMP_SYS (getsockopt),
  SCMP_SYS (lseek),
  SCMP_SYS (memfd_create),
  SCMP_SYS (newfstatat), /* glibc's fstat() */
  SCMP_SYS (pipe2),
  SCMP_SYS (poll),
  SCMP_SYS (ppoll),
  SCMP_SYS (pread64),
  SCMP_SYS (preadv),
  SCMP_SYS (preadv2),
  SCMP_SYS (pselect6),
  SCMP_SYS (pwrite64),
  SCMP_SYS (pwritev),
  SCMP_SYS (pwritev2),
  SCMP_SYS (read),
  SCMP_SYS (readahead),
  SCMP_SYS (readv),
  SCMP_SYS (recvfrom),
  SCMP_SYS (recvmsg),
  SCMP_SYS (select),
  SCMP_SYS (sendfile),
  SCMP_SYS (sendmsg),
  SCMP_SYS (setsockopt),
  SCMP_SYS (shutdown),
  SCMP_SYS (splice),
  SCMP_SYS (statx),
  SCMP_SYS (sync_file_range),
  SCMP_SYS (write),
  SCMP_SYS (writev),
  /* memory and threads */
  SCMP_SYS (brk),
  SCMP_SYS (exit),
  SCMP_SYS (exit_group),
  SCMP_SYS (futex),
  SCMP_SYS (get_robust_list),
  SCMP_SYS (getcpu),
  SCMP_SYS (madvise),
  SCMP_SYS (membarrier),
  SCMP_SYS (mremap),
  SCMP_SYS (munmap),
  SCMP_SYS (restart_syscall),
  SCMP_SYS (rseq),
  SCMP_SYS (rt_sigaction),
  SCMP_SYS (rt_sigpending),
  SCMP_SYS (rt_sigprocmask),
  SCMP_SYS (rt_sigreturn),
  SCMP_SYS (rt_sigsuspend),
  SCMP_SYS (rt_sigtimedwait),
  SCMP_SYS (sched_getaffinity),
  SCMP_SYS (sched_getparam),
  SCMP_SYS (sched_getscheduler),
  SCMP_SYS (sched_yield),
  SCMP_SYS (set_robust_list),
  SCMP_SYS (set_tid_address),
  SCMP_SYS (sigaltstack),
  /* clocks, chance, who am I */
  SCMP_SYS (clock_getres),
  SCMP_SYS (clock_gettime),
  SCMP_SYS (clock_nanosleep),
  SCMP_SYS (getegid),
  SCMP_SYS (geteuid),
  SCMP_SYS (getgid),
  SCMP_SYS (getpid),
  SCMP_SYS (getppid),
  SCMP_SYS (getrandom),
  SCMP_SYS (getrusage),
  SCMP_SYS (gettid),
  SCMP_SYS (gettimeofday),
  SCMP_SYS (getuid),
  SCMP_SYS (nanosleep),
  SCMP_SYS (sysinfo),
  SCMP_SYS (time),
  SCMP_SYS (times),
  SCMP_SYS (uname),
};

/* The flags of openat2() are in memory, where a filter cannot look; Landlock
 * sees to them.
 */
static const int reading[] = {
  SCMP_SYS (access),    SCMP_SYS (faccessat),  SCMP_SYS (faccessat2),
  SCMP_SYS (getcwd),    SCMP_SYS (getxattr),   SCMP_SYS (lgetxattr),
  SCMP_SYS (listxattr), SCMP_SYS (llistxattr), SCMP_SYS (lstat),
  SCMP_SYS (openat2),   SCMP_SYS (readlink),   SCMP_SYS (readlinkat),
  SCMP_SYS (stat),      SCMP_SYS (statfs),
};

static const int writing[] = {
  SCMP_SYS (chdir),        SCMP_SYS (fchdir),    SCMP_SYS (chmod),
  SCMP_SYS (chown),        SCMP_SYS (creat),     SCMP_SYS (fchmod),
  SCMP_SYS (fchmodat),     SCMP_SYS (fchown),    SCMP_SYS (fchownat),
  SCMP_SYS (fremovexattr), SCMP_SYS (fsetxattr), SCMP_SYS (futimesat),
  SCMP_SYS (lchown),       SCMP_SYS (link),      SCMP_SYS (linkat),
  SCMP_SYS (lremovexattr), SCMP_SYS (lsetxattr), SCMP_SYS (mkdir),
  SCMP_SYS (mkdirat),      SCMP_SYS (mknod),     SCMP_SYS (mknodat),
  SCMP_SYS (open),         SCMP_SYS (openat),    SCMP_SYS (removexattr),
  SCMP_SYS (rename),       SCMP_SYS (renameat),  SCMP_SYS (renameat2),
  SCMP_SYS (rmdir),        SCMP_SYS (setxattr),  SCMP_SYS (symlink),
  SCMP_SYS (symlinkat),    SCMP_SYS (syncfs),    SCMP_SYS (truncate),
  SCMP_SYS (umask),        SCMP_SYS (unlink),    SCMP_SYS (unlinkat),
  SCMP_SYS (utime),        SCMP_SYS (utimensat), SCMP_SYS (utimes),
};

/* A library tries an older call only if the newer does not exist. */
static const int unknown[] = {
  SCMP_SYS (clone3), /* its flags are in memory */
};

/* F_SETOWN is not here: it makes the kernel send signals to others. */
static const int fcntl_commands[] = {
  F_DUPFD,     F_DUPFD_CLOEXEC, F_GETFD,      F_SETFD,
  F_GETFL,     F_SETFL,         F_GETLK,      F_SETLK,
  F_SETLKW,    F_OFD_GETLK,     F_OFD_SETLK,  F_OFD_SETLKW,
  F_ADD_SEALS, F_GET_SEALS,     F_GETPIPE_SZ, F_SETPIPE_SZ,
};

static int
fail_filter (int status, struct dc_error *err)
{
  errno = -status;
  return dc_fail_errno (err, "cannot make a system call filter");
}

static int
add_rules (scmp_filter_ctx filter, uint32_t action, const int *calls,
           size_t count, struct dc_error *err)
{
  for (size_t i = 0; i < count; i++) {
    const int status = seccomp_rule_add (filter, action, calls[i], 0);
    if (status < 0)
      return fail_filter (status, err);
  }
  return 0;
}
#define ADD_RULES(filter, action, calls, err)                                  \
  add_rules ((filter), (action), (calls), DC_COUNT (calls), (err))

/* Calls that depend on one or two arguments. */
struct condition {
  int call;
  unsigned count;
  struct scmp_arg_cmp arguments[2];
};

static int
add_conditions (scmp_filter_ctx filter, const struct condition *conditions,
                size_t count, struct dc_error *err)
{
  for (size_t i = 0; i < count; i++) {
    const int status =
        seccomp_rule_add_array (filter, SCMP_ACT_ALLOW, conditions[i].call,
                                conditions[i].count, conditions[i].arguments);
    if (status < 0)
      return fail_filter (status, err);
  }
  return 0;
}

#define MASKED(argument, mask, value)                                          \
  {                                                                            \
    .arg = (argument), .op = SCMP_CMP_MASKED_EQ, .datum_a = (mask),            \
    .datum_b = (value)                                                         \
  }
#define EQUAL(argument, value)                                                 \
  {                                                                            \
    .arg = (argument), .op = SCMP_CMP_EQ, .datum_a = (value)                   \
  }

static int
add_always (scmp_filter_ctx filter, struct dc_error *err)
{
  const struct condition conditions[] = {
    /* a thread, not a process */
    { SCMP_SYS (clone), 1, { MASKED (0, CLONE_THREAD, CLONE_THREAD) } },
    { SCMP_SYS (mmap), 1, { MASKED (2, PROT_EXEC, 0) } },
    { SCMP_SYS (mprotect), 1, { MASKED (2, PROT_EXEC, 0) } },
    /* abort(); pids do not change after the fork */
    { SCMP_SYS (tgkill), 1, { EQUAL (0, (scmp_datum_t) getpid ()) } },
    /* asks for a limit of our own, sets none */
    { SCMP_SYS (prlimit64), 2, { EQUAL (0, 0), EQUAL (2, 0) } },
    /* to the peer, not to an address */
    { SCMP_SYS (sendto), 1, { EQUAL (4, 0) } },
    { SCMP_SYS (prctl), 1, { EQUAL (0, PR_SET_NAME) } },
  };

  if (ADD_RULES (filter, SCMP_ACT_ALLOW, always, err) < 0 ||
      ADD_RULES (filter, SCMP_ACT_ERRNO (ENOSYS), unknown, err) < 0 ||
      add_conditions (filter, conditions, DC_COUNT (conditions), err) < 0)
    return -1;
  for (size_t i = 0; i < DC_COUNT (fcntl_commands); i++) {
    const struct condition command = {
      SCMP_SYS (fcntl), 1, { EQUAL (1, (scmp_datum_t) fcntl_commands[i]) }
    };
    if (add_conditions (filter, &command, 1, err) < 0)
      return -1;
  }
  return 0;
}

static int
add_files (scmp_filter_ctx filter, enum dc_filter_files files,
           struct dc_error *err)
{
  static const struct condition read_only[] = {
    { SCMP_SYS (open), 1, { MASKED (1, O_ACCMODE | O_CREAT | O_TRUNC, 0) } },
    { SCMP_SYS (openat), 1, { MASKED (2, O_ACCMODE | O_CREAT | O_TRUNC, 0) } },
  };

  if (files == DC_FILTER_NO_FILES)
    return 0;
  if (ADD_RULES (filter, SCMP_ACT_ALLOW, reading, err) < 0)
    return -1;
  if (files == DC_FILTER_READ_FILES)
    return add_conditions (filter, read_only, DC_COUNT (read_only), err);
  return ADD_RULES (filter, SCMP_ACT_ALLOW, writing, err);
}

static int
add_network (scmp_filter_ctx filter, enum dc_filter_network network,
             struct dc_error *err)
{
  static const int connecting[] = { SCMP_SYS (connect) };
  static const struct condition families[] = {
    { SCMP_SYS (socket), 1, { EQUAL (0, AF_INET) } },
    { SCMP_SYS (socket), 1, { EQUAL (0, AF_INET6) } },
    { SCMP_SYS (socket), 1, { EQUAL (0, AF_UNIX) } },
  };

  if (network == DC_FILTER_NO_SOCKETS)
    return 0;
  if (ADD_RULES (filter, SCMP_ACT_ALLOW, connecting, err) < 0)
    return -1;
  return add_conditions (filter, families, DC_COUNT (families), err);
}

static void
release_filter (scmp_filter_ctx *filter)
{
  if (*filter != NULL)
    seccomp_release (*filter);
}

int
dc_filter_enter (enum dc_filter_files files, enum dc_filter_network network,
                 struct dc_error *err)
{
  __attribute__ ((__cleanup__ (release_filter))) scmp_filter_ctx filter =
      seccomp_init (SCMP_ACT_ERRNO (EPERM));

  if (filter == NULL)
    return dc_fail (err, DC_ERR_SYSTEM, "cannot make a system call filter");
  /* A binary tree instead of a chain of a hundred comparisons. */
  (void) seccomp_attr_set (filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
  if (add_always (filter, err) < 0 || add_files (filter, files, err) < 0 ||
      add_network (filter, network, err) < 0)
    return -1;
  const int status = seccomp_load (filter);
  return status == 0 ? 0 : fail_filter (status, err);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* call-probe: tries system calls, each in a process of its own, and prints a
 * line for each: its name, and the error it gave, 0, or the signal it died of.
 * None does anything where it is allowed: the arguments are out of range, but
 * for what a filter looks at.
 */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BAD (-1)
#define RESET_ON_FORK 0x40000000
#define PROBE "call-probe-file"
#define MADE "call-probe-made"
#define TEXT(s) ((long) (intptr_t) (s))

static const int no_priority, priority = 1;

static const struct probe {
  const char *name;
  long number;
  long arguments[4];
} probes[] = {
  { "uname", SYS_uname, { 0 } },
  { "getpid", SYS_getpid, { 0 } },
  { "getdents64", SYS_getdents64, { BAD } },
  { "swapon", SYS_swapon, { 0 } },
  { "reboot", SYS_reboot, { 0 } },
  { "mount", SYS_mount, { 0 } },
  { "settimeofday", SYS_settimeofday, { 0, 1 } },
  { "clock_settime", SYS_clock_settime, { 99 } },
  { "init_module", SYS_init_module, { 0 } },
  { "sethostname", SYS_sethostname, { 0, BAD } },
  { "setdomainname", SYS_setdomainname, { 0, BAD } },
  { "syslog", SYS_syslog, { 99 } },
  { "keyctl", SYS_keyctl, { 99 } },
  { "ptrace", SYS_ptrace, { 99 } },
  { "chown", SYS_fchown, { BAD, BAD, BAD } },
  { "setresuid", SYS_setresuid, { BAD, BAD, BAD } },
  { "personality-query", SYS_personality, { 0xffffffff } },
  { "personality-own", SYS_personality, { 0 } },
  { "personality-other", SYS_personality, { 8 } },
  { "socket-none", SYS_socket, { AF_UNSPEC, SOCK_STREAM } },
  { "socket-unix", SYS_socket, { AF_UNIX, SOCK_STREAM } },
  { "socket-inet", SYS_socket, { AF_INET, SOCK_STREAM } },
  { "socket-netlink", SYS_socket, { AF_NETLINK, SOCK_RAW } },
  { "socket-alg", SYS_socket, { AF_ALG, SOCK_RAW } },
  { "socket-beyond", SYS_socket, { 77, SOCK_RAW } },
  { "unshare-files", SYS_unshare, { CLONE_FILES } },
  { "unshare-net", SYS_unshare, { CLONE_NEWNET } },
  { "unshare-uts", SYS_unshare, { CLONE_NEWUTS } },
  { "setns-any", SYS_setns, { BAD, 0 } },
  { "setns-net", SYS_setns, { BAD, CLONE_NEWNET } },
  { "setns-uts", SYS_setns, { BAD, CLONE_NEWUTS } },
  { "clone3", SYS_clone3, { 0 } },
  { "other", SYS_sched_setscheduler, { 0, SCHED_OTHER, TEXT (&no_priority) } },
  { "fifo", SYS_sched_setscheduler, { BAD, SCHED_FIFO, TEXT (&priority) } },
  { "rr", SYS_sched_setscheduler, { BAD, SCHED_RR, TEXT (&priority) } },
  { "batch", SYS_sched_setscheduler, { 0, SCHED_BATCH, TEXT (&no_priority) } },
  { "iso", SYS_sched_setscheduler, { BAD, 4, TEXT (&no_priority) } },
  { "deadline", SYS_sched_setscheduler, { BAD, 6, TEXT (&no_priority) } },
  { "reset", SYS_sched_setscheduler, { BAD, RESET_ON_FORK } },
  { "fchmodat-setuid", SYS_fchmodat, { AT_FDCWD, TEXT (PROBE), 04755 } },
  { "fchmodat-setgid", SYS_fchmodat, { AT_FDCWD, TEXT (PROBE), 02755 } },
  { "fchmodat-plain", SYS_fchmodat, { AT_FDCWD, TEXT (PROBE), 0755 } },
  { "fchmod-setuid", SYS_fchmod, { BAD, 04755 } },
  { "openat-setuid",
    SYS_openat,
    { AT_FDCWD, TEXT (MADE), O_CREAT | O_WRONLY, 04755 } },
  { "openat-plain",
    SYS_openat,
    { AT_FDCWD, TEXT (MADE), O_CREAT | O_WRONLY, 0755 } },
  { "openat-old", SYS_openat, { AT_FDCWD, TEXT (PROBE), O_RDONLY, 04755 } },
  { "openat2", SYS_openat2, { BAD } },
  { "mkdirat-setgid", SYS_mkdirat, { BAD, TEXT (MADE), 02755 } },
  { "mknodat-setuid", SYS_mknodat, { BAD, TEXT (MADE), S_IFREG | 04755 } },
  { "mmap-wx", SYS_mmap, { 0, 0, PROT_WRITE | PROT_EXEC, MAP_PRIVATE } },
  { "mmap-x", SYS_mmap, { 0, 0, PROT_EXEC, MAP_PRIVATE } },
  { "mprotect-x", SYS_mprotect, { 0, 0, PROT_EXEC } },
  { "mprotect-w", SYS_mprotect, { 0, 0, PROT_WRITE } },
  { "shmat-x", SYS_shmat, { BAD, 0, 0100000 } },
#ifdef __x86_64__
  { "iopl", SYS_iopl, { 9 } },
  { "_sysctl", SYS__sysctl, { 0 } },
  { "chmod-setuid", SYS_chmod, { TEXT (PROBE), 04755 } },
  { "open-setgid", SYS_open, { TEXT (MADE), O_CREAT | O_WRONLY, 02755 } },
  { "creat-setuid", SYS_creat, { TEXT (MADE), 04755 } },
#endif
};

#ifdef __x86_64__
/* The call of a 32-bit program: swapon(). */
static int
call_narrow (void)
{
  int result;

  __asm__ volatile("int $0x80"
                   : "=a"(result)
                   : "a"(87), "b"(0)
                   : "memory", "cc");
  return result < 0 ? -result : 0;
}
#else
static int
call_narrow (void)
{
  return 0;
}
#endif

static int
call (const struct probe *probe)
{
  const long *a = probe->arguments;

  if (probe->number < 0)
    return call_narrow ();
  return syscall (probe->number, a[0], a[1], a[2], a[3], 0, 0) < 0 ? errno : 0;
}

static void
try (const struct probe *probe)
{
  int status;

  fflush (stdout);
  const pid_t pid = fork ();
  if (pid == 0)
    _exit (call (probe));
  if (pid < 0 || waitpid (pid, &status, 0) < 0)
    exit (1);
  if (WIFSIGNALED (status))
    printf ("%s signal-%d\n", probe->name, WTERMSIG (status));
  else
    printf ("%s %d\n", probe->name, WEXITSTATUS (status));
}

int
main (void)
{
  const struct probe narrow = { .name = "swapon-narrow", .number = -1 };
  const int fd = open (PROBE, O_CREAT | O_RDWR | O_CLOEXEC, 0644);

  if (fd < 0)
    return 1;
  close (fd);
  for (size_t i = 0; i < sizeof probes / sizeof probes[0]; i++)
    try (&probes[i]);
  try (&narrow);
  unlink (PROBE);
  unlink (MADE);
  return 0;
}

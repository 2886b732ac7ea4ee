/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libnbd.h>
#include <linux/capability.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/confine.h"
#include "lib/file.h"
#include "lib/run.h"
#include "tests/unit/unit.h"

static struct dc_error err;

static int
run_confined (const struct dc_confine *confine, dc_work *work, void *arg)
{
  json_t *result = NULL;

  return dc_confined (confine, work, arg, &dc_report_silent, &result, &err);
}

/* ---- What is refused.  Each returns what the call did. ---- */

static long
try_fork (void)
{
  const pid_t pid = fork ();

  if (pid == 0)
    _exit (0);
  return pid;
}

static long
try_exec (void)
{
  return execl ("/bin/true", "true", NULL);
}

static long
try_inet (void)
{
  return socket (AF_INET, SOCK_STREAM, 0);
}

static long
try_unix (void)
{
  return socket (AF_UNIX, SOCK_STREAM, 0);
}

static long
try_socketpair (void)
{
  int pair[2];

  return socketpair (AF_UNIX, SOCK_STREAM, 0, pair);
}

static long
try_ptrace (void)
{
  return ptrace (PTRACE_ATTACH, getppid (), NULL, NULL);
}

static long
try_open (void)
{
  return open ("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static long
try_open_to_write (void)
{
  return open ("/tmp/decant-refused", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static long
try_openat2 (void)
{
  return dc_file_open_in_root (AT_FDCWD, "etc/passwd", O_RDONLY, &err);
}

static long
try_mkdir (void)
{
  return mkdir ("/tmp/decant-refused", 0700);
}

static long
try_chmod (void)
{
  return chmod ("/etc/passwd", 0666);
}

static long
try_kill (void)
{
  return kill (getppid (), 0);
}

static long
try_signal_thread (void)
{
  return syscall (SYS_tgkill, getppid (), getppid (), 0);
}

static long
try_own_signals (void)
{
  return fcntl (STDIN_FILENO, F_SETOWN, getppid ());
}

static long
try_mount (void)
{
  return mount ("none", "/tmp", "tmpfs", 0, NULL);
}

static long
try_unshare (void)
{
  return unshare (CLONE_NEWUSER);
}

static long
try_setuid (void)
{
  return setuid (geteuid ());
}

static long
try_executable_memory (void)
{
  const void *p = mmap (NULL, 4096, PROT_READ | PROT_EXEC,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  return p == MAP_FAILED ? -1 : 0;
}

static long
try_make_executable (void)
{
  void *p = mmap (NULL, 4096, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  return mprotect (p, 4096, PROT_READ | PROT_EXEC);
}

static long
try_ioctl (void)
{
  int n;

  return ioctl (STDIN_FILENO, FIONREAD, &n);
}

static long
try_raise_limit (void)
{
  const struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

  return setrlimit (RLIMIT_FSIZE, &limit);
}

static long
try_dumpable (void)
{
  return prctl (PR_SET_DUMPABLE, 1);
}

static long
try_io_uring (void)
{
  char parameters[120] = "";

  return syscall (SYS_io_uring_setup, 1, parameters);
}

static long
try_bpf (void)
{
  return syscall (SYS_bpf, 0, NULL, 0);
}

static long
try_read_parent (void)
{
  return syscall (SYS_process_vm_readv, getppid (), NULL, 0, NULL, 0, 0);
}

static const struct {
  const char *name;
  long (*act) (void);
} refused[] = {
  { "fork", try_fork },
  { "exec", try_exec },
  { "inet", try_inet },
  { "unix", try_unix },
  { "socketpair", try_socketpair },
  { "ptrace", try_ptrace },
  { "open", try_open },
  { "open to write", try_open_to_write },
  { "openat2", try_openat2 },
  { "mkdir", try_mkdir },
  { "chmod", try_chmod },
  { "kill", try_kill },
  { "tgkill", try_signal_thread },
  { "F_SETOWN", try_own_signals },
  { "mount", try_mount },
  { "unshare", try_unshare },
  { "setuid", try_setuid },
  { "mmap", try_executable_memory },
  { "mprotect", try_make_executable },
  { "ioctl", try_ioctl },
  { "setrlimit", try_raise_limit },
  { "PR_SET_DUMPABLE", try_dumpable },
  { "io_uring", try_io_uring },
  { "bpf", try_bpf },
  { "process_vm_readv", try_read_parent },
};

static int
try_refused (void *arg, const struct dc_report *report, json_t **result,
             struct dc_error *err_)
{
  const int i = *(int *) arg;

  (void) report;
  (void) result;
  errno = 0;
  if (refused[i].act () >= 0)
    return dc_fail (err_, DC_ERR_BUSY, "%s is not refused", refused[i].name);
  if (errno != EPERM)
    return dc_fail_errno (err_, "%s", refused[i].name);
  return 0;
}

START_TEST (test_refused)
{
  const struct dc_confine none = { .name = "trying" };

  ck_assert_ok (run_confined (&none, try_refused, &_i));
}
END_TEST

/* Without confinement the same calls succeed or fail otherwise: what the
 * test above sees is the sandbox.  Only those that do no harm.
 */
START_TEST (test_not_refused_outside)
{
  ck_assert_int_ge (try_fork (), 0);
  ck_assert_int_ge (try_unix (), 0);
  ck_assert_int_ge (try_open (), 0);
  ck_assert_int_ge (try_kill (), 0);
  ck_assert_int_eq (try_executable_memory (), 0);
  ck_assert_int_eq (try_make_executable (), 0);
}
END_TEST

/* ---- What works ---- */

static void *
add_one (void *arg)
{
  ++*(int *) arg;
  return NULL;
}

static int
use_threads_and_memory (void *arg, const struct dc_report *report,
                        json_t **result, struct dc_error *err_)
{
  pthread_t threads[8];
  int counts[8] = { 0 };

  (void) arg;
  (void) report;
  (void) result;
  for (int i = 0; i < 8; i++)
    if (pthread_create (&threads[i], NULL, add_one, &counts[i]) != 0)
      return dc_fail (err_, DC_ERR_SYSTEM, "no thread %d", i);
  for (int i = 0; i < 8; i++)
    if (pthread_join (threads[i], NULL) != 0 || counts[i] != 1)
      return dc_fail (err_, DC_ERR_SYSTEM, "thread %d is lost", i);
  for (size_t size = 1; size < 100000000; size *= 10) {
    AUTO_FREE char *p = malloc (size);
    if (p == NULL)
      return dc_fail_errno (err_, "cannot allocate %zu", size);
    memset (p, 1, size);
  }
  return 0;
}

START_TEST (test_threads_and_memory)
{
  const struct dc_confine none = { .name = "trying" };

  ck_assert_ok (run_confined (&none, use_threads_and_memory, NULL));
}
END_TEST

/* ARG: a file to read, a file to write. */
static int
copy_file (void *arg, const struct dc_report *report, json_t **result,
           struct dc_error *err_)
{
  const int *fds = arg;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);
  AUTO_CLOSE int memory = memfd_create ("x", MFD_CLOEXEC);
  uint64_t size = 0;

  (void) report;
  (void) result;
  if (memory < 0 || ftruncate (memory, 1000) < 0)
    return dc_fail_errno (err_, "memfd");
  if (dc_file_size (fds[0], &size, err_) < 0 ||
      dc_file_read_all (fds[0], &b, err_) < 0)
    return -1;
  return dc_file_write (fds[1], b.data, b.size, err_);
}

static int
make_file (const char *folder, const char *name, size_t size)
{
  AUTO_FREE char *path = NULL;
  AUTO_FREE char *bytes = calloc (1, size + 1);

  ck_assert_int_gt (asprintf (&path, "%s/%s", folder, name), 0);
  const int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ck_assert_int_ge (fd, 0);
  ck_assert_ok (dc_file_write (fd, bytes, size, &err));
  ck_assert_int_eq (lseek (fd, 0, SEEK_SET), 0);
  return fd;
}

START_TEST (test_given_descriptors)
{
  AUTO_FREE char *folder = unit_scratch ();
  AUTO_CLOSE int in = make_file (folder, "in", 5000);
  AUTO_CLOSE int out = make_file (folder, "out", 0);
  int fds[2] = { in, out };
  struct dc_confine two = { .name = "copying",
                            .keep_fds = fds,
                            .keep_fd_count = 2 };
  uint64_t size = 0;

  ck_assert_ok (run_confined (&two, copy_file, fds));
  ck_assert_ok (dc_file_size (out, &size, &err));
  ck_assert_uint_eq (size, 5000);

  ck_assert_int_eq (lseek (in, 0, SEEK_SET), 0);
  two.file_size_max = 6000;
  ck_assert_fails (run_confined (&two, copy_file, fds), DC_ERR_SYSTEM,
                   "cannot write: File too large");

  two.keep_fd_count = 1; /* the other is closed now */
  ck_assert_int_eq (lseek (in, 0, SEEK_SET), 0);
  ck_assert_fails (run_confined (&two, copy_file, fds), DC_ERR_SYSTEM,
                   "cannot write: Bad file descriptor");
}
END_TEST

/* ---- What the kernel says about a worker ---- */

static int
say_pid (void *arg, const struct dc_report *report, json_t **result,
         struct dc_error *err_)
{
  (void) arg;
  (void) result;
  (void) err_;
  dc_info (report, "%d", getpid ());
  for (;;)
    (void) poll (NULL, 0, -1);
  return 0;
}

struct look {
  struct dc_buffer status;
  int cancel_fd;
};

/* Looks at the status of the worker that says its pid, and has seen enough.
 */
static void
look (void *self, enum dc_level level, const char *pid)
{
  struct look *seen = self;
  AUTO_FREE char *path = NULL;

  (void) level;
  ck_assert_int_gt (asprintf (&path, "/proc/%s/status", pid), 0);
  AUTO_CLOSE int fd = dc_file_open (AT_FDCWD, path, &err);
  ck_assert_int_ge (fd, 0);
  ck_assert_ok (dc_file_read_all (fd, &seen->status, &err));
  ck_assert_int_eq (eventfd_write (seen->cancel_fd, 1), 0);
}

static const struct {
  size_t reads, writes; /* how many such folders it has */
  const char *powers;
} status_cases[] = {
  { 0, 0, "CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n" },
  { 1, 0, "CapEff:\t0000000000000004\nCapBnd:\t0000000000000004\n" },
  { 1, 1, "CapEff:\t000000008800001f\nCapBnd:\t000000008800001f\n" },
};

START_TEST (test_status)
{
  AUTO_FREE char *folder = unit_scratch ();
  AUTO_CLOSE int dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  struct look seen = { .status = DC_BUFFER_INIT (100000),
                       .cancel_fd = eventfd (0, EFD_CLOEXEC) };
  const struct dc_report report = { .message = look,
                                    .self = &seen,
                                    .cancel_fd = seen.cancel_fd };
  const struct dc_confine confine = { .name = "waiting",
                                      .read_dirs = &dir_fd,
                                      .read_dir_count = status_cases[_i].reads,
                                      .write_dirs = &dir_fd,
                                      .write_dir_count =
                                          status_cases[_i].writes };
  json_t *result = NULL;

  ck_assert_fails (
      dc_confined (&confine, say_pid, NULL, &report, &result, &err),
      DC_ERR_CANCELLED, "cancelled");
  const char *status = dc_buffer_text (&seen.status);
  ck_assert_msg (unit_contains (status, "NoNewPrivs:\t1\nSeccomp:\t2\n"), "%s",
                 status);
  if (geteuid () == 0)
    ck_assert_msg (unit_contains (status, status_cases[_i].powers), "%s",
                   status);
  dc_buffer_release (&seen.status);
  ck_assert_int_eq (close (seen.cancel_fd), 0);
}
END_TEST

/* ---- libnbd over a socket that the parent connected ---- */

static int
read_nbd (void *arg, const struct dc_report *report, json_t **result,
          struct dc_error *err_)
{
  struct nbd_handle *nbd = nbd_create ();
  char bytes[4096];

  (void) report;
  if (nbd == NULL || nbd_connect_socket (nbd, *(int *) arg) < 0 ||
      nbd_pread (nbd, bytes, sizeof bytes, 4096, 0) < 0)
    return dc_fail (err_, DC_ERR_SYSTEM, "%s", nbd_get_error ());
  *result = json_pack ("[I, i]", (json_int_t) nbd_get_size (nbd), bytes[0]);
  nbd_close (nbd);
  return 0;
}

/* Connected as soon as the server listens, -1 when that takes 20 s. */
static int
connect_to (const char *path, struct dc_child *server)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  (void) snprintf (address.sun_path, sizeof address.sun_path, "%s", path);
  const int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ck_assert_int_ge (fd, 0);
  for (int i = 0; i < 1000 && !dc_child_has_ended (server, &err); i++) {
    if (connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
      return fd;
    (void) poll (NULL, 0, 20);
  }
  ck_abort_msg ("%s", err.text);
}

START_TEST (test_nbd)
{
  AUTO_FREE char *program = dc_run_find ("qemu-nbd");
  if (program == NULL) {
    fprintf (stderr, "qemu-nbd is not installed, skipping\n");
    return;
  }
  AUTO_FREE char *folder = unit_scratch ();
  AUTO_FREE char *path = NULL;
  AUTO_FREE char *disk_path = NULL;
  AUTO_CLOSE int disk = make_file (folder, "disk", 65536);
  ck_assert_int_eq (pwrite (disk, "D", 1, 4096), 1);
  ck_assert_int_gt (asprintf (&path, "%s/socket", folder), 0);
  ck_assert_int_gt (asprintf (&disk_path, "%s/disk", folder), 0);
  const struct dc_run run = { .argv = (const char *const[]){
                                  "qemu-nbd", "--read-only", "--format=raw",
                                  "--socket", path, disk_path, NULL } };
  DC_AUTO (dc_child) *server = NULL;
  json_auto_t *result = NULL;

  ck_assert_ok (dc_child_start (&run, &server, &err));
  AUTO_CLOSE int fd = connect_to (path, server);
  int kept = fd;
  const struct dc_confine confine = { .name = "reading",
                                      .keep_fds = &kept,
                                      .keep_fd_count = 1 };
  ck_assert_ok (dc_confined (&confine, read_nbd, &kept, &dc_report_silent,
                             &result, &err));
  AUTO_FREE char *text = json_dumps (result, JSON_COMPACT);
  ck_assert_str_eq (text, "[65536,68]");
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_refused, 0, DC_COUNT (refused));
  tcase_add_test (tcase, test_not_refused_outside);
  tcase_add_test (tcase, test_threads_and_memory);
  tcase_add_test (tcase, test_given_descriptors);
  tcase_add_loop_test (tcase, test_status, 0, DC_COUNT (status_cases));
  tcase_add_test (tcase, test_nbd);
}

int
main (void)
{
  return unit_run ("confine_rights", add);
}

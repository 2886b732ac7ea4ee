/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/keyctl.h>

#include "tests/contract/probe.h"

/* The first line of a file, "?" when it cannot be read. */
static void
read_line (const char *path, char *line, size_t size)
{
  const int fd = open (path, O_RDONLY | O_CLOEXEC);
  const ssize_t n = fd < 0 ? -1 : read (fd, line, size - 1);

  if (fd >= 0)
    close (fd);
  if (n < 0)
    line[0] = '?';
  line[n < 0 ? 1 : n] = '\0';
  line[strcspn (line, "\n")] = '\0';
}

static void
add_line (struct record *record, const char *name, const char *path)
{
  char line[4096];

  read_line (path, line, sizeof line);
  record_text (record, name, line);
}

static void
add_link (struct record *record, const char *name, const char *path)
{
  char target[4096];
  const ssize_t n = readlink (path, target, sizeof target);

  record_bytes (record, name, n < 0 ? "?" : target, n < 0 ? 1 : (size_t) n);
}

/* What /proc/self/status has of rights and signals. */
static void
add_status (struct record *record)
{
  static const char *const wanted[] = {
    "Uid",     "Gid",
    "Groups",  "Umask",
    "CapInh",  "CapPrm",
    "CapEff",  "CapBnd",
    "CapAmb",  "NoNewPrivs",
    "SigBlk",  "SigIgn",
    "Seccomp", "Cpus_allowed_list",
  };
  char text[16384], *save = NULL;
  const int fd = open ("/proc/self/status", O_RDONLY | O_CLOEXEC);
  const ssize_t n = fd < 0 ? 0 : read (fd, text, sizeof text - 1);

  if (fd >= 0)
    close (fd);
  text[n < 0 ? 0 : n] = '\0';
  for (char *line = strtok_r (text, "\n", &save); line != NULL;
       line = strtok_r (NULL, "\n", &save)) {
    char *colon = strchr (line, ':');
    if (colon == NULL)
      continue;
    *colon = '\0';
    const char *value = colon + 1 + strspn (colon + 1, " \t");
    for (char *tab = colon + 1; *tab != '\0'; tab++)
      *tab = *tab == '\t' ? ' ' : *tab;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
      if (strcmp (wanted[i], line) == 0)
        record_text (record, line, value);
    }
  }
}

static void
add_limits (struct record *record)
{
  static const char *const names[] = {
    [RLIMIT_CPU] = "cpu",           [RLIMIT_FSIZE] = "fsize",
    [RLIMIT_DATA] = "data",         [RLIMIT_STACK] = "stack",
    [RLIMIT_CORE] = "core",         [RLIMIT_RSS] = "rss",
    [RLIMIT_NPROC] = "nproc",       [RLIMIT_NOFILE] = "nofile",
    [RLIMIT_MEMLOCK] = "memlock",   [RLIMIT_AS] = "as",
    [RLIMIT_LOCKS] = "locks",       [RLIMIT_SIGPENDING] = "sigpending",
    [RLIMIT_MSGQUEUE] = "msgqueue", [RLIMIT_NICE] = "nice",
    [RLIMIT_RTPRIO] = "rtprio",     [RLIMIT_RTTIME] = "rttime",
  };

  record_open (record, "limits", '{');
  for (int i = 0; i < (int) (sizeof names / sizeof names[0]); i++) {
    struct rlimit limit = { 0, 0 };
    (void) getrlimit (i, &limit);
    record_open (record, names[i], '[');
    record_number (record, NULL, (int64_t) limit.rlim_cur); /* -1: none */
    record_number (record, NULL, (int64_t) limit.rlim_max);
    record_close (record, ']');
  }
  record_close (record, '}');
}

static void
add_socket (struct record *record, int fd)
{
  int type = 0, listens = 0;
  socklen_t size = sizeof type;
  struct sockaddr_un address = { .sun_family = 0 };

  (void) getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size);
  size = sizeof listens;
  (void) getsockopt (fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size);
  size = sizeof address;
  (void) getsockname (fd, (struct sockaddr *) &address, &size);
  record_number (record, "family", address.sun_family);
  record_number (record, "type", type);
  record_number (record, "listens", listens);
  if (address.sun_family == AF_UNIX)
    record_bytes (record, "name", address.sun_path,
                  size - offsetof (struct sockaddr_un, sun_path));
}

static void
add_descriptor (struct record *record, int fd)
{
  char path[64], name[16];
  struct stat st;

  snprintf (name, sizeof name, "%d", fd);
  snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  if (fstat (fd, &st) < 0)
    return;
  record_open (record, name, '{');
  record_number (record, "flags",
                 fcntl (fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
  record_number (record, "cloexec", fcntl (fd, F_GETFD) & FD_CLOEXEC);
  if (S_ISSOCK (st.st_mode)) {
    record_text (record, "kind", "socket");
    add_socket (record, fd);
  } else {
    record_text (record, "kind", "file");
    add_link (record, "path", path);
  }
  record_close (record, '}');
}

/* Before anything of ours is open. */
static void
add_descriptors (struct record *record)
{
  record_open (record, "fds", '{');
  for (int fd = 0; fd < 256; fd++) {
    if (fcntl (fd, F_GETFD) >= 0)
      add_descriptor (record, fd);
  }
  record_close (record, '}');
}

static void
add_environment (struct record *record)
{
  extern char **environ;

  record_open (record, "env", '{');
  for (char **item = environ; *item != NULL; item++) {
    char name[256];
    const size_t size = strcspn (*item, "=");
    snprintf (name, sizeof name, "%.*s", (int) size, *item);
    record_text (record, name, (*item)[size] == '=' ? *item + size + 1 : "");
  }
  record_close (record, '}');
}

static void
add_scheduling (struct record *record)
{
  struct sched_param param = { 0 };
  const int policy = (int) syscall (SYS_sched_getscheduler, 0);

  (void) syscall (SYS_sched_getparam, 0, &param);
  record_number (record, "nice", getpriority (PRIO_PROCESS, 0));
  record_number (record, "policy", policy);
  record_number (record, "priority", param.sched_priority);
  record_number (record, "ioprio", syscall (SYS_ioprio_get, 1, 0));
  record_number (record, "slack_ns", prctl (PR_GET_TIMERSLACK, 0, 0, 0, 0));
  add_line (record, "oom", "/proc/self/oom_score_adj");
  add_line (record, "coredump", "/proc/self/coredump_filter");
}

/* Whose session keyring it is: its description without the numbers. */
static void
add_keyring (struct record *record)
{
  char text[256] = "?";
  const long key =
      syscall (SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);

  if (key >= 0)
    (void) syscall (SYS_keyctl, KEYCTL_DESCRIBE, key, text, sizeof text);
  text[sizeof text - 1] = '\0';
  record_text (record, "keyring", text);
}

/* Is each namespace that of PID 1?  Only root is told. */
static void
add_namespaces (struct record *record)
{
  static const char *const names[] = { "cgroup", "ipc",  "mnt", "net",
                                       "pid",    "user", "uts" };

  record_open (record, "namespaces", '{');
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    char path[64];
    struct stat own, first;
    snprintf (path, sizeof path, "/proc/self/ns/%s", names[i]);
    const bool has_own = stat (path, &own) == 0;
    snprintf (path, sizeof path, "/proc/1/ns/%s", names[i]);
    const bool has_first = stat (path, &first) == 0;
    const char *word = own.st_ino == first.st_ino ? "same" : "own";
    record_text (record, names[i], has_own && has_first ? word : "?");
  }
  record_close (record, '}');
}

void
probe_state (const struct probe *probe)
{
  static struct record record;
  char host[256] = "";

  record_begin (&record, probe, "state");
  add_descriptors (&record);
  record_number (&record, "pid", getpid ());
  record_open (&record, "argv", '[');
  for (char **word = probe->argv; *word != NULL; word++)
    record_text (&record, NULL, *word);
  record_close (&record, ']');
  add_link (&record, "exe", "/proc/self/exe");
  add_environment (&record);
  add_status (&record);
  add_limits (&record);
  record_number (&record, "securebits", prctl (PR_GET_SECUREBITS, 0, 0, 0, 0));
  record_number (&record, "dumpable", prctl (PR_GET_DUMPABLE, 0, 0, 0, 0));
  add_scheduling (&record);
  add_link (&record, "cwd", "/proc/self/cwd");
  add_link (&record, "root", "/proc/self/root");
  record_text (&record, "session", getsid (0) == getpid () ? "own" : "other");
  record_text (&record, "group", getpgid (0) == getpid () ? "own" : "other");
  record_number (&record, "personality", personality (0xffffffff));
  add_keyring (&record);
  add_namespaces (&record);
  (void) gethostname (host, sizeof host - 1);
  record_text (&record, "host", host);
  record_end (&record);
}

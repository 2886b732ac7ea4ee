/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/contract/probe.h"

static void
sleep_ms (const char *text)
{
  const long ms = strtol (text, NULL, 10);
  struct timespec left = { .tv_sec = ms / 1000,
                           .tv_nsec = ms % 1000 * 1000000 };

  while (nanosleep (&left, &left) < 0 && errno == EINTR)
    ;
}

static void
act_sleep (struct probe *probe, const char *text)
{
  (void) probe;
  sleep_ms (text);
}

/* Until there is a file PATH, for at most a minute. */
static void
act_until (struct probe *probe, const char *text)
{
  (void) probe;
  for (int i = 0; i < 1200 && access (text, F_OK) < 0; i++)
    sleep_ms ("50");
}

static void
act_exit (struct probe *probe, const char *text)
{
  (void) probe;
  exit ((int) strtol (text, NULL, 10));
}

static void
act_raise (struct probe *probe, const char *text)
{
  const int number = (int) strtol (text, NULL, 10);

  (void) probe;
  signal (number, SIG_DFL);
  raise (number);
}

static void
act_ignore (struct probe *probe, const char *text)
{
  (void) probe;
  signal ((int) strtol (text, NULL, 10), SIG_IGN);
}

/* Record each signal; those that ask for an end are obeyed. */
static void
act_hold (struct probe *probe, const char *text)
{
  sigset_t all;

  (void) text;
  sigfillset (&all);
  sigdelset (&all, SIGCHLD);
  sigdelset (&all, SIGSEGV);
  sigprocmask (SIG_SETMASK, &all, NULL);
  for (;;) {
    struct record record;
    const int number = sigwaitinfo (&all, NULL);
    if (number < 0 || number == SIGCONT)
      continue;
    record_begin (&record, probe, "signal");
    record_number (&record, "signal", number);
    record_end (&record);
    if (number != SIGHUP && number != SIGUSR1)
      exit (0);
  }
}

static void
send_message (const char *bytes, size_t size)
{
  const char *path = getenv ("NOTIFY_SOCKET");
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  if (path == NULL || fd < 0 || strlen (path) >= sizeof address.sun_path)
    return;
  const size_t length = strlen (path);
  memcpy (address.sun_path, path, length);
  if (path[0] == '@')
    address.sun_path[0] = '\0';
  (void) sendto (
      fd, bytes, size, MSG_NOSIGNAL, (struct sockaddr *) &address,
      (socklen_t) (offsetof (struct sockaddr_un, sun_path) + length));
  close (fd);
}

/* "+" is written for a line's end, PID for our own number. */
static void
act_notify (struct probe *probe, const char *text)
{
  char message[512];
  size_t size = 0;

  (void) probe;
  for (; *text != '\0' && size < sizeof message - 16; text++) {
    if (strncmp (text, "PID", 3) == 0 && text[-1] == '=') {
      size += (size_t) snprintf (message + size, 16, "%ld", (long) getpid ());
      text += 2;
    } else {
      message[size++] = *text == '+' ? '\n' : *text;
    }
  }
  send_message (message, size);
}

/* Actions that are separated by commas. */
static void
act_on_all (struct probe *probe, const char *text)
{
  while (*text != '\0') {
    char action[512];
    const size_t size = strcspn (text, ",");
    snprintf (action, sizeof action, "%.*s", (int) size, text);
    probe_act (probe, action);
    text += size + (text[size] == ',');
  }
}

/* A child that does the actions and ends. */
static void
act_child (struct probe *probe, const char *text)
{
  if (fork () != 0)
    return;
  probe->label = "child";
  act_on_all (probe, text);
  exit (0);
}

/* The rest in a child of its own session; we end when it wrote its number
 * into the file TEXT ("": none).
 */
static void
act_daemon (struct probe *probe, const char *text)
{
  int fds[2];
  char byte;

  (void) probe;
  if (pipe (fds) < 0)
    return;
  if (fork () != 0) {
    close (fds[1]);
    (void) !read (fds[0], &byte, 1);
    exit (0);
  }
  close (fds[0]);
  (void) setsid ();
  if (text[0] != '\0') {
    const int fd = open (text, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dprintf (fd, "%ld\n", (long) getpid ());
    close (fd);
  }
  close (fds[1]);
}

static void
act_again (struct probe *probe, const char *text)
{
  probe->label = text;
  probe_state (probe);
}

/* What is at a path, and what we may do with it. */
static void
act_look (struct probe *probe, const char *text)
{
  struct record record;
  struct stat st;
  struct statvfs fs;
  char mode[16], target[512];

  record_begin (&record, probe, "look");
  record_text (&record, "path", text);
  if (lstat (text, &st) < 0) {
    record_text (&record, "error", strerror (errno));
    record_end (&record);
    return;
  }
  snprintf (mode, sizeof mode, "%06o", st.st_mode);
  record_text (&record, "mode", mode);
  record_number (&record, "uid", st.st_uid);
  record_number (&record, "gid", st.st_gid);
  const ssize_t n = readlink (text, target, sizeof target);
  if (n >= 0)
    record_bytes (&record, "target", target, (size_t) n);
  snprintf (mode, sizeof mode, "%s%s%s",
            faccessat (AT_FDCWD, text, R_OK, AT_EACCESS) == 0 ? "r" : "-",
            faccessat (AT_FDCWD, text, W_OK, AT_EACCESS) == 0 ? "w" : "-",
            faccessat (AT_FDCWD, text, X_OK, AT_EACCESS) == 0 ? "x" : "-");
  record_text (&record, "access", mode);
  if (statvfs (text, &fs) == 0) {
    record_number (&record, "readonly", (fs.f_flag & ST_RDONLY) != 0);
    record_number (&record, "noexec", (fs.f_flag & ST_NOEXEC) != 0);
    record_number (&record, "nosuid", (fs.f_flag & ST_NOSUID) != 0);
  }
  record_end (&record);
}

/* The content of a file, "-" for stdin. */
static void
act_cat (struct probe *probe, const char *text)
{
  struct record record;
  char content[4096];
  size_t size = 0;
  const bool is_input = strcmp (text, "-") == 0;
  const int fd = is_input ? STDIN_FILENO : open (text, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : 0;

  do {
    size += (size_t) (n > 0 ? n : 0);
    if (fd >= 0)
      n = read (fd, content + size, sizeof content - size);
  } while (n > 0);
  record_begin (&record, probe, "cat");
  record_text (&record, "path", text);
  if (n < 0)
    record_text (&record, "error", strerror (errno));
  else
    record_bytes (&record, "content", content, size);
  record_end (&record);
  if (fd >= 0 && !is_input)
    close (fd);
}

/* Make or change a file: can we? */
static void
act_touch (struct probe *probe, const char *text)
{
  struct record record;
  const int fd = open (text, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

  record_begin (&record, probe, "touch");
  record_text (&record, "path", text);
  record_text (&record, "error", fd < 0 ? strerror (errno) : "");
  record_end (&record);
  if (fd >= 0)
    close (fd);
}

static void
act_remove (struct probe *probe, const char *text)
{
  (void) probe;
  (void) remove (text);
}

/* A connection to the unix socket PATH, or to PORT of 127.0.0.1. */
static int
connect_to (const char *text)
{
  struct sockaddr_un local = { .sun_family = AF_UNIX };
  struct sockaddr_in address = { .sin_family = AF_INET };
  const bool is_local = text[0] == '/';
  const struct sockaddr *at = (const struct sockaddr *) &address;
  socklen_t size = sizeof address;

  address.sin_port = htons ((uint16_t) strtol (text, NULL, 10));
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (is_local) {
    strncpy (local.sun_path, text, sizeof local.sun_path - 1);
    at = (const struct sockaddr *) &local;
    size = sizeof local;
  }
  const int fd =
      socket (is_local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect (fd, at, size) == 0)
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

/* Connect, say a line, and record what is answered. */
static void
act_connect (struct probe *probe, const char *text)
{
  struct record record;
  char answer[256];
  size_t size = 0;
  const int fd = connect_to (text);
  ssize_t n = fd < 0 ? -1 : write (fd, "asked\n", 6);

  while (n > 0 && size < sizeof answer) {
    n = read (fd, answer + size, sizeof answer - size);
    size += (size_t) (n > 0 ? n : 0);
  }
  record_begin (&record, probe, "connect");
  record_text (&record, "to", text);
  record_bytes (&record, "answer", answer, size);
  record_end (&record);
  if (fd >= 0)
    close (fd);
}

/* Take the connection, or the message, that waits at descriptor 3. */
static void
act_take (struct probe *probe, const char *text)
{
  char bytes[256];
  const int fd = accept (3, NULL, NULL);

  (void) probe;
  (void) text;
  if (fd < 0) {
    (void) !read (3, bytes, sizeof bytes); /* a queue, a pipe, a datagram */
    return;
  }
  (void) !write (fd, "taken\n", 6);
  close (fd);
}

static void
act_echo (struct probe *probe, const char *text)
{
  (void) probe;
  dprintf (STDOUT_FILENO, "%s\n", text);
}

/* "times:N:STATUS:PATH": exit with STATUS the first N times, which the length
 * of the file PATH counts.
 */
static void
act_times (struct probe *probe, const char *text)
{
  char *end;
  const long times = strtol (text, &end, 10);
  const long status = strtol (end + 1, &end, 10);
  const int fd = open (end + 1, O_WRONLY | O_CREAT | O_APPEND, 0666);
  struct stat st;

  (void) probe;
  if (fd < 0 || write (fd, "x", 1) != 1 || fstat (fd, &st) < 0)
    exit (99);
  close (fd);
  if (st.st_size <= times)
    exit ((int) status);
}

/* What the program TEXT prints: lines of a name and a value. */
static void
act_run (struct probe *probe, const char *text)
{
  static struct record record;
  char line[256];
  int fds[2];

  if (pipe (fds) < 0)
    return;
  if (fork () == 0) {
    (void) dup2 (fds[1], STDOUT_FILENO);
    execl (text, text, (char *) NULL);
    _exit (127);
  }
  close (fds[1]);
  FILE *in = fdopen (fds[0], "r");
  record_begin (&record, probe, "run");
  record_open (&record, "run", '{');
  while (in != NULL && fgets (line, sizeof line, in) != NULL) {
    char *blank = strchr (line, ' ');
    line[strcspn (line, "\n")] = '\0';
    if (blank == NULL)
      continue;
    *blank = '\0';
    record_text (&record, line, blank + 1);
  }
  record_close (&record, '}');
  record_end (&record);
  if (in != NULL)
    fclose (in);
}

static const struct {
  const char *name;
  void (*act) (struct probe *probe, const char *text);
} actions[] = {
  { "again", act_again },   { "cat", act_cat },
  { "child", act_child },   { "connect", act_connect },
  { "daemon", act_daemon }, { "echo", act_echo },
  { "exit", act_exit },     { "hold", act_hold },
  { "ignore", act_ignore }, { "look", act_look },
  { "notify", act_notify }, { "raise", act_raise },
  { "remove", act_remove }, { "sleep", act_sleep },
  { "take", act_take },     { "times", act_times },
  { "run", act_run },       { "touch", act_touch },
  { "until", act_until },
};

void
probe_act (struct probe *probe, const char *action)
{
  const size_t size = strcspn (action, ":");
  struct record record;

  for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
    if (strlen (actions[i].name) == size &&
        strncmp (actions[i].name, action, size) == 0) {
      actions[i].act (probe, action + size + (action[size] == ':'));
      return;
    }
  }
  record_begin (&record, probe, "unknown");
  record_text (&record, "action", action);
  record_end (&record);
}

int
main (int argc, char **argv)
{
  struct probe probe = { .unit = argc > 1 ? argv[1] : "?",
                         .label = argc > 2 ? argv[2] : "?",
                         .argv = argv };

  probe_state (&probe);
  for (int i = 3; i < argc && strcmp (argv[i], "--") != 0; i++)
    probe_act (&probe, argv[i]);
  return 0;
}

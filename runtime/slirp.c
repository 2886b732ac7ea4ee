/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/buffer.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/lastline.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "lib/run.h"
#include "runtime/slirp.h"

#define READY_TIMEOUT_MS 10000
#define ANSWER_SIZE_MAX ((size_t) 64 * 1024)
#define SOCKET_NAME "slirp.sock"

/* One request over the API socket, which takes one per connection. */
static int
ask (const struct sockaddr_un *where, const json_t *request,
     struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer answer = DC_BUFFER_INIT (ANSWER_SIZE_MAX);
  AUTO_FREE char *text = NULL;
  json_auto_t *json = NULL;
  size_t size = 0;
  AUTO_CLOSE int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (dc_json_canonical (request, &text, &size, err) < 0)
    return -1;
  if (fd < 0 ||
      connect (fd, (const struct sockaddr *) where, sizeof *where) < 0)
    return dc_fail_errno (err, "cannot reach slirp4netns");
  if (dc_file_write (fd, text, size, err) < 0)
    return -1;
  (void) shutdown (fd, SHUT_WR); /* says that the request is complete */
  if (dc_file_read_all (fd, &answer, err) < 0 ||
      dc_json_parse (dc_buffer_text (&answer), answer.size,
                     "slirp4netns' answer", &json, err) < 0)
    return -1;
  json_t *refusal = json_object_get (json_object_get (json, "error"), "desc");
  if (refusal == NULL)
    return 0;
  return dc_fail (err, DC_ERR_BUSY, "slirp4netns: %s",
                  dc_quote (json_string_value (refusal)).text);
}

static int
publish (const struct sockaddr_un *where, const struct dc_published *port,
         struct dc_error *err)
{
  json_auto_t *request = json_pack (
      "{s:s, s:{s:s, s:s, s:i, s:i}}", "execute", "add_hostfwd", "arguments",
      "proto", port->is_udp ? "udp" : "tcp", "host_addr", port->address,
      "host_port", port->outside, "guest_port", port->inside);

  if (request == NULL)
    return dc_json_no_memory (err);
  return ask (where, request, err) < 0
             ? dc_context (err, "cannot publish port %u", port->inside)
             : 0;
}

/* What it complained of last. */
static int
fail_as_logged (int log_fd, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer log = DC_BUFFER_INIT (ANSWER_SIZE_MAX);
  struct dc_lastline line = { .size = 0 };
  struct dc_error ignored; /* then it says nothing */

  if (lseek (log_fd, 0, SEEK_SET) == 0)
    (void) dc_file_read_all (log_fd, &log, &ignored);
  dc_lastline_add (&line, dc_buffer_text (&log), log.size);
  const struct dc_span last = dc_lastline_text (&line);
  return dc_fail (err, DC_ERR_TOOL, "slirp4netns did not start%s%s",
                  last.size > 0 ? ": " : "",
                  dc_quote_bytes (last.text, last.size).text);
}

/* It writes "1" to its end of the pipe, or ends. */
static int
wait_ready (int fd, int log_fd, const struct dc_report *report,
            struct dc_error *err)
{
  struct pollfd ready[] = { { .fd = fd, .events = POLLIN },
                            { .fd = report->cancel_fd, .events = POLLIN } };
  char byte = 0;

  const int count = poll (ready, 2, READY_TIMEOUT_MS);
  if (count < 0)
    return dc_fail_errno (err, "cannot wait for slirp4netns");
  if (ready[1].revents != 0)
    return dc_fail (err, DC_ERR_CANCELLED, "cancelled");
  return count > 0 && read (fd, &byte, 1) == 1 ? 0
                                               : fail_as_logged (log_fd, err);
}

static int
start (int pid, const struct sockaddr_un *where, int ready_fd, int log_fd,
       struct dc_child **out, struct dc_error *err)
{
  char ready[32], target[16];

  (void) snprintf (ready, sizeof ready, "--ready-fd=%d", ready_fd);
  (void) snprintf (target, sizeof target, "%d", pid);
  const char *const argv[] = { "slirp4netns",
                               "--configure",
                               "--mtu=65520",
                               "--disable-host-loopback",
                               "--enable-sandbox",
                               "--api-socket",
                               where->sun_path,
                               ready,
                               target,
                               "tap0",
                               NULL };
  const struct dc_run run = { .argv = argv,
                              .stdout_fd = log_fd,
                              .stderr_fd = log_fd,
                              .keep_fds = &ready_fd,
                              .keep_fd_count = 1,
                              .outlives_us = 1 };
  return dc_child_start (&run, out, err);
}

static int
socket_path (const char *folder, struct sockaddr_un *where,
             struct dc_error *err)
{
  where->sun_family = AF_UNIX;
  const int size = snprintf (where->sun_path, sizeof where->sun_path, "%s/%s",
                             folder, SOCKET_NAME);
  return size > 0 && (size_t) size < sizeof where->sun_path
             ? 0
             : dc_fail (err, DC_ERR_LIMIT,
                        "the path of '%s' is too long for a socket",
                        dc_quote (folder).text);
}

static int
open_log (const char *folder, struct dc_error *err)
{
  AUTO_CLOSE int dir = dc_file_open (AT_FDCWD, folder, err);

  if (dir < 0)
    return -1;
  const int fd =
      openat (dir, "slirp.log",
              O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
  return fd >= 0 ? fd : dc_fail_errno (err, "cannot make slirp4netns' log");
}

int
dc_slirp_start (int pid, const char *folder, const struct dc_ports *ports,
                const struct dc_report *report, struct dc_error *err)
{
  struct sockaddr_un where = { .sun_family = AF_UNIX };
  DC_AUTO (dc_child) *child = NULL;
  int ends[2];

  if (socket_path (folder, &where, err) < 0)
    return -1;
  AUTO_CLOSE int log = open_log (folder, err);
  if (log < 0)
    return -1;
  if (pipe2 (ends, O_CLOEXEC) < 0)
    return dc_fail_errno (err, "cannot make a pipe");
  AUTO_CLOSE int in = ends[0];
  const int status = start (pid, &where, ends[1], log, &child, err);
  (void) close (ends[1]); /* nothing was written through ours */
  if (status < 0 || wait_ready (in, log, report, err) < 0)
    return -1;
  for (size_t i = 0; i < ports->count; i++)
    if (publish (&where, &ports->items[i], err) < 0)
      return -1;
  return 0;
}

/* Is this the process that was started with the socket WHERE?  Its arguments
 * stand one after the other, each with a NUL behind it.
 */
static bool
is_slirp (int proc_fd, uint64_t pid, const struct sockaddr_un *where)
{
  AUTO_BUFFER struct dc_buffer args = DC_BUFFER_INIT (ANSWER_SIZE_MAX);
  struct dc_error ignored; /* then it has ended, or is none */
  char path[64];

  (void) snprintf (path, sizeof path, "%llu/cmdline", (unsigned long long) pid);
  AUTO_CLOSE int fd = dc_file_open (proc_fd, path, &ignored);
  if (fd < 0 || dc_file_read_all (fd, &args, &ignored) < 0 ||
      strcmp (dc_buffer_text (&args), "slirp4netns") != 0)
    return false;
  for (size_t i = 0; i < args.size; i += strlen (args.data + i) + 1)
    if (strcmp (args.data + i, where->sun_path) == 0)
      return true;
  return false;
}

/* The descriptor is taken first, so that it is the process we looked at. */
static void
end_if_slirp (int proc_fd, const char *name, const struct sockaddr_un *where)
{
  struct dc_error ignored; /* not a process */
  uint64_t pid = 0;

  if (dc_number_parse (name, 1, INT32_MAX, &pid, &ignored) < 0)
    return;
  AUTO_CLOSE int fd = (int) syscall (SYS_pidfd_open, (pid_t) pid, 0);
  if (fd >= 0 && is_slirp (proc_fd, pid, where))
    (void) syscall (SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0);
}

static void
close_dir_auto (DIR **dir)
{
  if (*dir != NULL)
    (void) closedir (*dir); /* it was only read */
}

void
dc_slirp_stop (const char *folder)
{
  struct sockaddr_un where = { .sun_family = AF_UNIX };
  struct dc_error ignored; /* then it cannot have been started */
  __attribute__ ((__cleanup__ (close_dir_auto))) DIR *proc = opendir ("/proc");
  const struct dirent *entry;

  if (proc == NULL || socket_path (folder, &where, &ignored) < 0)
    return;
  while ((entry = readdir (proc)) != NULL)
    end_if_slirp (dirfd (proc), entry->d_name, &where);
}

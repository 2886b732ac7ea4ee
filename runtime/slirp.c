/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/buffer.h"
#include "lib/file.h"
#include "lib/json.h"
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

/* It writes "1" to its end of the pipe, or ends. */
static int
wait_ready (int fd, const struct dc_report *report, struct dc_error *err)
{
  struct pollfd ready[] = { { .fd = fd, .events = POLLIN },
                            { .fd = report->cancel_fd, .events = POLLIN } };
  char byte = 0;

  const int count = poll (ready, 2, READY_TIMEOUT_MS);
  if (count < 0)
    return dc_fail_errno (err, "cannot wait for slirp4netns");
  if (ready[1].revents != 0)
    return dc_fail (err, DC_ERR_CANCELLED, "interrupted");
  if (count == 0 || read (fd, &byte, 1) != 1)
    return dc_fail (err, DC_ERR_TOOL, "slirp4netns did not start");
  return 0;
}

static int
start (int pid, const struct sockaddr_un *where, int ready_fd,
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
  const struct dc_run run = {
    .argv = argv, .keep_fds = &ready_fd, .keep_fd_count = 1, .outlives_us = 1
  };
  return dc_child_start (&run, out, err);
}

int
dc_slirp_start (int pid, const char *folder, const struct dc_ports *ports,
                const struct dc_report *report, int *slirp_pid,
                struct dc_error *err)
{
  struct sockaddr_un where = { .sun_family = AF_UNIX };
  DC_AUTO (dc_child) *child = NULL;
  int ends[2];

  const int size = snprintf (where.sun_path, sizeof where.sun_path, "%s/%s",
                             folder, SOCKET_NAME);
  if (size < 0 || (size_t) size >= sizeof where.sun_path)
    return dc_fail (err, DC_ERR_LIMIT,
                    "the path of '%s' is too long for a "
                    "socket",
                    dc_quote (folder).text);
  if (pipe2 (ends, O_CLOEXEC) < 0)
    return dc_fail_errno (err, "cannot make a pipe");
  AUTO_CLOSE int in = ends[0];
  int status = start (pid, &where, ends[1], &child, err);
  (void) close (ends[1]); /* nothing was written through ours */
  if (status < 0)
    return -1;
  status = wait_ready (in, report, err);
  for (size_t i = 0; status == 0 && i < ports->count; i++)
    status = publish (&where, &ports->items[i], err);
  if (status < 0)
    dc_slirp_stop (dc_child_pid (child));
  *slirp_pid = dc_child_pid (child);
  return status;
}

void
dc_slirp_stop (int slirp_pid)
{
  AUTO_BUFFER struct dc_buffer name = DC_BUFFER_INIT (64);
  struct dc_error ignored; /* then it has ended */
  char path[64];

  (void) snprintf (path, sizeof path, "/proc/%d/comm", slirp_pid);
  AUTO_CLOSE int fd = dc_file_open (AT_FDCWD, path, &ignored);
  if (fd >= 0 && dc_file_read_all (fd, &name, &ignored) == 0 &&
      strcmp (dc_buffer_text (&name), "slirp4netns\n") == 0)
    (void) kill (slirp_pid, SIGTERM); /* it may end meanwhile */
}

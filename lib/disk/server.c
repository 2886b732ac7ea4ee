/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/disk/nbd.h"
#include "lib/disk/server.h"
#include "lib/quote.h"
#include "lib/run.h"

#define SOCKET_NAME "/nbd.sock"
#define FOLDER_TEMPLATE "/decant-XXXXXX"

/* QEMU opens an image in milliseconds, but a folder may be far away. */
#define OPEN_TIMEOUT_MS (60 * 1000)
/* Our connections, and those of the appliance. */
#define SHARED_OPTION "--shared=16"

struct dc_server {
  char *socket;  /* "/proc/PID/fd/N" */
  int socket_fd; /* O_PATH: what that leads to */
  struct dc_child *child;
};

static int
open_socket (struct dc_error *err)
{
  const int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  return fd >= 0 ? fd : dc_fail_errno (err, "cannot make a socket");
}

/* Bind FD to a name in FOLDER, listen, and remove the name again: the socket
 * stays reachable through SOCKET_FD.
 */
static int
listen_in (const char *folder, int fd, int *socket_fd, struct dc_error *err)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  (void) snprintf (address.sun_path, sizeof address.sun_path, "%s" SOCKET_NAME,
                   folder); /* fits, see above */
  if (bind (fd, (const struct sockaddr *) &address, sizeof address) < 0)
    return dc_fail_errno (err, "cannot make a socket in '%s'",
                          dc_quote (folder).text);
  *socket_fd = open (address.sun_path, O_PATH | O_CLOEXEC);
  const int failed = *socket_fd < 0 ? errno : 0;
  (void) unlink (address.sun_path); /* rmdir() shows whether it worked */
  errno = failed;
  if (failed != 0 || listen (fd, DC_NBD_CONNECTION_MAX) < 0)
    return dc_fail_errno (err, "cannot listen in '%s'", dc_quote (folder).text);
  return 0;
}

/* In a folder of our own for a moment, so that nobody else can connect. */
static int
listen_privately (struct dc_server *server, int fd, struct dc_error *err)
{
  const char *top = getenv ("TMPDIR");
  char *text = NULL;

  if (top == NULL || top[0] != '/' ||
      strlen (top) + strlen (FOLDER_TEMPLATE SOCKET_NAME) >=
          sizeof ((struct sockaddr_un *) NULL)->sun_path)
    top = "/tmp"; /* a name that is too long for a socket, or none */
  if (asprintf (&text, "%s" FOLDER_TEMPLATE, top) < 0)
    return dc_fail_errno (err, "cannot name a folder");
  AUTO_FREE char *folder = text;
  if (mkdtemp (folder) == NULL) /* mode 0700 */
    return dc_fail_errno (err, "cannot make a folder in '%s'",
                          dc_quote (top).text);
  const int status = listen_in (folder, fd, &server->socket_fd, err);
  if (rmdir (folder) < 0 && status == 0)
    return dc_fail_errno (err, "cannot remove '%s'", dc_quote (folder).text);
  if (status == 0 && asprintf (&server->socket, "/proc/%d/fd/%d",
                               (int) getpid (), server->socket_fd) < 0) {
    server->socket = NULL; /* undefined after a failure */
    return dc_fail_errno (err, "cannot name a socket");
  }
  return status;
}

int
dc_server_start (const struct dc_qemu *qemu, struct dc_server **out,
                 struct dc_error *err)
{
  DC_AUTO (dc_server) *server = calloc (1, sizeof *server);
  struct dc_jail jail = { 0 }; /* no limit of CPU time: it may serve for long */

  if (server == NULL)
    return dc_fail_errno (err, "cannot keep a server");
  server->socket_fd = -1;
  AUTO_CLOSE int listen_fd = open_socket (err);
  if (listen_fd < 0 || listen_privately (server, listen_fd, err) < 0)
    return -1;
  struct dc_run run = {
    .argv = (const char *const[]){ "qemu-nbd", "--read-only", "--persistent",
                                   SHARED_OPTION, qemu->image, NULL },
    .listen_fd = listen_fd,
    .timeout_ms = OPEN_TIMEOUT_MS,
  };
  dc_qemu_confine (qemu, &run, &jail);
  if (dc_child_start (&run, &server->child, err) < 0)
    return dc_qemu_fail ("qemu-nbd", err);
  *out = DC_TAKE (server);
  return 0;
}

/* The server speaks first.  Its end is the only one of the listening socket,
 * so when it ends the connection is reset.
 */
static int
wait_for_greeting (struct dc_server *server, int fd,
                   const struct dc_report *report, struct dc_error *err)
{
  struct pollfd polled[] = { { .fd = fd, .events = POLLIN },
                             { .fd = report->cancel_fd, .events = POLLIN } };
  int n;
  char byte;

  do
    n = poll (polled, DC_COUNT (polled), OPEN_TIMEOUT_MS);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return dc_fail_errno (err, "cannot wait for qemu-nbd");
  if (n == 0)
    return dc_fail (err, DC_ERR_TOOL,
                    "qemu-nbd did not open the image within %d s",
                    OPEN_TIMEOUT_MS / 1000);
  if (polled[1].revents != 0)
    return dc_fail (err, DC_ERR_CANCELLED, "cancelled");
  if (recv (fd, &byte, 1, MSG_PEEK) == 1)
    return 0;
  if (dc_child_wait (server->child, report, err) < 0)
    return dc_qemu_fail ("qemu-nbd", err);
  return dc_fail (err, DC_ERR_TOOL, "qemu-nbd ended by itself");
}

int
dc_server_connect (struct dc_server *server, const struct dc_report *report,
                   int *fd, struct dc_error *err)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  AUTO_CLOSE int connection = open_socket (err);

  if (connection < 0)
    return -1;
  (void) snprintf (address.sun_path, sizeof address.sun_path, "%s",
                   server->socket);
  if (connect (connection, (const struct sockaddr *) &address, sizeof address) <
      0) {
    if (dc_child_has_ended (server->child, err) == 1)
      return dc_qemu_fail ("qemu-nbd", err);
    return dc_fail_errno (err, "cannot connect to '%s'", server->socket);
  }
  if (wait_for_greeting (server, connection, report, err) < 0)
    return -1;
  *fd = DC_TAKE_FD (connection);
  return 0;
}

const char *
dc_server_socket (const struct dc_server *server)
{
  return server->socket;
}

void
dc_server_free (struct dc_server *server)
{
  if (server == NULL)
    return;
  dc_child_free (server->child);
  dc_close_auto (&server->socket_fd);
  free (server->socket);
  free (server);
}

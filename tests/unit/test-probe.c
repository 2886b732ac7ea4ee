/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "runtime/probe/probe.h"
#include "tests/unit/unit.h"

#define TIMEOUT_MS 300

/* A server that says SAYS to everybody, after it has heard something if
 * HEARS, and then ends the connection unless it STAYS.
 */
struct server {
  const char *says;
  bool hears, stays;
  int fd;
  uint16_t port;
};

static void *
serve (void *arg)
{
  const struct server *server = arg;
  char heard[1024];

  for (;;) {
    const int fd = accept (server->fd, NULL, NULL);
    if (fd < 0)
      return NULL;
    if (server->hears)
      (void) !read (fd, heard, sizeof heard);
    if (server->says != NULL)
      (void) send (fd, server->says, strlen (server->says), MSG_NOSIGNAL);
    if (!server->stays)
      close (fd);
  }
}

static int
listen_on (int type, uint16_t *port)
{
  struct sockaddr_in where = { .sin_family = AF_INET,
                               .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof where;
  const int fd = socket (AF_INET, type | SOCK_CLOEXEC, 0);

  ck_assert_int_eq (bind (fd, (struct sockaddr *) &where, size), 0);
  if (type == SOCK_STREAM)
    ck_assert_int_eq (listen (fd, 8), 0);
  ck_assert_int_eq (getsockname (fd, (struct sockaddr *) &where, &size), 0);
  *port = ntohs (where.sin_port);
  return fd;
}

static void
start (struct server *server)
{
  pthread_t thread;

  server->fd = listen_on (SOCK_STREAM, &server->port);
  ck_assert_int_eq (pthread_create (&thread, NULL, serve, server), 0);
  (void) pthread_detach (thread); /* it ends with the test's process */
}

static const struct {
  const char *name;
  struct server server;
  const char *protocol;
  bool is_guess;
  enum dc_probe_state want;
  const char *words;
} streams[] = {
  { "a greeting",
    { .says = "220 hello\r\n", .stays = true },
    "smtp",
    false,
    DC_PROBE_ANSWERED,
    "220 hello" },
  { "a greeting and the end",
    { .says = "220 hello" },
    "smtp",
    false,
    DC_PROBE_ANSWERED,
    "220 hello" },
  { "an answer",
    { .says = "HTTP/1.0 200 OK\r\n\r\n", .hears = true },
    "http",
    false,
    DC_PROBE_ANSWERED,
    "200 OK" },
  { "unwell",
    { .says = "HTTP/1.0 503 No\r\n\r\n", .hears = true },
    "http",
    false,
    DC_PROBE_UNWELL,
    "503" },
  { "somebody else",
    { .says = "SSH-2.0-x\r\n", .stays = true },
    "smtp",
    false,
    DC_PROBE_OTHER,
    "says 'SSH-2.0-x" },
  { "somebody else, as was guessed",
    { .says = "SSH-2.0-x\r\n", .stays = true },
    "smtp",
    true,
    DC_PROBE_OPEN,
    "connected" },
  { "silent", { .stays = true }, "smtp", false, DC_PROBE_SILENT, "in time" },
  { "silent, as was guessed",
    { .stays = true },
    "smtp",
    true,
    DC_PROBE_OPEN,
    "connected" },
  { "half a line",
    { .says = "220", .stays = true },
    "smtp",
    false,
    DC_PROBE_SILENT,
    "in time" },
  { "turns away",
    { .hears = false },
    "smtp",
    false,
    DC_PROBE_CLOSED,
    "without an answer" },
  { "turns everybody away",
    { .hears = false },
    NULL,
    false,
    DC_PROBE_CLOSED,
    "at once" },
  { "only a port", { .stays = true }, NULL, false, DC_PROBE_OPEN, "connected" },
};

START_TEST (test_stream)
{
  struct dc_error err;
  struct dc_outcome outcome;
  struct server server = streams[_i].server;

  start (&server);
  const struct dc_probe probe = { .transport = DC_OVER_TCP,
                                  .address = "0.0.0.0",
                                  .port = server.port,
                                  .protocol = streams[_i].protocol,
                                  .is_guess = streams[_i].is_guess,
                                  .timeout_ms = TIMEOUT_MS };
  ck_assert_ok (dc_probe (&probe, &outcome, &err));
  ck_assert_msg (outcome.state == streams[_i].want, "%s: %s, %s",
                 streams[_i].name, dc_probe_state_name (outcome.state),
                 outcome.text);
  ck_assert_msg (unit_contains (outcome.text, streams[_i].words), "%s: %s",
                 streams[_i].name, outcome.text);
  dc_outcome_release (&outcome);
}
END_TEST

/* It says one byte every 20 ms, for ever: that takes no longer than another.
 */
static void *
drip (void *arg)
{
  const int fd = accept (*(int *) arg, NULL, NULL);

  while (send (fd, "2", 1, MSG_NOSIGNAL) == 1)
    (void) poll (NULL, 0, 20);
  return NULL;
}

START_TEST (test_dripping)
{
  struct dc_error err;
  struct dc_outcome outcome;
  pthread_t thread;
  struct dc_probe probe = { .transport = DC_OVER_TCP,
                            .protocol = "smtp",
                            .timeout_ms = TIMEOUT_MS };
  int fd = listen_on (SOCK_STREAM, &probe.port);

  ck_assert_int_eq (pthread_create (&thread, NULL, drip, &fd), 0);
  ck_assert_ok (dc_probe (&probe, &outcome, &err));
  ck_assert_int_eq (outcome.state, DC_PROBE_SILENT);
  dc_outcome_release (&outcome);
}
END_TEST

START_TEST (test_refused)
{
  struct dc_error err;
  struct dc_outcome outcome;
  struct dc_probe probe = { .protocol = "http", .transport = DC_OVER_TCP };
  const int fd = listen_on (SOCK_STREAM, &probe.port);

  ck_assert_int_eq (close (fd), 0);
  ck_assert_ok (dc_probe (&probe, &outcome, &err));
  ck_assert_int_eq (outcome.state, DC_PROBE_REFUSED);
  ck_assert (!dc_probe_is_kept (outcome.state));
  dc_outcome_release (&outcome);
  probe.address = "203.0.113.1"; /* TEST-NET-3, which nobody has */
  probe.timeout_ms = 100;
  ck_assert_ok (dc_probe (&probe, &outcome, &err));
  ck_assert (!dc_probe_is_kept (outcome.state));
  dc_outcome_release (&outcome);
}
END_TEST

START_TEST (test_datagram)
{
  struct dc_error err;
  struct dc_outcome outcome;
  struct dc_probe probe = { .transport = DC_OVER_UDP,
                            .timeout_ms = TIMEOUT_MS };
  const int fd = listen_on (SOCK_DGRAM, &probe.port);

  ck_assert_ok (dc_probe (&probe, &outcome, &err));
  ck_assert_int_eq (outcome.state, DC_PROBE_UNKNOWN);
  ck_assert (dc_probe_is_kept (outcome.state));
  dc_outcome_release (&outcome);
  probe.protocol = "dns";
  ck_assert_ok (dc_probe (&probe, &outcome, &err));
  ck_assert_int_eq (outcome.state, DC_PROBE_UNKNOWN);
  dc_outcome_release (&outcome);
  ck_assert_int_eq (close (fd), 0);
  ck_assert_ok (dc_probe (&probe, &outcome, &err));
  ck_assert_int_eq (outcome.state, DC_PROBE_REFUSED);
  dc_outcome_release (&outcome);
}
END_TEST

static const struct {
  int type;
  enum dc_probe_state want;
} locals[] = {
  { SOCK_STREAM, DC_PROBE_OPEN },
  { SOCK_DGRAM, DC_PROBE_OPEN },
  { SOCK_SEQPACKET, DC_PROBE_OPEN },
};

START_TEST (test_local)
{
  struct dc_error err;
  struct dc_outcome outcome;
  AUTO_FREE char *folder = unit_scratch ();
  AUTO_FREE char *path = NULL;
  struct sockaddr_un where = { .sun_family = AF_UNIX };
  const int fd = socket (AF_UNIX, locals[_i].type | SOCK_CLOEXEC, 0);

  ck_assert_int_gt (asprintf (&path, "%s/socket", folder), 0);
  (void) snprintf (where.sun_path, sizeof where.sun_path, "%s", path);
  ck_assert_int_eq (bind (fd, (struct sockaddr *) &where, sizeof where), 0);
  if (locals[_i].type != SOCK_DGRAM)
    ck_assert_int_eq (listen (fd, 1), 0);
  const struct dc_probe probe = { .transport = DC_OVER_UNIX, .path = path };
  ck_assert_ok (dc_probe (&probe, &outcome, &err));
  ck_assert_msg (outcome.state == locals[_i].want, "%s", outcome.text);
  dc_outcome_release (&outcome);
  ck_assert_int_eq (close (fd), 0); /* the file stays, nobody listens */
  ck_assert_ok (dc_probe (&probe, &outcome, &err));
  ck_assert_int_eq (outcome.state, DC_PROBE_REFUSED);
  dc_outcome_release (&outcome);
}
END_TEST

START_TEST (test_mistakes)
{
  struct dc_error err;
  struct dc_outcome outcome;
  char path[200];
  struct dc_probe probe = { .protocol = "gopher", .transport = DC_OVER_TCP };

  ck_assert_fails (dc_probe (&probe, &outcome, &err), DC_ERR_NOTFOUND,
                   "no probe for 'gopher'");
  probe.protocol = NULL;
  probe.address = "one.two";
  ck_assert_fails (dc_probe (&probe, &outcome, &err), DC_ERR_INVALID,
                   "'one.two' is no IP address");
  memset (path, 'x', sizeof path - 1);
  path[sizeof path - 1] = '\0';
  probe.transport = DC_OVER_UNIX;
  probe.path = path;
  ck_assert_fails (dc_probe (&probe, &outcome, &err), DC_ERR_INVALID,
                   "no path of a socket");
}
END_TEST

static void
add_tests (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_stream, 0, DC_COUNT (streams));
  tcase_add_test (tcase, test_dripping);
  tcase_add_test (tcase, test_refused);
  tcase_add_test (tcase, test_datagram);
  tcase_add_loop_test (tcase, test_local, 0, DC_COUNT (locals));
  tcase_add_test (tcase, test_mistakes);
}

int
main (void)
{
  (void) signal (SIGPIPE, SIG_IGN); /* as in a worker */
  return unit_run ("probe", add_tests);
}

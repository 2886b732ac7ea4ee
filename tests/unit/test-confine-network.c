/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/confine.h"
#include "tests/unit/unit.h"

/* What a worker finds where ENTER has led it: a network of its own with one
 * server, which only this process can reach.
 */
struct place {
  int listener;
  struct sockaddr_in at;
};

static int
raise_loopback (struct dc_error *err)
{
  struct ifreq request = { .ifr_name = "lo" };
  AUTO_CLOSE int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  request.ifr_flags = IFF_UP;
  return fd < 0 || ioctl (fd, SIOCSIFFLAGS, &request) < 0
             ? dc_fail_errno (err, "cannot raise lo")
             : 0;
}

static int
enter (void *arg, struct dc_error *err)
{
  struct place *place = arg;
  socklen_t size = sizeof place->at;

  if (unshare (CLONE_NEWNET) < 0 && unshare (CLONE_NEWUSER | CLONE_NEWNET) < 0)
    return dc_fail (err, DC_ERR_UNSUPPORTED, "no namespaces");
  if (raise_loopback (err) < 0)
    return -1;
  place->at = (struct sockaddr_in){ .sin_family = AF_INET };
  place->at.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  place->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (place->listener < 0 ||
      bind (place->listener, (struct sockaddr *) &place->at, size) < 0 ||
      listen (place->listener, 1) < 0 ||
      getsockname (place->listener, (struct sockaddr *) &place->at, &size) < 0)
    return dc_fail_errno (err, "cannot listen");
  return 0;
}

static int
refuse (long result, const char *what, struct dc_error *err)
{
  return result < 0 && (errno == EPERM || errno == EACCES)
             ? 0
             : dc_fail (err, DC_ERR_BUSY, "%s is not refused", what);
}

static int
try_network (void *arg, const struct dc_report *report, json_t **result,
             struct dc_error *err)
{
  const struct place *place = arg;
  const struct sockaddr_in any = { .sin_family = AF_INET };

  (void) report;
  (void) result;
  AUTO_CLOSE int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 ||
      connect (fd, (const struct sockaddr *) &place->at, sizeof place->at) < 0)
    return dc_fail_errno (err, "cannot connect");
  if (write (fd, "x", 1) != 1)
    return dc_fail_errno (err, "cannot write");
  AUTO_CLOSE int second = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (second < 0)
    return dc_fail_errno (err, "no Unix socket");
  if (refuse (bind (second, (const struct sockaddr *) &any, sizeof any), "bind",
              err) < 0 ||
      refuse (listen (second, 1), "listen", err) < 0 ||
      refuse (socket (AF_NETLINK, SOCK_RAW, 0), "netlink", err) < 0 ||
      refuse (socket (AF_PACKET, SOCK_RAW, 0), "packet", err) < 0 ||
      refuse (
          open ("/tmp/decant-refused", O_WRONLY | O_CREAT | O_CLOEXEC, 0600),
          "open to write", err) < 0 ||
      refuse (open ("/etc/passwd", O_RDONLY | O_CLOEXEC), "open", err) < 0 ||
      refuse (chmod ("/tmp", 01777), "chmod", err) < 0)
    return -1;
  return refuse (unshare (CLONE_NEWUSER), "unshare", err);
}

START_TEST (test_connects)
{
  struct dc_error err;
  struct place place = { .listener = -1 };
  const struct dc_confine confine = { .name = "trying",
                                      .enter = enter,
                                      .connects = 1 };
  json_t *result = NULL;

  if (dc_confined (&confine, try_network, &place, &dc_report_silent, &result,
                   &err) == 0)
    return;
  if (err.code == DC_ERR_UNSUPPORTED)
    fprintf (stderr, "this host gives us no namespaces, skipping\n");
  else
    ck_abort_msg ("%s", err.text);
}
END_TEST

static int
go_nowhere (void *arg, struct dc_error *err)
{
  (void) arg;
  return dc_fail (err, DC_ERR_NOTFOUND, "there is nothing");
}

static int
do_nothing (void *arg, const struct dc_report *report, json_t **result,
            struct dc_error *err)
{
  (void) arg;
  (void) report;
  (void) result;
  (void) err;
  return 0;
}

START_TEST (test_cannot_enter)
{
  struct dc_error err;
  const struct dc_confine confine = { .name = "trying", .enter = go_nowhere };
  json_t *result = NULL;

  ck_assert_fails (dc_confined (&confine, do_nothing, NULL, &dc_report_silent,
                                &result, &err),
                   DC_ERR_NOTFOUND, "there is nothing");
}
END_TEST

static void
add_tests (TCase *tcase)
{
  tcase_add_test (tcase, test_connects);
  tcase_add_test (tcase, test_cannot_enter);
}

int
main (void)
{
  return unit_run ("confine-network", add_tests);
}

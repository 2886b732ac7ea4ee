/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/endpoints.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define TARGET(wants) FILE (USR "/default.target", "[Unit]\nWants=" wants "\n")
#define SOCKET(line) " /usr/lib/systemd/system/s.socket:" line "\n"

/* The addresses of a socket unit, from line 2 on. */
static const struct {
  const char *settings, *expected;
} sockets[] = {
  { "ListenStream=80\n", "s.service tcp * 80 declared" SOCKET ("2") },
  { "ListenStream=80\nBindIPv6Only=ipv6-only\n",
    "s.service tcp :: 80 declared" SOCKET ("2") },
  { "ListenDatagram=127.0.0.1:53\nListenStream=[::1]:53%%lo\n",
    "s.service tcp ::1 53 declared" SOCKET (
        "3") "s.service udp 127.0.0.1 53 declared" SOCKET ("2") },
  { "ListenStream=[::]:80\nBindIPv6Only=both\n",
    "s.service tcp * 80 declared" SOCKET ("2") },
  { "ListenStream=/run/x\nListenDatagram=@abstract\n"
    "ListenSequentialPacket=%t/%p.sock\n",
    "s.service unix /run/s.sock declared" SOCKET (
        "4") "s.service unix /run/x declared" SOCKET ("2") "s.service unix "
                                                           "@abstract "
                                                           "declared" SOCKET (
                                                               "3") },
  { "ListenFIFO=/run/fifo\nListenNetlink=audit\nListenStream=vsock:2:22\n",
    "" },
  { "ListenStream=1\nListenDatagram=2\nListenFIFO=\nListenStream=3\n",
    "s.service tcp * 3 declared" SOCKET ("5") },
  { "ListenStream=1\nListenStream=1\n",
    "s.service tcp * 1 declared" SOCKET ("2") },
  { "ListenStream=99999\nListenStream=host\nListenStream=2\n",
    "s.service tcp * 2 declared" SOCKET (
        "4") "endpoint.unknown /usr/lib/systemd/system/s.socket:2 s.socket: "
             "address '99999': '99999' is no port\n"
             "endpoint.unknown /usr/lib/systemd/system/s.socket:3 s.socket: "
             "there is no port in 'host'\n" },
  { "ListenSequentialPacket=80\nSocketProtocol=sctp\nListenStream=81\n",
    "endpoint.unknown /usr/lib/systemd/system/s.socket:2 s.socket: '80' is no "
    "path\n"
    "endpoint.unknown /usr/lib/systemd/system/s.socket:4 s.socket: neither "
    "TCP nor UDP\n" },
  { "ListenStream=80\nService=other.service\n",
    "real.service tcp * 80 declared" SOCKET ("2") },
  { "ListenStream=80\nService=none.service\n", "" },
  { "ListenStream=80\nService=masked.service\n", "" },
  { "ListenStream=80\nAccept=yes\n",
    "s@.service tcp * 80 declared" SOCKET ("2") },
};

START_TEST (test_sockets)
{
  AUTO_BUFFER struct dc_buffer unit = DC_BUFFER_INIT (4096);
  struct dc_error err = { .code = DC_OK };

  ck_assert_ok (
      dc_buffer_print (&unit, &err, "[Socket]\n%s", sockets[_i].settings));
  const struct dc_memory_file files[] = {
    FOLDERS,
    TARGET ("s.socket"),
    FILE (USR "/s.socket", unit.data),
    FILE (USR "/s.service", PLAIN),
    FILE (USR "/s@.service", PLAIN),
    FILE (USR "/real.service", PLAIN),
    LINK (USR "/other.service", "real.service"),
    LINK (ETC "/masked.service", "/dev/null"),
  };
  check_endpoints (files, DC_COUNT (files), sockets[_i].expected);
}
END_TEST

#define SSHD "[Service]\nExecStart=/usr/sbin/sshd -D\n"
#define SSHD_FILES                                                             \
  DIR ("etc/ssh"), FILE ("etc/ssh/sshd_config", "Port 2222\n"),                \
      FILE (USR "/ssh.service", SSHD),                                         \
      FILE (USR "/ssh.socket", "[Socket]\nListenStream=22\n"),                 \
      FILE (USR "/ssh@.service",                                               \
            "[Service]\nExecStart=/usr/sbin/sshd -i\nStandardInput=socket\n")

/* sshd gets the ports of its socket unit when that starts, with or without
 * the service itself; and its own when it does not.
 */
START_TEST (test_sockets_of_sshd)
{
  static const struct dc_memory_file own[] = { FOLDERS, SSHD_FILES,
                                               TARGET ("ssh.service") };
  static const struct dc_memory_file both[] = {
    FOLDERS, SSHD_FILES, TARGET ("ssh.socket ssh.service")
  };
  static const struct dc_memory_file accept[] = {
    FOLDERS, SSHD_FILES, TARGET ("ssh.socket ssh.service"),
    DIR (ETC "/ssh.socket.d"),
    FILE (ETC "/ssh.socket.d/x.conf",
          "[Socket]\nListenStream=\nListenStream=23\nAccept=yes\n")
  };
  static const char from_socket[] =
      "ssh.service tcp * 22 declared /usr/lib/systemd/system/ssh.socket:2\n";

  check_endpoints (own, DC_COUNT (own),
                   "ssh.service tcp * 2222 declared /etc/ssh/sshd_config:1\n");
  check_endpoints (both, DC_COUNT (both), from_socket);
  check_endpoints (accept, DC_COUNT (accept),
                   "ssh.service tcp * 2222 declared /etc/ssh/sshd_config:1\n"
                   "ssh@.service tcp * 23 declared "
                   "/etc/systemd/system/ssh.socket.d/x.conf:3\n");
}
END_TEST

/* A program that we do not know may say where it listens; whom it connects to
 * is not that, and what cannot be read says nothing.
 */
START_TEST (test_strangers)
{
  static const struct dc_memory_file files[] = {
    FOLDERS,
    TARGET ("a.service b.service c.service d.service e.service n.service"),
    FILE (USR "/a.service", "[Service]\nExecStart=/opt/a --port=8081\n"),
    FILE (USR "/b.service",
          "[Service]\nEnvironment=PORT=3000\nExecStart=/opt/b run\n"),
    FILE (USR "/c.service",
          "[Service]\nExecStart=/opt/c --listen 127.0.0.1:9000\n"),
    FILE (USR "/d.service",
          "[Service]\nExecStart=/opt/d --host db.example --port 5432\n"),
    FILE (USR "/e.service", "[Service]\nExecStart=/opt/e --port serial0\n"),
    FILE (USR "/n.service",
          "[Service]\nEnvironment=PORT=3001\nExecStart=/usr/bin/node a.js\n"),
  };

  check_endpoints (
      files, DC_COUNT (files),
      "a.service tcp * 8081 inferred /usr/lib/systemd/system/a.service:2\n"
      "b.service tcp * 3000 inferred /usr/lib/systemd/system/b.service:3\n"
      "c.service tcp 127.0.0.1 9000 inferred "
      "/usr/lib/systemd/system/c.service:2\n"
      "n.service tcp * 3001 inferred /usr/lib/systemd/system/n.service:3\n"
      "endpoint.unknown /usr/lib/systemd/system/d.service:2 "
      "d.service: what it runs is no application that we know, so whether it "
      "listens cannot be told\n"
      "endpoint.unknown /usr/lib/systemd/system/e.service:2 "
      "e.service: what it runs is no application that we know, so whether it "
      "listens cannot be told\n");
}
END_TEST

/* Only what starts, and whose program we know; each instance by itself. */
START_TEST (test_which_services)
{
  static const struct dc_memory_file files[] = {
    FOLDERS,
    TARGET ("redis@a.service redis@b.service unknown.service broken.service"),
    FILE (USR "/idle.service", "[Service]\nExecStart=redis-server\n"),
    FILE (USR "/unknown.service", "[Service]\nExecStart=/opt/server -p 80\n"),
    FILE (USR "/broken.service", "[Service]\nExecStart='redis-server\n"),
    FILE (USR "/redis@.service",
          "[Service]\nExecStart=-/usr/bin/redis-server /etc/%i.conf\n"),
    FILE ("etc/a.conf", "port 1\nbind 127.0.0.1\n"),
    FILE ("etc/b.conf", "port 2\nbind 127.0.0.1\n"),
  };

  check_endpoints (
      files, DC_COUNT (files),
      "redis@a.service tcp 127.0.0.1 1 declared /etc/a.conf:1\n"
      "redis@b.service tcp 127.0.0.1 2 declared /etc/b.conf:1\n"
      "endpoint.unknown /usr/lib/systemd/system/unknown.service:2 "
      "unknown.service: what it runs is no application that we know, "
      "so whether it listens cannot be told\n");
}
END_TEST

/* An init script runs the program with its usual files. */
START_TEST (test_init_scripts)
{
  static const struct dc_memory_file files[] = {
    FOLDERS,
    FILE (USR "/multi-user.target", PLAIN),
    LINK (USR "/default.target", "multi-user.target"),
    DIR ("etc/init.d"),
    PROGRAM ("etc/init.d/nginx", "#!/bin/sh\n"),
    PROGRAM ("etc/init.d/redis-server", "#!/bin/sh\n"),
    PROGRAM ("etc/init.d/ssh", "#!/bin/sh\n"),
    PROGRAM ("etc/init.d/silent", "#!/bin/sh\n. /opt/silent\n"),
    DIR ("etc/rc3.d"),
    LINK ("etc/rc3.d/S05silent", "../init.d/silent"),
    LINK ("etc/rc3.d/S01nginx", "../init.d/nginx"),
    LINK ("etc/rc3.d/S02redis-server", "../init.d/redis-server"),
    LINK ("etc/rc3.d/S03ssh", "../init.d/ssh"),
    DIR ("etc/nginx"),
    FILE ("etc/nginx/nginx.conf", "http { server { listen 81; } }"),
    DIR ("etc/redis"),
    FILE ("etc/redis/redis.conf", "port 7000\nbind ::1\n"),
    DIR ("etc/ssh"),
    FILE ("etc/ssh/sshd_config", "Port 222\n"),
  };

  check_endpoints (
      files, DC_COUNT (files),
      "nginx.service tcp 0.0.0.0 81 declared /etc/nginx/nginx.conf:1\n"
      "redis-server.service tcp ::1 7000 declared /etc/redis/redis.conf:1\n"
      "ssh.service tcp * 222 declared /etc/ssh/sshd_config:1\n"
      "endpoint.unknown /etc/init.d/silent:0 silent.service: what it runs is "
      "no "
      "application that we know, so whether it listens cannot be told\n");
}
END_TEST

/* A guest full of services with files that include each other cannot keep us
 * busy: the budget is that of the whole guest, and one finding says so.
 */
START_TEST (test_budget)
{
  enum { COUNT = 60 };
  static char names[COUNT][64];
  struct dc_memory_file files[COUNT + 20] = {
    FOLDERS,
    TARGET ("s.service"),
    FILE (USR "/s.service", "[Service]\nExecStart=nginx\n"),
    DIR ("etc/nginx"),
    FILE ("etc/nginx/nginx.conf", "http { include d/*; }"),
    DIR ("etc/nginx/d"),
  };
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000000);
  size_t count = 0;

  while (files[count].path != NULL)
    count++;
  for (size_t i = 0; i < COUNT; i++) {
    (void) snprintf (names[i], sizeof names[i], "etc/nginx/d/%zu", i);
    files[count++] = (struct dc_memory_file) FILE (names[i], "include d/*;\n");
  }
  ck_assert_ok (print_endpoints (files, count, &b, &err));
  ck_assert (unit_contains (b.data, "too many or too large, reading no more"));
  ck_assert_ptr_eq (strstr (strstr (b.data, "too many") + 1, "too many"), NULL);
}
END_TEST

START_TEST (test_better_proof_wins)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_endpoints endpoints = { NULL, 0 };
  struct dc_listen listen = {
    .address = "", .port = 80, .proof = { "a", 1 }, .confidence = DC_INFERRED
  };

  ck_assert_ok (dc_endpoint_add (&endpoints, "s", &listen, &err));
  listen.proof = (struct dc_proof){ "b", 2 };
  listen.confidence = DC_DECLARED;
  ck_assert_ok (dc_endpoint_add (&endpoints, "s", &listen, &err));
  listen.proof = (struct dc_proof){ "c", 3 };
  ck_assert_ok (dc_endpoint_add (&endpoints, "s", &listen, &err));
  ck_assert_uint_eq (endpoints.count, 1);
  ck_assert_str_eq (endpoints.items[0].evidence.file, "b");
  listen.port = 79;
  ck_assert_ok (dc_endpoint_add (&endpoints, "s", &listen, &err));
  listen.address = "::";
  ck_assert_ok (dc_endpoint_add (&endpoints, "s", &listen, &err));
  dc_endpoints_sort (&endpoints);
  ck_assert_uint_eq (endpoints.count, 3);
  ck_assert_str_eq (endpoints.items[1].address, "::");
  ck_assert_uint_eq (endpoints.items[2].port, 80);
  dc_endpoints_release (&endpoints);
}
END_TEST

START_TEST (test_count_is_limited)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_endpoints endpoints = { NULL, 0 };
  struct dc_listen listen = { .address = "", .proof = { "a", 1 } };

  for (size_t i = 0; i < DC_ENDPOINT_COUNT_MAX; i++) {
    listen.port = (uint16_t) (i + 1);
    ck_assert_ok (dc_endpoint_add (&endpoints, "s", &listen, &err));
  }
  listen.port++;
  ck_assert_fails (dc_endpoint_add (&endpoints, "s", &listen, &err),
                   DC_ERR_LIMIT, "more than 5000 endpoints");
  dc_endpoints_release (&endpoints);
}
END_TEST

START_TEST (test_no_memory)
{
  static const struct dc_memory_file files[] = {
    FOLDERS,
    SSHD_FILES,
    TARGET ("ssh.socket ssh.service redis.service"),
    FILE (USR "/redis.service",
          "[Service]\nExecStart=redis-server $O\nEnvironment=O=--port\\ 8\n"
          "EnvironmentFile=/none\n"),
    DIR (ETC "/ssh.socket.d"),
    FILE (ETC "/ssh.socket.d/x.conf", "[Socket]\nListenStream=@%p\n"),
  };
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);

  OOM_LOOP (status, print_endpoints (files, DC_COUNT (files), &b, &err))
  {
    ck_assert (status == 0 || err.code == DC_ERR_SYSTEM);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_sockets, 0, DC_COUNT (sockets));
  tcase_add_test (tcase, test_sockets_of_sshd);
  tcase_add_test (tcase, test_strangers);
  tcase_add_test (tcase, test_which_services);
  tcase_add_test (tcase, test_init_scripts);
  tcase_add_test (tcase, test_budget);
  tcase_add_test (tcase, test_better_proof_wins);
  tcase_add_test (tcase, test_count_is_limited);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("endpoint", add);
}

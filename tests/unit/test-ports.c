/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "runtime/ports.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* Listen on a port of 127.0.0.1 that the kernel chooses. */
static int
listen_somewhere (uint16_t *port)
{
  struct sockaddr_in where = { .sin_family = AF_INET,
                               .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof where;
  const int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (bind (fd, (struct sockaddr *) &where, size), 0);
  ck_assert_int_eq (listen (fd, 1), 0);
  ck_assert_int_eq (getsockname (fd, (struct sockaddr *) &where, &size), 0);
  *port = ntohs (where.sin_port);
  return fd;
}

static const struct {
  const char *text;
  struct dc_published want;
} good[] = {
  { "34567:80", { "127.0.0.1", 34567, 80, false } },
  { "34567:80/tcp", { "127.0.0.1", 34567, 80, false } },
  { "34567:53/udp", { "127.0.0.1", 34567, 53, true } },
  { "127.0.0.2:34567:65535", { "127.0.0.2", 34567, 65535, false } },
  { "0.0.0.0:034567:1", { "0.0.0.0", 34567, 1, false } },
  { "[127.0.0.1]:34567:2", { "127.0.0.1", 34567, 2, false } },
};

static void
assert_same (const struct dc_published *got, const struct dc_published *want)
{
  ck_assert_str_eq (got->address, want->address);
  ck_assert_int_eq (got->outside, want->outside);
  ck_assert_int_eq (got->inside, want->inside);
  ck_assert_int_eq (got->is_udp, want->is_udp);
}

START_TEST (test_good)
{
  struct dc_error err;
  struct dc_ports ports = { .count = 0 };

  ck_assert_ok (dc_ports_parse (good[_i].text, "127.0.0.1", &ports, &err));
  ck_assert_uint_eq (ports.count, 1);
  assert_same (&ports.items[0], &good[_i].want);
}
END_TEST

START_TEST (test_ipv6)
{
  struct dc_error err;
  struct dc_ports ports = { .count = 0 };
  const struct dc_published want = { "::1", 34567, 2, true };
  const int fd = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const struct sockaddr_in6 here = { .sin6_family = AF_INET6,
                                     .sin6_addr = IN6ADDR_LOOPBACK_INIT };

  if (fd < 0 || bind (fd, (const struct sockaddr *) &here, sizeof here) < 0) {
    fprintf (stderr, "this host has no IPv6, skipping\n");
    return;
  }
  ck_assert_int_eq (close (fd), 0);
  ck_assert_ok (
      dc_ports_parse ("[::1]:34567:2/udp", "127.0.0.1", &ports, &err));
  assert_same (&ports.items[0], &want);
}
END_TEST

static const struct {
  const char *text, *words;
} bad[] = {
  { "", "'': port: " },
  { "0", "'0': port: " },
  { "65536", "'65536': port: " },
  { "80/sctp", "'sctp' is neither tcp nor udp" },
  { "80/", "neither tcp nor udp" },
  { "80/udp/udp", "neither tcp nor udp" },
  { "-1", "'-1': port: " },
  { "80:", "port: " },
  { ":80", "port: " },
  { "0:80", "port: " },
  { "65536:80", "port: " },
  { "1 :80", "port: " },
  { ":34567:80", "'' is no IP address" },
  { "localhost:34567:80", "'localhost' is no IP address" },
  { "1.2.3:34567:80", "'1.2.3' is no IP address" },
  { "[]:34567:80", "'[]' is no IP address" },
  { "[::1:34567:80", "an IPv6 address needs brackets" },
  { "::1:34567:80", "an IPv6 address needs brackets" },
  { "[\033]:34567:80", "'\\x1B' is no IP address" },
};

START_TEST (test_bad)
{
  struct dc_error err;
  struct dc_ports ports = { .count = 0 };

  ck_assert_fails (dc_ports_parse (bad[_i].text, "127.0.0.1", &ports, &err),
                   DC_ERR_INVALID + (err.code == DC_ERR_LIMIT), bad[_i].words);
  ck_assert_uint_eq (ports.count, 0);
}
END_TEST

START_TEST (test_a_taken_port)
{
  struct dc_error err;
  struct dc_ports ports = { .count = 0 };
  uint16_t taken = 0;
  AUTO_CLOSE int fd = listen_somewhere (&taken);
  char text[32];

  (void) snprintf (text, sizeof text, "%u:80", taken);
  ck_assert_fails (dc_ports_parse (text, "127.0.0.1", &ports, &err),
                   DC_ERR_BUSY, "Address already in use");
  ck_assert_uint_eq (ports.count, 0);
  /* Where none was asked for, another is chosen. */
  (void) snprintf (text, sizeof text, "%u", taken);
  ck_assert_ok (dc_ports_parse (text, "127.0.0.1", &ports, &err));
  ck_assert_int_eq (ports.items[0].inside, taken);
  ck_assert_int_ne (ports.items[0].outside, taken);
  /* And the same again is another one still. */
  ck_assert_ok (dc_ports_parse (text, "127.0.0.1", &ports, &err));
  ck_assert_int_ne (ports.items[1].outside, ports.items[0].outside);
  /* Somebody may have it by the time that the container starts. */
  ck_assert (dc_ports_are_free (&ports));
  ports.items[1].outside = taken;
  ck_assert (!dc_ports_are_free (&ports));
}
END_TEST

START_TEST (test_twice)
{
  struct dc_error err;
  struct dc_ports ports = { .count = 0 };

  ck_assert_ok (dc_ports_parse ("34567:80", "127.0.0.1", &ports, &err));
  ck_assert_ok (dc_ports_parse ("34567:80/udp", "127.0.0.1", &ports, &err));
  ck_assert_fails (dc_ports_parse ("34567:81", "127.0.0.1", &ports, &err),
                   DC_ERR_INVALID,
                   "port 34567 of '127.0.0.1' is published twice");
}
END_TEST

START_TEST (test_too_many)
{
  struct dc_error err;
  struct dc_ports ports = { .count = DC_RUN_PORT_MAX };

  ck_assert_fails (dc_ports_parse ("34567:80", "127.0.0.1", &ports, &err),
                   DC_ERR_LIMIT, "more than 256 ports");
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  struct dc_ports ports = { .count = 0 };

  OOM_LOOP (status, dc_ports_parse ("34567:80", "127.0.0.1", &ports, &err))
  {
    ck_assert_uint_eq (ports.count, status == 0);
    ports.count = 0;
  }
}
END_TEST

static struct dc_image
image_of (const char *exposed)
{
  json_t *config = json_pack ("{s:{s:o}}", "config", "ExposedPorts",
                              json_loads (exposed, 0, NULL));

  ck_assert_ptr_nonnull (config);
  return (struct dc_image){ .config = config };
}

START_TEST (test_of_image)
{
  struct dc_error err;
  struct dc_ports ports = { .count = 0 };
  struct dc_image image = image_of ("{\"34567\": {}, \"34568/udp\": {}}");

  ck_assert_ok (dc_ports_of_image (&image, "127.0.0.1", &ports, &err));
  ck_assert_uint_eq (ports.count, 2);
  json_decref (image.config);

  image = image_of ("{\"http/tcp\": {}}");
  ck_assert_fails (dc_ports_of_image (&image, "127.0.0.1", &ports, &err),
                   DC_ERR_INVALID, "ExposedPorts: port: 'http'");
  json_decref (image.config);

  image = image_of ("{\"80\": {}}");
  ck_assert_fails (dc_ports_of_image (&image, "nowhere", &ports, &err),
                   DC_ERR_INVALID, "'nowhere' is no IP address");
  json_decref (image.config);

  image = image_of ("[80]"); /* no object: nothing is exposed */
  ports.count = 0;
  ck_assert_ok (dc_ports_of_image (&image, "127.0.0.1", &ports, &err));
  ck_assert_uint_eq (ports.count, 0);
  json_decref (image.config);
}
END_TEST

#define HEAD "  sl  local_address rem_address   st tx_queue rx_queue\n"
#define ANY4 "00000000:"
#define ANY6 "00000000000000000000000000000000:"

static const struct {
  const char *table;
  bool listens; /* on port 80 */
} tables[] = {
  { "", false },
  { HEAD, false },
  { HEAD "   0: " ANY4 "0050 " ANY4 "0000 0A 00000000:00000000\n", true },
  { HEAD "   0: " ANY6 "0050 " ANY6 "0000 0A 00000000:00000000\n", true },
  { HEAD " 1042: 0100007F:0050 " ANY4 "0000 0A", true },
  { HEAD "   0: " ANY4 "0051 " ANY4 "0000 0A\n"
         "   1: " ANY4 "0050 " ANY4 "0000 0A\n",
    true },
  /* a connection of that port, and one to it */
  { HEAD "   0: " ANY4 "0050 0100007F:9999 01 0\n", false },
  { HEAD "   0: 0100007F:9999 0100007F:0050 0A 0\n", false },
  { HEAD "   0: " ANY4 "5000 " ANY4 "0000 0A\n", false },
  { HEAD "   0: " ANY4 "00050 " ANY4 "0000 0A\n", false },
  { HEAD "rubbish\n\n::::\n   0: " ANY4 "0050\n", false },
  { "0050 0A 0050 0A 0050 0A", false },
};

START_TEST (test_tables)
{
  ck_assert_int_eq (dc_ports_listens (tables[_i].table, 80),
                    tables[_i].listens);
}
END_TEST

START_TEST (test_waiting)
{
  struct dc_error err;
  struct dc_ports ports = { .count = 2 };
  uint16_t missing = 0, taken = 0;
  AUTO_CLOSE int fd = listen_somewhere (&taken);

  ports.items[0] = (struct dc_published){ .inside = taken };
  ports.items[1] = (struct dc_published){ .inside = 9, .is_udp = true };
  ck_assert_int_eq (
      dc_ports_wait (getpid (), &ports, 0, &dc_report_silent, &missing, &err),
      1);
  ck_assert_int_eq (close (DC_TAKE_FD (fd)), 0);
  ck_assert_int_eq (
      dc_ports_wait (getpid (), &ports, 100, &dc_report_silent, &missing, &err),
      0);
  ck_assert_int_eq (missing, taken);
  ck_assert_fails (
      dc_ports_wait (INT32_MAX, &ports, 100, &dc_report_silent, &missing, &err),
      DC_ERR_NOTFOUND, "it has ended");
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_good, 0, DC_COUNT (good));
  tcase_add_test (tcase, test_ipv6);
  tcase_add_loop_test (tcase, test_bad, 0, DC_COUNT (bad));
  tcase_add_test (tcase, test_a_taken_port);
  tcase_add_test (tcase, test_twice);
  tcase_add_test (tcase, test_too_many);
  tcase_add_test (tcase, test_no_memory);
  tcase_add_test (tcase, test_of_image);
  tcase_add_loop_test (tcase, test_tables, 0, DC_COUNT (tables));
  tcase_add_test (tcase, test_waiting);
}

int
main (void)
{
  return unit_run ("ports", add);
}

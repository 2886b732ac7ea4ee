/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/unit/endpoints.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define REDIS_CONF "etc/redis/redis.conf"
#define UNIT "/usr/lib/systemd/system/s.service:2\n"
#define START "ExecStart=/usr/bin/redis-server /" REDIS_CONF
#define TCP(address, confidence, line)                                         \
  "s.service tcp " address " " confidence " /" REDIS_CONF ":" line "\n"
#define COMMAND(address, confidence)                                           \
  "s.service tcp " address " " confidence " " UNIT
#define SAFE "protected-mode no\n"
#define PROTECTED                                                              \
  "s.service: protected-mode without a password answers only local clients\n"

static const struct {
  const char *settings, *conf, *expected;
} cases[] = {
  { START, SAFE, COMMAND ("* 6379", "inferred") },
  { START, SAFE "port 7000\n", TCP ("* 7000", "declared", "2") },
  { START, SAFE "port 7000\nPORT 7001\n", TCP ("* 7001", "declared", "3") },
  { START, SAFE "port 0\n", "" },
  { START, SAFE "# port 1\n  # port 2\n\tport\t3\r\n",
    TCP ("* 3", "declared", "4") },
  { START, "bind 127.0.0.1 -::1\nport 6379\n",
    TCP ("127.0.0.1 6379", "declared", "2") TCP ("::1 6379", "declared", "2") },
  { START, SAFE "bind * -::*\nbind 10.0.0.1\nport 1\n",
    TCP ("10.0.0.1 1", "declared", "4") },
  { START, SAFE "bind * -::*\nport 1\n",
    TCP ("0.0.0.0 1", "declared", "3") TCP (":: 1", "declared", "3") },
  { START, "bind \"\"\nport 1\n", "" },
  { START, SAFE "port 0\ntls-port 6380\n", TCP ("* 6380", "declared", "3") },
  { START, "port 0\nunixsocket /run/redis/r.sock\n",
    "s.service unix /run/redis/r.sock declared /" REDIS_CONF ":2\n" },
  { START, "port 0\nunixsocket /a\nunixsocket \"\"\n", "" },
  { START, "port 0\nreplicaof db 6380\nslaveof no one\n",
    "s.service -> tcp db 6380 declared /" REDIS_CONF ":2\n" },
  { "ExecStart=/usr/bin/redis-sentinel /" REDIS_CONF,
    "port 0\nsentinel monitor m 10.0.0.1 6379 2\nsentinel x y 1 2\n",
    "s.service -> tcp 10.0.0.1 6379 declared /" REDIS_CONF ":2\n" },
  { START "\nWorkingDirectory=-/srv", "port 0\nunixsocket r.sock\n",
    "s.service unix /srv/r.sock declared /" REDIS_CONF ":2\n" },
  { START, SAFE "port 7000\ncluster-enabled yes\n",
    TCP ("* 7000", "declared", "2") TCP ("* 17000", "inferred", "3") },
  { START, SAFE "port 7000\ncluster-enabled yes\ncluster-port 7777\n",
    TCP ("* 7000", "declared", "2") TCP ("* 7777", "declared", "4") },
  { START, SAFE "port 60000\ncluster-enabled yes\n",
    TCP ("* 60000", "declared", "2") },
  /* Whoever cannot be answered is told. */
  { START, "port 1\n",
    TCP ("* 1", "declared", "1") "endpoint.protected /" REDIS_CONF
                                 ":1 " PROTECTED },
  { START, "port 1\nbind 10.0.0.1 127.0.0.1\n",
    TCP ("10.0.0.1 1", "declared", "1")
        TCP ("127.0.0.1 1", "declared", "1") "endpoint.protected /" REDIS_CONF
                                             ":1 " PROTECTED },
  { START, "port 1\nrequirepass secret\n", TCP ("* 1", "declared", "1") },
  { START, "port 1\naclfile /etc/redis/users.acl\n",
    TCP ("* 1", "declared", "1") },
  { START, "port 0\n", "" },
  /* The command line is read last. */
  { START " --port 7001 --bind 10.0.0.1 10.0.0.2 --protected-mode no",
    "port 1\nbind 127.0.0.1\n",
    COMMAND ("10.0.0.1 7001", "declared")
        COMMAND ("10.0.0.2 7001", "declared") },
  { START " --supervised systemd --daemonize no", SAFE "port 1\n",
    TCP ("* 1", "declared", "2") },
  { "ExecStart=/usr/bin/redis-server --protected-mode no", "port 1\n",
    COMMAND ("* 6379", "inferred") },
  { "ExecStart=/usr/bin/redis-server $CONF --protected-mode no\n"
    "Environment=CONF=/" REDIS_CONF,
    "port 9\n", TCP ("* 9", "declared", "1") },
  { "ExecStart=/usr/bin/redis-sentinel /" REDIS_CONF, "",
    COMMAND ("* 26379", "inferred") },
  { START " --sentinel", "port 5000\n", TCP ("* 5000", "declared", "1") },
  { "ExecStart=/usr/bin/valkey-server /" REDIS_CONF, SAFE,
    COMMAND ("* 6379", "inferred") },
  { START, SAFE "port 70000\nport \"1\nbind\n",
    COMMAND ("* 6379", "inferred") "endpoint.unknown /" REDIS_CONF
                                   ":2 s.service: '70000' is no port\n" },
  { "ExecStart=/usr/bin/redis-server /none.conf", "",
    "endpoint.unknown "
    "/usr/lib/systemd/system/s.service:2 "
    "s.service: cannot use '/none.conf': it is not there\n" },
};

START_TEST (test_cases)
{
  const struct small_guest guest = { cases[_i].settings, REDIS_CONF,
                                     cases[_i].conf };

  check_guest (&guest, cases[_i].expected);
}
END_TEST

static const struct dc_memory_file included[] = {
  FILE ("etc/redis/a.conf", "port 1\nbind 10.0.0.1\n"),
  FILE ("etc/redis/b.conf", "port 2\n"),
  FILE ("etc/redis/loop", "include /etc/redis/loop\nport 3\n"),
};

/* What is included counts where it is, so the last one wins. */
START_TEST (test_include)
{
  const struct small_guest last = { START, REDIS_CONF,
                                    SAFE
                                    "port 9\ninclude /etc/redis/[ab].conf\n",
                                    included, DC_COUNT (included) };
  const struct small_guest first = { START, REDIS_CONF,
                                     SAFE "include /etc/redis/a.conf\nport 9\n",
                                     included, DC_COUNT (included) };

  check_guest (&last,
               "s.service tcp 10.0.0.1 2 declared /etc/redis/b.conf:1\n");
  check_guest (&first, TCP ("10.0.0.1 9", "declared", "3"));
}
END_TEST

START_TEST (test_include_loop)
{
  const struct small_guest guest = { START, REDIS_CONF,
                                     SAFE "include /etc/redis/loop\n", included,
                                     DC_COUNT (included) };

  check_guest (&guest, "s.service tcp * 3 declared /etc/redis/loop:2\n"
                       "endpoint.unknown /etc/redis/loop:1 s.service: files "
                       "include each other too deeply\n");
}
END_TEST

START_TEST (test_no_memory)
{
  const struct small_guest guest = {
    START " --port 7 --bind a b", REDIS_CONF,
    "include /etc/redis/?.conf\nunixsocket /x\ncluster-enabled yes\n", included,
    DC_COUNT (included)
  };

  check_guest_no_memory (&guest);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, DC_COUNT (cases));
  tcase_add_test (tcase, test_include);
  tcase_add_test (tcase, test_include_loop);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("conf_redis", add);
}

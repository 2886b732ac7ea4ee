/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/unit/endpoints.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define SSHD_CONF "etc/ssh/sshd_config"
#define START "ExecStart=/usr/sbin/sshd -D"
#define TCP(address, confidence, line)                                         \
  "s.service tcp " address " " confidence " /" SSHD_CONF ":" line "\n"
#define COMMAND(address)                                                       \
  "s.service tcp " address " declared /usr/lib/systemd/system/s.service:2\n"

static const struct {
  const char *settings, *conf, *expected;
} cases[] = {
  { START, "", TCP ("* 22", "inferred", "0") },
  { START, "#Port 2222\n", TCP ("* 22", "inferred", "0") },
  { START, "Port 2222\n", TCP ("* 2222", "declared", "1") },
  { START, "\n\tport=2222\r\nPORT = 2223 # x\n",
    TCP ("* 2222", "declared", "2") TCP ("* 2223", "declared", "3") },
  { START, "Port \"22\"\n", TCP ("* 22", "declared", "1") },
  { START, "AddressFamily inet\nAddressFamily inet6\n",
    TCP ("0.0.0.0 22", "inferred", "0") },
  { START, "AddressFamily inet6\nPort 23\n", TCP (":: 23", "declared", "2") },
  { START " -4", "AddressFamily inet6\n", TCP ("0.0.0.0 22", "inferred", "0") },
  /* Every port on every address that has none of its own, in any order. */
  { START, "ListenAddress 10.0.0.1\nPort 1\nListenAddress [::1]:3\nPort 2\n",
    TCP ("10.0.0.1 1", "declared", "1") TCP ("10.0.0.1 2", "declared", "1")
        TCP ("::1 3", "declared", "3") },
  { START, "ListenAddress ::\nListenAddress www.example.org:2022 rdomain x\n",
    TCP (":: 22", "inferred", "1")
        TCP ("www.example.org 2022", "declared", "2") },
  { START, "Port 1\nMatch User x\nPort 2\n", TCP ("* 1", "declared", "1") },
  { START, "Match User x\nPort 1\nMatch all\nPort 2\n",
    TCP ("* 2", "declared", "4") },
  { START, "\"Port\" 1\n", TCP ("* 1", "declared", "1") },
  { START " -p 3 -p4", "Port 1\nListenAddress 10.0.0.1\n",
    TCP ("10.0.0.1 3", "declared", "2") TCP ("10.0.0.1 4", "declared", "2") },
  { START " -p 3", "Port 1\n", COMMAND ("* 3") },
  { START " -oPort=3 -o 'ListenAddress 10.0.0.1'", "Port 1\n",
    COMMAND ("10.0.0.1 1") COMMAND ("10.0.0.1 3") },
  { START "dep5", "Port 1\n", COMMAND ("* 5") },
  { START " -h /k -c /c -u0 -p 5", "Port 1\n", COMMAND ("* 5") },
  { START " $OPTS\nEnvironment=\"OPTS=-p 6 -o AddressFamily=inet\"", "",
    COMMAND ("0.0.0.0 6") },
  { START " ${OPTS}\nEnvironment=OPTS=-p6", "", COMMAND ("* 6") },
  { "ExecStart=/usr/sbin/sshd -i", "Port 1\n", "" },
  { "ExecStart=/usr/sbin/sshd -t", "Port 1\n", "" },
  { START, "Port 70000\nPort 22\n",
    TCP ("* 22", "declared", "2") "endpoint.unknown /" SSHD_CONF
                                  ":1 s.service: '70000' is no port\n" },
  { START, "ListenAddress 22\nAddressFamily both\n",
    TCP ("* 22", "inferred", "0") "endpoint.unknown /" SSHD_CONF
                                  ":1 s.service: a ListenAddress without an "
                                  "address\n"
                                  "endpoint.unknown /" SSHD_CONF
                                  ":2 s.service: AddressFamily is none of any, "
                                  "inet, inet6\n" },
  { START, "Port \"22\nPort 23\n", TCP ("* 23", "declared", "2") },
  { "ExecStart=/usr/bin/not-sshd -D -p 3", "Port 2\n",
    "endpoint.unknown /usr/lib/systemd/system/s.service:2 s.service: what it "
    "runs is no application that we know, so whether it listens cannot be "
    "told\n" },
  { "ExecStart=/bin/sh -c 'exec sshd -p 3'", "Port 2\n",
    "s.service tcp * 3 declared /usr/lib/systemd/system/s.service:2\n" },
};

START_TEST (test_cases)
{
  const struct small_guest guest = { cases[_i].settings, SSHD_CONF,
                                     cases[_i].conf };

  check_guest (&guest, cases[_i].expected);
}
END_TEST

static const struct dc_memory_file included[] = {
  DIR ("etc/ssh/d"),
  FILE ("etc/ssh/d/2.conf", "Port 2\nMatch User x\nPort 3\n"),
  FILE ("etc/ssh/d/1.conf", "Port 1\n"),
  FILE ("etc/ssh/d/.hidden.conf", "Port 9\n"),
  FILE ("etc/ssh/d/loop", "Port 7\nInclude d/loop\n"),
  FILE ("opt.conf", "Port 4\n"),
};

/* A Match block ends with the file that it is in. */
START_TEST (test_include)
{
  const struct small_guest guest = {
    START, SSHD_CONF,
    "Include d/*.conf /opt.conf\nPort 5\nMatch User x\nInclude d/none\n",
    included, DC_COUNT (included)
  };

  check_guest (&guest, "s.service tcp * 1 declared /etc/ssh/d/1.conf:1\n"
                       "s.service tcp * 2 declared /etc/ssh/d/2.conf:1\n"
                       "s.service tcp * 4 declared /opt.conf:1\n"
                       "s.service tcp * 5 declared /etc/ssh/sshd_config:2\n");
}
END_TEST

START_TEST (test_include_loop)
{
  const struct small_guest guest = { START, SSHD_CONF, "Include d/loop\n",
                                     included, DC_COUNT (included) };

  check_guest (&guest,
               "s.service tcp * 7 declared /etc/ssh/d/loop:1\n"
               "endpoint.unknown /etc/ssh/d/loop:2 s.service: files include "
               "each other too deeply\n");
}
END_TEST

START_TEST (test_missing_files)
{
  const struct small_guest bare = { START };
  const struct small_guest included_file = { START, SSHD_CONF,
                                             "Include /none\n" };
  const struct small_guest environment = {
    START "\nEnvironmentFile=/etc/default/none", SSHD_CONF, "Port 2\n"
  };

  check_guest (&bare, "endpoint.unknown /usr/lib/systemd/system/s.service:2 "
                      "s.service: cannot use '/etc/ssh/sshd_config': it is "
                      "not there\n");
  check_guest (&included_file,
               TCP ("* 22", "inferred", "0") "endpoint.unknown /" SSHD_CONF
                                             ":1 s.service: cannot use "
                                             "'/none': it is not there\n");
  check_guest (
      &environment,
      TCP ("* 2", "declared",
           "1") "endpoint.unknown /usr/lib/systemd/system/s.service:2 "
                "s.service: it needs the file '/etc/default/none', which "
                "cannot be read\n");
}
END_TEST

START_TEST (test_no_memory)
{
  const struct small_guest guest = {
    START " -4 -o Port=3", SSHD_CONF,
    "Include d/*.conf\nListenAddress 10.0.0.1\nPort x\n", included,
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
  tcase_add_test (tcase, test_missing_files);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("conf_sshd", add);
}

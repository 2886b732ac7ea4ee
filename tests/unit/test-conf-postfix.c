/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/unit/endpoints.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define MASTER "etc/postfix/master.cf"
#define START "ExecStart=/usr/sbin/postfix start"
#define TCP(address, line)                                                     \
  "s.service tcp " address " declared /" MASTER ":" line "\n"
#define UNIX(path, line)                                                       \
  "s.service unix " path " declared /" MASTER ":" line "\n"
#define TO(target, line)                                                       \
  "s.service -> tcp " target " declared /etc/postfix/main.cf:" line "\n"
#define SMTP "smtp inet n - y - - smtpd\n"

static const struct {
  const char *settings, *main, *master, *expected;
} cases[] = {
  { START, "", SMTP, TCP ("0.0.0.0 25", "1") TCP (":: 25", "1") },
  { START, "inet_protocols = ipv4\n", SMTP, TCP ("0.0.0.0 25", "1") },
  { START, "inet_interfaces = loopback-only\n", SMTP,
    TCP ("127.0.0.1 25", "1") TCP ("::1 25", "1") },
  { START,
    "ip = 10.0.0.1\ninet_interfaces = $ip,\n# x\n\n  ${ip6}\n"
    "ip6 = [fe80::1]\n",
    SMTP, TCP ("10.0.0.1 25", "1") TCP ("fe80::1 25", "1") },
  { START, "inet_interfaces = $myhostname\n", SMTP, TCP ("host 25", "1") },
  { START,
    "inet_interfaces = all\n  inet_x = y\ninet_interfaces=localhost\n"
    "inet_protocols = ipv4, ipv6",
    SMTP, TCP ("127.0.0.1 25", "1") TCP ("::1 25", "1") },
  { START, "inet_protocols = ipv4",
    "# a\n" SMTP "#submission inet n - y - - smtpd\n127.0.0.1:10025 inet n\n"
    "  - n - - smtpd\n -o x=y\n[::1]:2525 inet n - n - - smtpd\n"
    "pickup fifo n - y 60 1 pickup\nsubmission inet n - y - - smtpd\n",
    TCP ("0.0.0.0 25", "2") TCP ("0.0.0.0 587", "9") TCP ("::1 2525", "7")
        TCP ("127.0.0.1 10025", "4") },
  { START, "inet_protocols = ipv4\nmaster_service_disable = 26.inet",
    SMTP "26 inet n - - - - smtpd\n", TCP ("0.0.0.0 25", "1") },
  { START, "", "pickup unix n - y 60 1 pickup\ntlsmgr unix - - y - 1 tlsmgr\n",
    UNIX ("/var/spool/postfix/private/tlsmgr", "2")
        UNIX ("/var/spool/postfix/public/pickup", "1") },
  { START, "queue_directory = /q\nmaster_service_disable = a.unix pass\n",
    "postlog unix-dgram n - n - 1 postlogd\na unix n - y - - a\n"
    "smtpd pass - - y - - smtpd\nb unix y - - - - b\nc unix\n",
    UNIX ("/q/private/b", "4") UNIX ("/q/private/c", "5")
        UNIX ("/q/public/postlog", "1") },
  { START, "", "strange inet n - y - - smtpd\n",
    "endpoint.unknown /" MASTER ":1 s.service: 'strange' is no port that "
    "/etc/services has\n" },
  { START, "a = $b\nb = $a\ninet_interfaces = $a 10.0.0.1\n", SMTP,
    TCP ("10.0.0.1 25", "1") },
  { START,
    "a = $b$b$b$b$b$b$b$b\nb = $c$c$c$c$c$c$c$c$c$c$c$c$c$c$c$c$c\n"
    "c = $d$d$d$d$d$d$d$d$d$d$d$d$d\nd = $e$e$e$e$e$e$e$e$e$e$e$e$e\n"
    "e = $f$f$f$f$f$f$f$f$f$f$f$f$f\nf = $g$g$g$g$g$g$g$g$g$g$g$g$g\n"
    "inet_interfaces = $a",
    SMTP, "" },
  { START, "relayhost = [mail.example.org]:submission\n", "",
    TO ("mail.example.org 587", "1") },
  { START, "x = y\nrelayhost = example.org", "", TO ("example.org 25", "2") },
  { "ExecStart=/usr/sbin/postfix stop", "", SMTP, "" },
  { "ExecStart=/bin/true", "", SMTP, "" },
  { "ExecStart=/usr/sbin/postmulti -i - -p start", "inet_protocols = ipv4",
    SMTP, TCP ("0.0.0.0 25", "1") },
  { "ExecStart=/usr/sbin/postmulti -i postfix-b -p start", "", SMTP,
    "s.service tcp 10.0.0.2 2526 declared /etc/postfix-b/master.cf:1\n" },
  { "ExecStart=/usr/sbin/postmulti -i postfix-c -p start", "", SMTP, "" },
  { START, "multi_instance_directories = /etc/postfix-b /etc/postfix-c\n", "",
    "s.service tcp 10.0.0.2 2526 declared /etc/postfix-b/master.cf:1\n" },
};

#define FILES(main, master)                                                    \
  {                                                                            \
    DIR ("etc/postfix"), FILE ("etc/postfix/main.cf", main),                   \
        FILE (MASTER, master), DIR ("etc/postfix-b"),                          \
        FILE ("etc/postfix-b/main.cf", "multi_instance_enable = yes\n"         \
                                       "inet_interfaces = 10.0.0.2\n"),        \
        FILE ("etc/postfix-b/master.cf", "2526 inet n - y - - smtpd\n"),       \
        DIR ("etc/postfix-c"), FILE ("etc/postfix-c/main.cf", ""),             \
        FILE ("etc/postfix-c/master.cf", "2527 inet n - y - - smtpd\n"),       \
        FILE ("etc/services", "# x\nsmtp\t\t25/tcp\t\tmail\n"                  \
                              "submission\t587/udp\nsubmission\t587/tcp\n")    \
  }

START_TEST (test_cases)
{
  const struct dc_memory_file files[] =
      FILES (cases[_i].main, cases[_i].master);
  const struct small_guest guest = { cases[_i].settings, NULL, NULL, files,
                                     DC_COUNT (files) };

  check_guest (&guest, cases[_i].expected);
}
END_TEST

/* Debian's unit of that name runs true(1) and stands for all instances. */
START_TEST (test_debian)
{
  const struct dc_memory_file files[] = {
    FOLDERS,
    FILE (USR "/default.target", "[Unit]\nWants=postfix.service\n"),
    FILE (USR "/postfix.service", "[Service]\nExecStart=/bin/true\n"),
    DIR ("etc/postfix"),
    FILE ("etc/postfix/main.cf", "inet_protocols = ipv4\n"),
    FILE (MASTER, "25 inet n - y - - smtpd\n"),
  };

  check_endpoints (files, DC_COUNT (files),
                   "postfix.service tcp 0.0.0.0 25 declared /" MASTER ":1\n");
}
END_TEST

START_TEST (test_no_memory)
{
  const struct dc_memory_file files[] =
      FILES ("multi_instance_directories = /etc/postfix-b\n"
             "relayhost = [a]:smtp\ninet_interfaces = $x 10.0.0.1\nx = all\n",
             SMTP "[::1]:26 inet n - n - - smtpd\n");
  const struct small_guest guest = { START, NULL, NULL, files,
                                     DC_COUNT (files) };

  check_guest_no_memory (&guest);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, DC_COUNT (cases));
  tcase_add_test (tcase, test_debian);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("conf_postfix", add);
}

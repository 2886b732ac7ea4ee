/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/unit/endpoints.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define MAIN "etc/haproxy/haproxy.cfg"
#define START "ExecStart=/usr/sbin/haproxy -Ws -f /" MAIN " -p /run/x"
#define ON(where, line) "s.service " where " declared /" MAIN ":" line "\n"
#define TCP(address, line) ON ("tcp " address, line)
#define TO(where, line) ON ("-> " where, line)
#define UNKNOWN(line, text)                                                    \
  "endpoint.unknown /" MAIN ":" line " s.service: " text "\n"
#define DOUBT "a condition that cannot be evaluated decides on this"

static const struct {
  const char *settings, *conf, *expected;
} cases[] = {
  { START, "", "" },
  /* The forms of an address. */
  { START, "frontend a\n bind :80", TCP ("0.0.0.0 80", "2") },
  { START, "frontend a\n bind *:80,*:443 ssl crt /x",
    TCP ("0.0.0.0 80", "2") TCP ("0.0.0.0 443", "2") },
  { START, "listen a\n bind [::1]:81\n bind ::1:82\n bind localhost:83",
    TCP ("::1 81", "2") TCP ("::1 82", "3") TCP ("localhost 83", "4") },
  { START, "listen a\n bind :::80\n bind [::]:81 v6only\n bind ipv6@:::82",
    TCP ("* 80", "2") TCP (":: 81", "3") TCP ("* 82", "4") },
  { START, "frontend a\n bind ipv4@10.0.0.1:80-82",
    TCP ("10.0.0.1 80", "2") TCP ("10.0.0.1 81", "2")
        TCP ("10.0.0.1 82", "2") },
  { START, "frontend a\n bind /run/a mode 600\n bind unix@/run/b\n bind abns@c",
    ON ("unix /run/a", "2") ON ("unix /run/b", "3") ON ("unix @c", "4") },
  { START, "global\n unix-bind prefix /srv mode 770\nlisten a\n bind /a",
    ON ("unix /srv/a", "4") },
  { START, "frontend a\n bind quic4@:443 ssl", ON ("udp 0.0.0.0 443", "2") },
  { START, "frontend a\n bind fd@3\n bind :1-1000\n bind :x\n bind 10.0.0.1\n",
    UNKNOWN ("2", "it listens on a socket of its parent") UNKNOWN (
        "3", "a range of ports is too long") UNKNOWN ("4", "'x' is no port")
        UNKNOWN ("5", "an address without a port") },
  /* Sections. */
  { START,
    "defaults\n bind :1\nbackend x\n bind :2\nlisten a :80\n"
    "listen b from d\n bind :81\nfrontend c\n disabled\n bind :82\n"
    "userlist u\n bind :3",
    TCP ("0.0.0.0 80", "5") TCP ("0.0.0.0 81", "7") },
  { START,
    "defaults\n disabled\nlisten a\n bind :80\nlisten b\n enabled\n"
    " bind :81\ndefaults\nlisten c\n bind :82",
    TCP ("0.0.0.0 81", "7") TCP ("0.0.0.0 82", "10") },
  { START,
    "global\n stats socket /run/admin.sock mode 660\n stats timeout 3s\n"
    " stats socket ipv4@127.0.0.1:9999 level admin",
    TCP ("127.0.0.1 9999", "4") ON ("unix /run/admin.sock", "2") },
  { START,
    "peers p\n peer host 10.0.0.1:1024\n peer other 10.0.0.2:1025\n"
    "peers q\n bind :1026\n server host\n server third 10.0.0.3:1027",
    TCP ("10.0.0.1 1024", "2") TCP ("0.0.0.0 1026", "5")
        TO ("tcp 10.0.0.2 1025", "3") TO ("tcp 10.0.0.3 1027", "7") },
  { START " -L other", "peers p\n peer other :1024",
    TCP ("0.0.0.0 1024", "2") },
  { START, "log-forward l\n dgram-bind :514\n bind :514",
    TCP ("0.0.0.0 514", "3") ON ("udp 0.0.0.0 514", "2") },
  { START " -S /run/m.sock,mode,600", "global",
    "s.service unix /run/m.sock declared /usr/lib/systemd/system/s.service:2"
    "\n" },
  /* Servers. */
  { START,
    "backend b\n server s1 10.0.0.1:80 check\n server s2 web\n"
    " server s3 unix@/run/s\n server s4 [::1]:81\n server s5 *:80\n"
    " server s6 web:+1\n server-template t 1-3 srv:90\n"
    "resolvers r\n nameserver d 10.0.0.53:53\nmailers m\n mailer x smtp:25\n",
    TO ("tcp 10.0.0.1 80", "2") TO ("tcp ::1 81", "5") TO ("tcp smtp 25", "12")
        TO ("tcp srv 90", "8") TO ("tcp web 0", "3")
            TO ("udp 10.0.0.53 53", "10") TO ("unix /run/s", "4") },
  /* Words and variables. */
  { START "\nEnvironment=PORT=85 IP=10.0.0.1",
    "frontend a # b\n bind \"${IP}\":\"$PORT\" # :1\n bind 'localhost':86\n"
    " bind \"${NONE-127.0.0.1}:87\"\n #bind :2\n",
    TCP ("10.0.0.1 85", "2") TCP ("localhost 86", "3")
        TCP ("127.0.0.1 87", "4") },
  { START, "global\n setenv P 80\n presetenv P 81\nlisten a\n bind \":$P\"",
    TCP ("0.0.0.0 80", "5") },
  { START, "listen a\n bind \":80\n bind :81",
    TCP ("0.0.0.0 81", "3") UNKNOWN ("2", "a quote is open") },
  /* Conditions. */
  { START "\nEnvironment=A=yes",
    "listen a\n.if defined(A) && streq(\"$A\",yes)\n bind :80\n"
    ".elif 1\n bind :1\n.else\n bind :2\n.endif\n"
    ".if !(defined(A) || 0)\n bind :3\n .if 1\n bind :4\n .endif\n"
    ".else\n bind :81\n.endif\n.if\n bind :5\n.endif\n"
    ".if strneq(a,a)\n bind :6\n.elif defined(A)\n bind :82\n.endif",
    TCP ("0.0.0.0 80", "3") TCP ("0.0.0.0 81", "15") TCP ("0.0.0.0 82", "23") },
  { START,
    "listen a\n.if feature(OPENSSL)\n bind :80\n.else\n bind :81\n.endif\n"
    ".if feature(X) && 0\n bind :1\n.endif\n.if feature(X) || 1\n bind :82\n"
    ".endif\n.if version_atleast(2.4)\n bind :83\n.endif\n.if (1\n bind :84\n"
    ".endif",
    TCP ("0.0.0.0 82", "11") UNKNOWN ("3", DOUBT) UNKNOWN ("5", DOUBT)
        UNKNOWN ("14", DOUBT) UNKNOWN ("17", DOUBT) },
  /* The command line. */
  { START " -c", "listen a\n bind :80", "" },
  { "ExecStart=/usr/sbin/haproxy -vv", "", "" },
  { "ExecStart=/usr/sbin/haproxy -db -- /" MAIN, "listen a\n bind :80",
    TCP ("0.0.0.0 80", "2") },
  { "ExecStart=/usr/sbin/haproxy -f /none", "",
    "endpoint.unknown /usr/lib/systemd/system/s.service:2 s.service: cannot "
    "use '/none': it is not there\n" },
};

static const struct dc_memory_file folder[] = {
  DIR ("etc/haproxy"),
  DIR ("etc/haproxy/conf.d"),
  FILE ("etc/haproxy/conf.d/b.cfg", "listen b\n bind :82\n"),
  FILE ("etc/haproxy/conf.d/a.cfg", "listen a\n bind :81\n"),
  FILE ("etc/haproxy/conf.d/c.conf", "listen c\n bind :1\n"),
};

START_TEST (test_cases)
{
  const struct small_guest guest = { cases[_i].settings, MAIN, cases[_i].conf,
                                     folder, 1 };

  check_guest (&guest, cases[_i].expected);
}
END_TEST

/* As Debian starts it, with a folder from its defaults. */
START_TEST (test_folder)
{
  const struct small_guest guest = {
    "Environment=CONFIG=/etc/haproxy/haproxy.cfg "
    "\"EXTRAOPTS=-f /etc/haproxy/conf.d\"\n"
    "ExecStart=/usr/sbin/haproxy -Ws -f $CONFIG -p /run/x $EXTRAOPTS",
    MAIN, "listen x\n bind :80\n", folder, DC_COUNT (folder)
  };

  check_guest (
      &guest,
      TCP (
          "0.0.0.0 80",
          "2") "s.service tcp 0.0.0.0 81 declared /etc/haproxy/conf.d/a.cfg:2\n"
               "s.service tcp 0.0.0.0 82 declared "
               "/etc/haproxy/conf.d/b.cfg:2\n");
}
END_TEST

START_TEST (test_hostile)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer deep = DC_BUFFER_INIT (10000000);

  ck_assert_ok (dc_buffer_print (&deep, &err, "listen a\n.if "));
  for (int i = 0; i < 100000; i++)
    ck_assert_ok (dc_buffer_print (&deep, &err, "(!"));
  ck_assert_ok (dc_buffer_print (&deep, &err, "\n bind :80"));
  const struct small_guest guest = { START, MAIN, deep.data, folder, 1 };
  check_guest (&guest, UNKNOWN ("3", DOUBT));
}
END_TEST

START_TEST (test_levels)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer deep = DC_BUFFER_INIT (10000000);

  for (int i = 0; i < 17; i++)
    ck_assert_ok (dc_buffer_print (&deep, &err, ".if 1\n"));
  const struct small_guest guest = { START, MAIN, deep.data, folder, 1 };
  check_guest (&guest, UNKNOWN ("17", "conditions lie in each other too "
                                      "deeply"));
}
END_TEST

START_TEST (test_no_memory)
{
  const struct small_guest guest = {
    START " -S /m -L x", MAIN,
    "global\n setenv A b\n localpeer c\n unix-bind prefix /x\n"
    ".if streq(a,\"$A\") || feature(b)\nlisten a\n bind :80,/x\n.endif\n"
    "backend b\n server s 10.0.0.1:80\npeers p\n peer x :1\n",
    folder, 1
  };

  check_guest_no_memory (&guest);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, DC_COUNT (cases));
  tcase_add_test (tcase, test_folder);
  tcase_add_test (tcase, test_hostile);
  tcase_add_test (tcase, test_levels);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("conf_haproxy", add);
}

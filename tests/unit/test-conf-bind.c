/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/unit/endpoints.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define MAIN "etc/bind/named.conf"
#define START "ExecStart=/usr/sbin/named -f"
#define SYSTEMD "/usr/lib/systemd/system/s.service:2"
#define AT(protocol, address, confidence, place)                               \
  "s.service " protocol " " address " " confidence " " place "\n"
#define TCP(address, confidence, place) AT ("tcp", address, confidence, place)
#define UDP(address, confidence, place) AT ("udp", address, confidence, place)
#define LINE(line) "/" MAIN ":" line
#define TO(what, place) "s.service -> udp " what " declared " place "\n"
#define NOTE(place, text) "endpoint.unknown " place " s.service: " text "\n"
/* Neither family, and nobody who controls it. */
#define QUIET "options { listen-on { none; }; listen-on-v6 { none; };\n"
/* The other family is quiet. */
#define V4 "options { listen-on-v6 { none; };\n"
#define V6 "options { listen-on { none; };\n"

static const struct {
  const char *settings, *conf, *expected;
} cases[] = {
  { START, "",
    TCP ("0.0.0.0 53", "inferred", SYSTEMD) TCP (":: 53", "inferred", SYSTEMD)
        UDP ("0.0.0.0 53", "inferred", SYSTEMD)
            UDP (":: 53", "inferred", SYSTEMD) },
  { START " -4 -p 5353", "options { port 54; };",
    TCP ("0.0.0.0 5353", "inferred", SYSTEMD)
        UDP ("0.0.0.0 5353", "inferred", SYSTEMD) },
  { START " -6 $OPTIONS\nEnvironment=OPTIONS=-ubind", "options { port 54; };",
    TCP (":: 54", "inferred", SYSTEMD) UDP (":: 54", "inferred", SYSTEMD) },
  { START, QUIET "};", "" },
  /* As Debian has it; comments of all kinds. */
  { START,
    "options { // directory\n\tdirectory \"/var/cache/bind\"; /* listen-on\n"
    "{ any; }; */\n listen-on-v6 { any; }; # x\n listen-on { none; }; };\n",
    TCP (":: 53", "declared", LINE ("4"))
        UDP (":: 53", "declared", LINE ("4")) },
  { START, V4 "listen-on port 5300 { 127.0.0.1; 10.0.0.1/32; ::1; }; };",
    TCP ("10.0.0.1 5300", "declared", LINE ("2"))
        TCP ("127.0.0.1 5300", "declared", LINE ("2"))
            UDP ("10.0.0.1 5300", "declared", LINE ("2"))
                UDP ("127.0.0.1 5300", "declared", LINE ("2")) },
  { START, V6 "listen-on-v6 { ::1; 127.0.0.1; }; port 54; };",
    TCP ("::1 54", "declared", LINE ("2"))
        UDP ("::1 54", "declared", LINE ("2")) },
  /* The first that fits decides. */
  { START, V4 "listen-on { !10.0.0.1; any; 10.0.0.2; }; };",
    TCP ("0.0.0.0 53", "inferred", LINE ("2"))
        UDP ("0.0.0.0 53", "inferred", LINE ("2")) },
  { START, V4 "listen-on { !any; 10.0.0.2; }; };", "" },
  { START, V4 "listen-on { 127/8; { !10.0.0.1; key k; localnets; }; }; };",
    TCP ("0.0.0.0 53", "inferred", LINE ("2"))
        TCP ("127.0.0.1 53", "inferred", LINE ("2"))
            UDP ("0.0.0.0 53", "inferred", LINE ("2"))
                UDP ("127.0.0.1 53", "inferred", LINE ("2")) },
  { START,
    "acl \"in\" { lo; 10.0.0.3; };\n" V4
    "listen-on { in; }; };\nacl lo { 127.0.0.1; };\n",
    TCP ("10.0.0.3 53", "declared", LINE ("3"))
        TCP ("127.0.0.1 53", "declared", LINE ("3"))
            UDP ("10.0.0.3 53", "declared", LINE ("3"))
                UDP ("127.0.0.1 53", "declared", LINE ("3")) },
  { START, V4 "listen-on { 10.1.0.0/16; }; };",
    NOTE (LINE ("2"), "which addresses '10.1.0.0/16' stands for") },
  { START, "acl a { a; };" V4 "listen-on { a; b; }; };",
    NOTE (LINE ("2"), "which addresses 'b' stands for") },
  /* TLS and HTTP. */
  { START,
    V4 "listen-on tls ephemeral { 10.0.0.1; };\n"
       "listen-on port 8443 tls t http h { 10.0.0.1; };\n"
       "listen-on tls none http h { 10.0.0.1; }; http-port 8080; };",
    TCP ("10.0.0.1 853", "declared", LINE ("2"))
        TCP ("10.0.0.1 8080", "declared", LINE ("4"))
            TCP ("10.0.0.1 8443", "declared", LINE ("3")) },
  /* Who controls it, and who counts. */
  { START,
    QUIET
    "};\ncontrols {\n inet * port 54 allow { any; } keys { \"k\"; };\n"
    " inet ::1 allow { ::1; };\n unix \"/x\" perm 0600 owner 0 group 0;};\n"
    "statistics-channels { inet 10.0.0.1; inet 127.0.0.1 port 8053; };",
    TCP ("0.0.0.0 54", "declared", LINE ("4"))
        TCP ("10.0.0.1 80", "inferred", LINE ("7"))
            TCP ("::1 953", "inferred", LINE ("5"))
                TCP ("127.0.0.1 8053", "declared", LINE ("7")) },
  /* Whom it asks. */
  { START,
    QUIET "forwarders { 8.8.8.8; 2001:db8::1 port 5353 tls t; }; };\n"
          "view x {\nzone \"a\" { type slave; masters port 54 { 10.0.0.9; m;"
          " };\n};\nzone b { forwarders { }; }; };\n",
    TO ("10.0.0.9 54", LINE ("4")) TO ("2001:db8::1 5353", LINE ("2"))
        TO ("8.8.8.8 53", LINE ("2")) },
  /* What BIND refuses. */
  { START, QUIET "};\ncontrols { inet 127.0.0.1 port x allow { any; }; };",
    NOTE (LINE ("3"), "'x' is no port") },
  { START, QUIET "}; };", NOTE (LINE ("2"), "a } ends no block") },
  { START, QUIET "};\nzone a {",
    NOTE (LINE ("3"), "the file ends inside a block") },
  { START, QUIET "};\nkey \"a", NOTE (LINE ("3"), "a quote stays open") },
  { START, QUIET "};\n/* key", NOTE (LINE ("3"), "a comment stays open") },
  { START " -c /none", "",
    NOTE (SYSTEMD, "cannot use '/none': it is not there") },
  { START " -V", "", "" },
};

static const struct dc_memory_file files[] = {
  DIR ("etc/bind"),
  DIR ("etc/bind/d"),
  FILE ("etc/bind/d/1.conf", "listen-on port 1 { 10.0.0.1; };"),
  FILE ("etc/bind/d/2.conf", "listen-on port 2 { 10.0.0.1; };"),
  FILE ("etc/bind/loop", "include \"/etc/bind/loop\";"),
  DIR ("jail"),
  DIR ("jail/etc"),
  FILE ("jail/etc/named.conf", QUIET "};\ncontrols { };"),
};

static void
check (const char *settings, const char *conf, const char *expected)
{
  const struct small_guest guest = { settings, MAIN, conf, files,
                                     DC_COUNT (files) };

  check_guest (&guest, expected);
}

START_TEST (test_cases)
{
  check (cases[_i].settings, cases[_i].conf, cases[_i].expected);
}
END_TEST

/* Relative names begin in the directory that was told before them. */
START_TEST (test_include)
{
  check (START,
         V4 "directory \"/etc/bind/d\"; include \"1.conf\";\n"
            "include \"/etc/bind/d/[2-9].conf\"; };",
         TCP ("10.0.0.1 1", "declared", "/etc/bind/d/1.conf:1")
             TCP ("10.0.0.1 2", "declared", "/etc/bind/d/2.conf:1")
                 UDP ("10.0.0.1 1", "declared", "/etc/bind/d/1.conf:1")
                     UDP ("10.0.0.1 2", "declared", "/etc/bind/d/2.conf:1"));
  check (START, QUIET "};\ninclude \"/etc/bind/loop\";",
         NOTE ("/etc/bind/loop:1", "files include each other too deeply"));
  check (START, QUIET "};\ninclude \"none\";",
         NOTE (LINE ("3"), "cannot use '/none': it is not there"));
}
END_TEST

START_TEST (test_jail)
{
  check (START " -t /jail -c /etc/named.conf", "", "");
  check (START " -t /jail -c /etc/bind/named.conf", QUIET "port 5; };", "");
}
END_TEST

/* With a key for rndc it listens for that, too. */
START_TEST (test_control)
{
  static const struct dc_memory_file key[] = {
    DIR ("etc/bind"),
    FILE ("etc/bind/rndc.key", "key k { };"),
  };
  struct small_guest guest = { START, MAIN, QUIET "};", key, DC_COUNT (key) };

  check_guest (&guest, TCP ("127.0.0.1 953", "inferred", SYSTEMD)
                           TCP ("::1 953", "inferred", SYSTEMD));
  guest.conf = QUIET "};\ncontrols { };\n";
  check_guest (&guest, "");
  guest.conf = QUIET "};";
  guest.settings = START " -4";
  check_guest (&guest, TCP ("127.0.0.1 953", "inferred", SYSTEMD));
}
END_TEST

START_TEST (test_no_memory)
{
  const struct small_guest guest = {
    START " -p 5", MAIN,
    "acl a { b; 10.0.0.1; };\noptions { directory \"/etc\"; port 7;\n"
    "listen-on { a; x; };\ninclude \"/etc/bind/d/*\"; forwarders { 1.1.1.1; };"
    "};\ncontrols { inet * port 4 allow { a; }; };\n",
    files, DC_COUNT (files)
  };

  check_guest_no_memory (&guest);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, DC_COUNT (cases));
  tcase_add_test (tcase, test_include);
  tcase_add_test (tcase, test_jail);
  tcase_add_test (tcase, test_control);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("conf_bind", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/unit/endpoints.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define NGINX_CONF "etc/nginx/nginx.conf"
#define START "ExecStart=/usr/sbin/nginx -g 'daemon on; master_process on;'"
#define ON(protocol, address, confidence, line)                                \
  "s.service " protocol " " address " " confidence " /" NGINX_CONF ":" line "\n"
#define TCP(address, line) ON ("tcp", address, "declared", line)
#define TO(where, line)                                                        \
  "s.service -> " where " declared /" NGINX_CONF ":" line "\n"
#define UNKNOWN(line, text)                                                    \
  "endpoint.unknown /" NGINX_CONF ":" line " s.service: " text "\n"
#define SERVER(text) "http { server { " text " } }"

static const struct {
  const char *settings, *conf, *expected;
} cases[] = {
  { START, "", "" },
  { START, "events {}\nhttp { }\n", "" },
  /* The forms of an address. */
  { START, SERVER ("listen 80;"), TCP ("0.0.0.0 80", "1") },
  { START, SERVER ("listen *:81;"), TCP ("0.0.0.0 81", "1") },
  { START, SERVER ("listen [::]:443 ssl http2;"), TCP (":: 443", "1") },
  { START, SERVER ("listen [::]:80 ipv6only=off;"), TCP ("* 80", "1") },
  { START, SERVER ("listen [::1];"), ON ("tcp", "::1 80", "inferred", "1") },
  { START, SERVER ("listen 127.0.0.1;"),
    ON ("tcp", "127.0.0.1 80", "inferred", "1") },
  { START, SERVER ("listen 127.0.0.1:8000;"), TCP ("127.0.0.1 8000", "1") },
  { START, SERVER ("listen www-1.example.org:81;"),
    TCP ("www-1.example.org 81", "1") },
  { START, SERVER ("listen localhost;"),
    ON ("tcp", "localhost 80", "inferred", "1") },
  { START, SERVER ("listen unix:/run/x.sock;"),
    ON ("unix", "/run/x.sock", "declared", "1") },
  { START, SERVER ("listen 443 quic reuseport; listen 443 ssl;"),
    TCP ("0.0.0.0 443", "1") ON ("udp", "0.0.0.0 443", "declared", "1") },
  { START, SERVER ("listen 81-83; listen 10.0.0.1:84-85;"),
    TCP ("0.0.0.0 81", "1") TCP ("0.0.0.0 82", "1") TCP ("0.0.0.0 83", "1")
        TCP ("10.0.0.1 84", "1") TCP ("10.0.0.1 85", "1") },
  /* Where listen counts, and where it does not. */
  { START, "http { server { location / { listen 1; } listen 2; } listen 3; }",
    TCP ("0.0.0.0 2", "1") },
  { START, "http { server { listen 80; }\nserver { listen 80; listen 81; } }",
    TCP ("0.0.0.0 80", "1") TCP ("0.0.0.0 81", "2") },
  { START, "http {\n server { root /srv; }\n server { listen 81; }\n}",
    ON ("tcp", "0.0.0.0 80", "inferred", "2") TCP ("0.0.0.0 81", "3") },
  { START, "http { server { }\nserver { listen 80; } }",
    TCP ("0.0.0.0 80", "2") },
  { START "\nUser=www-data", "http { server { } }",
    ON ("tcp", "0.0.0.0 8000", "inferred", "1") },
  { START,
    "stream { server { listen 53 udp; } server { listen 5432; } server { } "
    "}\n"
    "mail { server { listen localhost:110; protocol pop3; } }",
    TCP ("localhost 110", "2") TCP ("0.0.0.0 5432", "1")
        ON ("udp", "0.0.0.0 53", "declared", "1") },
  { START, "server { listen 80; } upstream { server { listen 81; } }", "" },
  /* What it passes on. */
  { START,
    SERVER ("location / { proxy_pass http://app; } location /b {\n"
            "if ($x) { proxy_pass https://h/; } }\n"
            "location ~ x { fastcgi_pass unix:/run/php.sock; }\n"
            "location /c { proxy_pass http://$x:1; proxy_pass "
            "http://app2/y; }"
            "location /d { grpc_pass grpc://[::1]:7; uwsgi_pass u:8; }\n"
            "location /e { proxy_pass http://unix:/run/y:/z; } listen "
            "80;") "\nhttp { upstream app { server a:81 weight=1;\n "
                   "server b;"
                   "server unix:/run/s; } upstream app2 { } }",
    TCP ("0.0.0.0 80", "5") TO ("tcp ::1 7", "4") TO ("tcp a 81", "6")
        TO ("tcp b 80", "7") TO ("tcp h 443", "2") TO ("tcp u 8", "4")
            TO ("unix /run/php.sock", "3") TO ("unix /run/s", "7")
                TO ("unix /run/y", "5") },
  { START,
    "stream { server { listen 1; proxy_pass db; }\n"
    "server { listen 2; proxy_pass 10.0.0.1:5432; }\n"
    "upstream db { server 10.0.0.2:5432; } } proxy_pass http://no;",
    TCP ("0.0.0.0 1", "1") TCP ("0.0.0.0 2", "2") TO ("tcp 10.0.0.1 5432", "2")
        TO ("tcp 10.0.0.2 5432", "3") },
  /* Words. */
  { START,
    "# listen 1;\nhttp{server{listen\n 80 # ; }\n ;listen '81';"
    "listen \"82\" ;}}",
    TCP ("0.0.0.0 80", "2") TCP ("0.0.0.0 81", "4") TCP ("0.0.0.0 82", "4") },
  { START,
    "http { log_format x '$a { } ; \\' #' \"\\\"\" a\\;b; set ${x}y a#b;\n"
    "map $a $b { default {; } if ($x ~ \"^{\") { }\n server { listen 80; } "
    "}",
    UNKNOWN ("2", "line 2: a ; { or } is not expected here") },
  { START,
    "http { log_format x '$a { } ; \\' #' \"\\\"\" a\\;b; set ${x}y a#b;\n"
    "map $a $b { default x; } if ($x ~ \"^{\") { }\n server { listen 80; } "
    "}",
    TCP ("0.0.0.0 80", "3") },
  { START, SERVER ("listen '8\\t0'; listen unix:/a\\'b;"),
    ON ("tcp", "8\t0 80", "inferred", "1")
        ON ("unix", "/a'b", "declared", "1") },
  { START,
    SERVER ("content_by_lua_block { -- } '\n local x = \"}\\\"}\" .. '}' .. "
            "[==[ } ]] ]=] ]==] --[[ }\n } ]] if a { b } } listen 80;"),
    TCP ("0.0.0.0 80", "3") },
  /* What nginx would refuse. */
  { START, "http { server { listen 80;",
    TCP ("0.0.0.0 80", "1") UNKNOWN ("1", "the file ends inside a block") },
  { START, "http { server { listen 80; } }\n}",
    TCP ("0.0.0.0 80", "1") UNKNOWN ("2", "a } ends no block") },
  { START, "http { server { listen 80; } } x",
    TCP ("0.0.0.0 80", "1")
        UNKNOWN ("1", "line 1: the file ends inside a directive") },
  { START, "x 'y",
    UNKNOWN ("1", "line 1: the file ends inside a quoted word") },
  { START, "x 'y'z;",
    UNKNOWN ("1", "line 1: something follows a quoted word at once") },
  { START, "x \\", UNKNOWN ("1", "line 1: the file ends inside a word") },
  { START, ";", UNKNOWN ("1", "line 1: a ; { or } is not expected here") },
  { START, "a_by_lua_block { [[ } ",
    UNKNOWN ("1", "line 1: the file ends inside a block of Lua") },
  { START, SERVER ("listen 99999; listen 80;"),
    TCP ("0.0.0.0 80", "1")
        UNKNOWN ("1", "address '99999': '99999' is no port") },
  { START, SERVER ("listen 1-1000;"),
    UNKNOWN ("1", "a range of ports is too long") },
  { START, "stream { server { listen 10.0.0.1; } }",
    UNKNOWN ("1", "a listen directive without a port") },
  /* The command line. */
  { "ExecStart=/usr/sbin/nginx -t", SERVER ("listen 80;"), "" },
  { "ExecStart=/usr/sbin/nginx -s reload", SERVER ("listen 80;"), "" },
  { "ExecStart=/usr/sbin/nginx -p/etc -c nginx/nginx.conf",
    SERVER ("listen 80;"), TCP ("0.0.0.0 80", "1") },
  { "ExecStart=/usr/sbin/nginx -c /none.conf", "",
    "endpoint.unknown /usr/lib/systemd/system/s.service:2 s.service: "
    "cannot "
    "use '/none.conf': it is not there\n" },
};

START_TEST (test_cases)
{
  const struct small_guest guest = { cases[_i].settings, NGINX_CONF,
                                     cases[_i].conf };

  check_guest (&guest, cases[_i].expected);
}
END_TEST

static const struct dc_memory_file included[] = {
  DIR ("etc/nginx/conf.d"),
  FILE ("etc/nginx/conf.d/b.conf", "server {\n  listen 82;\n}\n"),
  FILE ("etc/nginx/conf.d/a.conf", "server { listen 81; }\n"),
  FILE ("etc/nginx/conf.d/C.conf", "server { include listen.inc; }\n"),
  FILE ("etc/nginx/conf.d/.d.conf", "server { listen 84; }\n"),
  FILE ("etc/nginx/listen.inc", "listen 83;\n"),
  FILE ("etc/nginx/broken.conf", "server { listen 85; }\nserver { listen 86\n"),
  FILE ("etc/nginx/loop", "server { listen 87; }\ninclude loop;\n"),
  FILE ("etc/nginx/location.inc", "listen 88;"),
  { .path = "etc/nginx/nul.conf", .mode = 0100644, .data = "a\0b", .size = 3 },
  DIR ("opt"),
  DIR ("opt/nginx"),
  DIR ("opt/nginx/conf"),
  FILE ("opt/nginx/conf/nginx.conf", "http { include sub/*; }"),
  DIR ("opt/nginx/conf/sub"),
  FILE ("opt/nginx/conf/sub/x", "server { listen 90; }"),
};

#define INCLUDE(conf)                                                          \
  {                                                                            \
    START, NGINX_CONF, conf, included, DC_COUNT (included)                     \
  }

START_TEST (test_include)
{
  const struct small_guest globbed =
      INCLUDE ("http { include conf.d/*.conf; server { location / { include "
               "location.inc; } } }");
  const struct small_guest in_location =
      INCLUDE ("http { server { listen 80; location / { include none; } } }");
  const struct small_guest outside =
      INCLUDE ("include conf.d/a.conf; stream { include none/*.conf; }");

  check_guest (&globbed,
               "s.service tcp 0.0.0.0 80 inferred /etc/nginx/nginx.conf:1\n"
               "s.service tcp 0.0.0.0 81 declared /etc/nginx/conf.d/a.conf:1\n"
               "s.service tcp 0.0.0.0 82 declared /etc/nginx/conf.d/b.conf:2\n"
               "s.service tcp 0.0.0.0 83 declared /etc/nginx/listen.inc:1\n");
  check_guest (&in_location, TCP ("0.0.0.0 80", "1") UNKNOWN (
                                 "1", "cannot use '/etc/nginx/none': it is "
                                      "not there"));
  check_guest (&outside, "");
}
END_TEST

START_TEST (test_include_of_what_is_broken)
{
  const struct small_guest missing =
      INCLUDE ("http { include none.conf; include nul.conf; server { } }");
  const struct small_guest broken =
      INCLUDE ("http { include broken.conf; server { listen 81; } }");
  const struct small_guest loop = INCLUDE ("http { include loop; }");

  check_guest (&missing,
               ON ("tcp", "0.0.0.0 80", "inferred", "1")
                   UNKNOWN ("1", "cannot use '/etc/nginx/none.conf': it is not "
                                 "there")
                       UNKNOWN ("1", "cannot use '/etc/nginx/nul.conf': it "
                                     "holds a NUL byte"));
  check_guest (
      &broken,
      "s.service tcp 0.0.0.0 81 declared /etc/nginx/nginx.conf:1\n"
      "s.service tcp 0.0.0.0 85 declared /etc/nginx/broken.conf:1\n"
      "endpoint.unknown /etc/nginx/broken.conf:3 s.service: line 3: the file "
      "ends inside a directive\n");
  check_guest (&loop,
               "s.service tcp 0.0.0.0 87 declared /etc/nginx/loop:1\n"
               "endpoint.unknown /etc/nginx/loop:2 s.service: files include "
               "each other too deeply\n");
}
END_TEST

/* A build from source keeps its files beside its program's folder. */
START_TEST (test_other_prefix)
{
  const struct small_guest guest = { "ExecStart=/opt/nginx/sbin/nginx", NULL,
                                     NULL, included, DC_COUNT (included) };

  check_guest (&guest, "s.service tcp 0.0.0.0 90 declared "
                       "/opt/nginx/conf/sub/x:1\n");
}
END_TEST

START_TEST (test_depth_is_limited)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer conf = DC_BUFFER_INIT (100000);
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);

  for (int i = 0; i < 10000; i++)
    ck_assert_ok (dc_buffer_print (&conf, &err, "a {"));
  const struct small_guest guest = { START, NGINX_CONF, conf.data };
  ck_assert_ok (print_guest (&guest, &b, &err));
  ck_assert_str_eq (b.data, UNKNOWN ("1", "blocks lie in each other too "
                                          "deeply"));
}
END_TEST

START_TEST (test_no_memory)
{
  const struct small_guest guest =
      INCLUDE ("http { include conf.d/*; include broken.conf; server {\n"
               "location / { proxy_pass http://a; } upstream a { server b; }"
               "listen 'unix:/x'; listen [::]:1-2; x_by_lua_block { } } }");

  check_guest_no_memory (&guest);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, DC_COUNT (cases));
  tcase_add_test (tcase, test_include);
  tcase_add_test (tcase, test_include_of_what_is_broken);
  tcase_add_test (tcase, test_other_prefix);
  tcase_add_test (tcase, test_depth_is_limited);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("conf_nginx", add);
}

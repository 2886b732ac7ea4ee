/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/unit/endpoints.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

/* The places are what ss(8) says of Caddy 2.6.2 with these files. */
#define MAIN "etc/caddy/Caddyfile"
#define START "ExecStart=/usr/bin/caddy run --environ --config /" MAIN
#define ON(where, how, line) "s.service " where " " how " /" MAIN ":" line "\n"
#define SITE(where, line) ON (where, "declared", line)
#define IMPLIED(where, line) ON (where, "inferred", line)
#define ADMIN                                                                  \
  "s.service tcp 127.0.0.1 2019 inferred "                                     \
  "/usr/lib/systemd/system/s.service:2\n"
#define TO(target, line) "s.service -> " target " declared /" MAIN ":" line "\n"
#define UNKNOWN(line, text)                                                    \
  "endpoint.unknown /" MAIN ":" line " s.service: " text "\n"
#define OFF "{\n admin off\n}\n"

static const struct {
  const char *settings, *conf, *expected;
} cases[] = {
  { START, ":80 {\n\troot * /x # y\n}\n", SITE ("tcp * 80", "1") ADMIN },
  /* Without braces the file is one site. */
  { START, "example.invalid\nrespond hi\n",
    IMPLIED ("tcp * 80", "1") SITE ("tcp * 443", "1")
        ADMIN IMPLIED ("udp * 443", "1") },
  { START,
    "{\n auto_https disable_redirects\n admin off\n default_bind 127.0.0.1\n"
    "}\nexample.invalid, localhost:8443 {\n}\n",
    SITE ("tcp 127.0.0.1 443", "6") SITE ("tcp 127.0.0.1 8443", "6") IMPLIED (
        "udp 127.0.0.1 443", "6") IMPLIED ("udp 127.0.0.1 8443", "6") },
  { START,
    "{\n http_port 8080\n https_port 8443\n servers {\n  protocols h1 h2\n }\n"
    " admin off\n}\nhttp://a.invalid {\n}\nb.invalid {\n bind ::1\n}\n",
    SITE ("tcp * 8080", "9") IMPLIED ("tcp ::1 8080", "11")
        SITE ("tcp ::1 8443", "11") },
  { START,
    "{\n auto_https off\n}\na.invalid {\n}\n:9000 {\n tls internal\n}\n"
    "0.0.0.0:82/x {\n}\n",
    SITE ("tcp * 82", "9") SITE ("tcp * 443", "4")
        ADMIN SITE ("tcp * 9000", "6") IMPLIED ("udp * 82", "9")
            IMPLIED ("udp * 443", "4") },
  { START,
    "{\n admin 0.0.0.0:2020\n}\n:83 {\n bind 0.0.0.0\n}\n:84 {\n bind [::]\n"
    "}\nhttp://127.0.0.1:85, \n [::1]:80 {\n}\n",
    SITE ("tcp * 80", "10") SITE ("tcp * 83", "4") SITE ("tcp * 84", "7")
        SITE ("tcp * 85", "10") SITE ("tcp * 2020", "2") },
  { START, OFF "(x) {\n bind unix//run/c.sock|0222\n}\n:81 {\n import x\n}\n",
    SITE ("unix /run/c.sock", "7") },
  { START " --watch",
    OFF "{$HOST}:{$PORT:8181} {\n}\nhttp://{$NONE:a}:82 {\n}\n",
    SITE ("tcp * 82", "6") SITE ("tcp * 8181", "4") },
  { START "\nEnvironment=PORT=81", OFF ":{$PORT:8181} {\n}\n",
    SITE ("tcp * 81", "4") },
  { START, OFF "{env.X}:80 {\n}\n",
    UNKNOWN ("4", "'{env.X}:80' is no address that can be understood") },
  { START, "{\n admin unix//run/a\n}\n", SITE ("unix /run/a", "2") },
  { START, "{\n admin {$X:a}\n}\n",
    UNKNOWN ("2", "'a' is no address that can be understood") },
  { START,
    OFF ":80 {\n reverse_proxy 10.0.0.1:8080 \\\n  unix//run/u\n"
        " handle /x {\n  reverse_proxy @m http://b {\n   to https://c d\n  }\n"
        " }\n php_fastcgi * `unix//run/php.sock`\n respond <<E\n }\n"
        "  reverse_proxy no\n  E\n reverse_proxy \"e\"\n}\n",
    SITE ("tcp * 80", "4") TO ("tcp 10.0.0.1 8080", "5") TO ("tcp b 80", "8")
        TO ("tcp c 443", "9") TO ("tcp d 80", "9") TO ("tcp e 80", "17")
            TO ("unix /run/php.sock", "12") TO ("unix /run/u", "5") },
  { START,
    OFF "import sites/*\n(self) {\n import self\n}\n:80 {\n import self\n}\n",
    SITE ("tcp * 80", "8") "s.service tcp * 8180 declared "
                           "/etc/caddy/sites/a:1\n" UNKNOWN (
                               "6", "files include each other too deeply") },
  { "ExecStart=/usr/bin/caddy run", "", ADMIN },
  { "ExecStart=/usr/bin/caddy run\nWorkingDirectory=/etc/caddy", OFF ":80\n",
    SITE ("tcp * 80", "4") },
  { "ExecStart=/usr/bin/caddy run --resume", "",
    "endpoint.unknown /usr/lib/systemd/system/s.service:2 s.service: its "
    "configuration is no Caddyfile\n" },
  { "ExecStart=/usr/bin/caddy file-server", "",
    "endpoint.unknown /usr/lib/systemd/system/s.service:2 s.service: where it "
    "listens cannot be told\n" },
};

static const struct dc_memory_file files[] = {
  DIR ("etc/caddy"),
  DIR ("etc/caddy/sites"),
  FILE ("etc/caddy/sites/a", ":8180 {\n  respond hello\n}\n"),
};

START_TEST (test_cases)
{
  const struct small_guest guest = { cases[_i].settings, MAIN, cases[_i].conf,
                                     files, DC_COUNT (files) };

  check_guest (&guest, cases[_i].expected);
}
END_TEST

START_TEST (test_depth)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer deep = DC_BUFFER_INIT (10000);

  ck_assert_ok (dc_buffer_print (&deep, &err, OFF ":80 {\n"));
  for (int i = 0; i < 40; i++)
    ck_assert_ok (dc_buffer_print (&deep, &err, "a {\n"));
  const struct small_guest guest = { START, MAIN, deep.data, files,
                                     DC_COUNT (files) };
  check_guest (&guest, SITE ("tcp * 80", "4") UNKNOWN (
                           "36", "blocks lie in each other too deeply"));
}
END_TEST

START_TEST (test_no_memory)
{
  const struct small_guest guest = {
    START, MAIN,
    "{\n admin [::1]:2020\n default_bind ::1\n}\n(s) {\n bind unix//run/x\n}\n"
    "import sites/*\na.org, b {\n import s\n reverse_proxy unix//run/y "
    "`z`\n}\n",
    files, DC_COUNT (files)
  };

  check_guest_no_memory (&guest);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, DC_COUNT (cases));
  tcase_add_test (tcase, test_depth);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("conf_caddy", add);
}

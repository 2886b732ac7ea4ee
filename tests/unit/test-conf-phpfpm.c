/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/unit/endpoints.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define MAIN "etc/php/8.2/fpm/php-fpm.conf"
#define START "ExecStart=/usr/sbin/php-fpm8.2 --nodaemonize"
#define ON(where, line) "s.service " where " declared /" MAIN ":" line "\n"
#define UNKNOWN(line, text)                                                    \
  "endpoint.unknown /" MAIN ":" line " s.service: " text "\n"

static const struct {
  const char *settings, *conf, *expected;
} cases[] = {
  { START, "[global]\nlisten = 1\n", "" },
  { START, "[www]\nlisten = /run/php.sock\n", ON ("unix /run/php.sock", "2") },
  { START, "[www]\nlisten = 9000\n", ON ("tcp * 9000", "2") },
  { START, "[www]\nlisten=127.0.0.1:9000\n", ON ("tcp 127.0.0.1 9000", "2") },
  { START, "[a]\nlisten=[::1]:9000\n[b]\nlisten = [::]:9001\n",
    ON ("tcp ::1 9000", "2") ON ("tcp * 9001", "4") },
  { START, "[a]\nlisten = /run/$pool-${N}.sock ; \"x\"\n",
    ON ("unix /run/a-.sock", "2") },
  { START "\nEnvironment=N=9005", "[a]\n listen = \"127.0.0.1:${N}\" ; c\n",
    ON ("tcp 127.0.0.1 9005", "2") },
  { START, "[a]\nlisten = '/run/${N};$pool'\n;listen = 1\n",
    ON ("unix /run/${N};$pool", "2") },
  { START,
    "[a]\nlisten = run/a.sock\n[b]\nprefix = /srv/$pool\nlisten = b.sock\n",
    ON ("unix /srv/b/b.sock", "5") ON ("unix /usr/run/a.sock", "2") },
  { START " -p /opt", "[a]\nlisten = a.sock\n", ON ("unix /opt/a.sock", "2") },
  { START, "[a]\nlisten = 1\n[b]\nlisten = 2\n[a]\nlisten = 3\n",
    ON ("tcp * 2", "4") ON ("tcp * 3", "6") },
  { START,
    "[a]\nlisten.owner = x\nlisten = 1\npm.status_listen = 127.0.0.1:2\n",
    ON ("tcp * 1", "3") ON ("tcp 127.0.0.1 2", "4") },
  { START, "[a]\nlisten = 99999\n[b]\nlisten = ::1\n",
    UNKNOWN ("2", "address '99999': '99999' is no port")
        UNKNOWN ("4", "an address without a port") },
  { START " -t", "[a]\nlisten = 1\n", "" },
  { "ExecStart=/usr/sbin/php-fpm8.2 -F --fpm-config=/" MAIN,
    "[a]\nlisten = 1\n", ON ("tcp * 1", "2") },
  { "ExecStart=/usr/sbin/php-fpm -F -y /" MAIN, "[a]\nlisten = 1\n",
    ON ("tcp * 1", "2") },
  { "ExecStart=/usr/sbin/php-fpm", "",
    "endpoint.unknown /usr/lib/systemd/system/s.service:2 s.service: cannot "
    "use '/etc/php-fpm.conf': it is not there\n" },
};

static const struct dc_memory_file files[] = {
  DIR ("etc/php"),
  DIR ("etc/php/8.2"),
  DIR ("etc/php/8.2/fpm"),
  DIR ("etc/php/8.2/fpm/pool.d"),
  FILE ("etc/php/8.2/fpm/pool.d/b.conf", "[b]\nlisten = 9002\n"),
  FILE ("etc/php/8.2/fpm/pool.d/a.conf", "[a]\nlisten = 9001\n"),
  FILE ("etc/php/8.2/fpm/pool.d/a.off", "[c]\nlisten = 9003\n"),
  DIR ("etc/php82"),
  FILE ("etc/php82/php-fpm.conf", "[a]\nlisten = 9004\n"),
  DIR ("usr/local"),
  DIR ("usr/local/etc"),
  DIR ("usr/local/etc/php-fpm.d"),
  FILE ("usr/local/etc/php-fpm.conf", "[global]\ninclude=etc/php-fpm.d/*.conf"),
  FILE ("usr/local/etc/php-fpm.d/www.conf", "[www]\nlisten = 9000"),
  FILE ("etc/loop", "include = /etc/loop\n[a]\nlisten = 1\n"),
};

START_TEST (test_cases)
{
  const struct small_guest guest = { cases[_i].settings, MAIN, cases[_i].conf,
                                     files, 3 };

  check_guest (&guest, cases[_i].expected);
}
END_TEST

START_TEST (test_include)
{
  const struct small_guest debian = {
    START, MAIN, "include=/etc/php/8.2/fpm/pool.d/*.conf\n", files,
    DC_COUNT (files)
  };
  const struct small_guest alpine = { "ExecStart=/usr/sbin/php-fpm82 -F", NULL,
                                      NULL, files, DC_COUNT (files) };
  const struct small_guest own = { "ExecStart=/usr/local/sbin/php-fpm", NULL,
                                   NULL, files, DC_COUNT (files) };
  const struct small_guest loop = { START " -y /etc/loop", NULL, NULL, files,
                                    DC_COUNT (files) };

  check_guest (&debian, "s.service tcp * 9001 declared "
                        "/etc/php/8.2/fpm/pool.d/a.conf:2\n"
                        "s.service tcp * 9002 declared "
                        "/etc/php/8.2/fpm/pool.d/b.conf:2\n");
  check_guest (&alpine, "s.service tcp * 9004 declared "
                        "/etc/php82/php-fpm.conf:2\n");
  check_guest (&own, "s.service tcp * 9000 declared "
                     "/usr/local/etc/php-fpm.d/www.conf:2\n");
  check_guest (&loop, "s.service tcp * 1 declared /etc/loop:3\n"
                      "endpoint.unknown /etc/loop:1 s.service: files include "
                      "each other too deeply\n");
}
END_TEST

START_TEST (test_no_memory)
{
  const struct small_guest guest = {
    START, MAIN,
    "include=/etc/php/8.2/fpm/pool.d/*.conf\n[x]\nlisten = \"/run/$pool\"\n"
    "pm.status_listen = [::1]:1\n[y]\nprefix = /a\nlisten = b\n",
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
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("conf_phpfpm", add);
}

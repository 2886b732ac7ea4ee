/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/unit/endpoints.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define MAIN "etc/apache2/apache2.conf"
#define UNIT "/usr/lib/systemd/system/s.service:2"
#define START "ExecStart=/usr/sbin/apachectl start"
#define ON(address, where)                                                     \
  "s.service tcp " address " declared /etc/apache2/" where "\n"
#define TCP(address, line) ON (address, "apache2.conf:" line)
#define TO(target, line) "s.service -> " target " declared /" MAIN ":" line "\n"
#define UNKNOWN(line, text)                                                    \
  "endpoint.unknown /" MAIN ":" line " s.service: " text "\n"
#define IDLE                                                                   \
  "endpoint.unknown " UNIT " s.service: no Listen is in its configuration, "   \
  "so it does not start\n"
#define DOUBT "a condition that cannot be evaluated decides on this Listen"

static const struct {
  const char *settings, *conf, *expected;
} cases[] = {
  { START, "", IDLE },
  /* The forms of an address. */
  { START, "Listen 80", TCP ("* 80", "1") },
  { START, "listen *:80", TCP ("* 80", "1") },
  { START, "Listen [::]:80", TCP ("* 80", "1") },
  { START, "Listen 0.0.0.0:80\nLISTEN [::1]:443 https",
    TCP ("0.0.0.0 80", "1") TCP ("::1 443", "2") },
  { START, "Listen 10.0.0.1:80 # no comment", TCP ("10.0.0.1 80", "1") },
  { START, "Listen \"192.168.1.1:8080\" 'http'",
    TCP ("192.168.1.1 8080", "1") },
  { START, "Listen 80\nListen 99999\nListen localhost",
    TCP ("* 80", "1") UNKNOWN ("2", "address '99999': '99999' is no port")
        UNKNOWN ("3", "a Listen without a port") },
  /* Lines. */
  { START, "# Listen 1 \\\nListen 2\n\t Lis\\\nten\\\n 80\nListenBacklog 3",
    TCP ("* 80", "3") },
  { START, "Listen 80 \\", TCP ("* 80", "1") },
  { START, "Listen 80\r\n<IfModule core.c>\r\nListen 81\r\n</IfModule>\r\n",
    TCP ("* 80", "1") TCP ("* 81", "3") },
  { START, "<VirtualHost *:90>\nServerName x\n</VirtualHost>\nListen 80",
    TCP ("* 80", "4") },
  /* Variables. */
  { START,
    "Define PORT 81\nDefine X\nListen 127.0.0.1:${PORT}\n"
    "Define PORT 82\nListen \"${PORT}\"\nUnDefine PORT\n"
    "Listen ${PORT}\nListen ${NONE",
    TCP ("127.0.0.1 81", "3") TCP ("* 82", "5")
        UNKNOWN ("7", "a Listen without a port")
            UNKNOWN ("8", "a Listen without a port") },
  { START "\nEnvironment=PORT=83", "Listen ${PORT}", TCP ("* 83", "1") },
  /* Conditions. */
  { START,
    "<IfModule ssl_module>\nListen 1\n</IfModule>\n"
    "LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so\n"
    "<IfModule ssl_module>\nListen 443\n</IfModule>\n"
    "<ifmodule mod_ssl.c>\nListen 444\n</ifmodule>\n"
    "<IfModule !mod_ssl.c>\n<IfModule core.c>\nListen 2\n</IfModule>\n"
    "Listen 3\n</IfModule>\nListen 80",
    TCP ("* 80", "17") TCP ("* 443", "6") TCP ("* 444", "9") },
  { START,
    "LoadModule mpm_event_module m/mod_mpm_event.so\n"
    "<IfModule event.c>\nListen 80\n</IfModule>\n"
    "<IfModule mod_log_config.c>\nListen 81\n</IfModule>",
    TCP ("* 80", "3") TCP ("* 81", "6") },
  { START " -D X", "Listen 80\n<IfDefine X>\nListen 81\n</IfDefine>",
    TCP ("* 80", "1") },
  { "ExecStart=/usr/sbin/apache2 -DX -k start -c 'Listen 82' -C \"Listen 83\"",
    "Listen 80\n<IfDefine X>\nListen 81\n</IfDefine>\n"
    "<IfDefine !X>\nListen 1\n</IfDefine>",
    TCP ("* 80", "1") TCP ("* 81", "3") "s.service tcp * 82 declared " UNIT "\n"
                                        "s.service tcp * 83 declared " UNIT
                                        "\n" },
  { START,
    "<IfFile envvars>\nListen 80\n</IfFile>\n<IfFile /none>\nListen 1\n"
    "</IfFile>\n<IfDirective X>\n<IfDirective Y>\n</IfDirective>\nListen 2\n"
    "</IfDirective>\nListen 81",
    TCP ("* 80", "2") TCP ("* 81", "12") UNKNOWN ("10", DOUBT) },
  { START, "<IfVersion >= 2.4>\nListen 80\n</IfVersion>\nListen 81",
    TCP ("* 81", "4") UNKNOWN ("2", DOUBT) },
  { START,
    "<Macro A $p>\nListen $p\n</Macro>\n<Macro B>\nServerName x\n</Macro>\n"
    "Use B\nListen 80\nUse a 81",
    TCP ("* 80", "8") UNKNOWN ("9", "the macro that is used here may listen") },
  /* Where it passes things on. */
  { START,
    "Listen 80\nProxyPass / http://app:8080/ retry=0\n"
    "ProxyPass /no !\n<Location /b>\nProxyPass balancer://c\n"
    "ProxyPassMatch ^/x$ fcgi://127.0.0.1:9000/$1\n</Location>\n"
    "<Proxy balancer://c>\nBalancerMember ajp://b1 route=1\n</Proxy>\n"
    "<FilesMatch php>\nSetHandler "
    "\"proxy:unix:/run/php.sock|fcgi://localhost\"\n</FilesMatch>\n"
    "SetHandler server-status\nProxyPass /v http://${HOST}/",
    TCP ("* 80", "1") TO ("tcp 127.0.0.1 9000", "6") TO ("tcp app 8080", "2")
        TO ("tcp b1 8009", "9") TO ("unix /run/php.sock", "12") },
  /* The command line. */
  { "ExecStart=/usr/sbin/apache2 -t", "Listen 80", "" },
  { "ExecStart=/usr/sbin/apache2 -k stop", "Listen 80", "" },
  { "ExecStart=/usr/sbin/apache2 -f /none", "Listen 80",
    "endpoint.unknown " UNIT " s.service: cannot use '/none': it is not "
    "there\n" },
};

static const struct dc_memory_file envvars[] = {
  DIR ("etc/apache2"),
  FILE ("etc/apache2/envvars", "export APACHE_ARGUMENTS='-D EXTRA'\n"),
};

START_TEST (test_cases)
{
  const struct small_guest guest = { cases[_i].settings, MAIN, cases[_i].conf,
                                     envvars, DC_COUNT (envvars) };

  check_guest (&guest, cases[_i].expected);
}
END_TEST

static const struct dc_memory_file included[] = {
  DIR ("etc/apache2"),
  FILE ("etc/apache2/envvars",
        "unset HOME\nexport APACHE_ARGUMENTS=\"-D EXTRA\"\nexport PORT=85\n"),
  FILE ("etc/apache2/ports.conf", "<IfDefine EXTRA>\nListen 81\n</IfDefine>\n"),
  DIR ("etc/apache2/mods-enabled"),
  FILE ("etc/apache2/mods-enabled/a.load", "LoadModule a_module a/mod_a.so"),
  LINK ("etc/apache2/mods-enabled/a.conf", "../mods-available/a.conf"),
  DIR ("etc/apache2/mods-available"),
  FILE ("etc/apache2/mods-available/a.conf",
        "<IfModule mod_a.c>\nListen 82\n</IfModule>\n"),
  DIR ("etc/apache2/sites"),
  FILE ("etc/apache2/sites/b", "Listen 84\n"),
  DIR ("etc/apache2/sites/a"),
  FILE ("etc/apache2/sites/a/x", "Listen 83\n"),
  LINK ("etc/apache2/sites/loop", "."),
  FILE ("etc/apache2/self", "Include self\n"),
  FILE ("etc/apache2/one.conf", "Listen ${PORT}\n"),
  DIR ("etc/other"),
  FILE ("etc/other/ports.conf", "Listen 86\n"),
};

#define INCLUDE(settings, conf)                                                \
  {                                                                            \
    settings, MAIN, conf, included, DC_COUNT (included)                        \
  }

START_TEST (test_include)
{
  const struct small_guest files = INCLUDE (
      START, "Include ports.conf\nIncludeOptional mods-enabled/*.load\n"
             "IncludeOptional mods-enabled/*.conf\nInclude sites/a/\n"
             "IncludeOptional none\nInclude /etc/apache2/[o]ne.conf\n"
             "IncludeOptional none/*\nServerRoot \"/etc/other\"\n"
             "Include ports.conf\n");

  check_guest (&files,
               ON ("* 81", "ports.conf:2") ON ("* 82", "mods-enabled/a.conf:2")
                   ON ("* 83", "sites/a/x:1")
                       ON ("* 85", "one.conf:1") "s.service tcp * 86 declared "
                                                 "/etc/other/ports.conf:1\n");
}
END_TEST

START_TEST (test_include_of_what_is_broken)
{
  const struct small_guest missing =
      INCLUDE (START, "Include none\nListen 80\n");
  const struct small_guest self = INCLUDE (START, "Include self\nListen 80\n");
  const struct small_guest loop = INCLUDE (START, "Include sites\nListen 80\n");

  check_guest (&missing, TCP ("* 80", "2") UNKNOWN (
                             "1", "cannot use '/etc/apache2/none': it is not "
                                  "there"));
  check_guest (&self,
               TCP ("* 80", "2") "endpoint.unknown /etc/apache2/self:1 "
                                 "s.service: files include each other too "
                                 "deeply\n");
  check_guest (&loop, TCP ("* 80", "2") ON ("* 83", "sites/a/x:1")
                          ON ("* 84", "sites/b:1")
                              UNKNOWN ("1", "it includes too many folders"));
}
END_TEST

START_TEST (test_version)
{
  static const struct dc_memory_file files[] = {
    DIR ("etc/apache2"),
    DIR ("var"),
    DIR ("var/lib"),
    DIR ("var/lib/dpkg"),
    FILE ("var/lib/dpkg/status",
          "Package: apache2\nStatus: install ok installed\n"
          "Architecture: all\nVersion: 1:2.4.57-2\n\n"),
  };
  const struct small_guest guest = {
    START, MAIN,
    "<IfVersion >= 2.4>\nListen 1\n</IfVersion>\n"
    "<IfVersion 2.4.57>\nListen 2\n</IfVersion>\n"
    "<IfVersion < 2.4.57>\nListen 3\n</IfVersion>\n"
    "<IfVersion !> 2.5>\nListen 4\n</IfVersion>\n"
    "<IfVersion ~ ^2\\.4>\nListen 5\n</IfVersion>\n",
    files, DC_COUNT (files)
  };

  check_guest (&guest, TCP ("* 1", "2") TCP ("* 2", "5") TCP ("* 4", "11")
                           UNKNOWN ("14", DOUBT));
}
END_TEST

/* Fedora's, and what its variables say. */
START_TEST (test_httpd)
{
  static const struct dc_memory_file files[] = {
    DIR ("etc/httpd"),
    DIR ("etc/httpd/conf"),
    DIR ("etc/httpd/conf.d"),
    DIR ("etc/sysconfig"),
    FILE ("etc/sysconfig/httpd", "OPTIONS=\"-D SSL\"\n"),
    FILE ("etc/httpd/conf.d/ssl.conf",
          "<IfDefine SSL>\nListen 443 https\n</IfDefine>\n"),
  };
  const struct small_guest guest = {
    "EnvironmentFile=-/etc/sysconfig/httpd\n"
    "ExecStart=/usr/sbin/httpd $OPTIONS -DFOREGROUND",
    "etc/httpd/conf/httpd.conf",
    "ServerRoot \"/etc/httpd\"\nListen 80\nInclude conf.d/*.conf\n", files,
    DC_COUNT (files)
  };

  check_guest (&guest,
               "s.service tcp * 80 declared /etc/httpd/conf/httpd.conf:2\n"
               "s.service tcp * 443 declared /etc/httpd/conf.d/ssl.conf:2\n");
}
END_TEST

/* Sections in each other cost nothing; neither do variables without end. */
START_TEST (test_hostile)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer deep = DC_BUFFER_INIT (10000000);
  AUTO_BUFFER struct dc_buffer open = DC_BUFFER_INIT (20000000);

  for (int i = 0; i < 200000; i++)
    ck_assert_ok (dc_buffer_print (&deep, &err, "<IfModule no>\n"));
  ck_assert_ok (dc_buffer_print (&open, &err, "Listen 80\nX "));
  for (int i = 0; i < 500000; i++)
    ck_assert_ok (dc_buffer_print (&open, &err, "${A "));
  const struct small_guest guests[] = {
    { START, MAIN, deep.data, envvars, DC_COUNT (envvars) },
    { START, MAIN, open.data, envvars, DC_COUNT (envvars) }
  };
  check_guest (&guests[0], IDLE);
  check_guest (&guests[1],
               TCP ("* 80", "1") UNKNOWN ("2", "it uses too many variables"));
}
END_TEST

START_TEST (test_no_memory)
{
  const struct small_guest guest = INCLUDE (
      START, "Define P 1\nInclude ports.conf\nInclude mods-enabled\n"
             "<IfDirective x>\nListen 2\n</IfDirective>\n<Macro m>\nListen 1\n"
             "</Macro>\nUse m\nProxyPass / http://a\nListen \"${P}\"\n"
             "<IfFile x>\n</IfFile>\nUnDefine P\n");

  check_guest_no_memory (&guest);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, DC_COUNT (cases));
  tcase_add_test (tcase, test_include);
  tcase_add_test (tcase, test_include_of_what_is_broken);
  tcase_add_test (tcase, test_version);
  tcase_add_test (tcase, test_httpd);
  tcase_add_test (tcase, test_hostile);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("conf_apache", add);
}

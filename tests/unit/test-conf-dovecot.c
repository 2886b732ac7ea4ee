/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "tests/unit/endpoints.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define MAIN "etc/dovecot/dovecot.conf"
#define START "ExecStart=/usr/sbin/dovecot -F"
#define ON(where, how, line) "s.service " where " " how " /" MAIN ":" line "\n"
#define INFERRED(address) ON ("tcp " address, "inferred", "0")
#define TCP(address, line) ON ("tcp " address, "declared", line)
#define UNKNOWN(line, text)                                                    \
  "endpoint.unknown /" MAIN ":" line " s.service: " text "\n"
#define V4 "listen = *\n"

static const struct {
  const char *settings, *conf, *expected;
} cases[] = {
  /* What is compiled in. */
  { START, "protocols = imap\n",
    INFERRED ("0.0.0.0 143") INFERRED (":: 143") INFERRED ("0.0.0.0 993")
        INFERRED (":: 993") },
  { START, V4,
    INFERRED ("0.0.0.0 110") INFERRED ("0.0.0.0 143") INFERRED ("0.0.0.0 993")
        INFERRED ("0.0.0.0 995") },
  { START, V4 "ssl = no\n", INFERRED ("0.0.0.0 110") INFERRED ("0.0.0.0 143") },
  { START, V4 "protocols = sieve submission\n",
    INFERRED ("0.0.0.0 587") INFERRED ("0.0.0.0 4190") },
  { START, "protocols = pop3\nlisten = 10.0.0.1, [::1]\nssl=no\n",
    INFERRED ("10.0.0.1 110") INFERRED ("::1 110") },
  { START,
    "listen = 10.0.0.1\nprotocols {\n imap = yes\n pop3 = no\n}\n"
    "protocols = none\n",
    "" },
  /* What the files say. */
  { START,
    V4 "protocols = imap # all\nservice imap-login {\n inet_listener imap {\n"
       "  port = 0\n }\n inet_listener imaps {\n  port = 1993\n"
       "  address = 127.0.0.1\n }\n}\n",
    TCP ("127.0.0.1 1993", "8") },
  { START,
    V4 "protocols = lmtp\nservice lmtp {\n inet_listener lmtp {\n port = 24\n"
       "  }\n unix_listener /var/spool/postfix/private/lmtp {\n mode = 0600\n"
       " }\n unix_listener lmtp {\n mode = 0\n }\n}\n",
    TCP ("0.0.0.0 24", "5")
        ON ("unix /var/spool/postfix/private/lmtp", "declared", "7") },
  { START,
    "protocols =\nservice auth {\n unix_listener auth-userdb {\n }\n"
    " inet_listener {\n  port = 12345\n  address = localhost\n }\n}\n"
    "base_dir = /run/d\nservice imap {\n unix_listener x {\n }\n}\n",
    TCP ("localhost 12345", "6")
        ON ("unix /run/d/auth-userdb", "declared", "3") },
  { START,
    "# \\\nprotocols = \\\n none\nservice stats {\n inet_listener http {\n"
    "  port = 9900\n }\n}\nservice stats {\n inet_listener http {\n"
    "  port = 9901\n }\n}\nlisten = \"10.0.0.1\"\n",
    TCP ("10.0.0.1 9901", "11") },
  { START,
    "protocols =\nprotocol imap {\n listen = 1\n service x {\n"
    " inet_listener y {\n port = 1\n }\n }\n}\n",
    "" },
  { START,
    V4 "protocols =\nservice x {\n inet_listener y {\n  port = z\n }\n}\n",
    UNKNOWN ("5", "'z' is not a decimal number") },
  { START,
    V4 "protocols = submission\nsubmission_relay_host = mail\n"
       "submission_relay_port = 26\n",
    INFERRED ("0.0.0.0 587") "s.service -> tcp mail 26 declared /" MAIN
                             ":3\n" },
  /* The command line. */
  { START " -n", V4, "" },
  { "ExecStart=/usr/sbin/dovecot stop", V4, "" },
  { "ExecStart=/usr/sbin/dovecot -F -c /none", V4,
    "endpoint.unknown /usr/lib/systemd/system/s.service:2 s.service: cannot "
    "use '/none': it is not there\n" },
};

static const struct dc_memory_file files[] = {
  DIR ("etc/dovecot"),
  DIR ("etc/dovecot/conf.d"),
  FILE ("etc/dovecot/conf.d/10-master.conf",
        "service pop3-login {\n  inet_listener pop3s {\n"
        "!include ../port\n  }\n}\n"),
  FILE ("etc/dovecot/port", "port = 1995\n"),
  FILE ("etc/dovecot/self", "!include self\n"),
  DIR ("usr/share"),
  DIR ("usr/share/dovecot"),
  DIR ("usr/share/dovecot/protocols.d"),
  FILE ("usr/share/dovecot/protocols.d/a.protocol",
        "protocols = $protocols imap\n"),
  FILE ("usr/share/dovecot/protocols.d/b.protocol",
        "protocols = $protocols pop3\n"),
};

START_TEST (test_cases)
{
  const struct small_guest guest = { cases[_i].settings, MAIN, cases[_i].conf,
                                     files, 1 };

  check_guest (&guest, cases[_i].expected);
}
END_TEST

#define INCLUDE(conf)                                                          \
  {                                                                            \
    START, MAIN, conf, files, DC_COUNT (files)                                 \
  }

START_TEST (test_include)
{
  const struct small_guest debian =
      INCLUDE ("!include_try /usr/share/dovecot/protocols.d/*.protocol\n" V4
               "!include conf.d/*.conf\n!include_try local.conf\n");
  const struct small_guest nothing = INCLUDE (V4 "!include none\n");
  const struct small_guest loop = INCLUDE ("!include self\n");

  check_guest (&debian,
               INFERRED ("0.0.0.0 110") INFERRED ("0.0.0.0 143") INFERRED (
                   "0.0.0.0 993") "s.service tcp 0.0.0.0 1995 "
                                  "declared /etc/dovecot/conf.d/../port:1\n");
  check_guest (&nothing, UNKNOWN ("2", "cannot use '/etc/dovecot/none': it is "
                                       "not there"));
  check_guest (&loop, "endpoint.unknown /etc/dovecot/self:1 s.service: files "
                      "include each other too deeply\n");
}
END_TEST

/* What is compiled in is told of a version that we know. */
START_TEST (test_sockets)
{
  static const struct dc_memory_file packages[] = {
    DIR ("etc/dovecot"),
    DIR ("var"),
    DIR ("var/lib"),
    DIR ("var/lib/dpkg"),
    FILE ("var/lib/dpkg/status",
          "Package: dovecot-core\nStatus: install ok installed\n"
          "Version: 1:2.3.19.1+dfsg1-2\nArchitecture: amd64\n"),
  };
  const struct small_guest guest = { START, MAIN,
                                     "protocols = pop3\n"
                                     "service auth {\n"
                                     " unix_listener auth-userdb {\n }\n"
                                     " unix_listener auth-client {\n"
                                     "  mode = 0\n }\n}\n"
                                     "service director {\n"
                                     " unix_listener login/director {\n"
                                     "  #mode = 0666\n }\n}\n",
                                     packages, DC_COUNT (packages) };
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);

  ck_assert_ok (print_guest (&guest, &b, &err));
  const char *text = dc_buffer_text (&b);
  ck_assert_ptr_nonnull (
      strstr (text, ON ("unix /run/dovecot/anvil", "inferred", "0")));
  ck_assert_ptr_nonnull (
      strstr (text, ON ("unix /run/dovecot/master", "inferred", "0")));
  ck_assert_ptr_nonnull (
      strstr (text, ON ("unix /run/dovecot/login/pop3", "inferred", "0")));
  ck_assert_ptr_nonnull (
      strstr (text, ON ("unix /run/dovecot/auth-userdb", "declared", "3")));
  ck_assert_ptr_null (strstr (text, "login/imap"));
  ck_assert_ptr_null (strstr (text, "auth-client"));
  ck_assert_ptr_null (strstr (text, "login/director"));
}
END_TEST

START_TEST (test_depth)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer deep = DC_BUFFER_INIT (10000000);

  ck_assert_ok (dc_buffer_print (&deep, &err, "protocols =\n"));
  for (int i = 0; i <= 32; i++)
    ck_assert_ok (dc_buffer_print (&deep, &err, "a {\n"));
  const struct small_guest guest = { START, MAIN, deep.data, files, 1 };
  check_guest (&guest, UNKNOWN ("34", "sections lie in each other too deeply"));
}
END_TEST

START_TEST (test_no_memory)
{
  const struct small_guest guest = INCLUDE (
      "!include_try /usr/share/dovecot/protocols.d/*.protocol\n" V4
      "!include conf.d/*.conf\nservice auth {\n unix_listener x {\n }\n}\n"
      "protocols {\n submission = yes\n}\nsubmission_relay_host = \"a\"\n");

  check_guest_no_memory (&guest);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, DC_COUNT (cases));
  tcase_add_test (tcase, test_include);
  tcase_add_test (tcase, test_sockets);
  tcase_add_test (tcase, test_depth);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("conf_dovecot", add);
}

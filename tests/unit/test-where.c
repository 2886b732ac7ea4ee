/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/endpoint/where.h"
#include "lib/buffer.h"
#include "lib/quote.h"
#include "tests/unit/unit.h"

static const struct {
  const char *text, *expected; /* NULL: refused */
} cases[] = {
  { "80", "80" },
  { "*:80", "any 80" },
  { ":80", "any 80" },
  { "0", "0" },
  { "127.0.0.1", "127.0.0.1" },
  { "127.0.0.1:80", "127.0.0.1 80" },
  { "localhost:80", "localhost 80" },
  { "www.example.com:80", "www.example.com 80" },
  { "[::1]:80", "::1 80" },
  { "[::1]", "::1" },
  { "::1", "::1" },
  { "fe80::1%eth0", "fe80::1%eth0" },
  { "", "any" },
  { "::1@53", "::1 53" },
  { "127.0.0.1@5353", "127.0.0.1 5353" },
  { "inet:8891@localhost", "localhost 8891" },
  { "smtp:smtp", "smtp service smtp" },
  { "*:snmp", "any service snmp" },
  { "http://0.0.0.0:8080/path", "0.0.0.0 8080" },
  { "HTTP://host/", "host 80" },
  { "https://[::]/", ":: 443" },
  { "ldaps:///", "any 636" },
  { "ldapi:///", "unix " },
  { "ldapi://%2frun%2Fldapi", "unix /run/ldapi" },
  { "ldapi://%2frun%2fldapi/?x", "unix /run/ldapi" },
  { "udp:161", "udp 161" },
  { "udp6:[::1]:161", "udp ::1 161" },
  { "tcp:10.0.0.1:705", "tcp 10.0.0.1 705" },
  { "/run/x.sock", "unix /run/x.sock" },
  { "@abstract", "unix @abstract" },
  { "unix:/run/x.sock", "unix /run/x.sock" },
  { "unix:///run/x", "unix /run/x" },
  { "1883 127.0.0.1", "127.0.0.1 1883" },
  { "127.0.0.1 1883", "127.0.0.1 1883" },
  { "1883 a b", NULL },
  { "a b", NULL },
  { "80,81", "80 81" },
  { ",21", "any 21" },
  { "127.0.0.1,21", "127.0.0.1 21" },
  { "tcp,localhost,2000", "tcp localhost 2000" },
  { "a,b", NULL },
  { "1,2,3", NULL },
  { "PLAINTEXT://:9092", "any 9092" },
  { "_local_", NULL },
  { "host:80-90", "host service 80-90" },
  { "host:65536", NULL },
  { "!eth0", NULL },
  { "127.0.0.1.2525", "127.0.0.1 2525" },
  { "::1.2525", "::1 2525" },
  { "::ffff:127.0.0.1", "::ffff:127.0.0.1" },
  { "1.2.3.4.x", "1.2.3.4.x" },
  { "a/b", NULL },
  { "host:", NULL },
  { "unix:%00", NULL },
};

START_TEST (test_cases)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_where where;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (10000);
  static const char *const protocols[] = { "tcp ", "udp ", "unix " };

  if (cases[_i].expected == NULL) {
    ck_assert_fails (dc_where_parse (cases[_i].text, &where, &err),
                     DC_ERR_INVALID, "is no address or port");
    return;
  }
  ck_assert_ok (dc_where_parse (cases[_i].text, &where, &err));
  ck_assert_ok (dc_buffer_print (
      &b, &err, "%s%s%s", where.has_protocol ? protocols[where.protocol] : "",
      where.path,
      where.has_host && where.host[0] == '\0' ? "any" : where.host));
  if (where.has_port)
    ck_assert_ok (dc_buffer_print (
        &b, &err, "%s%s%s", where.has_host ? " " : "",
        where.service[0] != '\0' ? "service " : "", where.service));
  if (where.has_port && where.service[0] == '\0')
    ck_assert_ok (dc_buffer_print (&b, &err, "%u", (unsigned) where.port));
  ck_assert_str_eq (dc_buffer_text (&b), cases[_i].expected);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, DC_COUNT (cases));
}

int
main (void)
{
  return unit_run ("where", add);
}

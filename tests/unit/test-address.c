/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/address.h"
#include "lib/cleanup.h"
#include "tests/unit/unit.h"

static const struct {
  const char *text, *host;
  unsigned port;
} good[] = {
  { "80", "", 80 },
  { "*:80", "*", 80 },
  { ":80", "", 80 },
  { "127.0.0.1", "127.0.0.1", 0 },
  { "127.0.0.1:65535", "127.0.0.1", 65535 },
  { "www.example.org:1", "www.example.org", 1 },
  { "[::1]", "::1", 0 },
  { "[::]:443", "::", 443 },
  { "::1", "::1", 0 },
  { "", "", 0 },
};

START_TEST (test_good)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_address address;

  ck_assert_ok (dc_address_parse (good[_i].text, &address, &err));
  ck_assert_str_eq (address.host, good[_i].host);
  ck_assert_uint_eq (address.port, good[_i].port);
}
END_TEST

static const struct {
  const char *text, *words;
} bad[] = {
  { "0", "address '0': '0' is no port" },
  { "65536", "is no port" },
  { "a:", "'' is no port" },
  { "a:b", "'b' is no port" },
  { "a:-1", "'-1' is no port" },
  { "[::1", "address '[::1' has an open bracket" },
  { "[::1]80", "open bracket" },
  { "[::1]:", "is no port" },
};

START_TEST (test_bad)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_address address;

  ck_assert_fails (dc_address_parse (bad[_i].text, &address, &err),
                   DC_ERR_INVALID, bad[_i].words);
}
END_TEST

START_TEST (test_long_host)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_address address;
  char text[DC_ADDRESS_HOST_MAX + 2];

  memset (text, 'a', sizeof text);
  text[sizeof text - 1] = '\0';
  ck_assert_fails (dc_address_parse (text, &address, &err), DC_ERR_INVALID,
                   "is too long");
  ck_assert_ok (dc_address_parse (text + 1, &address, &err));
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_good, 0, DC_COUNT (good));
  tcase_add_loop_test (tcase, test_bad, 0, DC_COUNT (bad));
  tcase_add_test (tcase, test_long_host);
}

int
main (void)
{
  return unit_run ("address", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/endpoint/url.h"
#include "tests/unit/unit.h"

static const struct {
  const char *text, *scheme, *host;
  uint16_t port;
  bool has_port;
  const char *path;
} good[] = {
  { "http://web/x", "http", "web", 80, false, NULL },
  { "HTTPS://web:8443", "https", "web", 8443, true, NULL },
  { "https://[::1]/a:b@c", "https", "::1", 443, false, NULL },
  { "postgresql://me:p@ss:w@db:5433/x?y", "postgresql", "db", 5433, true,
    NULL },
  { "mysql://me@db/x", "mysql", "db", 3306, false, NULL },
  { "sqlserver://ms:1433;x=y", "sqlserver", "ms", 1433, true, NULL },
  { "strange://h", "strange", "h", 0, false, NULL },
  { "10.0.0.1:5432", "", "10.0.0.1", 5432, true, NULL },
  { "host", "", "host", 0, false, NULL },
  { "unix:/run/x|fcgi://localhost/", "", "", 0, false, "/run/x" },
  { "http://unix:/run/x:/y", "http", "", 0, false, "/run/x" },
};

START_TEST (test_good)
{
  struct dc_error err;
  struct dc_url url;

  ck_assert_ok (dc_url_parse (good[_i].text, &url, &err));
  ck_assert_str_eq (url.scheme, good[_i].scheme);
  ck_assert_str_eq (url.address.host, good[_i].host);
  ck_assert_uint_eq (url.address.port, good[_i].port);
  ck_assert (url.has_port == good[_i].has_port);
  ck_assert ((url.path.text != NULL) == (good[_i].path != NULL));
  if (good[_i].path != NULL)
    ck_assert (dc_span_is (url.path, good[_i].path));
}
END_TEST

static const char *const bad[] = { "",        "http://",     "http:///x",
                                   "h:99999", "http://[::1", "8080" };

START_TEST (test_bad)
{
  struct dc_error err;
  struct dc_url url;

  ck_assert_fails (dc_url_parse (bad[_i], &url, &err), DC_ERR_INVALID, "'");
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_good, 0, DC_COUNT (good));
  tcase_add_loop_test (tcase, test_bad, 0, DC_COUNT (bad));
}

int
main (void)
{
  return unit_run ("url", add);
}

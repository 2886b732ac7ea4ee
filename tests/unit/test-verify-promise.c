/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/json.h"
#include "runtime/probe/protocol.h"
#include "runtime/verify/promise.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static const char whole[] =
    "{\"version\": 1, \"init\": \"decant-init\", \"services\": ["
    "{\"unit\": \"a.service\", \"state\": \"up\", \"application\": \"nginx\","
    " \"program\": \"/usr/sbin/nginx\", \"user\": \"www\", \"uid\": 33},"
    "{\"unit\": \"b.service\", \"state\": \"done\"}],"
    "\"endpoints\": [{\"service\": \"a.service\", \"transport\": \"tcp\","
    " \"address\": \"0.0.0.0\", \"port\": 80, \"protocol\": \"http\","
    " \"guess\": true, \"certain\": true, \"http_path\": \"/x\"},"
    "{\"service\": \"a.service\", \"transport\": \"unix\","
    " \"path\": \"/run/x\", \"certain\": false}], \"volumes\": [\"/srv\"]}";

START_TEST (test_round_trip)
{
  struct dc_error err;
  DC_AUTO (dc_promise) *first = NULL;
  DC_AUTO (dc_promise) *second = NULL;
  json_auto_t *json = NULL, *wanted = NULL;
  AUTO_FREE char *text = NULL;
  size_t size = 0;

  ck_assert_ok (dc_promise_read (whole, sizeof whole - 1, &first, &err));
  ck_assert_ok (dc_promise_json (first, &json, &err));
  ck_assert_ok (dc_json_parse (whole, sizeof whole - 1, "x", &wanted, &err));
  ck_assert (json_equal (json, wanted));
  ck_assert_ok (dc_json_pretty (json, &text, &size, &err));
  ck_assert_ok (dc_promise_read (text, size, &second, &err));
  const struct dc_promise_endpoint *endpoints = second->endpoints.items;
  ck_assert_int_eq (endpoints[1].transport, DC_OVER_UNIX);
  ck_assert_str_eq (endpoints[1].path, "/run/x");
}
END_TEST

#define ENDPOINT(text)                                                         \
  "{\"version\": 1, \"init\": \"x\", \"services\": [], \"endpoints\": [{"      \
  "\"service\": \"a\", " text "}]}"

static const struct {
  const char *text, *words;
  enum dc_code code; /* 0: DC_ERR_INVALID */
} bad[] = {
  { "", "promise.json" },
  { "[]", "promise.json" },
  { "{\"version\": 2, \"init\": \"x\", \"services\": [], \"endpoints\": []}",
    "version", DC_ERR_LIMIT },
  { "{\"version\": 1, \"init\": \"x\", \"services\": []}", "endpoints" },
  { "{\"version\": 1, \"init\": \"x\", \"services\": [], \"endpoints\": [], "
    "\"more\": 1}",
    "more" },
  { ENDPOINT ("\"transport\": \"sctp\", \"port\": 1"), "sctp" },
  { ENDPOINT ("\"transport\": \"tcp\""), "no port" },
  { ENDPOINT ("\"transport\": \"tcp\", \"port\": 65536"), "65536",
    DC_ERR_LIMIT },
  { ENDPOINT ("\"transport\": \"unix\", \"port\": 1"), "no path" },
  { ENDPOINT ("\"transport\": \"tcp\", \"port\": 1, \"protocol\": \"gopher\""),
    "no probe for 'gopher'" },
  { ENDPOINT ("\"transport\": \"tcp\", \"port\": 1, \"http_path\": \"x\""),
    "no path of HTTP" },
  { ENDPOINT ("\"transport\": \"tcp\", \"port\": 1, "
              "\"http_path\": \"/a\\r\\nHost: b\""),
    "no path of HTTP" },
};

START_TEST (test_bad)
{
  struct dc_error err;
  struct dc_promise *promise = NULL;

  ck_assert_fails (
      dc_promise_read (bad[_i].text, strlen (bad[_i].text), &promise, &err),
      bad[_i].code != DC_OK ? bad[_i].code : DC_ERR_INVALID, bad[_i].words);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  struct dc_promise *promise = NULL;

  OOM_LOOP (status, dc_promise_read (whole, sizeof whole - 1, &promise, &err))
  {
    if (status == 0)
      dc_promise_free (promise);
  }
}
END_TEST

static void
add_tests (TCase *tcase)
{
  tcase_add_test (tcase, test_round_trip);
  tcase_add_loop_test (tcase, test_bad, 0, DC_COUNT (bad));
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("verify-promise", add_tests);
}

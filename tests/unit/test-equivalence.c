/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/cleanup.h"
#include "lib/json.h"
#include "runtime/verify/equivalence.h"
#include "tests/unit/unit.h"

static const struct {
  const char *source, *result;
  const char *words; /* of the only difference; NULL: there is none */
} cases[] = {
  { "{}", "{}", NULL },
  { "{\"status\": 200, \"server\": \"nginx\"}",
    "{\"server\": \"nginx\", \"status\": 200}", NULL },
  { "{\"status\": 200}", "{\"status\": 502}",
    "status: 200 in the source, 502 here" },
  { "{\"version\": \"7.0\"}", "{}",
    "version: \"7.0\" in the source, nothing here" },
  { "{}", "{\"version\": \"7.0\"}",
    "version: nothing in the source, \"7.0\" here" },
  /* A page that the source itself never gives twice is not compared. */
  { "{\"body\": \"changes\", \"status\": 200}",
    "{\"body_digest\": \"x\", \"body_bytes\": 3, \"status\": 200}", NULL },
  { "{\"body_digest\": \"x\"}", "{\"body_digest\": \"y\"}", "body_digest" },
  { "{\"greeting\": \"220 web ESMTP Postfix (Debian/GNU)\"}",
    "{\"greeting\": \"220 3f2a ESMTP Postfix (Debian/GNU)\"}", NULL },
  { "{\"greeting\": \"220 web ESMTP Postfix\"}",
    "{\"greeting\": \"220 web ESMTP Exim\"}", "greeting" },
  { "{\"greeting\": \"SSH-2.0-OpenSSH_9.2\"}",
    "{\"greeting\": \"SSH-2.0-OpenSSH_8.4\"}", "greeting" },
  { "{\"greeting\": 1}", "{\"greeting\": \"220 a b\"}", "greeting" },
  { "{\"tls\": {\"digest\": \"a\"}}", "{\"tls\": {\"digest\": \"b\"}}", "tls" },
};

START_TEST (test_compare)
{
  struct dc_error err;
  json_auto_t *source = NULL, *result = NULL, *differences = json_array ();

  ck_assert_ok (dc_json_parse (cases[_i].source, strlen (cases[_i].source), "a",
                               &source, &err));
  ck_assert_ok (dc_json_parse (cases[_i].result, strlen (cases[_i].result), "b",
                               &result, &err));
  ck_assert_ok (dc_facts_compare (source, result, differences, &err));
  ck_assert_uint_eq (json_array_size (differences), cases[_i].words != NULL);
  if (cases[_i].words != NULL)
    ck_assert_msg (
        unit_contains (json_string_value (json_array_get (differences, 0)),
                       cases[_i].words),
        "%s", json_string_value (json_array_get (differences, 0)));
}
END_TEST

static void
add_tests (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_compare, 0, DC_COUNT (cases));
}

int
main (void)
{
  return unit_run ("equivalence", add_tests);
}

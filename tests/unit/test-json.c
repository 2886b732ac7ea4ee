/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/json.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

START_TEST (test_parse_says_where)
{
  struct dc_error err;
  json_t *json = NULL;

  ck_assert_fails (dc_json_parse ("{\n \"a\": }", 9, "x.json", &json, &err),
                   DC_ERR_INVALID, "x.json line 2 column");
  ck_assert_fails (
      dc_json_parse ("{\"a\":1,\"a\":2}", 13, "x.json", &json, &err),
      DC_ERR_INVALID, "duplicate");
  ck_assert_ptr_null (json);
}
END_TEST

START_TEST (test_unpack_names_the_key)
{
  struct dc_error err;
  json_auto_t *json = NULL;
  const char *a = NULL;

  ck_assert_ok (dc_json_parse ("{\"a\":1}", 7, "x", &json, &err));
  ck_assert_fails (dc_json_unpack (json, "x.json", &err, "{s:s}", "a", &a),
                   DC_ERR_INVALID, "x.json: ");
}
END_TEST

static const struct {
  const char *in, *out;
} bytes[] = {
  { "plain", "\"plain\"" },
  { "caf\xc3\xa9", "\"caf\xc3\xa9\"" },
  { "a\xff"
    "b",
    "\"a\xef\xbf\xbd"
    "b\"" },
  { "\xc3", "\"\xef\xbf\xbd\"" },
  { NULL, "null" },
};

START_TEST (test_bytes)
{
  struct dc_error err;
  json_auto_t *json = dc_json_bytes (bytes[_i].in);
  AUTO_FREE char *text = NULL;
  size_t size = 0;

  ck_assert_ok (dc_json_canonical (json, &text, &size, &err));
  ck_assert_str_eq (text, bytes[_i].out);
  ck_assert_uint_eq (size, strlen (text));
}
END_TEST

START_TEST (test_canonical_is_sorted_and_compact)
{
  struct dc_error err;
  json_auto_t *json = json_pack ("{s:i, s:[i]}", "b", 1, "a", 2);
  AUTO_FREE char *text = NULL, *pretty = NULL;
  size_t size = 0;

  ck_assert_ok (dc_json_canonical (json, &text, &size, &err));
  ck_assert_str_eq (text, "{\"a\":[2],\"b\":1}");
  ck_assert_ok (dc_json_pretty (json, &pretty, &size, &err));
  ck_assert_int_eq (pretty[size - 1], '\n');
}
END_TEST

static json_t *
build (void)
{
  json_t *object = json_object (), *array = json_array ();

  dc_json_push (&array, dc_json_bytes ("x"));
  dc_json_push (&array, json_null ());
  dc_json_put_text (&object, "text", "a\xff");
  dc_json_put_text (&object, "none", NULL);
  dc_json_put_number (&object, "number", UINT64_MAX);
  dc_json_put_bool (&object, "bool", true);
  dc_json_put (&object, "array", array);
  return object;
}

START_TEST (test_put)
{
  struct dc_error err;
  json_auto_t *object = build ();
  AUTO_FREE char *text = NULL;
  size_t size = 0;

  ck_assert_ok (dc_json_canonical (object, &text, &size, &err));
  ck_assert_str_eq (text, "{\"array\":[\"x\",null],\"bool\":true,"
                          "\"none\":null,\"number\":9223372036854775807,"
                          "\"text\":\"a\xef\xbf\xbd\"}");
}
END_TEST

START_TEST (test_put_without_memory)
{
  json_t *object = NULL;
  int failures = 0;

  json_set_alloc_funcs (malloc, free); /* ours, which can fail */
  OOM_LOOP (status, ((object = build ()) != NULL ? 0 : -1))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    failures += status < 0;
    json_decref (object);
  }
  ck_assert_int_gt (failures, 5);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_parse_says_where);
  tcase_add_test (tcase, test_unpack_names_the_key);
  tcase_add_loop_test (tcase, test_bytes, 0, sizeof bytes / sizeof bytes[0]);
  tcase_add_test (tcase, test_canonical_is_sorted_and_compact);
  tcase_add_test (tcase, test_put);
  tcase_add_test (tcase, test_put_without_memory);
}

int
main (void)
{
  return unit_run ("json", add);
}

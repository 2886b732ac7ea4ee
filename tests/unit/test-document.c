/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/cleanup.h"
#include "lib/json.h"
#include "lib/oci/document.h"
#include "tests/unit/unit.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define D1 "sha256:" HEX

static const struct dc_oci_layer layers[] = {
  { D1, D1, 10, DC_COMPRESSION_ZSTD, "distribution" },
  { D1, D1, 20, DC_COMPRESSION_GZIP, NULL },
};

START_TEST (test_round_trip)
{
  struct dc_error err;
  struct dc_oci_layer back[DC_OCI_LAYER_MAX];
  size_t count = 0;
  json_auto_t *config = json_object (), *descriptor = NULL, *manifest = NULL;

  ck_assert_ok (
      dc_oci_config_layers (config, layers, 2, "2026-01-02T03:04:05Z", &err));
  ck_assert_ok (dc_oci_descriptor (DC_OCI_CONFIG, D1, 5, &descriptor, &err));
  ck_assert_ok (dc_oci_manifest (descriptor, layers, 2, &manifest, &err));
  ck_assert_ok (dc_oci_read_layers (manifest, config, back, &count, &err));
  ck_assert_uint_eq (count, 2);
  ck_assert_int_eq (back[0].compression, DC_COMPRESSION_ZSTD);
  ck_assert_uint_eq (back[1].size, 20);
  ck_assert_str_eq (back[1].diff_id, D1);
}
END_TEST

static const struct {
  const char *manifest, *config, *message;
  enum dc_code code;
} bad[] = {
  { "{}", "{}", "manifest", DC_ERR_INVALID },
  { "{\"layers\":[]}", "{}", "config", DC_ERR_INVALID },
  { "{\"layers\":[{}]}", "{\"rootfs\":{\"diff_ids\":[]}}",
    "do not list the same layers", DC_ERR_INVALID },
  { "{\"layers\":[{\"digest\":\"md5:1\",\"size\":1}]}",
    "{\"rootfs\":{\"diff_ids\":[\"" D1 "\"]}}",
    "layer 1: descriptor: digest 'md5:1' is not sha256", DC_ERR_INVALID },
  { "{\"layers\":[{\"digest\":\"" D1 "\",\"size\":-1}]}",
    "{\"rootfs\":{\"diff_ids\":[\"" D1 "\"]}}", "negative size",
    DC_ERR_INVALID },
  { "{\"layers\":[{\"digest\":\"" D1 "\",\"size\":1,\"mediaType\":\"x\"}]}",
    "{\"rootfs\":{\"diff_ids\":[\"" D1 "\"]}}", "media type 'x' is no layer",
    DC_ERR_UNSUPPORTED },
  { "{\"layers\":[{\"digest\":\"" D1 "\",\"size\":1}]}",
    "{\"rootfs\":{\"diff_ids\":[7]}}", "diff_id is no sha256 digest",
    DC_ERR_INVALID },
};

START_TEST (test_foreign_documents)
{
  struct dc_error err;
  struct dc_oci_layer back[DC_OCI_LAYER_MAX];
  size_t count = 0;
  json_auto_t *manifest = NULL, *config = NULL;

  ck_assert_ok (dc_json_parse (bad[_i].manifest, strlen (bad[_i].manifest), "m",
                               &manifest, &err));
  ck_assert_ok (dc_json_parse (bad[_i].config, strlen (bad[_i].config), "c",
                               &config, &err));
  ck_assert_fails (dc_oci_read_layers (manifest, config, back, &count, &err),
                   bad[_i].code, bad[_i].message);
}
END_TEST

START_TEST (test_time)
{
  struct dc_error err;
  char text[32];

  ck_assert_ok (dc_oci_time (0, text, &err));
  ck_assert_str_eq (text, "1970-01-01T00:00:00Z");
  ck_assert_ok (dc_oci_time (4102444799, text, &err));
  ck_assert_str_eq (text, "2099-12-31T23:59:59Z");
  ck_assert_fails (dc_oci_time (INT64_MAX, text, &err), DC_ERR_INVALID,
                   "no such time");
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_round_trip);
  tcase_add_loop_test (tcase, test_foreign_documents, 0, (int) DC_COUNT (bad));
  tcase_add_test (tcase, test_time);
}

int
main (void)
{
  return unit_run ("document", add);
}

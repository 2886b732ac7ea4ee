/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/yaml.h"
#include "lib/yamltext.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* FLOW NULL: as PLAIN. */
static const struct {
  const char *text, *block, *flow;
} written[] = {
  { "nginx.service", "nginx.service", NULL },
  { "getty@tty1.service", "getty@tty1.service", NULL },
  { "/var/lib/redis", "/var/lib/redis", NULL },
  { "a kernel's, and (more)", "a kernel's, and (more)",
    "\"a kernel's, and (more)\"" },
  { "", "\"\"", NULL },
  { "null", "\"null\"", NULL },
  { "Yes", "\"Yes\"", NULL },
  { "80", "\"80\"", NULL },
  { "0x1f", "\"0x1f\"", NULL },
  { "1:30", "\"1:30\"", NULL },
  { "-x", "\"-x\"", NULL },
  { "a: b", "\"a: b\"", NULL },
  { "a #b", "\"a #b\"", NULL },
  { "end ", "\"end \"", NULL },
  { "\"q\"\\", "\"\\\"q\\\"\\\\\"", NULL },
  { "two\nlines\t", "\"two\\nlines\\t\"", NULL },
  { "\x1b[2J\x7f", "\"\\x1B[2J\\x7F\"", NULL },
  { "\u00fcber", "\"\u00fcber\"", NULL },
  { "\u2028\u202e", "\"\\u2028\\u202E\"", NULL },
  { "caf\xe9", "\"caf\\uEFE9\"", NULL },
  { "\x80\xff", "\"\\uEF80\\uEFFF\"", NULL },
  { "\xee\xbe\x80", "\"\\uEFEE\\uEFBE\\uEF80\"", NULL }, /* U+EF80 itself */
};

START_TEST (test_as_people_would_write_it)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1024);

  ck_assert_ok (dc_yaml_text_write (&b, written[_i].text, &err));
  ck_assert_str_eq (dc_buffer_text (&b), written[_i].block);
  dc_buffer_clear (&b);
  ck_assert_ok (dc_yaml_text_write_flow (&b, written[_i].text, &err));
  ck_assert_str_eq (dc_buffer_text (&b), written[_i].flow != NULL
                                             ? written[_i].flow
                                             : written[_i].block);
}
END_TEST

struct document {
  struct dc_yaml_texts texts;
};
static const struct dc_yaml_row rows[] = {
  DC_YAML_ROW ("texts", DC_YAML_TEXTS, DC_YAML_REQUIRED, struct document,
               texts),
  DC_YAML_END,
};

static int
decode (void *self, char *text)
{
  (void) self;
  dc_yaml_text_decode (text);
  return 0;
}

/* TEXT, in both forms, read by our own reader. */
static void
check_round_trip (const char *text)
{
  struct dc_error err;
  struct document document = { .texts = { NULL, 0 } };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (4096);

  ck_assert_ok (dc_buffer_print (&b, &err, "texts: ["));
  ck_assert_ok (dc_yaml_text_write_flow (&b, text, &err));
  ck_assert_ok (dc_buffer_print (&b, &err, "]\n"));
  ck_assert_ok (dc_yaml_read (b.data, b.size, "x.yaml", rows, &document, &err));
  ck_assert_int_eq (dc_yaml_each_text (rows, &document, decode, NULL), 0);
  ck_assert_str_eq (document.texts.items[0], text);
  dc_yaml_release (rows, &document);
  dc_buffer_clear (&b);
  ck_assert_ok (dc_buffer_print (&b, &err, "texts:\n  - "));
  ck_assert_ok (dc_yaml_text_write (&b, text, &err));
  ck_assert_ok (dc_buffer_print (&b, &err, "    # note\n"));
  ck_assert_ok (dc_yaml_read (b.data, b.size, "x.yaml", rows, &document, &err));
  (void) dc_yaml_each_text (rows, &document, decode, NULL);
  ck_assert_str_eq (document.texts.items[0], text);
  dc_yaml_release (rows, &document);
}

START_TEST (test_known_texts_come_back)
{
  check_round_trip (written[_i].text);
}
END_TEST

/* Every byte alone and beside another, and bytes as they come. */
START_TEST (test_any_bytes_come_back)
{
  uint32_t state = 1;

  for (unsigned byte = 1; byte < 256; byte++) {
    const char one[] = { (char) byte, '\0' };
    const char two[] = { 'a', (char) byte, ' ', (char) byte, 'b', '\0' };
    check_round_trip (one);
    check_round_trip (two);
  }
  for (int i = 0; i < 2000; i++) {
    char text[24] = { 0 };
    for (size_t j = 0; j < sizeof text - 1; j++) {
      state = state * 1664525 + 1013904223;
      text[j] = (char) (1 + (state >> 24) % 255);
    }
    check_round_trip (text);
  }
}
END_TEST

START_TEST (test_where_a_value_stands)
{
  static const char text[] = "a: [x, y]\nb:\n  - \"x\"\n  - \"\\uEFFF\"\n";
  struct dc_yaml_spot spot;

  ck_assert_int_eq (dc_yaml_find (text, strlen (text), "x", 0, &spot), 1);
  ck_assert_uint_eq (spot.line, 1);
  ck_assert_uint_eq (spot.column, 5);
  ck_assert_int_eq (dc_yaml_find (text, strlen (text), "x", 1, &spot), 1);
  ck_assert_uint_eq (spot.line, 3);
  ck_assert_uint_eq (spot.column, 5);
  ck_assert_int_eq (dc_yaml_find (text, strlen (text), "x", 2, &spot), 0);
  ck_assert_int_eq (dc_yaml_find (text, strlen (text), "\xff", 0, &spot), 1);
  ck_assert_uint_eq (spot.line, 4);
  ck_assert_int_eq (dc_yaml_find ("[", 1, "x", 0, &spot), 0);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_as_people_would_write_it, 0,
                       (int) DC_COUNT (written));
  tcase_add_loop_test (tcase, test_known_texts_come_back, 0,
                       (int) DC_COUNT (written));
  tcase_add_test (tcase, test_any_bytes_come_back);
  tcase_add_test (tcase, test_where_a_value_stands);
}

int
main (void)
{
  return unit_run ("yamltext", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/settings.h"
#include "lib/buffer.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* A line for each setting: "LINE PATH=VALUE". */
static const struct {
  enum dc_app_dialect dialect;
  const char *text, *expected;
} cases[] = {
  { DC_DIALECT_WORDS, "Port 80\n\n# no\n  Listen=[::1]:81 # x\nname: a b\n",
    "1 port=80\n4 listen=[::1]:81\n5 name=a b\n" },
  { DC_DIALECT_WORDS, "<Plugin \"network\">\n Listen \"a#b\"\n</Plugin>\nx ::1",
    "1 plugin.@=\"network\"\n2 plugin.listen=\"a#b\"\n4 x=::1\n" },
  { DC_DIALECT_WORDS, "a b \\\n  c \\\n\nd\n</x>\ne f\n",
    "1 a=b  c\n4 d=\n6 e=f\n" },
  { DC_DIALECT_INI, "a=1\n[One]\nb = 2 ; x\n; y\n[two three]\nc: 3\nflag\n",
    "1 a=1\n3 one.b=2\n6 two three.c=3\n7 two three.flag=yes\n" },
  { DC_DIALECT_INI,
    "server:\n  port: 53\n  interface: ::0@53\n!includedir /x\nexport A=\"b "
    "c\"",
    "2 server.port=53\n3 server.interface=::0@53\n4 server.!includedir=/x\n"
    "5 server.a=\"b c\"\n" },
  { DC_DIALECT_INI, "[[a.b]]\n\"c\" = [\"d\", \"e\"]\ninclude /x/y\n",
    "2 a.b.c=[\"d\", \"e\"]\n3 a.b.include=/x/y\n" },
  { DC_DIALECT_BLOCKS,
    "a { b 1; c = 2 }\nlisten x y {\n # { \n d: /* } */ 3 // z\n}\ne 4",
    "1 a.b=1\n1 a.c=2\n2 listen.@=x y\n4 listen.d=\n4 listen.3=\n6 e=4\n" },
  { DC_DIALECT_BLOCKS, "ports = { 1,\n 2 }\nq \"{;}\" ;}\nr = 1\n",
    "1 ports=1,\n 2\n3 q=\"{;}\"\n4 r=1\n" },
  { DC_DIALECT_BLOCKS, "a = \n{ b = 1 }\nc { d { e 1 } } f 2",
    "1 a=\n2 a.b=1\n3 c.d.e=1\n3 f=2\n" },
  { DC_DIALECT_YAML, "A:\n  b: [1, 2]\n  c:\n  - d: 3\n    e: &x 4\n  - *x\n",
    "2 a.b=1\n2 a.b=2\n4 a.c.d=3\n5 a.c.e=4\n6 a.c=${alias}\n" },
  { DC_DIALECT_JSON,
    "{\n // \"a\": 1\n\t\"b\": /* x */ \"//\\\"#\", # y\n \"c\": {\"d\": [7]}}",
    "3 b=//\"#\n4 c.d=7\n" },
  { DC_DIALECT_JSON, "", "" },
  { DC_DIALECT_XML, "<a>\n<b port='1'> x </b>\n<b><c/>y</b></a>\n",
    "2 a.b.port=1\n2 a.b=x\n"
    "3 a.b=y\n" },
};

static int
print (struct dc_settings *settings, enum dc_app_dialect dialect,
       const char *text, struct dc_buffer *b, struct dc_error *err)
{
  dc_buffer_clear (b);
  if (dc_settings_parse (settings, dialect, text, strlen (text), "f", err) < 0)
    return -1;
  for (size_t i = 0; i < settings->count; i++) {
    const struct dc_settings_item *item = &settings->items[i];
    if (dc_buffer_print (b, err, "%u %s=%s\n", item->proof.line, item->path,
                         item->value) < 0)
      return -1;
  }
  return 0;
}

START_TEST (test_cases)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_SETTINGS struct dc_settings settings = { .count = 0 };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (10000);

  ck_assert_ok (print (&settings, cases[_i].dialect, cases[_i].text, &b, &err));
  ck_assert_str_eq (dc_buffer_text (&b), cases[_i].expected);
  ck_assert_uint_eq (settings.current, 0);
  ck_assert_uint_eq (settings.blocks[0].end, settings.count);
}
END_TEST

static const struct {
  enum dc_app_dialect dialect;
  const char *text, *message;
  enum dc_code code;
} bad[] = {
  { DC_DIALECT_YAML, "a: 1\nb: [\n", "line 3: ", DC_ERR_INVALID },
  { DC_DIALECT_YAML, "? [a]\n: b\n", "line 1: a key that is no word",
    DC_ERR_INVALID },
  { DC_DIALECT_JSON, "{\"a\": \"\n", "line ", DC_ERR_INVALID },
  { DC_DIALECT_XML, "<a>\n<b></a>", "line 2", DC_ERR_INVALID },
};

START_TEST (test_bad)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_SETTINGS struct dc_settings settings = { .count = 0 };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (10000);

  ck_assert_fails (print (&settings, bad[_i].dialect, bad[_i].text, &b, &err),
                   bad[_i].code, bad[_i].message);
}
END_TEST

/* What opens COUNT blocks, or many settings, in each dialect. */
static const struct {
  enum dc_app_dialect dialect;
  const char *text, *message;
  size_t count;
} many[] = {
  { DC_DIALECT_WORDS, "<a>\n", "nested deeper than 64", 70 },
  { DC_DIALECT_BLOCKS, "a{", "nested deeper than 64", 70 },
  { DC_DIALECT_YAML, "[", "nested deeper than 64", 70 },
  { DC_DIALECT_JSON, "{\"a\":", "nested deeper than 64", 70 },
  { DC_DIALECT_INI, "[a]\n", "more than 20000 blocks", 20001 },
  { DC_DIALECT_WORDS, "a\n", "more than 50000 settings", 50001 },
  { DC_DIALECT_BLOCKS, "abcdefghijklmnopqrstuvwxyz{", "256 bytes", 11 },
};

START_TEST (test_limits)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_SETTINGS struct dc_settings settings = { .count = 0 };
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (1000000);

  for (size_t i = 0; i < many[_i].count; i++)
    ck_assert_ok (dc_buffer_print (&text, &err, "%s", many[_i].text));
  ck_assert_fails (dc_settings_parse (&settings, many[_i].dialect,
                                      dc_buffer_text (&text), text.size, "f",
                                      &err),
                   DC_ERR_LIMIT, many[_i].message);
}
END_TEST

START_TEST (test_no_memory)
{
  for (size_t i = 0; i < DC_COUNT (cases); i++) {
    struct dc_error err = { .code = DC_OK };
    struct dc_settings settings = { .count = 0 };
    AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (10000);
    OOM_LOOP (status,
              print (&settings, cases[i].dialect, cases[i].text, &b, &err))
    {
      ck_assert (status == 0 || err.code == DC_ERR_SYSTEM);
      dc_settings_release (&settings);
    }
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, DC_COUNT (cases));
  tcase_add_loop_test (tcase, test_bad, 0, DC_COUNT (bad));
  tcase_add_loop_test (tcase, test_limits, 0, DC_COUNT (many));
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("settings", add);
}

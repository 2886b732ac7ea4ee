/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "lib/yaml.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

struct port {
  char *name;
  int64_t number;
};

struct settings {
  char *title;
  bool is_on;
  struct dc_yaml_texts words;
  struct port main_port;
  struct dc_yaml_list ports;
  int colour;
};

static const char *const colours[] = { "red", "green", NULL };

static const struct dc_yaml_row port_rows[] = {
  DC_YAML_ROW ("name", DC_YAML_TEXT, DC_YAML_REQUIRED, struct port, name),
  { .key = "number",
    .kind = DC_YAML_NUMBER,
    .target = offsetof (struct port, number),
    .min = 1,
    .max = 65535 },
  DC_YAML_END,
};

static const struct dc_yaml_row rows[] = {
  DC_YAML_ROW ("title", DC_YAML_TEXT, DC_YAML_REQUIRED, struct settings, title),
  DC_YAML_ROW ("on", DC_YAML_BOOL, DC_YAML_OPTIONAL, struct settings, is_on),
  DC_YAML_ROW ("words", DC_YAML_TEXTS, DC_YAML_OPTIONAL, struct settings,
               words),
  DC_YAML_NEST ("main", DC_YAML_STRUCT, DC_YAML_OPTIONAL, struct settings,
                main_port, port_rows, struct port),
  DC_YAML_NEST ("ports", DC_YAML_LIST, DC_YAML_OPTIONAL, struct settings, ports,
                port_rows, struct port),
  DC_YAML_PICK ("colour", DC_YAML_OPTIONAL, struct settings, colour, colours),
  DC_YAML_END,
};

static const char full[] = "# a comment\n"
                           "title: the title\n"
                           "on: true\n"
                           "words: [a, 'b c']\n"
                           "main: {name: x, number: 80}\n"
                           "ports:\n"
                           "  - name: y\n"
                           "  - {name: z, number: 65535}\n"
                           "colour: green\n";

START_TEST (test_every_kind)
{
  struct dc_error err;
  struct settings s = { 0 };

  ck_assert_ok (dc_yaml_read (full, strlen (full), "f", rows, &s, &err));
  ck_assert_str_eq (s.title, "the title");
  ck_assert (s.is_on);
  ck_assert_uint_eq (s.words.count, 2);
  ck_assert_str_eq (s.words.items[1], "b c");
  ck_assert_int_eq (s.main_port.number, 80);
  ck_assert_uint_eq (s.ports.count, 2);
  ck_assert_int_eq (s.colour, 1);
  const struct port *ports = s.ports.items;
  ck_assert_str_eq (ports[0].name, "y");
  ck_assert_int_eq (ports[1].number, 65535);
  dc_yaml_release (rows, &s);
  ck_assert_ptr_null (s.title);
  ck_assert_ptr_null (s.ports.items);
}
END_TEST

static const struct {
  const char *text, *message;
  enum dc_code code; /* DC_ERR_INVALID where not given */
} bad[] = {
  { "", "f: the file is empty" },
  { "- a\n", "f:1:1: expected a mapping, found a sequence" },
  { "title: a\nno: b\n",
    "f:2:1: unknown key 'no', expected one of: title, on, words, main, ports, "
    "colour" },
  { "title: a\ncolour: blue\n", "f:2:9: colour 'blue' is none of: red, green" },
  { "title: a\ncolour: [red]\n", "f:2:9: expected a word" },
  { "title: a\ntitle: b\n", "f:2:1: key 'title' is given twice" },
  { "on: true\n", "f:1:1: key 'title' is missing" },
  { "title: a\non: yes\n", "f:2:5: expected true or false, found 'yes'" },
  { "title: [a]\n", "f:1:8: expected a text, found a sequence" },
  { "title: a\nwords: b\n", "f:2:8: expected a sequence, found a plain value" },
  { "title: &a b\n", "f:1:8: anchors and aliases are refused" },
  { "title: *a\n", "f:1:8: " },
  { "title: !!str b\n", "f:1:8: tags are refused" },
  { "title: a\nports:\n- {name: a, number: 65536}\n",
    "f:3:21: number: ", DC_ERR_LIMIT },
  { "title: a\nmain: {number: 1}\n", "f:2:7: key 'name' is missing" },
  { "title: \"a\\0b\"\n", "f:1:8: a NUL byte in a value" },
  { "title: a\n---\ntitle: b\n", "f:2:1: a second document is refused" },
  { "title: 'a\n", "f:" },
  { "title: a\n\tb: c\n", "f:2:1: " },
  { "title: \xff\n", "f:" },
};

START_TEST (test_bad_says_where)
{
  struct dc_error err;
  struct settings s = { 0 };

  ck_assert_fails (
      dc_yaml_read (bad[_i].text, strlen (bad[_i].text), "f", rows, &s, &err),
      bad[_i].code != DC_OK ? bad[_i].code : DC_ERR_INVALID, bad[_i].message);
  ck_assert_ptr_null (s.title);
}
END_TEST

/* A list whose elements hold such a list themselves. */
static const struct dc_yaml_row endless[] = {
  { .key = "a",
    .kind = DC_YAML_LIST,
    .rows = endless,
    .element_size = sizeof (struct dc_yaml_list) },
  DC_YAML_END,
};

START_TEST (test_depth_is_limited)
{
  struct dc_error err;
  struct dc_yaml_list top = { 0 };
  char text[6 * 100] = "";

  for (size_t i = 0; i < 99; i++)
    memcpy (text + i * 5, "{a: [", 6);
  ck_assert_fails (dc_yaml_read (text, strlen (text), "f", endless, &top, &err),
                   DC_ERR_LIMIT, "nested deeper than");
  ck_assert_uint_eq (top.count, 0);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  struct settings s = { 0 };
  int failures = 0;

  OOM_LOOP (status, dc_yaml_read (full, strlen (full), "f", rows, &s, &err))
  {
    failures += status < 0;
    if (status < 0)
      ck_assert_int_eq (err.code, DC_ERR_SYSTEM);
    dc_yaml_release (rows, &s);
  }
  ck_assert_int_gt (failures, 6);
}
END_TEST

struct device {
  struct dc_yaml_name name;
  char *kind;
  struct dc_yaml_texts addresses;
};

struct devices {
  struct dc_yaml_list items;
  char *renderer;
};

static const struct dc_yaml_row device_rows[] = {
  DC_YAML_ROW ("kind", DC_YAML_TEXT, DC_YAML_OPTIONAL, struct device, kind),
  DC_YAML_ROW ("addresses", DC_YAML_TEXTS, DC_YAML_OPTIONAL, struct device,
               addresses),
  DC_YAML_END,
};

static const struct dc_yaml_row device_file[] = {
  DC_YAML_NEST ("devices", DC_YAML_NAMED, DC_YAML_OPTIONAL, struct devices,
                items, device_rows, struct device),
  DC_YAML_ROW ("renderer", DC_YAML_TEXT, DC_YAML_OPTIONAL, struct devices,
               renderer),
  DC_YAML_END,
};

static const char foreign[] = "renderer: {not: a text}\n"
                              "later: [1, {deep: [2, 3]}]\n"
                              "devices:\n"
                              "  eth0:\n"
                              "    kind: one\n"
                              "    kind: two\n"
                              "    addresses: [a, {b: {label: x}, c: 1}, [d]]\n"
                              "    addresses: e\n"
                              "  eth1:\n"
                              "  eth2: [1]\n"
                              "renderer: !tag x\n";

START_TEST (test_foreign)
{
  struct dc_error err;
  struct devices devices = { 0 };

  ck_assert_fails (dc_yaml_read (foreign, sizeof foreign - 1, "f", device_file,
                                 &devices, &err),
                   DC_ERR_INVALID, "f:1:11: expected a text");
  ck_assert_ok (dc_yaml_read_foreign (foreign, sizeof foreign - 1, "f",
                                      device_file, &devices, &err));
  ck_assert_str_eq (devices.renderer, "x");
  const struct device *items = devices.items.items;
  ck_assert_uint_eq (devices.items.count, 3);
  ck_assert_str_eq (items[0].name.text, "eth0");
  ck_assert_uint_eq (items[0].name.line, 4);
  ck_assert_str_eq (items[0].kind, "two");
  ck_assert_uint_eq (items[0].addresses.count, 3);
  ck_assert_str_eq (items[0].addresses.items[1], "b");
  ck_assert_str_eq (items[0].addresses.items[2], "e");
  ck_assert_str_eq (items[1].name.text, "eth1");
  ck_assert_ptr_null (items[1].kind);
  dc_yaml_release (device_file, &devices);

  static const char alias[] = "devices: &a {x: *a}\n";
  ck_assert_fails (dc_yaml_read_foreign (alias, sizeof alias - 1, "f",
                                         device_file, &devices, &err),
                   DC_ERR_INVALID, "anchors and aliases are refused");
  dc_yaml_release (device_file, &devices);
}
END_TEST

START_TEST (test_foreign_without_memory)
{
  struct dc_error err;
  struct devices devices = { 0 };

  OOM_LOOP (status, dc_yaml_read_foreign (foreign, sizeof foreign - 1, "f",
                                          device_file, &devices, &err))
  {
    ck_assert_int_eq (status < 0, oom_has_failed ());
    dc_yaml_release (device_file, &devices);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_every_kind);
  tcase_add_loop_test (tcase, test_bad_says_where, 0,
                       sizeof bad / sizeof bad[0]);
  tcase_add_test (tcase, test_depth_is_limited);
  tcase_add_test (tcase, test_no_memory);
  tcase_add_test (tcase, test_foreign);
  tcase_add_test (tcase, test_foreign_without_memory);
}

int
main (void)
{
  return unit_run ("yaml", add);
}

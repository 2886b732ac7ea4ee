/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/xml.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* ELEMENT as "NAME@LINE attribute=value 'text' (children)". */
static int
print (const struct dc_xml_element *element, struct dc_buffer *b,
       struct dc_error *err)
{
  if (dc_buffer_print (b, err, "%s@%u", element->name, element->line) < 0)
    return -1;
  for (size_t i = 0; i < element->attribute_count; i++)
    if (dc_buffer_print (b, err, " %s=%s", element->attributes[i].name,
                         element->attributes[i].value) < 0)
      return -1;
  if (element->text.size > 0 &&
      dc_buffer_print (b, err, " '%s'", dc_buffer_text (&element->text)) < 0)
    return -1;
  const struct dc_xml_element *child = dc_xml_child (element, NULL);
  for (; child != NULL; child = dc_xml_next (child, NULL)) {
    if (dc_buffer_append (b, " (", 2, err) < 0 || print (child, b, err) < 0 ||
        dc_buffer_append (b, ")", 1, err) < 0)
      return -1;
  }
  return 0;
}

static const struct {
  const char *text, *expected;
} good[] = {
  { "<a/>", "a@1" },
  { "<?xml version='1.0' encoding='utf-8'?>\n<a x=\"1\" o:y='&lt;&#65;'/>",
    "a@2 x=1 y=<A" },
  { "<a>\n <b>x</b>\n <!-- <c/> -->\n <b>y &amp; z</b> t\n</a>",
    "a@1 't' (b@2 'x') (b@4 'y & z')" },
  { "<r:a xmlns:r='u'><r:b><![CDATA[<x>]]></r:b></r:a>",
    "a@1 r=u (b@1 '<x>')" },
  { "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>",
    "a@1 '\xc3\xa9'" },
  { "<!DOCTYPE a SYSTEM 'a.dtd'><a/>", "a@1" },
};

START_TEST (test_good)
{
  struct dc_error err;
  DC_AUTO (dc_xml_element) *root = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (10000);

  ck_assert_ok (
      dc_xml_parse (good[_i].text, strlen (good[_i].text), &root, &err));
  ck_assert_ok (print (root, &b, &err));
  ck_assert_str_eq (dc_buffer_text (&b), good[_i].expected);
}
END_TEST

static const struct {
  const char *text, *words;
} bad[] = {
  { "", "line 1: no element found" },
  { "<a>\n<b></a>", "line 2: mismatched tag" },
  { "<a x='1' x='2'/>", "duplicate attribute" },
  { "<a>\x01</a>", "not well-formed" },
  { "<?xml version='1.0' encoding='klingon'?><a/>", "unknown encoding" },
  { "<a>&b;</a>", "undefined entity" },
  { "<!DOCTYPE a [\n<!ENTITY b 'c'>]><a>&b;</a>",
    "line 2: entities are not read" },
  { "<!DOCTYPE a [<!ENTITY b SYSTEM '/etc/passwd'>]><a>&b;</a>",
    "line 1: entities are not read" },
  { "<!DOCTYPE a SYSTEM 'a.dtd'><a>&b;</a>", "entities are not read" },
  { "<!DOCTYPE a [<!ENTITY % p SYSTEM 'x'> %p;]><a/>",
    "entities are not read" },
};

START_TEST (test_bad)
{
  struct dc_error err;
  struct dc_xml_element *root = NULL;

  ck_assert_fails (
      dc_xml_parse (bad[_i].text, strlen (bad[_i].text), &root, &err),
      DC_ERR_INVALID, bad[_i].words);
  ck_assert_ptr_null (root);
}
END_TEST

START_TEST (test_lookups)
{
  static const char text[] = "<a><b n='1'/><c/><b n='2' m='3'/></a>";
  struct dc_error err;
  DC_AUTO (dc_xml_element) *root = NULL;

  ck_assert_ok (dc_xml_parse (text, strlen (text), &root, &err));
  const struct dc_xml_element *b = dc_xml_child (root, "b");
  ck_assert_str_eq (dc_xml_value (b, "n"), "1");
  b = dc_xml_next (b, "b");
  ck_assert_str_eq (dc_xml_value (b, "m"), "3");
  ck_assert_ptr_null (dc_xml_value (b, "o"));
  ck_assert_ptr_null (dc_xml_next (b, "b"));
  ck_assert_ptr_null (dc_xml_child (b, NULL));
}
END_TEST

START_TEST (test_limits)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_xml_element *root = NULL;
  AUTO_BUFFER struct dc_buffer deep = DC_BUFFER_INIT (10000000);
  AUTO_BUFFER struct dc_buffer many = DC_BUFFER_INIT (10000000);
  AUTO_BUFFER struct dc_buffer wide = DC_BUFFER_INIT (10000000);

  for (int i = 0; i <= DC_XML_DEPTH_MAX; i++)
    ck_assert_ok (dc_buffer_print (&deep, &err, "<a>"));
  ck_assert_ok (dc_buffer_print (&many, &err, "<a>"));
  for (int i = 0; i < DC_XML_ELEMENT_MAX; i++)
    ck_assert_ok (dc_buffer_print (&many, &err, "<a/>"));
  ck_assert_ok (dc_buffer_print (&wide, &err, "<a"));
  for (int i = 0; i <= DC_XML_ATTRIBUTE_MAX; i++)
    ck_assert_ok (dc_buffer_print (&wide, &err, " a%d=''", i));
  ck_assert_ok (dc_buffer_print (&wide, &err, "/>"));
  ck_assert_fails (dc_xml_parse (deep.data, deep.size, &root, &err),
                   DC_ERR_LIMIT, "too deeply");
  ck_assert_fails (dc_xml_parse (many.data, many.size, &root, &err),
                   DC_ERR_LIMIT, "more than 100000 elements");
  ck_assert_fails (dc_xml_parse (wide.data, wide.size, &root, &err),
                   DC_ERR_LIMIT, "attributes");
  ck_assert_fails (dc_xml_parse ("", DC_XML_SIZE_MAX + 1, &root, &err),
                   DC_ERR_LIMIT, "XML of 16777217 bytes");
}
END_TEST

START_TEST (test_no_memory)
{
  static const char text[] =
      "<?xml version='1.0'?><a x='1'><b>text</b><c/>more</a>";
  struct dc_error err;
  struct dc_xml_element *root = NULL;

  OOM_LOOP (status, dc_xml_parse (text, strlen (text), &root, &err))
  {
    ck_assert (status == 0 || err.code == DC_ERR_SYSTEM);
    ck_assert ((status == 0) == (root != NULL));
    dc_xml_element_free (root);
    root = NULL;
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_good, 0, DC_COUNT (good));
  tcase_add_loop_test (tcase, test_bad, 0, DC_COUNT (bad));
  tcase_add_test (tcase, test_lookups);
  tcase_add_test (tcase, test_limits);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("xml", add);
}

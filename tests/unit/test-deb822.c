/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/package/deb822.h"
#include "lib/buffer.h"
#include "tests/unit/unit.h"

static const struct {
  const char *text, *stanzas; /* LINE:name=value|... */
} cases[] = {
  { "", "" },
  { "\n\n", "" },
  { "A: 1\nB:2 \n\nC:\t3", "1:A=1|B=2|;4:C=3|;" },
  { "\n\nA: 1\r\n\r\nB: 2\r\n", "3:A=1|;5:B=2|;" },
  { "A: 1\n more\n\tand\nB:\n 2\n", "1:A=1\n more\n\tand|B=\n 2|;" },
  { " lost\nA: 1\nno field\n lost\nB: 2\n", "2:A=1|B=2|;" },
  { "# A: 1\nB: x:y\n \nC: 1", "2:B=x:y\n|C=1|;" },
  { "no field\n\n more\nA:", "4:A=|;" },
};

START_TEST (test_cases)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);
  struct dc_deb822 reader = { dc_span_of (cases[_i].text), 0 };
  struct dc_stanza stanza;

  while (dc_deb822_next (&reader, &stanza)) {
    ck_assert_ok (dc_buffer_print (&b, &err, "%u:", stanza.line));
    for (size_t i = 0; i < stanza.count; i++) {
      const struct dc_span name = stanza.fields[i].name;
      const struct dc_span value = stanza.fields[i].value;
      ck_assert_ok (dc_buffer_print (&b, &err, "%.*s=%.*s|", (int) name.size,
                                     name.text, (int) value.size, value.text));
    }
    ck_assert_ok (dc_buffer_print (&b, &err, ";"));
  }
  ck_assert_str_eq (dc_buffer_text (&b), cases[_i].stanzas);
}
END_TEST

START_TEST (test_value)
{
  struct dc_deb822 reader = { dc_span_of ("Package: a\nPackage: b\nX:\n"), 0 };
  struct dc_stanza stanza;

  ck_assert (dc_deb822_next (&reader, &stanza));
  ck_assert (dc_span_is (dc_stanza_value (&stanza, "pacKage"), "a"));
  ck_assert (dc_span_is (dc_stanza_value (&stanza, "X"), ""));
  ck_assert_ptr_nonnull (dc_stanza_value (&stanza, "X").text);
  ck_assert_ptr_null (dc_stanza_value (&stanza, "Pack").text);
}
END_TEST

START_TEST (test_too_many_fields_are_left_out)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (4000);
  struct dc_stanza stanza;

  for (int i = 0; i < DC_STANZA_FIELD_MAX + 2; i++)
    ck_assert_ok (dc_buffer_print (&b, &err, "F%d: x\n y%d\n", i, i));
  struct dc_deb822 reader = { dc_span_of (dc_buffer_text (&b)), 0 };
  ck_assert (dc_deb822_next (&reader, &stanza));
  ck_assert_uint_eq (stanza.count, DC_STANZA_FIELD_MAX);
  ck_assert (dc_span_is (dc_stanza_value (&stanza, "F63"), "x\n y63"));
  ck_assert_ptr_null (dc_stanza_value (&stanza, "F64").text);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, sizeof cases / sizeof cases[0]);
  tcase_add_test (tcase, test_value);
  tcase_add_test (tcase, test_too_many_fields_are_left_out);
}

int
main (void)
{
  return unit_run ("deb822", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "lib/columns.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static const char *const rows[][3] = {
  { "name", "a", "text" },
  { "caf\xc3\xa9s", NULL, "longer text" },
  { "x", "", NULL },
  { NULL, "b\n", "c" },
};

static const struct {
  unsigned indent, width;
  const char *text;
} prints[] = {
  { 2, 80,
    "  name   a      text\n  caf\xc3\xa9s         longer text\n  x\n"
    "         b\\x0A  c\n" },
  { 0, 25,
    "name   a      text\ncaf\xc3\xa9s         longer text\nx\n"
    "       b\\x0A  c\n" },
  { 0, 24,
    "name   a      text\ncaf\xc3\xa9s         longer ...\nx\n"
    "       b\\x0A  c\n" },
  { 0, 1,
    "name   a      text\ncaf\xc3\xa9s         longe...\nx\n"
    "       b\\x0A  c\n" },
  { 0, 45,
    "name   a      text\ncaf\xc3\xa9s         longer text\nx\n"
    "       b\\x0A  c\n" },
};

static int
print (unsigned indent, unsigned width, struct dc_buffer *b,
       struct dc_error *err)
{
  AUTO_COLUMNS struct dc_columns columns = { .count = 3 };

  for (size_t i = 0; i < DC_COUNT (rows); i++)
    if (dc_columns_add (&columns, rows[i], err) < 0)
      return -1;
  return dc_columns_print (&columns, indent, width, b, err);
}

START_TEST (test_print)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);

  ck_assert_ok (print (prints[_i].indent, prints[_i].width, &b, &err));
  ck_assert_str_eq (dc_buffer_text (&b), prints[_i].text);
}
END_TEST

START_TEST (test_the_last_column_gives_way_first)
{
  struct dc_error err;
  AUTO_COLUMNS struct dc_columns columns = { .count = 2 };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);
  static const char *const cells[] = { "twenty-four bytes of it.",
                                       "a description of thirty bytes." };

  ck_assert_ok (dc_columns_add (&columns, cells, &err));
  ck_assert_ok (dc_columns_print (&columns, 0, 50, &b, &err));
  ck_assert_ok (dc_columns_print (&columns, 0, 40, &b, &err));
  ck_assert_str_eq (dc_buffer_text (&b),
                    "twenty-four bytes of it.  a description of thir...\n"
                    "twenty-four bytes o...  a description...\n");
}
END_TEST

START_TEST (test_a_column_without_text_takes_no_room)
{
  struct dc_error err;
  AUTO_COLUMNS struct dc_columns columns = { .count = 4 };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);
  static const char *const rows_of_it[][4] = { { NULL, "key", "", "/etc/key" },
                                               { NULL, "name", NULL, "/x" } };

  for (size_t i = 0; i < DC_COUNT (rows_of_it); i++)
    ck_assert_ok (dc_columns_add (&columns, rows_of_it[i], &err));
  ck_assert_ok (dc_columns_print (&columns, 2, 16, &b, &err));
  ck_assert_str_eq (dc_buffer_text (&b), "  key   /etc/key\n  name  /x\n");
}
END_TEST

static const struct {
  const char *text;
  unsigned at;
  const char *lines;
} wraps[] = {
  { "", 0, "\n" },
  { "one two three", 0, "one two\n  three\n" },
  { " one  two", 0, "one two\n" },
  { "one two", 4, "one\n  two\n" },
  { "\xc3\xa9\xc3\xa9\xc3\xa9 \xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 0,
    "\xc3\xa9\xc3\xa9\xc3\xa9 \xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\n" },
  { "a-word-of-its-own is whole", 0, "a-word-of-its-own\n  is\n  whole\n" },
};

START_TEST (test_wrap)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);

  ck_assert_ok (dc_columns_wrap (wraps[_i].text, wraps[_i].at, 2, 8, &b, &err));
  ck_assert_str_eq (dc_buffer_text (&b), wraps[_i].lines);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);

  OOM_LOOP (status, print (0, 80, &b, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    dc_buffer_release (&b);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_print, 0, (int) DC_COUNT (prints));
  tcase_add_test (tcase, test_the_last_column_gives_way_first);
  tcase_add_test (tcase, test_a_column_without_text_takes_no_room);
  tcase_add_loop_test (tcase, test_wrap, 0, (int) DC_COUNT (wraps));
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("columns", add);
}

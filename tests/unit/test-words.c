/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "lib/words.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static int
fill (struct dc_words *words, struct dc_error *err)
{
  static const char *const texts[] = { "-g", "daemon off;", "", "-g", "-c" };

  for (size_t i = 0; i < DC_COUNT (texts); i++)
    if (dc_words_add (words, texts[i], err) < 0)
      return -1;
  return 0;
}

START_TEST (test_list_is_an_argv)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  ck_assert_ok (fill (&words, &err));
  ck_assert_uint_eq (words.count, 5);
  ck_assert_str_eq (words.items[1], "daemon off;");
  ck_assert_ptr_null (words.items[5]);
  ck_assert (dc_words_has (&words, "-c"));
  ck_assert (!dc_words_has (&words, "-cc"));
}
END_TEST

START_TEST (test_sorted_once_each)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  dc_words_sort (&words);
  ck_assert_ok (fill (&words, &err));
  dc_words_sort (&words);
  ck_assert_uint_eq (words.count, 4);
  ck_assert_str_eq (words.items[0], "");
  ck_assert_str_eq (words.items[3], "daemon off;");
  ck_assert_ptr_null (words.items[4]);
}
END_TEST

START_TEST (test_too_many)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  while (words.count < DC_WORDS_MAX - 1)
    ck_assert_ok (dc_words_add (&words, "x", &err));
  ck_assert_fails (dc_words_add (&words, "x", &err), DC_ERR_LIMIT, "words");
  ck_assert_ptr_null (words.items[words.count]);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  OOM_LOOP (status, fill (&words, &err))
  {
    ck_assert (status == 0 || err.code == DC_ERR_SYSTEM);
    dc_words_release (&words);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_list_is_an_argv);
  tcase_add_test (tcase, test_sorted_once_each);
  tcase_add_test (tcase, test_too_many);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("words", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/cleanup.h"
#include "runtime/init/pattern.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* What is expected is what libc says. */
static const char *const patterns[] = {
  "",
  "*",
  "?",
  "a",
  "a*",
  "*a",
  "a*b*c",
  "**",
  "*?",
  "[abc]",
  "[a-c]*",
  "[!a-c]",
  "[^a]",
  "[]a]",
  "[!]a]",
  "[a-]",
  "\\*",
  "\\a",
  "[\\]]",
  "*.conf",
  "a?c",
  "*ab*abc",
  "[",
  "[a",
  "a[b",
  "x*[0-9]",
  "*.*",
  "[[:alpha:]]*",
  "[![:digit:][:punct:]]",
  "x[[:digit:]]",
  "[[:nothing:]]",
  "[[:alpha]",
  "[[:x",
};
static const char *const names[] = {
  "",   "a",     "b",      "ab",        "abc", "]",  "-",    "*",
  "\\", "a\\",   "x.conf", ".conf",     "a.b", "x9", "xy10", "[",
  "[a", "ababc", "aaabbb", "a\xc3\xa9", "a[b", "d",  "^",    "!",
};

START_TEST (test_fits)
{
  for (size_t i = 0; i < DC_COUNT (names); i++)
    ck_assert_msg (di_pattern_fits (patterns[_i], names[i]) ==
                       (fnmatch (patterns[_i], names[i], 0) == 0),
                   "'%s' and '%s'", patterns[_i], names[i]);
}
END_TEST

static const char *const paths[] = {
  "/usr/include/*.h",
  "/usr/include/std*",
  "/usr/include/s[tu]d*.h",
  "/usr/include/stdio.h",
  "/usr//include//std[!a-i]*.h",
  "/usr/include/",
  "/usr/include/none*",
  "/usr/inc*/sys/*stat*.h",
  "/*",
  "/etc/*/",
  "/etc/.*",
  "/",
};

START_TEST (test_find)
{
  struct di_found found;
  glob_t expected;

  const int outcome = glob (paths[_i], 0, NULL, &expected);
  ck_assert_int_eq (di_pattern_find (paths[_i], &found), 0);
  ck_assert_uint_eq (found.count, outcome == 0 ? expected.gl_pathc : 0);
  if (outcome == 0)
    globfree (&expected);
  for (size_t i = 1; i < found.count; i++)
    ck_assert_int_lt (strcmp (found.paths[i - 1], found.paths[i]), 0);
  di_found_release (&found);
}
END_TEST

START_TEST (test_no_memory)
{
  struct di_found found;

  OOM_LOOP (status, di_pattern_find ("/usr/include/std*.h", &found))
  {
    if (status == 0)
      ck_assert_uint_gt (found.count, 0);
    else
      ck_assert_ptr_null (found.paths);
    di_found_release (&found);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_fits, 0, DC_COUNT (patterns));
  tcase_add_loop_test (tcase, test_find, 0, DC_COUNT (paths));
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("init-pattern", add);
}

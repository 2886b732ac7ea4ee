/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/glob.h"
#include "lib/tree/backends.h"
#include "lib/tree/glob.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static const struct {
  const char *pattern, *text;
  bool matches;
} cases[] = {
  { "", "", true },
  { "", "a", false },
  { "abc", "abc", true },
  { "abc", "abcd", false },
  { "abcd", "abc", false },
  { "*", "", true },
  { "*", "anything", true },
  { "*.conf", "a.conf", true },
  { "*.conf", "a.conf.bak", false },
  { "a*b*c", "axxbyybzzc", true },
  { "a*b*c", "axxbyybzz", false },
  { "a**b", "ab", true },
  { "?", "a", true },
  { "?", "", false },
  { "a?c", "abc", true },
  { "[abc]x", "bx", true },
  { "[abc]x", "dx", false },
  { "[a-cx-z]", "y", true },
  { "[!a-c]", "b", false },
  { "[^a-c]", "d", true },
  { "[]]", "]", true },
  { "[!]]", "]", false },
  { "[a-]", "-", true },
  { "[[:digit:]_]", "7", true },
  { "[[:digit:]_]", "_", true },
  { "[[:digit:]]", "x", false },
  { "[[:alpha:]-z]", "-", true },
  { "[abc", "[abc", true },
  { "[abc", "a", false },
  { "a\\*b", "a*b", true },
  { "a\\*b", "axb", false },
  { "[\\]]", "]", true },
  { "a\\", "a\\", true },
  { "\xff*", "\xff\xfe", true },
};

START_TEST (test_match)
{
  ck_assert_int_eq (dc_glob_match (cases[_i].pattern, cases[_i].text),
                    cases[_i].matches);
}
END_TEST

/* fnmatch(3) with backtracking would not come back from this. */
START_TEST (test_match_is_quick)
{
  char text[4096], pattern[256];

  memset (text, 'a', sizeof text);
  text[sizeof text - 1] = '\0';
  for (size_t i = 0; i < sizeof pattern; i++)
    pattern[i] = "a*"[i % 2];
  memcpy (pattern + sizeof pattern - 2, "b", 2);
  ck_assert (!dc_glob_match (pattern, text));
}
END_TEST

#define DIR(p)                                                                 \
  {                                                                            \
    .path = p, .mode = 0040755                                                 \
  }
#define FILE(p)                                                                \
  {                                                                            \
    .path = p, .mode = 0100644, .data = p                                      \
  }
#define LINK(p, t)                                                             \
  {                                                                            \
    .path = p, .mode = 0120777, .data = t                                      \
  }

static const struct dc_memory_file files[] = {
  DIR (""),
  DIR ("etc"),
  DIR ("etc/n"),
  FILE ("etc/n/b.conf"),
  FILE ("etc/n/a.conf"),
  FILE ("etc/n/B.conf"),
  FILE ("etc/n/.c.conf"),
  FILE ("etc/n/d.conf.bak"),
  LINK ("etc/n/z.conf", "/etc/m/real"),
  LINK ("etc/n/dangling.conf", "nowhere"),
  DIR ("etc/m"),
  FILE ("etc/m/real"),
  LINK ("etc/l", "n"),
  LINK ("etc/loop", "loop"),
};

/* The paths found, with a blank behind each. */
static const struct {
  const char *pattern, *found;
} searches[] = {
  { "/etc/n/a.conf", "/etc/n/a.conf " },
  { "/etc/n/none", "" },
  { "/etc/n/*.conf",
    "/etc/n/B.conf /etc/n/a.conf /etc/n/b.conf /etc/n/z.conf " },
  { "/etc/n/.*.conf", "/etc/n/.c.conf " },
  { "/etc/n/\\.*.conf", "/etc/n/.c.conf " },
  { "/etc/[mn]/[ar]*", "/etc/m/real /etc/n/a.conf " },
  { "/etc/*/a.conf", "/etc/l/a.conf /etc/n/a.conf " },
  { "/etc//l/?.conf",
    "/etc//l/B.conf /etc//l/a.conf /etc//l/b.conf /etc//l/z.conf " },
  { "etc/n/../m/*", "etc/n/../m/real " },
  { "/*", "/etc " },
  { "/etc/n/a.conf/*", "" },
  { "/etc/loop/*", "" },
  { "/etc/m/r\\eal", "/etc/m/real " },
  { "", "" },
};

static int
search (const struct dc_tree *tree, const char *pattern, struct dc_buffer *b,
        struct dc_error *err)
{
  AUTO_WORDS struct dc_words paths = { NULL, 0 };

  if (dc_tree_glob (tree, pattern, &paths, err) < 0)
    return -1;
  for (size_t i = 0; i < paths.count; i++)
    if (dc_buffer_print (b, err, "%s ", paths.items[i]) < 0)
      return -1;
  return 0;
}

START_TEST (test_search)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (4096);

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  ck_assert_ok (search (tree, searches[_i].pattern, &b, &err));
  ck_assert_str_eq (dc_buffer_text (&b), searches[_i].found);
}
END_TEST

/* A folder that holds a link to itself makes a pattern explode. */
START_TEST (test_explosion_is_stopped)
{
  static const struct dc_memory_file loops[] = {
    DIR (""),          DIR ("d"),         LINK ("d/a", "."),
    LINK ("d/b", "."), LINK ("d/c", "."),
  };
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_WORDS struct dc_words paths = { NULL, 0 };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (4096);

  ck_assert_ok (dc_tree_memory (loops, DC_COUNT (loops), &tree, &err));
  for (int i = 0; i < 30; i++)
    ck_assert_ok (dc_buffer_print (&b, &err, "%s", i == 0 ? "/d" : "/*"));
  ck_assert_fails (dc_tree_glob (tree, b.data, &paths, &err), DC_ERR_LIMIT,
                   "more than 10000 files");
  ck_assert_ok (dc_buffer_print (&b, &err, "/none*"));
  ck_assert_fails (dc_tree_glob (tree, b.data, &paths, &err), DC_ERR_LIMIT,
                   "more than 1000000 names to look at");
}
END_TEST

START_TEST (test_depth_is_limited)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_WORDS struct dc_words paths = { NULL, 0 };
  struct dc_memory_file deep[DC_GLOB_DEPTH_MAX + 2] = { DIR ("") };
  char *paths_of_folders[DC_COUNT (deep)];
  char names[2 * DC_COUNT (deep)], pattern[2 * DC_COUNT (deep)] = "";

  for (size_t i = 0; i < sizeof names; i++)
    names[i] = "a/"[i % 2];
  for (size_t i = 1; i < DC_COUNT (deep); i++) {
    paths_of_folders[i] = strndup (names, 2 * i - 1);
    ck_assert_ptr_nonnull (paths_of_folders[i]);
    deep[i] = (struct dc_memory_file) DIR (paths_of_folders[i]);
    strncat (pattern, "/*", 3);
  }
  ck_assert_ok (dc_tree_memory (deep, DC_COUNT (deep), &tree, &err));
  ck_assert_fails (dc_tree_glob (tree, pattern, &paths, &err), DC_ERR_LIMIT,
                   "more than 64 folders are patterns");
  for (size_t i = 1; i < DC_COUNT (deep); i++)
    free (paths_of_folders[i]);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_WORDS struct dc_words paths = { NULL, 0 };

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  OOM_LOOP (status, dc_tree_glob (tree, "/etc/*/a.conf", &paths, &err))
  {
    ck_assert (status == 0 ? paths.count == 2 : err.code == DC_ERR_SYSTEM);
    dc_words_release (&paths);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_match, 0, DC_COUNT (cases));
  tcase_add_test (tcase, test_match_is_quick);
  tcase_add_loop_test (tcase, test_search, 0, DC_COUNT (searches));
  tcase_add_test (tcase, test_explosion_is_stopped);
  tcase_add_test (tcase, test_depth_is_limited);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("glob", add);
}

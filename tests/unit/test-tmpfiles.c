/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/tree/backends.h"
#include "runtime/init/plan.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "transform/init/tmpfiles.h"

#define FILE_PATH "/etc/tmpfiles.d/a.conf"
#define LINES_MAX ((size_t) 1024 * 1024)

/* What one file says (the rest is compared with systemd-tmpfiles itself, by
 * tests/functional/test-decant-init-tmpfiles.sh).
 */
static const struct {
  const char *text, *lines, *findings;
} cases[] = {
  { "", "", "" },
  { "d /run/a 0750 web logs\n", "tmpfile d /run/a 0750 4711 4713\n", "" },
  { "f+=- /run/a ~:4755 :web :33 - x y\n",
    "tmpfile f+=- /run/a :~4755 :4711 :33 x%20y\n", "" },
  { "d /run/b/c\nd /run/b\n",
    "tmpfile d /run/b - - -\ntmpfile d /run/b/c - - -\n", "" },
  { "d /run/a 0700\nd /run/a 0755\nz /run/a 0711\n",
    "tmpfile d /run/a 0700 - -\ntmpfile z /run/a 0711 - -\n", "" },
  /* Not for a container, and not to be mentioned. */
  { "d /run/systemd/x\nd /dev/x\nh /var/log/journal/%m - - - - +C\n"
    "r! /tmp/.X0-lock\nx /tmp/a-%b\nL+ /etc/mtab - - - - x\n",
    "", "" },
  { "C /etc/a\n", "", "" },
  /* What is not done. */
  { "d /srv/a - - - 10d\nd /tmp 1777 - - 10d\n",
    "tmpfile d /srv/a - - -\ntmpfile d /tmp 1777 - -\n",
    FILE_PATH ":1: what gets older than 10d in '/srv/a' stays\n" },
  { "a+ /srv - - - - u:web:r\nH /srv - - - - +i\nd /run/%v\n", "",
    FILE_PATH ":1: the access list of '/srv' is not set\n" FILE_PATH
              ":2: the file attributes of '/srv' are not set\n" FILE_PATH
              ":3: only a running system knows %v of '/run/%v'\n" },
  /* Hostile and broken. */
  { "d /run/../etc 0777\n", "",
    FILE_PATH ":1: '/run/../etc' goes up by '..'\n" },
  { "d /run/x\\ny 0700\nL /run/a - - - - \\033[m\n",
    "tmpfile d /run/x%0Ay 0700 - -\ntmpfile L /run/a - - - %1B[m\n", "" },
  { "d\nd run\nd /run/a 8\nd /run/a - x\nd /run/a - - x\n?\n", "",
    FILE_PATH ":1: the line has no path\n" FILE_PATH
              ":2: 'run' is no absolute path\n" FILE_PATH
              ":3: '8' is not an octal mode\n" FILE_PATH
              ":4: user 'x' is not in the guest's passwd file\n" FILE_PATH
              ":5: group 'x' is not in the guest's group file\n" FILE_PATH
              ":6: '?' is no type of line\n" },
  { "f~ /run/a - - - - AA==\nf~ /run/a - - - - !\nc /run/c - - - - x:y\n", "",
    FILE_PATH ":1: a NUL byte in the argument\n" FILE_PATH
              ":2: the argument is not base64\n" FILE_PATH
              ":3: 'x:y' is no device\n" },
  { "z /srv/{a,b{1,2}}x 0700\nz /srv/{a 0700\n",
    "tmpfile z /srv/ax 0700 - -\ntmpfile z /srv/b1x 0700 - -\n"
    "tmpfile z /srv/b2x 0700 - -\ntmpfile z /srv/{a 0700 - -\n",
    "" },
};

static int
load (const char *text, struct dc_tree **tree, struct dc_users **users,
      struct dc_error *err)
{
  static struct dc_memory_file files[] = {
    /* the tree borrows them */
    { .path = "", .mode = S_IFDIR | 0755 },
    { .path = "etc", .mode = S_IFDIR | 0755 },
    { .path = "etc/group",
      .mode = S_IFREG | 0644,
      .data = "root:x:0:\nlogs:x:4713:\n" },
    { .path = "etc/passwd",
      .mode = S_IFREG | 0644,
      .data = "root:x:0:0::/root:/bin/sh\nweb:x:4711:4712::/:/bin/false\n" },
    { .path = "etc/tmpfiles.d", .mode = S_IFDIR | 0755 },
    { .path = "etc/tmpfiles.d/a.conf", .mode = S_IFREG | 0644 },
  };

  files[DC_COUNT (files) - 1].data = text;
  if (dc_tree_memory (files, DC_COUNT (files), tree, err) < 0)
    return -1;
  return dc_users_load (*tree, users, err);
}

/* decant-init itself must read what we wrote. */
static void
check_with_init (const struct dc_buffer *lines)
{
  static const char head[] = "decant-init 1\n";
  AUTO_BUFFER struct dc_buffer plan = DC_BUFFER_INIT (LINES_MAX);
  struct dc_error err;
  struct di_error problem;
  struct di_plan read;

  ck_assert_ok (
      dc_buffer_print (&plan, &err, "%s%s", head, dc_buffer_text (lines)));
  ck_assert_msg (di_plan_parse (plan.data, plan.size, &read, &problem) == 0,
                 "%s", problem.text);
  di_plan_release (&read);
}

START_TEST (test_compiles)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_users) *users = NULL;
  AUTO_BUFFER struct dc_buffer lines = DC_BUFFER_INIT (LINES_MAX);
  AUTO_BUFFER struct dc_buffer found = DC_BUFFER_INIT (LINES_MAX);
  AUTO_WORDS struct dc_words findings = { NULL, 0 };

  ck_assert_ok (load (cases[_i].text, &tree, &users, &err));
  ck_assert_ok (
      dc_tmpfiles_compile (tree, users, NULL, &lines, &findings, &err));
  for (size_t i = 0; i < findings.count; i++)
    ck_assert_ok (dc_buffer_print (&found, &err, "%s\n", findings.items[i]));
  ck_assert_str_eq (dc_buffer_text (&lines), cases[_i].lines);
  ck_assert_str_eq (dc_buffer_text (&found), cases[_i].findings);
  check_with_init (&lines);
}
END_TEST

/* As many lines as somebody likes: some are kept, in bounded time and memory,
 * and what is left out is said.
 */
START_TEST (test_is_bounded)
{
  static const char *const forms[] = { "d /run/%u 0700\n", "d /run/a\n",
                                       "d /x 0700 nobody%u\n",
                                       "z /{a,b,c,d}{e,f,g,h}{i,j,k,l}%u\n" };
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_users) *users = NULL;
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (DC_TMPFILES_SIZE_MAX);
  AUTO_BUFFER struct dc_buffer lines = DC_BUFFER_INIT (LINES_MAX);
  AUTO_WORDS struct dc_words findings = { NULL, 0 };

  for (unsigned i = 0; i < 100000; i++) {
    char line[64];
    const int size = snprintf (line, sizeof line, "d /run/%u\n", i);
    if (_i > 0 && i < 20000) {
      ck_assert_ok (dc_buffer_print (&text, &err, "%s", forms[_i]));
      continue;
    }
    if (dc_buffer_append (&text, line, (size_t) size, &err) < 0)
      break;
  }
  ck_assert_ok (load (dc_buffer_text (&text), &tree, &users, &err));
  ck_assert_ok (
      dc_tmpfiles_compile (tree, users, NULL, &lines, &findings, &err));
  ck_assert_uint_le (lines.size, DC_TMPFILES_TEXT_MAX);
  ck_assert_uint_ge (findings.count, 1);
  ck_assert_uint_le (findings.count, 128);
  check_with_init (&lines);
}
END_TEST

START_TEST (test_without_memory)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_users) *users = NULL;

  ck_assert_ok (load ("d /run/%o 0700 web - 1d \nt /srv - - - - user.a=1\n"
                      "z /srv/{a,b} 0700\nf~ /run/x - - - - eA==\nbad\n",
                      &tree, &users, &err));
  struct dc_buffer lines = DC_BUFFER_INIT (LINES_MAX);
  struct dc_words findings = { NULL, 0 };
  OOM_LOOP (status,
            dc_tmpfiles_compile (tree, users, NULL, &lines, &findings, &err))
  {
    if (status < 0)
      ck_assert_int_eq (err.code, DC_ERR_SYSTEM);
    dc_buffer_release (&lines);
    dc_words_release (&findings);
    lines = (struct dc_buffer) DC_BUFFER_INIT (LINES_MAX);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_compiles, 0, DC_COUNT (cases));
  tcase_add_loop_test (tcase, test_is_bounded, 0, 4);
  tcase_add_test (tcase, test_without_memory);
}

int
main (void)
{
  return unit_run ("tmpfiles", add);
}

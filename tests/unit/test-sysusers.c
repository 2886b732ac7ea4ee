/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/tree/backends.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "transform/init/sysusers.h"

#define LINE_COUNT 20000

/* The numbers are compared with systemd-sysusers itself, by
 * tests/functional/test-image-sysusers.sh.
 */
static int
load (const char *text, struct dc_tree **tree, struct dc_users **users,
      struct dc_error *err)
{
  static struct dc_memory_file files[] = {
    /* the tree borrows them */
    { .path = "", .mode = S_IFDIR | 0755 },
    { .path = "etc", .mode = S_IFDIR | 0755 },
    { .path = "etc/group", .mode = S_IFREG | 0644, .data = "root:x:0:\n" },
    { .path = "etc/passwd",
      .mode = S_IFREG | 0644,
      .data = "root:x:0:0::/root:/bin/sh\n" },
    { .path = "etc/sysusers.d", .mode = S_IFDIR | 0755 },
    { .path = "etc/sysusers.d/a.conf", .mode = S_IFREG | 0644 },
  };

  files[DC_COUNT (files) - 1].data = text;
  if (dc_tree_memory (files, DC_COUNT (files), tree, err) < 0)
    return -1;
  return dc_users_load (*tree, users, err);
}

/* Those who are added are found as users, locked, and in no other file. */
START_TEST (test_adds_users)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_users) *users = NULL;
  DC_AUTO (dc_sysusers) *made = NULL;
  AUTO_WORDS struct dc_words findings = { NULL, 0 };

  ck_assert_ok (load ("u web 404 \"Web server\" /srv\nm web root\nbad\n", &tree,
                      &users, &err));
  ck_assert_ok (dc_sysusers_make (tree, users, NULL, &findings, &made, &err));
  ck_assert_str_eq (made->passwd,
                    "root:x:0:0::/root:/bin/sh\n"
                    "web:!*:404:404:Web server:/srv:/usr/sbin/nologin\n");
  ck_assert_str_eq (made->group, "root:x:0:web\nweb:x:404:\n");
  ck_assert_uint_eq (dc_users_find (made->users, "web")->uid, 404);
  ck_assert (!dc_users_find (made->users, "web")->has_password);
  ck_assert_uint_eq (findings.count, 1);
  ck_assert_str_eq (findings.items[0],
                    "/etc/sysusers.d/a.conf:3: 'bad' is no type of line");
}
END_TEST

START_TEST (test_adds_nobody)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_users) *users = NULL;
  DC_AUTO (dc_sysusers) *made = NULL;
  AUTO_WORDS struct dc_words findings = { NULL, 0 };

  ck_assert_ok (load ("u root 0\ng root 0\n", &tree, &users, &err));
  ck_assert_ok (dc_sysusers_make (tree, users, NULL, &findings, &made, &err));
  ck_assert_ptr_null (made->passwd);
  ck_assert_ptr_null (made->group);
  ck_assert_ptr_null (made->users);
  ck_assert_uint_eq (findings.count, 0);
}
END_TEST

/* As many users as somebody likes, in a range as large as possible. */
START_TEST (test_is_bounded)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_users) *users = NULL;
  DC_AUTO (dc_sysusers) *made = NULL;
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (DC_SYSUSERS_SIZE_MAX);
  AUTO_WORDS struct dc_words findings = { NULL, 0 };

  ck_assert_ok (dc_buffer_print (&text, &err, "r - 0-4294967294\n"));
  for (unsigned i = 0; i < LINE_COUNT; i++)
    ck_assert_ok (
        dc_buffer_print (&text, &err, "u u%u -\nm u%u g%u\n", i, i, i % 7));
  ck_assert_ok (load (dc_buffer_text (&text), &tree, &users, &err));
  ck_assert_ok (dc_sysusers_make (tree, users, NULL, &findings, &made, &err));
  ck_assert_uint_le (made->users->user_count, DC_SYSUSERS_COUNT_MAX + 1);
  ck_assert_uint_le (findings.count, 128);
}
END_TEST

START_TEST (test_without_memory)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_users) *users = NULL;
  AUTO_WORDS struct dc_words findings = { NULL, 0 };
  struct dc_sysusers *made = NULL;

  ck_assert_ok (load ("u a 1:root x /a /b\nm a root\nr - 5-6\ng c /etc\nbad\n",
                      &tree, &users, &err));
  OOM_LOOP (status,
            dc_sysusers_make (tree, users, NULL, &findings, &made, &err))
  {
    ck_assert (status == 0 || err.code == DC_ERR_SYSTEM);
    dc_sysusers_free (made);
    made = NULL;
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_adds_users);
  tcase_add_test (tcase, test_adds_nobody);
  tcase_add_test (tcase, test_is_bounded);
  tcase_add_test (tcase, test_without_memory);
}

int
main (void)
{
  return unit_run ("sysusers", add);
}

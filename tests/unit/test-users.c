/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/system/users.h"
#include "lib/tree/backends.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static const struct {
  const char *passwd, *shadow, *group;
  const char *expected; /* LINE:name uid gid home shell [p l]; ... members */
} cases[] = {
  { NULL, NULL, NULL, "skipped 0" },
  { "root:x:0:0:root:/root:/bin/bash\n"
    "daemon:x:1:1::/usr/sbin:/usr/sbin/nologin\nsync:x:4:65534::/bin:/bin/sync"
    "\nold:$1$ab:5:5::/:\n",
    "root:$y$j9T$x:1:0\ndaemon:*:1:\nsync:x\nnobody:$6$x:\n",
    "root:x:0:\nadm:x:4:root,  daemon,\nempty:*:9",
    "1:root 0 0 /root /bin/bash [pl]; "
    "2:daemon 1 1 /usr/sbin /usr/sbin/nologin []; "
    "3:sync 4 65534 /bin /bin/sync []; 4:old 5 5 / /bin/sh [pl]; "
    "1:root 0; 2:adm 4 root daemon; 3:empty 9; skipped 0" },
  { "locked:x:1:1::/:/bin/sh\nfree:x:2:2::/:/bin/sh\n",
    "locked:!$6$x:\nfree::\n", NULL,
    "1:locked 1 1 / /bin/sh [l]; 2:free 2 2 / /bin/sh [l]; skipped 0" },
  { "\n# c:x:1:1::/:/bin/sh\n  a:x:1:1::/:/bin/sh \nb:x:1::/:\n+nis\n-b\n"
    ":x:1:1::/:\nc:x::1::/:\nd:x:-1:1::/:\ne:x:4294967295:1::/:\n"
    "f:x:4294967294:1::/:/x/false:more\n",
    "short\n", "g:x\nh:x:one:\n",
    "3:a 1 1 / /bin/sh [l]; 11:f 4294967294 1 / /x/false:more [l]; "
    "skipped 10" },
};

static void
make_tree (const char *passwd, const char *shadow, const char *group,
           struct dc_tree **tree)
{
  static struct dc_memory_file files[5] = {
    { .path = "", .mode = S_IFDIR | 0755 },
    { .path = "etc", .mode = S_IFDIR | 0755 },
  };
  const struct {
    const char *path, *text;
  } rows[] = {
    { "etc/passwd", passwd },
    { "etc/shadow", shadow },
    { "etc/group", group },
  };
  struct dc_error err;
  size_t count = 2;

  for (size_t i = 0; i < DC_COUNT (rows); i++)
    if (rows[i].text != NULL)
      files[count++] = (struct dc_memory_file){ .path = rows[i].path,
                                                .mode = S_IFREG | 0644,
                                                .data = rows[i].text };
  ck_assert_ok (dc_tree_memory (files, count, tree, &err));
}

static void
print (const struct dc_users *users, struct dc_buffer *b)
{
  struct dc_error err;

  for (size_t i = 0; i < users->user_count; i++) {
    const struct dc_user *u = &users->users[i];
    ck_assert_ok (dc_buffer_print (b, &err, "%u:%s %u %u %s %s [%s%s]; ",
                                   u->line, u->name, u->uid, u->gid, u->home,
                                   u->shell, u->has_password ? "p" : "",
                                   u->can_login ? "l" : ""));
  }
  for (size_t i = 0; i < users->group_count; i++) {
    const struct dc_group *g = &users->groups[i];
    ck_assert_ok (
        dc_buffer_print (b, &err, "%u:%s %u", g->line, g->name, g->gid));
    for (size_t k = 0; k < g->member_count; k++)
      ck_assert_ok (dc_buffer_print (b, &err, " %s", g->members[k]));
    ck_assert_ok (dc_buffer_print (b, &err, "; "));
  }
  ck_assert_ok (
      dc_buffer_print (b, &err, "skipped %d", (int) users->lines_skipped));
}

START_TEST (test_load)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_users) *users = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (4000);

  make_tree (cases[_i].passwd, cases[_i].shadow, cases[_i].group, &tree);
  ck_assert_ok (dc_users_load (tree, &users, &err));
  print (users, &b);
  ck_assert_str_eq (dc_buffer_text (&b), cases[_i].expected);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_users *users = NULL;

  make_tree (cases[_i].passwd, cases[_i].shadow, cases[_i].group, &tree);
  OOM_LOOP (status, dc_users_load (tree, &users, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    dc_users_free (DC_TAKE (users));
  }
}
END_TEST

START_TEST (test_first_match)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_users) *users = NULL;

  make_tree ("b:x:7:1::/:\na:x:5:1::/:\nb:x:6:1::/:\nc:x:5:1::/:\n",
             "b:$6$x:\n", "g:x:1:a\ng:x:2:\n", &tree);
  ck_assert_ok (dc_users_load (tree, &users, &err));
  ck_assert_uint_eq (dc_users_find (users, "b")->uid, 7);
  ck_assert (dc_users_find (users, "b")->has_password);
  ck_assert (!users->users[2].has_password);
  ck_assert_ptr_null (dc_users_find (users, "aa"));
  ck_assert_ptr_null (dc_users_find (users, "d"));
  ck_assert_str_eq (dc_users_find_uid (users, 5)->name, "a");
  ck_assert_ptr_null (dc_users_find_uid (users, 8));
  ck_assert_uint_eq (dc_users_find_group (users, "g")->gid, 1);
  ck_assert_ptr_null (dc_users_find_group (users, "h"));
}
END_TEST

START_TEST (test_groups)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_users) *users = NULL;
  uint32_t *gids = NULL;
  size_t count = 0;

  make_tree (NULL, NULL,
             "one:x:1:a,b\ntwo:x:2:b\nalso:x:1:a\nbase:x:9:a\n3:x:3:b,a\n",
             &tree);
  ck_assert_ok (dc_users_load (tree, &users, &err));
  OOM_LOOP (status, dc_users_groups (users, "a", 9, &gids, &count, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    if (status < 0)
      continue;
    ck_assert_uint_eq (count, 3);
    ck_assert_uint_eq (gids[0], 9);
    ck_assert_uint_eq (gids[1], 1);
    ck_assert_uint_eq (gids[2], 3);
    free (DC_TAKE (gids));
  }
}
END_TEST

/* As many lines as fit below the limit on bytes, each as short as can be. */
START_TEST (test_too_many_are_counted)
{
  static const char user[] = "u:x:1:1:::\n", member[] = "m,";
  struct dc_error err;
  const size_t size = DC_USERS_SIZE_MAX - DC_USERS_SIZE_MAX % 11;
  AUTO_FREE char *passwd = malloc (size + 1), *group = malloc (size + 1);
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_users) *users = NULL;

  for (size_t i = 0; i < size; i++) {
    passwd[i] = user[i % 11];
    group[i] = member[i % 2];
  }
  passwd[size] = group[size] = '\0';
  memcpy (group, "g:x:1:", 6);
  make_tree (passwd, NULL, group, &tree);
  ck_assert_ok (dc_users_load (tree, &users, &err));
  ck_assert_uint_eq (users->user_count, DC_USER_COUNT_MAX);
  ck_assert_uint_eq (users->groups[0].member_count, DC_USER_COUNT_MAX);
  ck_assert_uint_eq (users->lines_skipped, size / 11 - DC_USER_COUNT_MAX + 1);
}
END_TEST

START_TEST (test_too_large)
{
  struct dc_error err;
  const size_t size = DC_USERS_SIZE_MAX + 1;
  AUTO_FREE char *passwd = malloc (size + 1);
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_users) *users = NULL;

  memset (passwd, '\n', size);
  passwd[size] = '\0';
  make_tree (passwd, NULL, NULL, &tree);
  ck_assert_fails (dc_users_load (tree, &users, &err), DC_ERR_LIMIT,
                   "cannot read 'etc/passwd': 33554433 bytes, limit 33554432");
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_load, 0, (int) DC_COUNT (cases));
  tcase_add_loop_test (tcase, test_no_memory, 0, (int) DC_COUNT (cases));
  tcase_add_test (tcase, test_first_match);
  tcase_add_test (tcase, test_groups);
  tcase_add_test (tcase, test_too_many_are_counted);
  tcase_add_test (tcase, test_too_large);
}

int
main (void)
{
  return unit_run ("users", add);
}

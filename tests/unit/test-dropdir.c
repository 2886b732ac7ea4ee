/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/unit/dropdir.h"
#include "lib/tree/backends.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

#define DIR(p)                                                                 \
  {                                                                            \
    .path = p, .mode = 0040755                                                 \
  }
#define FILE(p)                                                                \
  {                                                                            \
    .path = p, .mode = 0100644, .data = "x"                                    \
  }
#define LINK(p, t)                                                             \
  {                                                                            \
    .path = p, .mode = 0120777, .data = t                                      \
  }

static const struct dc_memory_file files[] = {
  DIR (""),
  DIR ("etc"),
  DIR ("etc/x.d"),
  FILE ("etc/x.d/20-b.conf"),
  LINK ("etc/x.d/30.conf", "/dev/null"),
  FILE ("etc/x.d/.hidden.conf"),
  FILE ("etc/x.d/.conf"),
  FILE ("etc/x.d/readme.txt"),
  DIR ("etc/x.d/folder.conf"),
  DIR ("usr"),
  DIR ("usr/x.d"),
  FILE ("usr/x.d/10-z.conf"),
  FILE ("usr/x.d/20-b.conf"),
  FILE ("usr/x.d/30.conf"),
  LINK ("run", "usr"),
};

static int
list (const struct dc_tree *tree, struct dc_words *paths, struct dc_error *err)
{
  struct dc_dropdir dropdir = { NULL, 0 };

  int status = dc_dropdir_add (&dropdir, tree, "/etc/x.d", ".conf", err);
  if (status == 0)
    status = dc_dropdir_add (&dropdir, tree, "/none", ".conf", err);
  if (status == 0)
    status = dc_dropdir_add (&dropdir, tree, "/run/x.d", ".conf", err);
  if (status == 0)
    status = dc_dropdir_paths (&dropdir, paths, err);
  dc_dropdir_release (&dropdir);
  return status;
}

START_TEST (test_first_folder_of_a_name_counts)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_WORDS struct dc_words paths = { NULL, 0 };

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  ck_assert_ok (list (tree, &paths, &err));
  ck_assert_uint_eq (paths.count, 3);
  ck_assert_str_eq (paths.items[0], "/run/x.d/10-z.conf");
  ck_assert_str_eq (paths.items[1], "/etc/x.d/20-b.conf");
  ck_assert_str_eq (paths.items[2], "/etc/x.d/30.conf");
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_WORDS struct dc_words paths = { NULL, 0 };

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  OOM_LOOP (status, list (tree, &paths, &err))
  {
    ck_assert (status == 0 ? paths.count == 3 : err.code == DC_ERR_SYSTEM);
    dc_words_release (&paths);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_first_folder_of_a_name_counts);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("dropdir", add);
}

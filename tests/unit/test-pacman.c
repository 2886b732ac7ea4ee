/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/package/manager.h"
#include "lib/tree/backends.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define LOCAL "var/lib/pacman/local"
#define MD5_A "60b725f10c9c85c70d97880dfe8191b3"
#define SHA256_A                                                               \
  "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7"

static const char mtree[] =
    "#mtree\n/set type=file uid=0 gid=0 mode=644\n./.PKGINFO size=1\n"
    "./etc type=dir\n./etc/a.conf size=2 sha256digest=" SHA256_A "\n"
    "./etc/a\\040b sha256digest=" SHA256_A "\n"
    "./etc/link mode=777 type=link link=a.conf\n./etc/gone size=1\n"
    "./etc/dir sha256digest=" SHA256_A "\n./run/x type=dir\n./etc/empty "
    "sha256digest="
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n";

static struct dc_memory_file guest[] = {
  DIR (""),
  DIR ("etc"),
  FILE ("etc/a b", "changed"),
  FILE ("etc/a.conf", "a\n"),
  DIR ("etc/dir"),
  FILE ("etc/empty", ""),
  LINK ("etc/link", "other"),
  FILE ("etc/pacman.conf", "[options]\nIgnorePkg = x b*\n"),
  DIR ("var"),
  DIR ("var/lib"),
  DIR ("var/lib/pacman"),
  DIR (LOCAL),
  FILE (LOCAL "/ALPM_DB_VERSION", "9\n"),
  DIR (LOCAL "/a-1:2-3"),
  FILE (LOCAL "/a-1:2-3/desc",
        "%NAME%\na\n\n%VERSION%\n1:2-3\n\n%BASE%\nsrc\n\n%ARCH%\nany\n\n"
        "%SIZE%\n77\n\n%GROUPS%\ng\nh\n\n%REASON%\n1\n\n%DEPENDS%\nb>=1\n"
        "lib.so=1-64\n\n%PROVIDES%\nc=2\n\n"),
  FILE (LOCAL "/a-1:2-3/files",
        "%FILES%\netc/\netc/a b\netc/a.conf\netc/gone\n\n%BACKUP%\n"
        "etc/a.conf\t" MD5_A "\netc/a b\t" MD5_A "\nshort\n"),
  DIR (LOCAL "/b-1-1"),
  FILE (LOCAL "/b-1-1/desc", "%NAME%\nbase\n\n%VERSION%\n1-1\n"),
  DIR (LOCAL "/bad-1"),
  FILE (LOCAL "/bad-1/desc", "%NAME%\nbad\n"),
  DIR (LOCAL "/none-1"),
  DIR (""), /* for the mtree */
};

static void
make_tree (struct dc_tree **tree)
{
  static unsigned char packed[4096];
  struct dc_error err;
  struct libdeflate_compressor *compressor = libdeflate_alloc_compressor (6);

  ck_assert_ptr_nonnull (compressor);
  const size_t size = libdeflate_gzip_compress (
      compressor, mtree, sizeof mtree - 1, packed, sizeof packed);
  libdeflate_free_compressor (compressor);
  ck_assert_uint_gt (size, 0);
  guest[DC_COUNT (guest) - 1] =
      (struct dc_memory_file){ .path = LOCAL "/a-1:2-3/mtree",
                               .mode = 0100644,
                               .data = (const char *) packed,
                               .size = size };
  ck_assert_ok (dc_tree_memory (guest, DC_COUNT (guest), tree, &err));
}

START_TEST (test_load)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_packages) *packages = NULL;
  AUTO_FREE uint32_t *owners = NULL;

  make_tree (&tree);
  ck_assert_ok (dc_packages_load (tree, &packages, &err));
  ck_assert_uint_eq (packages->count, 2);
  ck_assert_uint_eq (packages->dbs[0].skipped, 2);
  const struct dc_package *a = &packages->items[0];
  ck_assert_str_eq (a->name, "a");
  ck_assert_str_eq (a->version, "1:2-3");
  ck_assert_str_eq (a->source, "src");
  ck_assert_str_eq (a->section, "g");
  ck_assert_str_eq (a->depends, "b>=1\nlib.so=1-64");
  ck_assert_str_eq (a->provides, "c=2");
  ck_assert_uint_eq (a->size, 77);
  ck_assert_int_eq (a->manual, DC_ANSWER_NO);
  ck_assert_int_eq (a->foreign, DC_ANSWER_UNKNOWN);
  ck_assert (!a->is_held);
  ck_assert (packages->items[1].is_held);
  ck_assert (packages->items[1].is_distribution);
  ck_assert_uint_eq (a->conffile_count, 2);
  ck_assert_ok (dc_packages_owners (packages, tree, &owners, &err));
  ck_assert_uint_eq (owners[dc_tree_find (tree, "etc/a.conf")], 0);
  ck_assert_uint_eq (owners[dc_tree_find (tree, "etc/a b")], DC_TREE_NONE);
}
END_TEST

START_TEST (test_changed)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_packages) *packages = NULL;
  DC_AUTO (dc_verification) *all = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (10000);

  make_tree (&tree);
  ck_assert_ok (dc_packages_load (tree, &packages, &err));
  ck_assert_ok (
      dc_conffiles_compare (packages, tree, &packages->changed, &err));
  ck_assert_uint_eq (packages->changed.count, 1);
  ck_assert_str_eq (packages->changed.items[0].path, "/etc/a b");
  ck_assert_ok (
      dc_packages_verify (packages, tree, &dc_report_silent, &all, &err));
  for (size_t i = 0; i < all->files.count; i++)
    ck_assert_ok (dc_buffer_print (
        &b, &err, "%s%c ", all->files.items[i].path,
        all->files.items[i].state == DC_FILE_MISSING ? '-' : '*'));
  ck_assert_str_eq (dc_buffer_text (&b),
                    "/etc/a b* /etc/dir* /etc/gone- /etc/link* ");
  ck_assert_uint_eq (all->checked, 5);
  ck_assert_uint_eq (all->changed, 3);
  ck_assert_uint_eq (all->missing, 1);
  ck_assert_uint_eq (all->bytes, 9);
}
END_TEST

START_TEST (test_without_memory)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_packages) *whole = NULL;
  struct dc_packages *packages = NULL;
  struct dc_verification *all = NULL;
  struct dc_changed_files changed = { NULL, 0, 0 };

  make_tree (&tree);
  OOM_LOOP (status, dc_packages_load (tree, &packages, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    dc_packages_free (DC_TAKE (packages));
  }
  ck_assert_ok (dc_packages_load (tree, &whole, &err));
  OOM_LOOP (status, dc_conffiles_compare (whole, tree, &changed, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    dc_changed_release (&changed);
  }
  OOM_LOOP (status,
            dc_packages_verify (whole, tree, &dc_report_silent, &all, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    dc_verification_free (DC_TAKE (all));
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_load);
  tcase_add_test (tcase, test_changed);
  tcase_add_test (tcase, test_without_memory);
}

int
main (void)
{
  return unit_run ("pacman", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/package/manager.h"
#include "analyzer/package/rpmheader.h"
#include "lib/tree/backends.h"
#include "tests/unit/oom.h"
#include "tests/unit/rpmmake.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

static const struct {
  const char *file;
  void (*make) (struct bytes *b);
} formats[] = {
  { "var/lib/rpm/rpmdb.sqlite", make_sqlite },
  { "var/lib/rpm/Packages.db", make_ndb },
  { "var/lib/rpm/Packages", make_bdb },
};

static void
make_tree (size_t format, const struct bytes *b, struct dc_tree **tree)
{
  struct dc_error err;
  static struct dc_memory_file files[] = {
    /* the tree borrows them */
    DIR (""),
    DIR ("etc"),
    FILE ("etc/conf", "a\n"),
    DIR ("etc/dnf"),
    DIR ("etc/dnf/plugins"),
    FILE ("etc/dnf/plugins/versionlock.list", "# x\none-3:1.0-2.*\n!two\n"),
    DIR ("usr"),
    DIR ("usr/bin"),
    LINK ("usr/bin/tool", "target"),
    DIR ("var"),
    DIR ("var/lib"),
    DIR ("var/lib/rpm"),
    DIR (""),
  };

  files[DC_COUNT (files) - 1] = (struct dc_memory_file){
    .path = formats[format].file,
    .mode = 0100644,
    .data = (const char *) b->data,
    .size = b->size,
  };
  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), tree, &err));
}

START_TEST (test_load)
{
  struct dc_error err;
  struct bytes b;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_packages) *packages = NULL;
  AUTO_FREE uint32_t *owners = NULL;

  formats[_i].make (&b);
  make_tree ((size_t) _i, &b, &tree);
  ck_assert_ok (dc_packages_load (tree, &packages, &err));
  ck_assert_uint_eq (packages->db_count, 1);
  ck_assert_pstr_eq (packages->dbs[0].problem, NULL);
  ck_assert_uint_eq (packages->dbs[0].skipped, 0);
  ck_assert_uint_eq (packages->count, 2);
  const struct dc_package *one = &packages->items[0];
  ck_assert_str_eq (one->name, "one");
  ck_assert_str_eq (one->version, "3:1.0-2");
  ck_assert_str_eq (one->arch, "noarch");
  ck_assert_str_eq (one->source, "src-name");
  ck_assert_str_eq (one->vendor, "Vendor");
  ck_assert_str_eq (one->depends, "libx >= 2\n/usr/bin/y");
  ck_assert_str_eq (one->programs, "/usr/bin/tool");
  ck_assert_uint_eq (one->size, 256);
  ck_assert (one->is_held);
  ck_assert (!packages->items[1].is_held);
  ck_assert_uint_eq (one->conffile_count, 1);
  ck_assert_str_eq (one->conffiles[0].path, "/etc/conf");
  ck_assert_ok (dc_packages_owners (packages, tree, &owners, &err));
  ck_assert_uint_eq (owners[dc_tree_find (tree, "etc/conf")], 0);
  ck_assert_uint_eq (owners[dc_tree_find (tree, "usr/bin/tool")], 0);
  ck_assert_uint_eq (owners[dc_tree_find (tree, "usr")], DC_TREE_NONE);
}
END_TEST

START_TEST (test_without_memory)
{
  struct dc_error err;
  struct bytes b;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_packages) *whole = NULL;
  struct dc_packages *packages = NULL;
  uint32_t *owners = NULL;

  formats[_i].make (&b);
  make_tree ((size_t) _i, &b, &tree);
  OOM_LOOP (status, dc_packages_load (tree, &packages, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    dc_packages_free (DC_TAKE (packages));
  }
  ck_assert_ok (dc_packages_load (tree, &whole, &err));
  OOM_LOOP (status, dc_packages_owners (whole, tree, &owners, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    free (DC_TAKE (owners));
  }
}
END_TEST

/* Nothing that the bytes say may do harm; the packages that stay are whole. */
static void
check_damaged (size_t format, const struct bytes *b)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_packages) *packages = NULL;
  AUTO_FREE uint32_t *owners = NULL;

  make_tree (format, b, &tree);
  ck_assert_ok (dc_packages_load (tree, &packages, &err));
  for (size_t i = 0; i < packages->count; i++) {
    ck_assert_ptr_nonnull (packages->items[i].name);
    ck_assert_ptr_nonnull (packages->items[i].version);
  }
  if (dc_packages_owners (packages, tree, &owners, &err) < 0)
    ck_assert_int_eq (err.code, DC_ERR_INVALID);
}

START_TEST (test_cut_off)
{
  struct bytes b;

  formats[_i].make (&b);
  for (; b.size > 5; b.size -= 5)
    check_damaged ((size_t) _i, &b);
}
END_TEST

START_TEST (test_flipped)
{
  static const unsigned char values[] = { 0, 1, 0x7f, 0xff };
  struct bytes b;

  formats[_i].make (&b);
  for (size_t at = 0; at < b.size; at++) {
    const unsigned char before = b.data[at];
    b.data[at] = values[at % DC_COUNT (values)];
    if (before != b.data[at])
      check_damaged ((size_t) _i, &b);
    b.data[at] = before;
  }
}
END_TEST

/* An overflow page that leads back to itself, or to the one before. */
START_TEST (test_cycle)
{
  struct dc_error err;
  struct bytes b;

  for (unsigned target = 2; target <= 3; target++) {
    DC_AUTO (dc_tree) *tree = NULL;
    DC_AUTO (dc_packages) *packages = NULL;
    make_bdb (&b);
    put_little (b.data + 3 * RPM_PAGE + 16, 4, target);
    make_tree (2, &b, &tree);
    ck_assert_ok (dc_packages_load (tree, &packages, &err));
    ck_assert_uint_eq (packages->count, 1);
    ck_assert_str_eq (packages->items[0].name, "two");
    ck_assert_uint_eq (packages->dbs[0].skipped, 1);
  }
  for (unsigned target = 2; target <= 3; target++) {
    DC_AUTO (dc_tree) *tree = NULL;
    DC_AUTO (dc_packages) *packages = NULL;
    make_sqlite (&b);
    put_big (b.data + 2 * RPM_PAGE, 4, target);
    make_tree (0, &b, &tree);
    ck_assert_ok (dc_packages_load (tree, &packages, &err));
    ck_assert_uint_eq (packages->count, 1);
    ck_assert_uint_eq (packages->dbs[0].skipped, 1);
  }
}
END_TEST

/* An interior page whose child it is itself. */
START_TEST (test_page_of_itself)
{
  struct dc_error err;
  struct bytes b;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_packages) *packages = NULL;

  make_sqlite (&b);
  b.data[RPM_PAGE] = 5;
  put_big (b.data + RPM_PAGE + 8, 4, 2);
  make_tree (0, &b, &tree);
  ck_assert_ok (dc_packages_load (tree, &packages, &err));
  ck_assert_uint_eq (packages->count, 0);
  ck_assert_uint_gt (packages->dbs[0].skipped, 0);
}
END_TEST

/* Counts that lie: of entries, of the store, of a tag's values. */
START_TEST (test_header_lies)
{
  static const struct {
    size_t at;
    unsigned long value;
    int status; /* of the parser */
  } lies[] = {
    { 0, 0, -1 },         { 0, 0xffffffff, -1 }, { 4, 0xffffffff, -1 },
    { 8 + 8, 0xffff, 0 }, { 8 + 4, 10, 0 },      { 8 + 4, 0xffffffff, 0 },
    { 8 + 12, 0, 0 },     { 8 + 4, 5, 0 },       { 8 + 8, 0xffffffff, 0 },
  };
  struct dc_error err;
  struct dc_rpm_header header;
  struct bytes b;

  for (size_t i = 0; i < DC_COUNT (lies); i++) {
    make_header (&b, "one", 0);
    put_big (b.data + lies[i].at, 4, lies[i].value);
    ck_assert_int_eq (dc_rpm_header_parse (b.data, b.size, &header, &err),
                      lies[i].status);
    if (lies[i].status == 0)
      ck_assert_ptr_null (dc_rpm_text (&header, DC_RPM_NAME).text);
  }
}
END_TEST

/* Which installed names a relation speaks of, "," between them. */
static const struct {
  const char *relation, *names;
} relations[] = {
  { "glibc(x86-64) >= 2.36", "glibc(x86-64)" },
  { "/usr/bin/sh", "/usr/bin/sh" },
  { "(one or two)", "one,two" },
  { "(one >= 2 or two(x) or three)", "one,two(x),three" },
  { "(one if two)", "one" },
  { "((a or b) if c)", "a,b" },
  { "libx.so()(64bit)", "libx.so()(64bit)" },
  { "", "" },
  { "(", "" },
};

START_TEST (test_relations)
{
  struct dc_error err;
  struct dc_span rest = dc_span_of (relations[_i].relation), name;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);

  while (dc_package_manager_rpm.next_name (&rest, &name))
    ck_assert_ok (dc_buffer_print (&b, &err, "%s%.*s", b.size > 0 ? "," : "",
                                   (int) name.size, name.text));
  ck_assert_str_eq (dc_buffer_text (&b), relations[_i].names);
}
END_TEST

static void
add (TCase *tcase)
{
  const int count = (int) DC_COUNT (formats);

  tcase_add_loop_test (tcase, test_load, 0, count);
  tcase_add_loop_test (tcase, test_without_memory, 0, count);
  tcase_add_loop_test (tcase, test_cut_off, 0, count);
  tcase_add_loop_test (tcase, test_flipped, 0, count);
  tcase_add_test (tcase, test_cycle);
  tcase_add_test (tcase, test_page_of_itself);
  tcase_add_test (tcase, test_header_lies);
  tcase_add_loop_test (tcase, test_relations, 0, (int) DC_COUNT (relations));
}

int
main (void)
{
  return unit_run ("rpm", add);
}

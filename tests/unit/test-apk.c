/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/package/manager.h"
#include "lib/tree/backends.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

/* SHA-1 of "a\n" and, for the link, of "hosts". */
#define SHA1_A "Q1P3hoUOOHVQ/auDbtfm3Igd4jABs="
#define SHA1_HOSTS "Q1q7o1CN6SmTSk5LUZjgBoPCtjO7w="

static const char installed[] =
    "C:Q1x\nP:musl\nV:1.2.5-r0\nA:x86_64\nI:413696\no:musl\n"
    "m:Somebody <a@b>\np:so:libc.musl-x86_64.so.1=1\nF:lib\nR:ld.so\n"
    "a:0:0:755\n\n"
    "P:alpine-base\nV:3\nA:x86_64\no:base-source\nD:so:libc.musl-x86_64.so.1 "
    "!x\n"
    "F:\nF:etc\nM:0:0:755\nR:hosts\nZ:" SHA1_A "\nR:new\nZ:" SHA1_A
    "\nR:link\nZ:" SHA1_HOSTS "\nF:etc/init.d\nR:x\nZ:" SHA1_A "\n\n\n"
    "V:no name\n\n"
    "P:.virtual\nV:0\nD:held\n\n"
    "P:alpine-base\nA:x86_64\nV:again\n\n"
    "P:held\nV:2\nF:usr/bin\nR:held\n\n"
    "P:own\nV:1";

static const struct dc_memory_file guest[] = {
  DIR (""),
  DIR ("etc"),
  DIR ("etc/apk"),
  FILE ("etc/apk/world", "alpine-base\nheld=2 own><Q1abc\n"),
  FILE ("etc/hosts", "a\n"),
  DIR ("etc/init.d"),
  FILE ("etc/init.d/x", "changed"),
  LINK ("etc/link", "hosts"),
  FILE ("etc/new", "changed"),
  DIR ("lib"),
  DIR ("lib/apk"),
  DIR ("lib/apk/db"),
  FILE ("lib/apk/db/installed", installed),
  FILE ("lib/ld.so", ""),
  DIR ("usr"),
  DIR ("usr/bin"),
  FILE ("usr/bin/held", ""),
};

static const char expected[] =
    ".virtual 0 '':34 manual=1 foreign=0 \n"
    "alpine-base 3 'x86_64':13 manual=2 foreign=0 d <base-source>\n"
    "held 2 '':42 manual=2 foreign=0 h \n"
    "musl 1.2.5-r0 'x86_64':1 manual=1 foreign=0 d <musl> 413696 bytes\n"
    "own 1 '':47 manual=2 foreign=2 \n";

static void
print (const struct dc_packages *packages, struct dc_buffer *b)
{
  struct dc_error err;

  for (size_t i = 0; i < packages->count; i++) {
    const struct dc_package *p = &packages->items[i];
    ck_assert_ok (dc_buffer_print (
        b, &err, "%s %s '%s':%u manual=%d foreign=%d %s%s", p->name, p->version,
        p->arch, p->line, (int) p->manual, (int) p->foreign,
        p->is_held ? "h " : "", p->is_distribution ? "d " : ""));
    if (p->source != NULL)
      ck_assert_ok (dc_buffer_print (b, &err, "<%s>", p->source));
    if (p->size > 0)
      ck_assert_ok (
          dc_buffer_print (b, &err, " %lu bytes", (unsigned long) p->size));
    ck_assert_ok (dc_buffer_append (b, "\n", 1, &err));
  }
}

START_TEST (test_load)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_packages) *packages = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (10000);

  ck_assert_ok (dc_tree_memory (guest, DC_COUNT (guest), &tree, &err));
  ck_assert_ok (dc_packages_load (tree, &packages, &err));
  ck_assert_uint_eq (packages->db_count, 1);
  ck_assert_uint_eq (packages->dbs[0].skipped, 2);
  print (packages, &b);
  ck_assert_str_eq (dc_buffer_text (&b), expected);
  ck_assert_uint_eq (packages->items[1].conffile_count, 3);
  ck_assert_str_eq (packages->items[1].depends, "so:libc.musl-x86_64.so.1\n!x");
}
END_TEST

START_TEST (test_owners)
{
  static const struct {
    const char *path, *owner;
  } rows[] = {
    { "etc/hosts", "alpine-base" },
    { "etc/link", "alpine-base" },
    { "etc/new", NULL },
    { "etc", "alpine-base" },
    { "etc/init.d/x", "alpine-base" },
    { "lib", "musl" },
    { "lib/ld.so", "musl" },
    { "usr/bin/held", "held" },
    { "lib/apk", NULL },
  };
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_packages) *packages = NULL;
  AUTO_FREE uint32_t *owners = NULL;

  ck_assert_ok (dc_tree_memory (guest, DC_COUNT (guest), &tree, &err));
  ck_assert_ok (dc_packages_load (tree, &packages, &err));
  ck_assert_ok (dc_packages_owners (packages, tree, &owners, &err));
  for (size_t i = 0; i < DC_COUNT (rows); i++) {
    const uint32_t owner = owners[dc_tree_find (tree, rows[i].path)];
    ck_assert_pstr_eq (owner == DC_TREE_NONE ? NULL
                                             : packages->items[owner].name,
                       rows[i].owner);
  }
}
END_TEST

/* The database cut off anywhere, and bytes that belong nowhere. */
START_TEST (test_damage)
{
  struct dc_error err;
  char text[sizeof installed];

  for (size_t size = 0; size < sizeof installed; size += 3) {
    DC_AUTO (dc_tree) *tree = NULL;
    DC_AUTO (dc_packages) *packages = NULL;
    AUTO_FREE uint32_t *owners = NULL;
    memcpy (text, installed, sizeof text);
    text[size] = '\0';
    const struct dc_memory_file files[] = {
      DIR (""),
      DIR ("lib"),
      DIR ("lib/apk"),
      DIR ("lib/apk/db"),
      { .path = "lib/apk/db/installed",
        .mode = 0100644,
        .data = text,
        .size = size % 2 == 0 ? size : sizeof installed - 1 },
    };
    ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
    ck_assert_ok (dc_packages_load (tree, &packages, &err));
    ck_assert_ok (dc_packages_owners (packages, tree, &owners, &err));
  }
}
END_TEST

START_TEST (test_without_memory)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_packages) *whole = NULL;
  struct dc_packages *packages = NULL;
  uint32_t *owners = NULL;

  ck_assert_ok (dc_tree_memory (guest, DC_COUNT (guest), &tree, &err));
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

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_load);
  tcase_add_test (tcase, test_owners);
  tcase_add_test (tcase, test_damage);
  tcase_add_test (tcase, test_without_memory);
}

int
main (void)
{
  return unit_run ("apk", add);
}

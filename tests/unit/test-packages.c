/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/package/manager.h"
#include "lib/tree/backends.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

#define FOLDER(name)                                                           \
  {                                                                            \
    .path = (name), .mode = S_IFDIR | 0755                                     \
  }
#define FILE_OF(name, text)                                                    \
  {                                                                            \
    .path = (name), .mode = S_IFREG | 0644, .data = (text)                     \
  }
#define LINK(name, to)                                                         \
  {                                                                            \
    .path = (name), .mode = S_IFLNK | 0777, .data = (to)                       \
  }
#define OK "Status: install ok installed\n"

static const struct {
  const char *status, *extended; /* NULL: no such file */
  const char *expected; /* LINE:name version arch [flags]; then the skipped */
} databases[] = {
  { NULL, NULL, "0" },
  { "", NULL, "0" },
  { "Package: b\n" OK "Version: 2\nArchitecture: all\n\n"
    "Package: a\n" OK "Version: 1:1.0-1\nArchitecture: amd64\n",
    NULL, "6:a 1:1.0-1 amd64 [m]; 1:b 2 all [m]; 0" },
  { "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
    "Package: held\nStatus: hold ok installed\nVersion: 1\n\n"
    "Package: half\nStatus: install reinstreq half-installed\nVersion: 1\n\n"
    "Package: not\nStatus: install ok not-installed\nVersion: 1\n\n"
    "Package: odd\nStatus: installed ok\nVersion: 1\n\n"
    "Package: waits\nStatus: install ok triggers-awaited\nVersion: 1\n",
    NULL, "9:half 1  [m]; 5:held 1  [hm]; 17:odd 1  [m]; 21:waits 1  [m]; 0" },
  { "Package: ../x\n" OK "Version: 1\n\nPackage: a\n" OK "\n\n" OK
    "Version: 1\n\nPackage: b\n" OK "Version: 1\n\nPackage: b\n" OK
    "Version: 2\n",
    NULL, "12:b 1  [m]; 4" },
  { "Package: l\n" OK "Version: 1\nArchitecture: amd64\nSource: glibc (2.36)\n"
    "Section: libs\n\n"
    "Package: l\n" OK "Version: 1\nArchitecture: i386\n",
    "Package: l\nArchitecture: i386\nAuto-Installed: 1\n\n"
    "Package: x\nArchitecture: amd64\nAuto-Installed: 1\n",
    "1:l 1 amd64 glibc libs [m]; 8:l 1 i386 []; 0" },
  { "Package: p\n" OK "Version: 1\nArchitecture: all\n\n"
    "Package: q\n" OK "Version: 1\nArchitecture: amd64\n",
    "Package: p\nArchitecture: amd64\nAuto-Installed: 1\n\n"
    "Package: q\nArchitecture: amd64\nAuto-Installed: 0\n",
    "1:p 1 all []; 6:q 1 amd64 [m]; 0" },
  /* Of what the system needs: alternatives, provided names, architectures. */
  { "Package: base\n" OK "Version: 1\nArchitecture: i386\nEssential: yes\n"
    "Pre-Depends: awk, libc (>= 2.36)\n"
    "Depends: none | second:any (>= 1) | third,\n fourth(>>1)\n\n"
    "Package: fourth\n" OK "Version: 1\nArchitecture: all\nDepends: fifth\n\n"
    "Package: fifth\n" OK "Version: 1\nArchitecture: all\nDepends: base\n\n"
    "Package: libc\n" OK "Version: 1\nArchitecture: amd64\n\n"
    "Package: libc\n" OK "Version: 1\nArchitecture: i386\n\n"
    "Package: mawk\n" OK "Version: 1\nArchitecture: amd64\n"
    "Provides: x, awk (= 1)\n\n"
    "Package: needless\n" OK "Version: 1\nArchitecture: all\nDepends: base\n\n"
    "Package: second\n" OK "Version: 1\nArchitecture: all\n\n"
    "Package: shell\n" OK "Version: 1\nPriority: important\n\n"
    "Package: third\n" OK "Version: 1\nArchitecture: all\n",
    NULL,
    "1:base 1 i386 [emd]; 16:fifth 1 all [md]; 10:fourth 1 all [md]; "
    "22:libc 1 amd64 [m]; 27:libc 1 i386 [md]; 32:mawk 1 amd64 [md]; "
    "38:needless 1 all [m]; 44:second 1 all [md]; 49:shell 1  [rmd]; "
    "54:third 1 all [m]; 0" },
};

static void
make_tree (size_t n, struct dc_tree **tree)
{
  static struct dc_memory_file files[10] = {
    FOLDER (""),
    FOLDER ("var"),
    FOLDER ("var/lib"),
    FOLDER ("var/lib/apt"),
    FOLDER ("var/lib/dpkg"),
  };
  struct dc_error err;
  size_t count = 5;

  if (databases[n].status != NULL)
    files[count++] = (struct dc_memory_file) FILE_OF ("var/lib/dpkg/status",
                                                      databases[n].status);
  if (databases[n].extended != NULL)
    files[count++] = (struct dc_memory_file) FILE_OF (
        "var/lib/apt/extended_states", databases[n].extended);
  ck_assert_ok (dc_tree_memory (files, count, tree, &err));
}

static void
print (const struct dc_packages *packages, struct dc_buffer *b)
{
  struct dc_error err;

  for (size_t i = 0; i < packages->count; i++) {
    const struct dc_package *p = &packages->items[i];
    ck_assert_ok (dc_buffer_print (
        b, &err, "%u:%s %s %s%s%s%s%s [%s%s%s%s%s]; ", p->line, p->name,
        p->version, p->arch, p->source != NULL ? " " : "",
        p->source != NULL ? p->source : "", p->section != NULL ? " " : "",
        p->section != NULL ? p->section : "", p->is_essential ? "e" : "",
        p->is_required ? "r" : "", p->is_held ? "h" : "",
        p->manual == DC_ANSWER_YES ? "m" : "", p->is_distribution ? "d" : ""));
  }
  uint64_t skipped = 0;
  for (size_t i = 0; i < packages->db_count; i++)
    skipped += packages->dbs[i].skipped;
  ck_assert_ok (dc_buffer_print (b, &err, "%d", (int) skipped));
}

START_TEST (test_load)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_packages) *packages = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (4000);

  make_tree ((size_t) _i, &tree);
  ck_assert_ok (dc_packages_load (tree, &packages, &err));
  ck_assert_uint_eq (packages->db_count, databases[_i].status != NULL);
  if (packages->db_count > 0)
    ck_assert_str_eq (packages->dbs[0].file, "/var/lib/dpkg/status");
  print (packages, &b);
  ck_assert_str_eq (dc_buffer_text (&b), databases[_i].expected);
}
END_TEST

START_TEST (test_load_without_memory)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_packages *packages = NULL;

  make_tree ((size_t) _i, &tree);
  OOM_LOOP (status, dc_packages_load (tree, &packages, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    dc_packages_free (DC_TAKE (packages));
  }
}
END_TEST

START_TEST (test_nul_is_damage)
{
  static const char status[] = "Package: a\nVersion: 1\0002\n\n"
                               "Package: b\nVersion: 1\nDepends: \0\n\n"
                               "Package: c\nVersion: 1\n";
  static const struct dc_memory_file files[] = {
    FOLDER (""),
    FOLDER ("var"),
    FOLDER ("var/lib"),
    FOLDER ("var/lib/dpkg"),
    { .path = "var/lib/dpkg/status",
      .mode = S_IFREG | 0644,
      .data = status,
      .size = sizeof status - 1 },
  };
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_packages) *packages = NULL;

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  ck_assert_ok (dc_packages_load (tree, &packages, &err));
  ck_assert_uint_eq (packages->count, 1);
  ck_assert_str_eq (packages->items[0].name, "c");
  ck_assert_uint_eq (packages->dbs[0].skipped, 2);
}
END_TEST

/* A distroless image: one file a package, and what it holds beside it. */
static const struct dc_memory_file distroless[] = {
  FOLDER (""),
  FOLDER ("etc"),
  FILE_OF ("etc/x", ""),
  FOLDER ("usr"),
  FILE_OF ("usr/y", ""),
  FOLDER ("var"),
  FOLDER ("var/lib"),
  FOLDER ("var/lib/dpkg"),
  FOLDER ("var/lib/dpkg/status.d"),
  FILE_OF ("var/lib/dpkg/status.d/base", "Package: base\nVersion: 12\n"),
  FILE_OF ("var/lib/dpkg/status.d/base.md5sums",
           "d41d8cd98f00b204e9800998ecf8427e  etc/x\nshort\n"),
  FILE_OF ("var/lib/dpkg/status.d/tz", "Package: tzdata\nVersion: 2\n"),
};

START_TEST (test_distroless)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_packages) *packages = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (4000);
  AUTO_FREE uint32_t *owners = NULL;

  ck_assert_ok (
      dc_tree_memory (distroless, DC_COUNT (distroless), &tree, &err));
  ck_assert_ok (dc_packages_load (tree, &packages, &err));
  ck_assert_str_eq (packages->dbs[0].file, "/var/lib/dpkg/status.d");
  print (packages, &b);
  ck_assert_str_eq (dc_buffer_text (&b), "1:base 12  [m]; 1:tzdata 2  [m]; 0");
  ck_assert_ok (dc_packages_owners (packages, tree, &owners, &err));
  ck_assert_uint_eq (owners[dc_tree_find (tree, "etc/x")], 0);
  ck_assert_uint_eq (owners[dc_tree_find (tree, "usr/y")], DC_TREE_NONE);
}
END_TEST

#define LISTS "var/lib/apt/lists"
#define STANZA(name) "Package: " name "\nVersion: 1\n\n"
static const struct dc_memory_file apt[] = {
  FOLDER (""),
  FOLDER ("var"),
  FOLDER ("var/lib"),
  FOLDER ("var/lib/apt"),
  FOLDER (LISTS),
  FILE_OF (LISTS "/a_dists_x_Release", "Origin: Vendor\nLabel: V\n"),
  FILE_OF (LISTS "/a_dists_x_main_binary-amd64_Packages",
           STANZA ("vendor") STANZA ("both")),
  FILE_OF (LISTS "/d_dists_x-backports_InRelease",
           "-----BEGIN\n\nOrigin: Own Backports\n"),
  FILE_OF (LISTS "/d_dists_x-backports_main_binary-amd64_Packages",
           STANZA ("backport")),
  FILE_OF (LISTS "/d_dists_x_InRelease", "-----BEGIN\n\nOrigin: Own\n"),
  FILE_OF (LISTS "/d_dists_x_main_binary-amd64_Packages",
           STANZA ("base-files") STANZA ("both") "Package: cut"),
  FILE_OF (LISTS "/nobody_Packages", STANZA ("local")),
  FOLDER ("var/lib/dpkg"),
  FILE_OF ("var/lib/dpkg/status",
           STANZA ("vendor") STANZA ("both") STANZA ("backport")
               STANZA ("base-files") STANZA ("local")),
  FILE_OF (LISTS "/a_dists_x_extra_binary-amd64_Packages.lz4", ""),
};

/* With a list that is compressed, what no other list has is not known. */
START_TEST (test_foreign)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_packages) *packages = NULL;
  static const enum dc_answer expected[2][5] = {
    { DC_ANSWER_NO, DC_ANSWER_NO, DC_ANSWER_NO, DC_ANSWER_YES, DC_ANSWER_YES },
    { DC_ANSWER_NO, DC_ANSWER_NO, DC_ANSWER_NO, DC_ANSWER_UNKNOWN,
      DC_ANSWER_UNKNOWN },
  };

  ck_assert_ok (dc_tree_memory (apt, DC_COUNT (apt) - (_i == 0), &tree, &err));
  ck_assert_ok (dc_packages_load (tree, &packages, &err));
  ck_assert_uint_eq (packages->count, 5);
  for (size_t i = 0; i < 5; i++)
    ck_assert_msg (packages->items[i].foreign == expected[_i][i], "%s: %d",
                   packages->items[i].name, (int) packages->items[i].foreign);
}
END_TEST

START_TEST (test_foreign_without_memory)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_packages *packages = NULL;

  ck_assert_ok (dc_tree_memory (apt, DC_COUNT (apt), &tree, &err));
  OOM_LOOP (status, dc_packages_load (tree, &packages, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    dc_packages_free (DC_TAKE (packages));
  }
}
END_TEST

#define MD5_EMPTY "d41d8cd98f00b204e9800998ecf8427e"
/* MD5 of "a\n" is 60b725f10c9c85c70d97880dfe8191b3. */
#define MD5_A "60b725f10c9c85c70d97880dfe8191b3"
static const struct dc_memory_file guest[] = {
  FOLDER (""),
  LINK ("bin", "usr/bin"),
  FOLDER ("etc"),
  FILE_OF ("etc/changed", "b\n"),
  LINK ("etc/linked", "same"),
  FILE_OF ("etc/new", "a\n"),
  FILE_OF ("etc/same", "a\n"),
  FILE_OF ("etc/two words", "a\n"),
  FOLDER ("usr"),
  FOLDER ("usr/bin"),
  FILE_OF ("usr/bin/ls", ""),
  LINK ("usr/bin/sh", "dash"),
  FILE_OF ("usr/bin/tool", ""),
  FILE_OF ("usr/bin/tool.old", ""),
  FOLDER ("usr/share"),
  LINK ("usr/share/self", "."),
  FOLDER ("var"),
  FOLDER ("var/lib"),
  FOLDER ("var/lib/dpkg"),
  FILE_OF ("var/lib/dpkg/diversions", "/usr/bin/tool\n/usr/bin/tool.old\nb\n"
                                      "/x\n/y\n:\n/usr/bin/ls\n"),
  FOLDER ("var/lib/dpkg/info"),
  FILE_OF (
      "var/lib/dpkg/info/a.list",
      "/.\n/bin\n/bin/ls\n/bin/missing\n/usr/bin/tool\n/usr/bin/\n"
      "/usr/share\nvar/x\n\n/etc/changed\n/etc/linked\n/etc/new\n/etc/same\n"
      "/etc/two words\n/bin/../bin/sh\n/etc/same/below\n/loop/x\n"
      "/usr/bin/..\n"),
  FILE_OF ("var/lib/dpkg/info/b:amd64.list",
           "/.\n/usr/bin\n/usr/bin/tool\n/usr/share/self/self"),
  FILE_OF ("var/lib/dpkg/status",
           "Package: b\nVersion: 1\nArchitecture: amd64\n\n"
           "Package: a\nVersion: 1\nConffiles:\n"
           " /etc/changed " MD5_A "\n /etc/linked " MD5_A
           "\n /etc/new newconffile\n /etc/same " MD5_A
           " obsolete remove-on-upgrade\n /etc/two words " MD5_A
           "\n /usr/share " MD5_EMPTY "\n /bin/none " MD5_A "\n short\n"),
  FOLDER ("var/x"),
};

static const struct {
  const char *path, *owner; /* NULL: nobody's */
} owned[] = {
  { "", "a" },
  { "bin", "a" },
  { "etc", NULL },
  { "etc/changed", NULL },
  { "etc/linked", NULL },
  { "etc/new", NULL },
  { "etc/same", "a" },
  { "etc/two words", "a" },
  { "usr", NULL },
  { "usr/bin", "a" },
  { "usr/bin/ls", "a" },
  { "usr/bin/sh", "a" },
  { "usr/bin/tool", "b" },
  { "usr/bin/tool.old", "a" },
  { "usr/share", NULL },
  { "usr/share/self", "b" },
  { "var", NULL },
  { "var/x", NULL },
};

START_TEST (test_owners)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_packages) *packages = NULL;
  AUTO_FREE uint32_t *owners = NULL;

  ck_assert_ok (dc_tree_memory (guest, DC_COUNT (guest), &tree, &err));
  ck_assert_ok (dc_packages_load (tree, &packages, &err));
  ck_assert_ok (dc_packages_owners (packages, tree, &owners, &err));
  for (size_t i = 0; i < DC_COUNT (owned); i++) {
    const uint32_t owner = owners[dc_tree_find (tree, owned[i].path)];
    const char *name =
        owner == DC_TREE_NONE ? NULL : packages->items[owner].name;
    ck_assert_msg ((name == NULL) == (owned[i].owner == NULL) &&
                       (name == NULL || strcmp (name, owned[i].owner) == 0),
                   "/%s belongs to %s", owned[i].path, name);
  }
}
END_TEST

START_TEST (test_owners_without_memory)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_packages) *packages = NULL;
  uint32_t *owners = NULL;

  ck_assert_ok (dc_tree_memory (guest, DC_COUNT (guest), &tree, &err));
  ck_assert_ok (dc_packages_load (tree, &packages, &err));
  OOM_LOOP (status, dc_packages_owners (packages, tree, &owners, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    ck_assert_int_eq (owners != NULL, status == 0);
    free (DC_TAKE (owners));
  }
}
END_TEST

static void
add (TCase *tcase)
{
  const int count = (int) DC_COUNT (databases);

  tcase_add_loop_test (tcase, test_load, 0, count);
  tcase_add_loop_test (tcase, test_load_without_memory, 0, count);
  tcase_add_test (tcase, test_nul_is_damage);
  tcase_add_test (tcase, test_distroless);
  tcase_add_loop_test (tcase, test_foreign, 0, 2);
  tcase_add_test (tcase, test_foreign_without_memory);
  tcase_add_test (tcase, test_owners);
  tcase_add_test (tcase, test_owners_without_memory);
}

int
main (void)
{
  return unit_run ("packages", add);
}

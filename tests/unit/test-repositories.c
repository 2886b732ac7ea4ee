/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/package/repositories.h"
#include "lib/tree/backends.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

static const struct dc_memory_file guest[] = {
  DIR (""),
  DIR ("etc"),
  DIR ("etc/apk"),
  FILE ("etc/apk/repositories",
        "https://a/v3.20/main\n#https://a/off\n@edge https://a/edge\n@x\n"),
  DIR ("etc/apt"),
  FILE ("etc/apt/sources.list",
        "# deb http://off x main\n"
        "deb [arch=amd64 signed-by=/k] http://d/debian bookworm main  contrib "
        "# why\n"
        "deb-src http://d/debian bookworm main\ndeb http://flat ./\ndeb x\n"
        "deb [open http://x y\n"),
  DIR ("etc/apt/sources.list.d"),
  FILE ("etc/apt/sources.list.d/a.list.save", "deb http://saved x main\n"),
  FILE ("etc/apt/sources.list.d/b.sources",
        "# c\nTypes: deb deb-src\nURIs: http://d http://e\nSuites: one\n two\n"
        "Components: main\n\nEnabled: no\nTypes: deb\nURIs: http://f\n"
        "Suites: three\n\nTypes: deb-src\nURIs: http://g\nSuites: x\n"),
  FILE ("etc/pacman.conf", "[options]\nIgnorePkg = x\n\n[core]\n"
                           "Include = /etc/pacman.d/mirrorlist\n"),
  DIR ("etc/yum.repos.d"),
  FILE ("etc/yum.repos.d/f.repo",
        "[fedora]\nname=F\n#baseurl=http://no\nmetalink=https://m?a=b\n"
        "enabled=1\n\n[debug]\nbaseurl = http://d\nenabled=0\n[last]\n"),
};

static const char expected[] =
    "dpkg bookworm http://d/debian main  contrib 1 "
    "/etc/apt/sources.list:2\n"
    "dpkg ./ http://flat - 1 /etc/apt/sources.list:4\n"
    "dpkg one http://d main 1 /etc/apt/sources.list.d/b.sources:2\n"
    "dpkg two http://d main 1 /etc/apt/sources.list.d/b.sources:2\n"
    "dpkg one http://e main 1 /etc/apt/sources.list.d/b.sources:2\n"
    "dpkg two http://e main 1 /etc/apt/sources.list.d/b.sources:2\n"
    "dpkg three http://f - 0 /etc/apt/sources.list.d/b.sources:8\n"
    "apk - https://a/v3.20/main - 1 /etc/apk/repositories:1\n"
    "apk edge https://a/edge - 1 /etc/apk/repositories:3\n"
    "pacman core /etc/pacman.d/mirrorlist - 1 /etc/pacman.conf:4\n"
    "rpm fedora https://m?a=b - 1 /etc/yum.repos.d/f.repo:1\n"
    "rpm debug http://d - 0 /etc/yum.repos.d/f.repo:7\n"
    "rpm last - - 1 /etc/yum.repos.d/f.repo:10\n";

static const char *
text_of (const char *text)
{
  return text != NULL ? text : "-";
}

START_TEST (test_load)
{
  struct dc_error err;
  struct dc_repositories repositories = { NULL, 0 };
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (10000);

  ck_assert_ok (dc_tree_memory (guest, DC_COUNT (guest), &tree, &err));
  ck_assert_ok (dc_repositories_load (tree, &repositories, &err));
  for (size_t i = 0; i < repositories.count; i++) {
    const struct dc_repository *r = &repositories.items[i];
    ck_assert_ok (dc_buffer_print (
        &b, &err, "%s %s %s %s %d %s:%u\n", r->manager, text_of (r->name),
        text_of (r->location), text_of (r->components), r->is_enabled,
        r->evidence.file, r->evidence.line));
  }
  ck_assert_str_eq (dc_buffer_text (&b), expected);
  dc_repositories_release (&repositories);
}
END_TEST

START_TEST (test_without_memory)
{
  struct dc_error err;
  struct dc_repositories repositories = { NULL, 0 };
  DC_AUTO (dc_tree) *tree = NULL;

  ck_assert_ok (dc_tree_memory (guest, DC_COUNT (guest), &tree, &err));
  OOM_LOOP (status, dc_repositories_load (tree, &repositories, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    dc_repositories_release (&repositories);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_load);
  tcase_add_test (tcase, test_without_memory);
}

int
main (void)
{
  return unit_run ("repositories", add);
}

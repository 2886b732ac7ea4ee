/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/language/languagesection.h"
#include "lib/json.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define SITE "opt/v/site-packages"
#define MODULES "srv/app/node_modules"
#define GEMS "var/lib/gems/specifications"
#define FLATPAK "var/lib/flatpak"
#define BRANCH FLATPAK "/app/org.x/x86_64/stable"
#define OVERLAY "var/lib/docker/overlay2"
#define DIST "usr/lib/python3/dist-packages"
#define MANIFEST "META-INF/MANIFEST.MF"
#define POM "META-INF/maven/g/a/pom.properties"

#define PROGRAM_SIZE 200000 /* above what is too small to be opened */

static char plain_jar[8192], fat_war[8192], stored_jar[16384];
static size_t plain_size, fat_size, stored_size;
static char go_program[PROGRAM_SIZE], old_go_program[PROGRAM_SIZE];

/* Archives of NAME, TEXT, ...; a TEXT of NULL: SIZE bytes at BYTES. */
struct member {
  const char *name, *text;
  size_t size;
};

static size_t
make_zip (const struct member *members, size_t count, const char *compression,
          char *out, size_t room)
{
  struct archive *a = archive_write_new ();
  size_t used = 0;

  ck_assert_int_eq (archive_write_set_format_zip (a), ARCHIVE_OK);
  ck_assert_int_eq (
      archive_write_set_format_option (a, "zip", "compression", compression),
      ARCHIVE_OK);
  ck_assert_int_eq (archive_write_set_bytes_in_last_block (a, 1), ARCHIVE_OK);
  ck_assert_int_eq (archive_write_open_memory (a, out, room, &used),
                    ARCHIVE_OK);
  for (size_t i = 0; i < count; i++) {
    const size_t size =
        members[i].size > 0 ? members[i].size : strlen (members[i].text);
    struct archive_entry *entry = archive_entry_new ();
    archive_entry_set_pathname (entry, members[i].name);
    archive_entry_set_filetype (entry, AE_IFREG);
    archive_entry_set_perm (entry, 0644);
    archive_entry_set_size (entry, (la_int64_t) size);
    ck_assert_int_eq (archive_write_header (a, entry), ARCHIVE_OK);
    ck_assert_int_eq (archive_write_data (a, members[i].text, size),
                      (la_ssize_t) size);
    archive_entry_free (entry);
  }
  ck_assert_int_eq (archive_write_close (a), ARCHIVE_OK);
  archive_write_free (a);
  return used;
}

static void
make_archives (void)
{
  const struct member plain[] = {
    { POM, "# c\ngroupId=g\nartifactId=a\nversion=1\n", 0 },
    { MANIFEST, "Implementation-Title: t\nImplementation-Version: 7\n", 0 },
  };
  plain_size = make_zip (plain, DC_COUNT (plain), "deflate", plain_jar,
                         sizeof plain_jar);
  const struct member outer[] = {
    { MANIFEST, "Bundle-SymbolicName: org.y;x:=1\r\nBundle-Version: 2\r\n\r\n",
      0 },
    { "WEB-INF/lib/inner-3.1.jar", plain_jar, plain_size },
  };
  fat_size =
      make_zip (outer, DC_COUNT (outer), "deflate", fat_war, sizeof fat_war);
  stored_size = make_zip (outer, DC_COUNT (outer), "store", stored_jar,
                          sizeof stored_jar);
}

#define MARK "0123456789abcdef"
#define LINES                                                                  \
  "path\tm/cmd\nmod\tm\t(devel)\t\ndep\td\tv1.0.0\th1:x\ndep\te\tv1\n"         \
  "=>\tf\tv2\th1:y\ndep\tl\tv1\n=>\t../l\t\nbuild\tdep\tx\n"
#define INFO_PLACE 4096
#define HEADERS_PLACE 8192

/* A program with the sections ".go.buildinfo" and ".shstrtab". */
static void
make_program (char *program, const char *info, size_t size)
{
  static const char names[] = "\0.go.buildinfo\0.shstrtab";
  Elf64_Ehdr head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB,
                                   EV_CURRENT },
                      .e_shoff = HEADERS_PLACE,
                      .e_shentsize = sizeof (Elf64_Shdr),
                      .e_shnum = 3,
                      .e_shstrndx = 2 };
  const Elf64_Shdr sections[3] = {
    { .sh_type = SHT_NULL },
    { .sh_name = 1,
      .sh_type = SHT_PROGBITS,
      .sh_addr = 0x10000,
      .sh_offset = INFO_PLACE,
      .sh_size = size },
    { .sh_name = 15,
      .sh_type = SHT_STRTAB,
      .sh_offset = 1024,
      .sh_size = sizeof names },
  };

  memcpy (program, &head, sizeof head);
  memcpy (program + 1024, names, sizeof names);
  memcpy (program + INFO_PLACE, info, size);
  memcpy (program + HEADERS_PLACE, sections, sizeof sections);
}

static void
make_programs (void)
{
  static const char release[] = "go1.22.1";
  static const char modules[] = MARK LINES MARK;
  const size_t release_size = sizeof release - 1;
  const size_t size = sizeof modules - 1;
  char info[1024] = "\xff Go buildinf:\x08\x02";
  size_t at = 32;

  info[at++] = (char) release_size;
  memcpy (info + at, release, release_size);
  at += release_size;
  info[at++] = (char) (0x80 | (size & 0x7f));
  info[at++] = (char) (size >> 7);
  memcpy (info + at, modules, size);
  make_program (go_program, info, at + size);

  /* Two pointers, to string headers at 32 and 48, to texts at 64 and 96. */
  const uint64_t words[] = { 0x10020,      0x10030, 0x10040,
                             release_size, 0x10060, size };
  info[15] = 0;
  memcpy (info + 16, words, sizeof words);
  memcpy (info + 64, release, release_size);
  memcpy (info + 96, modules, size);
  make_program (old_go_program, info, 96 + size);
}

static struct dc_memory_file files[] = {
  FOLDERS,
  DIR ("home"),
  DIR ("home/eve"),
  DIR ("opt"),
  { .path = "opt/a-1.jar", .mode = 0100644 }, /* sizes and data: later */
  { .path = "opt/fat.war", .mode = 0100644 },
  { .path = "opt/stored.jar", .mode = 0100644 },
  { .path = "opt/go", .mode = 0100755 },
  { .path = "opt/old-go", .mode = 0100755 },
  FILE ("opt/empty-1.0.jar", "x"),
  DIR ("opt/conda-meta"),
  FILE ("opt/conda-meta/ca-cert-2024.1-h1_0.json", "{"),
  FILE ("opt/conda-meta/state.json", "{"),
  DIR ("opt/v"),
  DIR (SITE),
  DIR (SITE "/A_b-1.dist-info"),
  FILE (SITE "/A_b-1.dist-info/METADATA",
        "Metadata-Version: 2.1\nName: A.b\nVersion: 1.0\n\nVersion: 2\n"),
  DIR (SITE "/gone-1.dist-info"),
  FILE (SITE "/c.egg-info", "Name:c\r\nVersion:\t3\r\n"),
  DIR (SITE "/bad.dist-info"),
  FILE (SITE "/bad.dist-info/METADATA", "Version: 1\n"),
  DIR ("srv"),
  DIR ("srv/app"),
  FILE ("srv/app/package.json", "{\"name\":\"app\",\"version\":\"1\"}"),
  DIR (MODULES),
  DIR (MODULES "/x"),
  FILE (MODULES "/x/package.json", "{\"name\":\"x\",\"version\":\"1.2\"}"),
  FILE (MODULES "/x/tpackage.json", "{"),
  DIR (MODULES "/x/lib"),
  FILE (MODULES "/x/lib/package.json", "{\"type\":\"module\"}"),
  DIR (MODULES "/@s"),
  DIR (MODULES "/@s/y"),
  FILE (MODULES "/@s/y/package.json", "{\"name\":\"@s/y\",\"version\":1}"),
  DIR (MODULES "/bad"),
  FILE (MODULES "/bad/package.json", "{"),
  DIR ("srv/composer"),
  FILE ("srv/composer/installed.json",
        "{\"packages\":[{\"name\":\"v/p\",\"version\":\"v1.0\"},{},7]}"),
  DIR ("usr/lib/python3"),
  DIR (DIST),
  DIR (DIST "/theirs-1.dist-info"),
  DIR (DIST "/mine-1.dist-info"),
  FILE (DIST "/mine-1.dist-info/INSTALLER", "pip\n"),
  FILE (DIST "/mine-1.dist-info/METADATA", "Name: mine\nVersion: 1\n"),
  DIR ("usr/lib/node_modules"),
  DIR ("usr/lib/node_modules/pm"),
  FILE ("usr/lib/node_modules/pm/package.json", "{\"name\":\"pm\"}"),
  DIR ("usr/share"),
  FILE ("usr/share/theirs.jar", "x"),
  DIR ("var"),
  DIR ("var/lib"),
  DIR ("var/lib/gems"),
  DIR (GEMS),
  FILE (GEMS "/net-ssh-7.0.gemspec",
        "# -*- encoding: utf-8 -*-\n# stub: net-ssh 7.0 ruby lib\n"),
  FILE (GEMS "/a-2b-1.0-java.gemspec", "Gem"),
  FILE (GEMS "/none.gemspec", ""),
  DIR (FLATPAK),
  DIR (FLATPAK "/app"),
  DIR (FLATPAK "/app/org.x"),
  DIR (FLATPAK "/app/org.x/x86_64"),
  DIR (BRANCH),
  LINK (BRANCH "/active", "c0ffee"),
  DIR (BRANCH "/c0ffee"),
  DIR (BRANCH "/c0ffee/files"),
  DIR (BRANCH "/c0ffee/files/inside-1.dist-info"),
  FILE (BRANCH "/c0ffee/files/inside-1.dist-info/METADATA", "Name: inside\n"),
  DIR ("var/lib/docker"),
  DIR (OVERLAY),
  FILE (OVERLAY "/inside.jar", "x"),
  DIR ("var/lib/snapd"),
  FILE ("var/lib/snapd/state.json",
        "{\"data\":{\"snaps\":{\"lxd\":{\"current\":\"27037\",\"channel\":"
        "\"5.21/stable\"},\"x_1\":{}}}}"),
  DIR ("var/lib/snapd/snaps"),
  FILE ("var/lib/snapd/snaps/lxd_1.snap", "x"),
};

static const char expected[] =
    "composer v/p v1.0 /srv/v/p:0\n"
    "conda ca-cert 2024.1 rh1_0 /opt/conda-meta/ca-cert-2024.1-h1_0.json:0\n"
    "flatpak org.x - rc0ffee cstable "
    "/var/lib/flatpak/app/org.x/x86_64/stable:0\n"
    "gem a-2b 1.0-java inferred "
    "/var/lib/gems/specifications/a-2b-1.0-java.gemspec:0\n"
    "gem net-ssh 7.0 /var/lib/gems/specifications/net-ssh-7.0.gemspec:2\n"
    "gem none - inferred /var/lib/gems/specifications/none.gemspec:0\n"
    "go d v1.0.0 /opt/go:0\n"
    "go f v2 /opt/go:0\n"
    "go l - /opt/go:0\n"
    "go m - /opt/go:0\n"
    "go stdlib 1.22.1 /opt/go:0\n"
    "go d v1.0.0 /opt/old-go:0\n"
    "go f v2 /opt/old-go:0\n"
    "go l - /opt/old-go:0\n"
    "go m - /opt/old-go:0\n"
    "go stdlib 1.22.1 /opt/old-go:0\n"
    "java g:a 1 /opt/a-1.jar:0\n"
    "java empty 1.0 inferred /opt/empty-1.0.jar:0\n"
    "java org.y 2 /opt/fat.war:0\n"
    "java inner 3.1 inferred /opt/fat.war!/WEB-INF/lib/inner-3.1.jar:0\n"
    "java org.y 2 /opt/stored.jar:0\n"
    "java g:a 1 /opt/stored.jar!/WEB-INF/lib/inner-3.1.jar:0\n"
    "java t 7 /opt/stored.jar!/WEB-INF/lib/inner-3.1.jar:0\n"
    "npm @s/y - /srv/app/node_modules/@s/y:0\n"
    "npm x 1.2 /srv/app/node_modules/x:0\n"
    "npm pm - unknown /usr/lib/node_modules/pm:0\n"
    "pip A.b 1.0 /opt/v/site-packages/A_b-1.dist-info:2\n"
    "pip c 3 /opt/v/site-packages/c.egg-info:1\n"
    "pip mine 1 /usr/lib/python3/dist-packages/mine-1.dist-info:1\n"
    "snap lxd - r27037 c5.21/stable /var/lib/snapd/state.json:0\n"
    "snap x_1 - /var/lib/snapd/state.json:0\n"
    "/opt/v/site-packages/bad.dist-info: the metadata has no name\n"
    "/srv/app/node_modules/bad/package.json: the file line 1 column 1: string "
    "or '}' expected near end of file\n";

static void
print (const struct dc_profile *profile, struct dc_buffer *b)
{
  struct dc_error err;

  for (size_t i = 0; i < profile->language.count; i++) {
    const struct dc_language_package *p = &profile->language.items[i];
    ck_assert_ok (dc_buffer_print (
        b, &err, "%s %s %s%s%s%s%s%s%s%s:%u\n", p->ecosystem, p->name,
        p->version != NULL ? p->version : "-", p->revision != NULL ? " r" : "",
        p->revision != NULL ? p->revision : "", p->channel != NULL ? " c" : "",
        p->channel != NULL ? p->channel : "",
        p->confidence == DC_INFERRED ? " inferred " : " ",
        p->system == DC_ANSWER_UNKNOWN ? "unknown " : "", p->path,
        p->evidence.line));
  }
  for (size_t i = 0; i < profile->finding_count; i++)
    ck_assert_ok (dc_buffer_print (b, &err, "%s: %s\n",
                                   profile->findings[i].evidence.file,
                                   profile->findings[i].text));
}

static void
make_files (struct dc_tree **tree)
{
  struct dc_error err;
  const struct {
    const char *path, *data;
    size_t size;
  } contents[] = {
    { "opt/a-1.jar", plain_jar, plain_size },
    { "opt/fat.war", fat_war, fat_size },
    { "opt/stored.jar", stored_jar, stored_size },
    { "opt/go", go_program, sizeof go_program },
    { "opt/old-go", old_go_program, sizeof old_go_program },
  };

  for (size_t i = 0; i < DC_COUNT (files); i++)
    for (size_t k = 0; k < DC_COUNT (contents); k++)
      if (strcmp (files[i].path, contents[k].path) == 0) {
        files[i].data = contents[k].data;
        files[i].size = contents[k].size;
      }
  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), tree, &err));
}

static void
prepare (struct dc_tree **tree)
{
  make_archives ();
  make_programs ();
  /* The sizes are known only now. */
  make_files (tree);
}

START_TEST (test_all)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_profile profile = { .guest = NULL };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);

  prepare (&tree);
  ck_assert_ok (dc_languages_read (tree, &profile, &err));
  print (&profile, &b);
  ck_assert_str_eq (dc_buffer_text (&b), expected);
  ck_assert_uint_eq (profile.language.system, 2);
  dc_languages_forget (&profile);
  dc_findings_release (&profile);
}
END_TEST

START_TEST (test_damaged_archives)
{
  struct dc_error err;
  char bytes[sizeof stored_jar];

  /* Each byte of the directory wrong once: whatever it says, it ends. */
  make_archives ();
  for (size_t i = stored_size - 300; i < stored_size; i++) {
    const struct dc_memory_file guest[] = {
      DIR (""),
      { .path = "a-1.2.jar",
        .mode = 0100644,
        .data = bytes,
        .size = stored_size },
    };
    DC_AUTO (dc_tree) *tree = NULL;
    struct dc_profile profile = { .guest = NULL };

    memcpy (bytes, stored_jar, stored_size);
    bytes[i] = (char) ~bytes[i];
    ck_assert_ok (dc_tree_memory (guest, DC_COUNT (guest), &tree, &err));
    ck_assert_ok (dc_languages_read (tree, &profile, &err));
    ck_assert_uint_gt (profile.language.count, 0);
    dc_languages_forget (&profile);
    dc_findings_release (&profile);
  }
}
END_TEST

START_TEST (test_damaged_programs)
{
  struct dc_error err;
  static char bytes[PROGRAM_SIZE];
  const struct {
    const char *program;
    size_t from, size;
  } parts[] = {
    { go_program, 0, sizeof (Elf64_Ehdr) },
    { go_program, HEADERS_PLACE, 3 * sizeof (Elf64_Shdr) },
    { go_program, INFO_PLACE, 80 },
    { old_go_program, INFO_PLACE, 80 },
  };

  make_programs ();
  for (size_t k = 0; k < DC_COUNT (parts); k++)
    for (size_t i = 0; i < parts[k].size; i++) {
      const struct dc_memory_file guest[] = {
        DIR (""),
        { .path = "x", .mode = 0100755, .data = bytes, .size = sizeof bytes },
      };
      DC_AUTO (dc_tree) *tree = NULL;
      struct dc_profile profile = { .guest = NULL };

      memcpy (bytes, parts[k].program, sizeof bytes);
      bytes[parts[k].from + i] = (char) ~bytes[parts[k].from + i];
      ck_assert_ok (dc_tree_memory (guest, DC_COUNT (guest), &tree, &err));
      ck_assert_ok (dc_languages_read (tree, &profile, &err));
      ck_assert_uint_le (profile.language.count, 5);
      dc_languages_forget (&profile);
      dc_findings_release (&profile);
    }
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_profile profile = { .guest = NULL };

  prepare (&tree);
  OOM_LOOP (status, dc_languages_read (tree, &profile, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    dc_languages_forget (&profile);
    dc_findings_release (&profile);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_all);
  tcase_add_test (tcase, test_damaged_archives);
  tcase_add_test (tcase, test_damaged_programs);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("language", add);
}

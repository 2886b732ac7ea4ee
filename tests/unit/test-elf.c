/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/profile.h"
#include "lib/tree/backends.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static const struct {
  unsigned char class, order, machine[2];
  const char *arch;
} headers[] = {
  { ELFCLASS64, ELFDATA2LSB, { 62, 0 }, "amd64" },
  { ELFCLASS64, ELFDATA2LSB, { 183, 0 }, "arm64" },
  { ELFCLASS32, ELFDATA2LSB, { 3, 0 }, "386" },
  { ELFCLASS64, ELFDATA2MSB, { 0, 22 }, "s390x" },
  { ELFCLASS64, ELFDATA2LSB, { 21, 0 }, "ppc64le" },
  { ELFCLASS64, ELFDATA2MSB, { 0, 21 }, "ppc64" },
  { ELFCLASS64, ELFDATA2LSB, { 243, 0 }, "riscv64" },
  { ELFCLASS64, ELFDATA2LSB, { 2, 1 }, "loong64" },
  { ELFCLASS32, ELFDATA2LSB, { 62, 0 }, NULL },
  { ELFCLASS64, ELFDATA2LSB, { 99, 99 }, NULL },
};

/* PROGRAM as the file PATH of a guest. */
static void
make_tree (const char *path, const char *program, size_t size,
           struct dc_tree **tree)
{
  static struct dc_memory_file files[] = {
    { .path = "", .mode = S_IFDIR | 0755 },
    { .path = "bin", .mode = S_IFDIR | 0755 },
    { .path = "bin/sh", .mode = S_IFREG | 0755, .data = "#!/bin/busybox" },
    { .mode = S_IFREG | 0755 },
  };
  struct dc_error err;

  files[3].path = path;
  files[3].data = program;
  files[3].size = size;
  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), tree, &err));
}

static void
make_header (char *header, unsigned char class, unsigned char order,
             const unsigned char machine[2])
{
  memset (header, 0, 64);
  memcpy (header, ELFMAG, SELFMAG);
  header[EI_CLASS] = (char) class;
  header[EI_DATA] = (char) order;
  memcpy (header + 18, machine, 2);
}

START_TEST (test_headers)
{
  struct dc_error err;
  char header[64];
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_FREE char *arch = NULL, *variant = NULL;

  make_header (header, headers[_i].class, headers[_i].order,
               headers[_i].machine);
  make_tree ("sbin-init", header, sizeof header, &tree);
  ck_assert_int_eq (dc_elf_arch (tree, &arch, &variant, &err),
                    headers[_i].arch != NULL);
  ck_assert_pstr_eq (arch, headers[_i].arch);
  ck_assert_ptr_null (variant);
}
END_TEST

#define NAME                                                                   \
  "\5"                                                                         \
  "ARM v7\0"
static const struct {
  const char *attributes;
  size_t size;
  const char *variant;
} arms[] = {
#define ARM(bytes, variant)                                                    \
  {                                                                            \
    (bytes), sizeof (bytes) - 1, (variant)                                     \
  }
  ARM ("A\x1e\0\0\0aeabi\0\1\x14\0\0\0" NAME "\6\12\7\101", "v7"),
  ARM ("A\x1e\0\0\0aeabi\0\1\x14\0\0\0" NAME "\40\1x\0\6\6", "v6"),
  ARM ("A\x1e\0\0\0aeabi\0\1\x14\0\0\0\143text\0\6\4", "v5"),
  ARM ("A\x1e\0\0\0aeabi\0\1\x14\0\0\0\6\77", NULL),
  ARM ("A\x1e\0\0\0aeabi\0\1\x14\0\0\0\6", NULL),
  ARM ("A\x1e\0\0\0aeabi\0\1\x14\0\0\0\5open", NULL),
  ARM ("A\x1e\0\0\0aeabi\0\1\x14\0\0\0\206\200\200\200\200\200", NULL),
  ARM ("A\x1e\0\0\0other\0\1\x14\0\0\0\6\12", NULL),
  ARM ("A", NULL),
};

START_TEST (test_arm)
{
  static const unsigned char machine[2] = { EM_ARM, 0 };
  struct dc_error err;
  char program[52 + 40 + 100] = "";
  DC_AUTO (dc_tree) *tree = NULL;
  char *arch = NULL, *variant = NULL;

  make_header (program, ELFCLASS32, ELFDATA2LSB, machine);
  program[32] = 52; /* one section header behind it, then the section */
  program[46] = 40;
  program[48] = 1;
  memcpy (program + 52 + 4, "\3\0\0\x70", 4);
  program[52 + 16] = 92;
  program[52 + 20] = (char) arms[_i].size;
  memcpy (program + 92, arms[_i].attributes, arms[_i].size);
  make_tree ("init", program, sizeof program, &tree);
  OOM_LOOP (status, dc_elf_arch (tree, &arch, &variant, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 1);
    if (status < 0)
      continue;
    ck_assert_str_eq (arch, "arm");
    ck_assert_pstr_eq (variant, arms[_i].variant);
    free (DC_TAKE (arch));
    free (DC_TAKE (variant));
  }
}
END_TEST

/* Sections that lie outside the file: no variant, and no error. */
START_TEST (test_lying_arm)
{
  static const struct {
    size_t at;
    unsigned char byte;
  } lies[] = { { 35, 0x7f },      { 46, 1 },      { 49, 0xff },     { 48, 200 },
               { 52 + 19, 0x7f }, { 52 + 22, 1 }, { 52 + 23, 0x7f } };
  static const unsigned char machine[2] = { EM_ARM, 0 };
  struct dc_error err;
  char program[52 + 40 + 100] = "";
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_FREE char *arch = NULL, *variant = NULL;

  make_header (program, ELFCLASS32, ELFDATA2LSB, machine);
  program[32] = 52;
  program[46] = 40;
  program[48] = 1;
  memcpy (program + 52 + 4, "\3\0\0\x70", 4);
  program[52 + 16] = 92;
  program[52 + 20] = (char) arms[0].size;
  memcpy (program + 92, arms[0].attributes, arms[0].size);
  program[lies[_i].at] = (char) lies[_i].byte;
  make_tree ("init", program, sizeof program, &tree);
  ck_assert_int_eq (dc_elf_arch (tree, &arch, &variant, &err), 1);
  ck_assert_str_eq (arch, "arm");
  ck_assert_ptr_null (variant);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_headers, 0, (int) DC_COUNT (headers));
  tcase_add_loop_test (tcase, test_arm, 0, (int) DC_COUNT (arms));
  tcase_add_loop_test (tcase, test_lying_arm, 0, 7);
}

int
main (void)
{
  return unit_run ("elf", add);
}

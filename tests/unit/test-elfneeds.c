/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/program/elfneeds.h"
#include "lib/tree/backends.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

#define SEGMENTS 64
#define DYNAMIC 0x200
#define STRINGS 0x300
#define SIZE 0x400
#define BASE 0x10000 /* where the file is loaded */

/* A program of 64 bits: three segments, a dynamic section, its strings. */
static void
make_program (unsigned char *p)
{
  static const char strings[] = "\0libc.so.6\0libm.so.6\0$ORIGIN/../lib";
  const Elf64_Ehdr head = {
    .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
    .e_machine = EM_X86_64,
    .e_phoff = SEGMENTS,
    .e_phentsize = sizeof (Elf64_Phdr),
    .e_phnum = 3,
  };
  const Elf64_Phdr segments[] = {
    { .p_type = PT_LOAD, .p_vaddr = BASE, .p_filesz = SIZE },
    { .p_type = PT_INTERP, .p_offset = STRINGS + 64, .p_filesz = 8 },
    { .p_type = PT_DYNAMIC, .p_offset = DYNAMIC, .p_filesz = 6 * 16 },
  };
  const Elf64_Dyn dynamic[] = {
    { DT_NEEDED, { 1 } },   { DT_NEEDED, { 11 } },
    { DT_RUNPATH, { 21 } }, { DT_STRTAB, { BASE + STRINGS } },
    { DT_NULL, { 0 } },     { DT_NEEDED, { 1 } },
  };

  memset (p, 0, SIZE);
  memcpy (p, &head, sizeof head);
  memcpy (p + SEGMENTS, segments, sizeof segments);
  memcpy (p + DYNAMIC, dynamic, sizeof dynamic);
  memcpy (p + STRINGS, strings, sizeof strings);
  memcpy (p + STRINGS + 64, "/ld.so", 7);
}

/* What dc_elf_read() says of the SIZE bytes at P. */
static int
read_program (const unsigned char *p, size_t size, struct dc_elf *elf,
              struct dc_error *err)
{
  const struct dc_memory_file files[] = {
    { .path = "", .mode = S_IFDIR | 0755 },
    { .path = "x",
      .mode = S_IFREG | 0755,
      .data = (const char *) p,
      .size = size },
  };
  DC_AUTO (dc_tree) *tree = NULL;

  if (dc_tree_memory (files, 2, &tree, err) < 0)
    return -1;
  return dc_elf_read (tree, 1, elf, err);
}

START_TEST (test_program)
{
  struct dc_error err;
  struct dc_elf elf;
  unsigned char p[SIZE];

  make_program (p);
  ck_assert_int_eq (read_program (p, SIZE, &elf, &err), 1);
  ck_assert_uint_eq (elf.machine, EM_X86_64);
  ck_assert (elf.is_64 && elf.is_little);
  ck_assert_str_eq (elf.interpreter, "/ld.so");
  ck_assert_uint_eq (elf.needed.count, 2);
  ck_assert_str_eq (elf.needed.items[0], "libc.so.6");
  ck_assert_str_eq (elf.needed.items[1], "libm.so.6");
  ck_assert_str_eq (elf.runpath, "$ORIGIN/../lib");
  ck_assert_ptr_null (elf.rpath);
  dc_elf_release (&elf);
}
END_TEST

/* Cut off anywhere, or with any byte changed: a verdict, never a crash. */
START_TEST (test_damaged)
{
  struct dc_error err = { .code = DC_OK };
  static const unsigned char values[] = { 0, 1, 0x7f, 0x80, 0xff };
  unsigned char p[SIZE];

  for (size_t size = 1; size < SIZE; size++) {
    struct dc_elf elf = { .machine = 0 };
    make_program (p);
    const int status = read_program (p, size, &elf, &err);
    ck_assert_int_ge (status, 0);
    ck_assert (status == 0 || size > STRINGS + 64);
    dc_elf_release (&elf);
  }
  for (size_t at = 0; at < STRINGS + 80; at++)
    for (size_t v = 0; v < sizeof values; v++) {
      struct dc_elf elf = { .machine = 0 };
      make_program (p);
      p[at] = values[v];
      ck_assert_int_ge (read_program (p, SIZE, &elf, &err), 0);
      dc_elf_release (&elf);
    }
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  unsigned char p[SIZE];
  int failures = 0;

  make_program (p);
  struct dc_elf elf = { .machine = 0 };
  OOM_LOOP (status, read_program (p, SIZE, &elf, &err))
  {
    failures += status < 0;
    dc_elf_release (&elf);
  }
  ck_assert_int_gt (failures, 5);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_program);
  tcase_add_test (tcase, test_damaged);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("elfneeds", add);
}

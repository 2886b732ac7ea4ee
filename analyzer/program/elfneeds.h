/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PROGRAM_ELFNEEDS_H
#define DC_ANALYZER_PROGRAM_ELFNEEDS_H

/* elfneeds: what a program or library asks of the dynamic loader.
 *
 * Only the program headers, the dynamic section and the strings it names are
 * read, never a whole file.
 *
 * Source: System V ABI, "Program Loading and Dynamic Linking"; elf(5),
 * ld.so(8).
 */

#include <stdbool.h>

#include "lib/tree/tree.h"
#include "lib/words.h"

#define DC_ELF_SEGMENT_MAX 256                  /* program headers */
#define DC_ELF_DYNAMIC_MAX ((size_t) 64 * 1024) /* bytes of the section */
#define DC_ELF_NEEDED_MAX 1000                  /* libraries of one file */
#define DC_ELF_TEXT_MAX 4096                    /* bytes of a name or path */

struct dc_elf {
  unsigned machine; /* EM_X86_64, ... */
  bool is_64, is_little;
  char *interpreter; /* "/lib64/ld-linux-x86-64.so.2"; NULL: a static program
                        or a library */
  struct dc_words needed; /* "libc.so.6", in order */
  char *rpath, *runpath;  /* folders, separated by colons; NULL */
};

/* 1 and *OUT for the caller to release; 0 when the entry is no such file, or
 * a damaged one; -1: DC_ERR_SYSTEM, what the tree says.
 */
int dc_elf_read (struct dc_tree *tree, uint32_t index, struct dc_elf *out,
                 struct dc_error *err);
void dc_elf_release (struct dc_elf *elf);

#endif

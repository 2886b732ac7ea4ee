/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PROGRAM_PROGRAMS_H
#define DC_ANALYZER_PROGRAM_PROGRAMS_H

/* programs: the guest's executables and libraries, each read once.
 *
 * Source: execve(2) for scripts; systemd.exec(5) for the PATH that services
 * get.
 */

#include "analyzer/program/elfneeds.h"
#include "analyzer/program/libraries.h"

#define DC_PROGRAM_COUNT_MAX ((size_t) 100000)
#define DC_SCRIPT_SIZE_MAX ((size_t) 128 * 1024) /* bytes looked at */
#define DC_SCRIPT_PATH_MAX 500                   /* paths named by one */

enum dc_program_kind { DC_PROGRAM_OTHER, DC_PROGRAM_ELF, DC_PROGRAM_SCRIPT };

struct dc_program {
  uint32_t index; /* of the entry */
  enum dc_program_kind kind;
  struct dc_elf elf;
  char *interpreter;     /* of a script: "/bin/sh"; "python3" after env */
  struct dc_words named; /* of a script: absolute paths in its text */
};

struct dc_programs {
  struct dc_tree *tree;
  struct dc_libraries libraries;
  struct dc_program **slots; /* a hash table by entry */
  size_t slot_count, count;
};

int dc_programs_make (struct dc_tree *tree, struct dc_programs **out,
                      struct dc_error *err);
/* What the entry is; *OUT is borrowed.  0 or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM,
 * what the tree says.
 */
int dc_programs_get (struct dc_programs *programs, uint32_t index,
                     const struct dc_program **out, struct dc_error *err);
/* The library NAME that USER needs, as its loader would find it: 1 and
 * *INDEX, 0 when there is none, -1.
 */
int dc_programs_library (struct dc_programs *programs,
                         const struct dc_program *user, const char *name,
                         uint32_t *index, struct dc_error *err);
/* The program NAME, by path or in the folders of PATH: its entry, or
 * DC_TREE_NONE.
 */
uint32_t dc_programs_find (const struct dc_programs *programs,
                           const char *name);
void dc_programs_free (struct dc_programs *programs);
DC_DEFINE_AUTO (dc_programs)

#endif

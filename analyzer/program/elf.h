/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PROGRAM_ELF_H
#define DC_ANALYZER_PROGRAM_ELF_H

/* elf: what the headers of a guest's programs say. */

#include <stdbool.h>

#include "lib/tree/tree.h"

/* The architecture of the guest, from the header of a program that every
 * system has; 1 and both words (VARIANT may become NULL), 0 unknown.
 */
int dc_elf_arch (struct dc_tree *tree, char **arch, char **variant,
                 struct dc_error *err);

/* The same word for the program at INDEX, which lives for ever: 1, 0 when it is
 * no program of a machine that we know, -1.
 */
int dc_elf_program_arch (struct dc_tree *tree, uint32_t index,
                         const char **arch, struct dc_error *err);
/* Does a kernel for MACHINE start programs for ARCH? */
bool dc_elf_runs_on (const char *arch, const char *machine);

#endif

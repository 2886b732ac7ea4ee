/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PROGRAM_ELF_H
#define DC_ANALYZER_PROGRAM_ELF_H

/* elf: what the headers of a guest's programs say. */

#include "lib/tree/tree.h"

/* The architecture of the guest, from the header of a program that every
 * system has; 1 and both words (VARIANT may become NULL), 0 unknown.
 */
int dc_elf_arch (struct dc_tree *tree, char **arch, char **variant,
                 struct dc_error *err);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SYSTEM_FOREIGN_H
#define DC_ANALYZER_SYSTEM_FOREIGN_H

/* foreign: systems that are no Linux, by the files that only they have.
 *
 * They are named, with the version where a file has it in plain text, and not
 * analysed further.  Names are compared without regard to case, as Windows and
 * DOS do.
 *
 * Source: hier(7) of each BSD; vfstab(4); libguestfs' lib/inspect-fs*.c for
 * which files tell MINIX, Windows and FreeDOS; the layout of Windows by
 * Microsoft's documentation of %SystemRoot%.
 */

#include "analyzer/system/osrel.h"

/* 1 and *OUT with id, name, file and is_inferred; 0 when nothing shows; -1 as
 * dc_osrel_load().
 */
int dc_foreign_load (struct dc_tree *tree, struct dc_osrel **out,
                     struct dc_error *err);
/* As dc_tree_find(), with any case of letters: the first in byte order. */
uint32_t dc_foreign_find (const struct dc_tree *tree, const char *path);

#endif

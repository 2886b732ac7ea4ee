/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_TREE_TARSPARSE_H
#define DC_LIB_TREE_TARSPARSE_H

/* tarsparse: the map of a file with holes in a pax archive.
 *
 *   COUNT\n OFFSET\n SIZE\n OFFSET\n SIZE\n ...  zeros up to 512 bytes
 *   the data of all segments, one after another
 *
 * A hole at the end is told by a last segment of no bytes at the file's end.
 * GNU tar, libarchive and Go's archive/tar (podman, docker) read it.
 *
 * Source: GNU tar's manual, "Storing Sparse Files", PAX format 1.0.
 */

#include <stdbool.h>

#include "lib/tree/tree.h"

/* A file below this size, or whose holes are together smaller than the
 * second, is written as it reads; so is one of more segments than that.
 */
#define DC_TAR_SPARSE_MIN ((uint64_t) 64 * 1024)
#define DC_TAR_HOLES_MIN ((uint64_t) 32 * 1024)
#define DC_TAR_SEGMENT_MAX ((size_t) 256 * 1024)

struct dc_tarsparse {
  struct dc_tree_range *items; /* ascending, apart from each other */
  size_t count;
  struct dc_buffer map; /* padded */
  uint64_t size;        /* of map and data */
};

/* What of the regular file INDEX is data.  1; 0: it is to be written as it
 * reads; -1: what the tree says, DC_ERR_SYSTEM.  SPARSE is zero or was used
 * before, and is released by the caller.
 */
int dc_tarsparse_find (struct dc_tree *tree, uint32_t index,
                       struct dc_tarsparse *sparse, struct dc_error *err);
void dc_tarsparse_release (struct dc_tarsparse *sparse);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_PAGEFILE_H
#define DC_ANALYZER_PACKAGE_PAGEFILE_H

/* pagefile: pieces of a large file of the guest, read here and there.
 *
 * Databases are read page by page, in an order that their content decides.  A
 * few larger pieces are kept, so that neighbours cost one read.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/tree/tree.h"

#define DC_PAGEFILE_SLOTS 16

struct dc_pagefile {
  struct dc_tree *tree;
  uint32_t index;
  uint64_t size; /* bytes of the file */
  struct {
    uint64_t offset, used; /* used: when, by `clock`; 0: empty */
    size_t size;
    unsigned char *bytes;
  } slots[DC_PAGEFILE_SLOTS];
  uint64_t clock;
  unsigned char *visited; /* a bit a page; NULL: not asked for */
  uint64_t page_count;
};

/* Begin with the file that PATH resolves to: 1, or 0 when it is no regular
 * file.
 */
int dc_pagefile_open (struct dc_tree *tree, const char *path,
                      struct dc_pagefile *file);
/* 0, or -1: DC_ERR_INVALID when the range lies outside the file,
 * DC_ERR_SYSTEM, what the tree says.
 */
int dc_pagefile_read (struct dc_pagefile *file, uint64_t offset, void *bytes,
                      size_t size, struct dc_error *err);
/* Before dc_pagefile_visit(): how many pages there are. */
int dc_pagefile_mark (struct dc_pagefile *file, uint64_t page_count,
                      struct dc_error *err);
/* Is it the first visit of PAGE, and is there such a page?  What a loop of
 * pages asks, so that no page is read twice.
 */
bool dc_pagefile_visit (struct dc_pagefile *file, uint64_t page);
void dc_pagefile_release (struct dc_pagefile *file);
#define AUTO_PAGEFILE __attribute__ ((__cleanup__ (dc_pagefile_release)))

/* Numbers in the byte order of the format. */
uint64_t dc_get_big (const void *bytes, size_t size);
uint64_t dc_get_little (const void *bytes, size_t size);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_LANGUAGE_EXCERPT_H
#define DC_ANALYZER_LANGUAGE_EXCERPT_H

/* excerpt: a range of a guest's file, read here and there. */

#include "analyzer/language/ecosystem.h"

struct dc_excerpt {
  struct dc_language_reader *reader; /* pays for what is read */
  uint32_t index;
  uint64_t base, size; /* bytes; inside the file */
};

/* The whole file of the reader's entry. */
struct dc_excerpt dc_excerpt_of (struct dc_language_reader *reader);
/* SIZE bytes at OFFSET of the excerpt: 1; 0: not inside; -1: DC_ERR_LIMIT, what
 * the tree says.
 */
int dc_excerpt_read (const struct dc_excerpt *excerpt, uint64_t offset,
                     void *bytes, size_t size, struct dc_error *err);
/* The same into new memory for the caller; SIZE above MAX: 0.  One NUL more
 * is behind them.
 */
int dc_excerpt_load (const struct dc_excerpt *excerpt, uint64_t offset,
                     uint64_t size, size_t max, unsigned char **out,
                     struct dc_error *err);

#endif

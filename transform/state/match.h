/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_STATE_MATCH_H
#define DC_TRANSFORM_STATE_MATCH_H

/* match: many strings looked for in bytes that pass by.
 *
 * Source: S. Wu, U. Manber, "A fast algorithm for multi-pattern searching",
 * University of Arizona TR-94-17: a table says for the last bytes of a window
 * how far it may move, so most bytes are never looked at, the fewer the longer
 * the shortest string is.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/error.h"
#include "lib/span.h"

#define DC_MATCH_BLOCK ((size_t) 3)     /* bytes of a string at least */
#define DC_MATCH_SIZE_MIN ((size_t) 8)  /* of one that is looked for in all */
#define DC_MATCH_SIZE_MAX ((size_t) 64) /* of longer ones these count */

struct dc_match;

/* NEEDLES are copied; none may have less than DC_MATCH_BLOCK bytes.  0 and
 * *OUT, NULL for no needles at all; -1: DC_ERR_SYSTEM.
 */
int dc_match_new (const struct dc_span *needles, size_t count,
                  struct dc_match **out, struct dc_error *err);
void dc_match_free (struct dc_match *match);
DC_DEFINE_AUTO (dc_match)

/* A place in a file that comes in pieces; all zero at its begin. */
struct dc_match_place {
  uint64_t offset; /* bytes seen */
  unsigned char tail[DC_MATCH_SIZE_MAX];
  size_t tail_size;
};
/* NEEDLE begins at OFFSET of the file.  0, or -1 to end the search. */
typedef int dc_match_found (void *self, size_t needle, uint64_t offset,
                            struct dc_error *err);
/* Look through the next bytes of a file. */
int dc_match_feed (const struct dc_match *match, struct dc_match_place *place,
                   const void *bytes, size_t size, dc_match_found *found,
                   void *self, struct dc_error *err);

#endif

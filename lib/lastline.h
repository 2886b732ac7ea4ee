/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_LASTLINE_H
#define DC_LIB_LASTLINE_H

/* lastline: the last line of what a program says, of any length.
 *
 * A carriage return ends a line too, because progress bars use it.  Empty
 * lines do not count.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/span.h"

/* Bytes; of a longer line the end, where the reason stands.  So many can be
 * quoted in a message.
 */
#define DC_LASTLINE_MAX ((size_t) 150)

/* Begins as { 0 }. */
struct dc_lastline {
  char text[2 * DC_LASTLINE_MAX]; /* the end of it is the line's */
  size_t size;
  bool is_cut;    /* the line began earlier */
  bool has_ended; /* the next byte begins a new line */
};

void dc_lastline_add (struct dc_lastline *line, const char *bytes, size_t size);
/* The line, or its end; borrowed. */
struct dc_span dc_lastline_text (const struct dc_lastline *line);
/* Is it the end only? */
bool dc_lastline_is_cut (const struct dc_lastline *line);

#endif

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

#define DC_LASTLINE_MAX ((size_t) 256) /* bytes; the start of a longer line */

/* Begins as { 0 }. */
struct dc_lastline {
  char text[DC_LASTLINE_MAX];
  size_t size;
  bool has_ended; /* the next byte begins a new line */
};

void dc_lastline_add (struct dc_lastline *line, const char *bytes, size_t size);

#endif

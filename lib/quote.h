/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_QUOTE_H
#define DC_LIB_QUOTE_H

/* quote: bytes from a guest, made safe for a message or a terminal.
 *
 * Printable ASCII and valid UTF-8 of printable characters stay; every other
 * byte becomes \xHH, a backslash \\.  What is longer ends in "...".
 */

#include <stddef.h>

#include "lib/buffer.h"

struct dc_quoted {
  char text[168];
};

/* dc_quote (s).text lives until the end of the full expression, so it can be
 * an argument of dc_fail().  S may be NULL: "(none)".
 */
struct dc_quoted dc_quote (const char *s);
struct dc_quoted dc_quote_bytes (const void *bytes, size_t size);

/* The same of all of S, however long, appended to B. */
int dc_quote_append (struct dc_buffer *b, const char *s, struct dc_error *err);

/* Put a '?' for each byte of TEXT, in place, that could falsify a message or
 * a terminal; for text of which we quoted the foreign parts before.
 */
void dc_quote_clean (char *text);

#endif

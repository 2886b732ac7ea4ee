/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_SPAN_H
#define DC_LIB_SPAN_H

/* span: bytes in somebody else's memory, and how to take them apart.
 *
 * For text files of lines and fields.  A span owns nothing and may hold any
 * bytes; a blank is a space, a tab or a carriage return.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

struct dc_span {
  const char *text;
  size_t size;
};

struct dc_span dc_span_of (const char *text);

/* The next line of *REST without its newline: true, and *REST is what
 * follows; false at the end.  The last line needs no newline.
 */
bool dc_span_line (struct dc_span *rest, struct dc_span *line);
/* The next field of *REST, up to SEPARATOR or the end: "a::" is "a", "" and
 * "".  False when none is left; then the text of *REST is NULL.
 */
bool dc_span_field (struct dc_span *rest, char separator,
                    struct dc_span *field);
/* The next word of *REST, words being separated by blanks.  False at the end.
 */
bool dc_span_word (struct dc_span *rest, struct dc_span *word);

/* Less the blanks at both ends. */
struct dc_span dc_span_trim (struct dc_span span);
/* Less the first N bytes. */
struct dc_span dc_span_skip (struct dc_span span, size_t n);
bool dc_span_is (struct dc_span span, const char *text);
bool dc_span_starts (struct dc_span span, const char *text);
bool dc_span_has (struct dc_span span, char byte);
/* Below, equal to or above 0, in byte order; a prefix comes first. */
int dc_span_compare (struct dc_span a, struct dc_span b);
/* A C string for the caller; 0, or -1: DC_ERR_INVALID (a NUL byte inside),
 * DC_ERR_SYSTEM.
 */
int dc_span_copy (struct dc_span span, char **out, struct dc_error *err);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_DEB822_H
#define DC_ANALYZER_PACKAGE_DEB822_H

/* deb822: stanzas of "Field: value", as dpkg and apt keep their records.
 *
 *   Package: nginx
 *   Description: a first line
 *    a second line, which belongs to the field above
 *                                   <- an empty line ends the stanza
 *
 * Nothing is copied: the spans point into the text.  A line that belongs to
 * no field is skipped; fields beyond DC_STANZA_FIELD_MAX are left out.
 *
 * Source: deb822(5).
 */

#include "lib/span.h"

/* Of one stanza; dpkg writes some 25. */
#define DC_STANZA_FIELD_MAX 64

struct dc_stanza {
  struct {
    struct dc_span name;
    struct dc_span value; /* trimmed; further lines with their newlines */
  } fields[DC_STANZA_FIELD_MAX];
  size_t count;
  unsigned line; /* of its first field, from 1 */
};

/* Begin with the whole text and line 0. */
struct dc_deb822 {
  struct dc_span rest;
  unsigned line; /* read so far */
};

/* The next stanza that has a field; false at the end. */
bool dc_deb822_next (struct dc_deb822 *reader, struct dc_stanza *stanza);
/* The value of the first field NAME, any case; its text is NULL when there is
 * none.
 */
struct dc_span dc_stanza_value (const struct dc_stanza *stanza,
                                const char *name);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_YAMLTEXT_H
#define DC_LIB_YAMLTEXT_H

/* yamltext: any bytes as a YAML scalar that every reader takes for that text,
 * whatever a guest has put into it.
 *
 * Plain words stay as they are; all else is in double quotes on one line.
 * YAML is Unicode: a byte that is no UTF-8 becomes a code point of the private
 * use area, byte 0x80 U+EF80 and so on to U+EFFF, and so do the bytes of those
 * code points themselves; dc_yaml_text_decode() turns them back.
 *
 * Source: YAML 1.1, chapters 5 and 9, and YAML 1.2.2, 10.3.2 "Tag Resolution":
 * a word that either takes for a boolean, a number, a date or nothing is put in
 * quotes.
 */

#include "lib/buffer.h"

/* Append TEXT.  0, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM. */
int dc_yaml_text_write (struct dc_buffer *b, const char *text,
                        struct dc_error *err);
/* The same for a place between { and } or [ and ]. */
int dc_yaml_text_write_flow (struct dc_buffer *b, const char *text,
                             struct dc_error *err);
/* Put back, in place, the bytes that are no UTF-8. */
void dc_yaml_text_decode (char *text);

#endif

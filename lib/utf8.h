/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_UTF8_H
#define DC_LIB_UTF8_H

/* utf8: code points as bytes.
 *
 * Source: Unicode 15, section 3.9, table 3-7 "Well-Formed UTF-8 Byte
 * Sequences".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DC_UTF8_SIZE_MAX 4 /* bytes of one code point */

/* The code point that begins at P, of which LEFT bytes are there: its size
 * in bytes and *POINT, or 0 when it is not well-formed.
 */
size_t dc_utf8_decode (const void *p, size_t left, uint32_t *point);
/* Write POINT to BYTES; its size, or 0 for what is no code point. */
size_t dc_utf8_encode (uint32_t point, char bytes[DC_UTF8_SIZE_MAX]);
bool dc_utf8_is_valid (const char *text, size_t size);

#endif

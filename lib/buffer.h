/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_BUFFER_H
#define DC_LIB_BUFFER_H

/* buffer: bytes that grow up to a stated maximum.
 *
 * The bytes are always followed by a NUL that SIZE does not count, so text
 * in a buffer is a C string as long as it holds no NUL itself.
 */

#include <stdarg.h>
#include <stddef.h>

#include "lib/cleanup.h"
#include "lib/error.h"

struct dc_buffer {
  char *data;      /* never NULL after the first append */
  size_t size;     /* bytes in use */
  size_t capacity; /* bytes allocated */
  size_t max;      /* SIZE never exceeds it */
};

#define DC_BUFFER_INIT(limit)                                                  \
  {                                                                            \
    .data = NULL, .max = (limit)                                               \
  }

/* Each returns 0, or -1 with ERR: DC_ERR_LIMIT, DC_ERR_SYSTEM.  On failure
 * the bytes already there are untouched.
 */
int dc_buffer_append (struct dc_buffer *b, const void *bytes, size_t size,
                      struct dc_error *err);
int dc_buffer_print (struct dc_buffer *b, struct dc_error *err, const char *fmt,
                     ...) __attribute__ ((__format__ (__printf__, 3, 4)));
/* Room for SIZE more bytes at data + size; the caller then adds to size. */
int dc_buffer_reserve (struct dc_buffer *b, size_t size, struct dc_error *err);

/* The text, or "" when nothing was appended; borrowed. */
const char *dc_buffer_text (const struct dc_buffer *b);
/* The bytes as a C string that the caller frees; B is empty afterwards.
 * NULL when there is no memory for even an empty string.
 */
char *dc_buffer_take (struct dc_buffer *b);
void dc_buffer_clear (struct dc_buffer *b); /* size becomes 0 */
void dc_buffer_release (struct dc_buffer *b);

/* AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (4096); */
#define AUTO_BUFFER __attribute__ ((__cleanup__ (dc_buffer_release)))

#endif

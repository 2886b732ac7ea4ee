/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_ARRAY_H
#define DC_LIB_ARRAY_H

/* array: things in a row that grow one by one, up to a stated maximum.
 *
 * Only the pointer and the count are kept: the capacity is the smallest
 * power of two that is not below the count, so it needs no field.  An array
 * that grows here must not be resized elsewhere.
 */

#include <stddef.h>

#include "lib/error.h"

/* Make room for one more behind the COUNT items at *ITEMS, all bytes of it
 * zero; the caller fills it and then adds to its count.  WHAT are the things
 * in the message: "packages".  0, or -1 with nothing lost: DC_ERR_LIMIT at
 * MAX items, DC_ERR_SYSTEM.
 */
#define DC_ARRAY_GROW(items, count, max, what, err)                            \
  dc_array_grow (&(items), (count), sizeof *(items), (max), (what), (err))
/* ITEMS_ADDRESS is the address of the pointer, whatever its type. */
int dc_array_grow (void *items_address, size_t count, size_t item_size,
                   size_t max, const char *what, struct dc_error *err);

#endif

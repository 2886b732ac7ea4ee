/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/array.h"

int
dc_array_grow (void *items_address, size_t count, size_t item_size, size_t max,
               const char *what, struct dc_error *err)
{
  if (count >= max)
    return dc_fail (err, DC_ERR_LIMIT, "more than %zu %s", max, what);

  char *items;
  memcpy (&items, items_address, sizeof items);
  if ((count & (count - 1)) == 0) { /* full: 0, or a power of two */
    const size_t capacity = count == 0 ? 1 : count * 2;
    char *grown = reallocarray (items, capacity, item_size);
    if (grown == NULL)
      return dc_fail_errno (err, "cannot keep %zu %s", capacity, what);
    memcpy (items_address, &grown, sizeof grown);
    items = grown;
  }
  memset (items + count * item_size, 0, item_size);
  return 0;
}

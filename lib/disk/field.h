/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_FIELD_H
#define DC_LIB_DISK_FIELD_H

/* field: a number in a header, at any alignment and in a stated byte order. */

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* DC_FIELD (be32, uint32_t) defines dc_be32 (const void *bytes). */
#define DC_FIELD(order, type)                                                  \
  static inline type dc_##order (const void *bytes)                            \
  {                                                                            \
    type value;                                                                \
    memcpy (&value, bytes, sizeof value);                                      \
    return order##toh (value);                                                 \
  }

DC_FIELD (be32, uint32_t)
DC_FIELD (be64, uint64_t)
DC_FIELD (le16, uint16_t)
DC_FIELD (le32, uint32_t)
DC_FIELD (le64, uint64_t)

#undef DC_FIELD

#endif

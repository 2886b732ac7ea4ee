/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "lib/utf8.h"

static bool
is_scalar (uint32_t point)
{
  return point < 0xd800 || (point > 0xdfff && point <= 0x10ffff);
}

static size_t
encoded_size (uint32_t point)
{
  static const uint32_t ends[] = { 0x80, 0x800, 0x10000, 0x110000 };
  size_t size = 1;
  while (point >= ends[size - 1])
    size++;
  return size;
}

size_t
dc_utf8_decode (const void *p, size_t left, uint32_t *point)
{
  const unsigned char *bytes = p;

  if (left > 0 && bytes[0] < 0x80) {
    *point = bytes[0];
    return 1;
  }
  if (left == 0 || bytes[0] < 0xc2 || bytes[0] > 0xf4)
    return 0;
  const size_t size = bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : 2;
  if (size > left)
    return 0;
  uint32_t value = bytes[0] & (0xffu >> (size + 1));
  for (size_t i = 1; i < size; i++) {
    if ((bytes[i] & 0xc0) != 0x80)
      return 0;
    value = value << 6 | (bytes[i] & 0x3fu);
  }
  if (!is_scalar (value) || encoded_size (value) != size)
    return 0; /* a surrogate, or longer than it must be */
  *point = value;
  return size;
}

size_t
dc_utf8_encode (uint32_t point, char bytes[DC_UTF8_SIZE_MAX])
{
  static const unsigned first[] = { 0, 0xc0, 0xe0, 0xf0 };

  if (!is_scalar (point))
    return 0;
  const size_t size = encoded_size (point);
  for (size_t i = size - 1; i > 0; i--) {
    bytes[i] = (char) (0x80 | (point & 0x3f));
    point >>= 6;
  }
  bytes[0] = (char) (first[size - 1] | point);
  return size;
}

bool
dc_utf8_is_valid (const char *text, size_t size)
{
  uint32_t point;
  size_t n;

  for (size_t i = 0; i < size; i += n) {
    n = dc_utf8_decode (text + i, size - i, &point);
    if (n == 0)
      return false;
  }
  return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "analyzer/machine/quantity.h"
#include "lib/cleanup.h"
#include "lib/number.h"
#include "lib/span.h"

/* BASE ^ EXPONENT, 0 if that is too much. */
static uint64_t
power (uint64_t base, unsigned exponent)
{
  uint64_t value = 1;

  for (unsigned i = 0; i < exponent; i++)
    if (__builtin_mul_overflow (value, base, &value))
      return 0;
  return value;
}

/* "byte * 2^20", with blanks anywhere. */
static uint64_t
read_formula (const char *unit)
{
  unsigned base = 0, exponent = 0;
  char end = '\0';
  int used = 0;

  if (sscanf (unit, " bytes %n", &used) == 0 && used > 0 && unit[used] == '\0')
    return 1;
  used = 0;
  if (sscanf (unit, " byte %n", &used) == 0 && used > 0 && unit[used] == '\0')
    return 1;
  if (sscanf (unit, " byte * %2u ^ %3u %c", &base, &exponent, &end) == 2 &&
      (base == 2 || base == 10))
    return power (base, exponent);
  return 0;
}

/* "KiB", "KB", "K", "KiloBytes" and so on. */
static uint64_t
read_word (const char *unit, enum dc_quantity_words words)
{
  static const struct {
    const char *name;
    unsigned exponent;
    bool is_binary; /* for everybody */
  } units[] = {
    { "B", 0, true },         { "Bytes", 0, true },
    { "KiB", 1, true },       { "MiB", 2, true },
    { "GiB", 3, true },       { "TiB", 4, true },
    { "K", 1, true },         { "M", 2, true },
    { "G", 3, true },         { "T", 4, true },
    { "KB", 1, false },       { "MB", 2, false },
    { "GB", 3, false },       { "TB", 4, false },
    { "KiloBytes", 1, true }, { "MegaBytes", 2, true },
    { "GigaBytes", 3, true }, { "TeraBytes", 4, true },
  };

  for (size_t i = 0; i < DC_COUNT (units); i++)
    if (strcasecmp (units[i].name, unit) == 0)
      return power (units[i].is_binary || words == DC_QUANTITY_OVF ? 1024
                                                                   : 1000,
                    units[i].exponent);
  return 0;
}

uint64_t
dc_quantity_bytes (const char *number, const char *unit,
                   enum dc_quantity_words words)
{
  struct dc_error ignored; /* then it is unknown */
  uint64_t value = 0, factor = 0, bytes = 0;

  if (number == NULL)
    return 0;
  const struct dc_span digits = dc_span_trim (dc_span_of (number));
  if (dc_number_parse_bytes (digits.text, digits.size, 0, INT64_MAX, &value,
                             &ignored) < 0)
    return 0;
  if (unit == NULL || unit[0] == '\0')
    factor = words == DC_QUANTITY_LIBVIRT ? 1024 : 1;
  else
    factor = read_word (unit, words);
  if (factor == 0)
    factor = read_formula (unit);
  return __builtin_mul_overflow (value, factor, &bytes) || bytes > INT64_MAX
             ? 0
             : bytes;
}

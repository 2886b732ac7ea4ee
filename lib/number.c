/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "lib/number.h"
#include "lib/quote.h"

int
dc_number_parse_bytes (const char *text, size_t size, uint64_t min,
                       uint64_t max, uint64_t *out, struct dc_error *err)
{
  assert (min <= max);

  if (size == 0)
    return dc_fail (err, DC_ERR_INVALID, "a number is missing");
  uint64_t number = 0;
  bool is_huge = false; /* told only at the end: "99...9x" is no number */
  for (size_t i = 0; i < size; i++) {
    const unsigned digit = (unsigned) (unsigned char) text[i] - '0';
    if (digit > 9)
      return dc_fail (err, DC_ERR_INVALID, "'%s' is not a decimal number",
                      dc_quote_bytes (text, size).text);
    is_huge |= __builtin_mul_overflow (number, 10, &number) ||
               __builtin_add_overflow (number, digit, &number);
  }
  if (is_huge || number < min || number > max)
    return dc_fail (err, DC_ERR_LIMIT, "%s is not between %llu and %llu",
                    dc_quote_bytes (text, size).text, (unsigned long long) min,
                    (unsigned long long) max);
  *out = number;
  return 0;
}

int
dc_number_parse (const char *text, uint64_t min, uint64_t max, uint64_t *out,
                 struct dc_error *err)
{
  return dc_number_parse_bytes (text, text != NULL ? strlen (text) : 0, min,
                                max, out, err);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/package/pagefile.h"
#include "analyzer/package/rpmheader.h"

#define PREAMBLE_SIZE 8
#define ENTRY_SIZE 16

int
dc_rpm_header_parse (const void *bytes, size_t size,
                     struct dc_rpm_header *header, struct dc_error *err)
{
  const unsigned char *b = bytes;

  if (size < PREAMBLE_SIZE)
    return dc_fail (err, DC_ERR_INVALID, "the header is cut off");
  const uint64_t count = dc_get_big (b, 4), store = dc_get_big (b + 4, 4);
  if (count == 0 || count > DC_RPM_ENTRY_MAX ||
      PREAMBLE_SIZE + count * ENTRY_SIZE + store > size)
    return dc_fail (err, DC_ERR_INVALID, "the header is cut off");
  *header = (struct dc_rpm_header){
    b + PREAMBLE_SIZE,
    (uint32_t) count,
    b + PREAMBLE_SIZE + count * ENTRY_SIZE,
    (size_t) store,
  };
  return 0;
}

struct dc_rpm_values
dc_rpm_values (const struct dc_rpm_header *header, enum dc_rpm_tag tag)
{
  /* char, 8, 16, 32, 64 bits, string, bytes, strings, strings by language */
  static const struct {
    bool is_known;
    uint32_t width;
  } types[] = { { false, 0 }, { true, 1 }, { true, 1 }, { true, 2 },
                { true, 4 },  { true, 8 }, { true, 0 }, { true, 1 },
                { true, 0 },  { true, 0 } };
  struct dc_rpm_values values = { { NULL, 0 }, 0, 0 };

  for (uint32_t i = 0; i < header->entry_count; i++) {
    const unsigned char *entry = header->entries + (size_t) i * ENTRY_SIZE;
    const uint64_t type = dc_get_big (entry + 4, 4);
    const uint64_t offset = dc_get_big (entry + 8, 4);
    const uint64_t count = dc_get_big (entry + 12, 4);
    if (dc_get_big (entry, 4) != tag)
      continue;
    if (type >= DC_COUNT (types) || !types[type].is_known ||
        offset > header->store_size ||
        count * types[type].width > header->store_size - offset)
      return values;
    values.rest = (struct dc_span){ (const char *) header->store + offset,
                                    header->store_size - (size_t) offset };
    values.count = (uint32_t) count;
    values.width = types[type].width;
    return values;
  }
  return values;
}

bool
dc_rpm_next (struct dc_rpm_values *values, struct dc_span *text)
{
  if (values->count == 0 || values->width != 0)
    return false;
  const size_t size = strnlen (values->rest.text, values->rest.size);
  if (size == values->rest.size)
    return false; /* the store ends within it */
  *text = (struct dc_span){ values->rest.text, size };
  values->rest = dc_span_skip (values->rest, size + 1);
  values->count--;
  return true;
}

uint64_t
dc_rpm_number (const struct dc_rpm_values *values, size_t index,
               uint64_t otherwise)
{
  return values->width == 0 || index >= values->count
             ? otherwise
             : dc_get_big (values->rest.text + index * values->width,
                           values->width);
}

struct dc_span
dc_rpm_text (const struct dc_rpm_header *header, enum dc_rpm_tag tag)
{
  struct dc_rpm_values values = dc_rpm_values (header, tag);
  struct dc_span text = { NULL, 0 };

  (void) dc_rpm_next (&values, &text); /* else it stays NULL */
  return text;
}

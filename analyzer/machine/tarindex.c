/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/machine/tarindex.h"
#include "lib/array.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "lib/span.h"

#define BLOCK ((uint64_t) 512)

struct reading {
  const struct dc_window *archive;
  struct dc_tarindex *index;
  char *name;    /* of the next member, from a header before it; NULL */
  uint64_t size; /* the same */
  bool has_size;
};

static uint64_t
read_octal (const unsigned char *field, size_t size)
{
  uint64_t value = 0;

  for (size_t i = 0; i < size && field[i] >= '0' && field[i] <= '7'; i++)
    value = value << 3 | (uint64_t) (field[i] - '0');
  return value;
}

/* 12 bytes: octal, or binary with the first bit set. */
static int
read_size (const unsigned char *field, uint64_t *out, struct dc_error *err)
{
  uint64_t value = 0;

  if (field[0] != 0x80) {
    size_t blanks = 0;
    while (blanks < 11 && field[blanks] == ' ')
      blanks++;
    *out = read_octal (field + blanks, 12 - blanks);
    return 0;
  }
  for (int i = 1; i < 12; i++) {
    if (value >> 56 != 0)
      return dc_fail (err, DC_ERR_INVALID, "a member is too large");
    value = value << 8 | field[i];
  }
  *out = value;
  return 0;
}

/* The sum of all bytes, with blanks in place of itself. */
static bool
has_checksum (const unsigned char *header)
{
  const unsigned char *field = header + 148;
  uint64_t sum = 0;

  for (unsigned i = 0; i < BLOCK; i++)
    sum += i >= 148 && i < 156 ? ' ' : header[i];
  while (*field == ' ' && field < header + 154)
    field++;
  return read_octal (field, (size_t) (header + 156 - field)) == sum;
}

static bool
is_zero (const unsigned char *block)
{
  return block[0] == 0 && memcmp (block, block + 1, BLOCK - 1) == 0;
}

/* The content of a header that stands for the next one. */
static int
read_long (const struct reading *reading, uint64_t at, uint64_t size,
           char **out, struct dc_error *err)
{
  if (size > DC_TARINDEX_NAME_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "a header of %llu bytes, limit %zu",
                    (unsigned long long) size, DC_TARINDEX_NAME_MAX);
  AUTO_FREE char *text = calloc (1, (size_t) size + 1);
  if (text == NULL)
    return dc_fail_errno (err, "cannot keep a name");
  if (dc_window_read (reading->archive, at, text, (size_t) size, err) < 0)
    return -1;
  *out = DC_TAKE (text);
  return 0;
}

/* "LENGTH KEY=VALUE\n" */
static int
read_record (struct reading *reading, struct dc_span record,
             struct dc_error *err)
{
  struct dc_span key = { "", 0 };

  if (!dc_span_field (&record, '=', &key) || record.text == NULL)
    return dc_fail (err, DC_ERR_INVALID, "a pax record has no value");
  if (dc_span_is (key, "path")) {
    free (DC_TAKE (reading->name));
    return dc_span_copy (record, &reading->name, err);
  }
  if (dc_span_is (key, "size")) {
    reading->has_size = true;
    return dc_number_parse_bytes (record.text, record.size, 0, INT64_MAX,
                                  &reading->size, err);
  }
  return 0;
}

static int
read_records (struct reading *reading, uint64_t at, uint64_t size,
              struct dc_error *err)
{
  AUTO_FREE char *text = NULL;

  if (read_long (reading, at, size, &text, err) < 0)
    return -1;
  struct dc_span rest = { text, (size_t) size };
  while (rest.size > 0) {
    const struct dc_span all = rest;
    struct dc_span digits = { "", 0 };
    uint64_t length = 0;
    (void) dc_span_field (&rest, ' ', &digits); /* "" is no number */
    if (dc_number_parse_bytes (digits.text, digits.size, 0, UINT64_MAX, &length,
                               err) < 0)
      return dc_context (err, "a pax record");
    if (length < digits.size + 3 || length > all.size)
      return dc_fail (err, DC_ERR_INVALID, "a pax record of %llu bytes",
                      (unsigned long long) length);
    const struct dc_span record = { all.text + digits.size + 1,
                                    (size_t) length - digits.size - 2 };
    if (read_record (reading, record, err) < 0)
      return -1;
    rest = dc_span_skip (all, (size_t) length);
  }
  return 0;
}

static int
name_member (struct reading *reading, const unsigned char *header, char **out,
             struct dc_error *err)
{
  char name[100 + 1 + 155 + 1];
  const bool is_ustar = memcmp (header + 257, "ustar\0", 6) == 0;
  const char *prefix = (const char *) header + 345;

  if (reading->name != NULL) {
    *out = DC_TAKE (reading->name);
    return 0;
  }
  (void) snprintf (name, sizeof name, "%.*s%s%.100s", is_ustar ? 155 : 0,
                   prefix, is_ustar && prefix[0] != '\0' ? "/" : "",
                   (const char *) header);
  *out = strdup (name);
  return *out != NULL ? 0 : dc_fail_errno (err, "cannot keep a name");
}

static int
add_member (struct reading *reading, const unsigned char *header, uint64_t at,
            uint64_t size, struct dc_error *err)
{
  struct dc_tarindex *index = reading->index;
  AUTO_FREE char *name = NULL;

  if (name_member (reading, header, &name, err) < 0)
    return -1;
  if (strncmp (name, "./", 2) == 0)
    memmove (name, name + 2, strlen (name + 2) + 1);
  if (dc_tarindex_find (index, name) != NULL)
    return dc_fail (err, DC_ERR_INVALID, "there are two members '%s'",
                    dc_quote (name).text);
  if (DC_ARRAY_GROW (index->items, index->count, DC_TARINDEX_MAX, "members",
                     err) < 0)
    return -1;
  index->items[index->count++] = (struct dc_tarindex_member){
    .name = DC_TAKE (name),
    .window = { reading->archive->fd, reading->archive->offset + at, size },
  };
  return 0;
}

/* The header in BLOCK; its content begins at AT, *SIZE bytes of it. */
static int
read_header (struct reading *reading, const unsigned char *block, uint64_t at,
             uint64_t *size, struct dc_error *err)
{
  const char type = (char) block[156];

  if (!has_checksum (block))
    return dc_fail (err, DC_ERR_INVALID,
                    at == BLOCK ? "it is no tar archive"
                                : "a header has a wrong checksum");
  if (read_size (block + 124, size, err) < 0)
    return -1;
  if (reading->has_size && type != 'x' && type != 'L') {
    *size = reading->size;
    reading->has_size = false;
  }
  if (at > reading->archive->size || *size > reading->archive->size - at)
    return dc_fail (err, DC_ERR_INVALID,
                    "it ends within a member, at byte %llu",
                    (unsigned long long) reading->archive->size);
  if (type == 'x')
    return read_records (reading, at, *size, err);
  if (type == 'L') {
    free (DC_TAKE (reading->name));
    return read_long (reading, at, *size, &reading->name, err);
  }
  if (type == '0' || type == '\0' || type == '7')
    return add_member (reading, block, at, *size, err);
  free (DC_TAKE (reading->name)); /* of something that is no file */
  return 0;
}

int
dc_tarindex_read (const struct dc_window *archive, struct dc_tarindex **out,
                  struct dc_error *err)
{
  DC_AUTO (dc_tarindex) *index = calloc (1, sizeof *index);
  struct reading reading = { .archive = archive, .index = index };
  unsigned char block[BLOCK];
  unsigned headers = 0;
  int status = 0;

  if (index == NULL)
    return dc_fail_errno (err, "cannot keep a list of members");
  for (uint64_t at = 0; status == 0 && archive->size - at >= BLOCK;) {
    uint64_t size = 0;
    status = dc_window_read (archive, at, block, sizeof block, err);
    if (status < 0 || is_zero (block))
      break;
    status = ++headers > 4 * DC_TARINDEX_MAX
                 ? dc_fail (err, DC_ERR_LIMIT, "more than %d headers",
                            4 * DC_TARINDEX_MAX)
                 : read_header (&reading, block, at + BLOCK, &size, err);
    /* Padding that is not there any more ends the loop. */
    const uint64_t next = at + BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
    at = next < archive->size ? next : archive->size;
  }
  free (reading.name);
  if (status < 0)
    return -1;
  if (headers == 0)
    return dc_fail (err, DC_ERR_INVALID, "it is no tar archive");
  *out = DC_TAKE (index);
  return 0;
}

const struct dc_tarindex_member *
dc_tarindex_find (const struct dc_tarindex *index, const char *name)
{
  if (strncmp (name, "./", 2) == 0)
    name += 2;
  for (size_t i = 0; i < index->count; i++)
    if (strcmp (index->items[i].name, name) == 0)
      return &index->items[i];
  return NULL;
}

void
dc_tarindex_free (struct dc_tarindex *index)
{
  if (index == NULL)
    return;
  for (size_t i = 0; i < index->count; i++)
    free (index->items[i].name);
  free (index->items);
  free (index);
}

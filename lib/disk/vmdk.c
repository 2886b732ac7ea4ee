/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "lib/array.h"
#include "lib/buffer.h"
#include "lib/disk/field.h"
#include "lib/disk/vmdk.h"
#include "lib/file.h"
#include "lib/quote.h"
#include "lib/span.h"

#define SECTOR ((uint64_t) 512)
#define HEADER_SIZE 44
#define EXTENT_NAME_MAX 511 /* bytes; QEMU cuts a longer one in silence */

/* The text between the first pair of quotes in *REST, which is then behind
 * them.
 */
static bool
take_quoted (struct dc_span *rest, struct dc_span *out)
{
  struct dc_span before;

  return dc_span_field (rest, '"', &before) && rest->text != NULL &&
         dc_span_has (*rest, '"') && dc_span_field (rest, '"', out);
}

static int
add_extent (struct dc_header *header, struct dc_span name, struct dc_error *err)
{
  if (name.size == 0 || name.size > EXTENT_NAME_MAX)
    return dc_fail (err, DC_ERR_INVALID,
                    "the name of an extent is %zu bytes, not 1 to %d",
                    name.size, EXTENT_NAME_MAX);
  if (DC_ARRAY_GROW (header->extents, header->extent_count,
                     DC_HEADER_EXTENT_MAX, "extents", err) < 0 ||
      dc_span_copy (name, &header->extents[header->extent_count], err) < 0)
    return dc_context (err, "an extent");
  header->extent_count++;
  return 0;
}

/* ACCESS SECTORS TYPE "NAME" [OFFSET], ACCESS being read already.  QEMU
 * leaves out what it does not know, and the rest of the disk moves forward.
 */
static int
read_extent (struct dc_span access, struct dc_span line,
             struct dc_header *header, struct dc_error *err)
{
  static const char *const types[] = { "FLAT", "SESPARSE", "SPARSE", "VMFS",
                                       "VMFSSPARSE" };
  struct dc_span sectors = { "", 0 }, type = { "", 0 }, name;
  bool is_known = false;

  (void) dc_span_word (&line, &sectors); /* QEMU judges the number */
  (void) dc_span_word (&line, &type);    /* "" is no type */
  for (size_t i = 0; i < DC_COUNT (types); i++)
    is_known = is_known || dc_span_is (type, types[i]);
  if (!dc_span_is (access, "RW") || !is_known)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "has an extent of type '%s' and access '%s', which QEMU "
                    "cannot read",
                    dc_quote_bytes (type.text, type.size).text,
                    dc_quote_bytes (access.text, access.size).text);
  if (!take_quoted (&line, &name))
    return dc_fail (err, DC_ERR_INVALID, "an extent has no name");
  return add_extent (header, name, err);
}

static int
read_parent (struct dc_span value, struct dc_header *header,
             struct dc_error *err)
{
  struct dc_span name;

  if (!take_quoted (&value, &name) || name.size == 0 ||
      name.size > DC_HEADER_NAME_MAX)
    return dc_fail (err, DC_ERR_INVALID,
                    "the name of its parent is not 1 to %d bytes in quotes",
                    DC_HEADER_NAME_MAX);
  return header->backing == NULL ? dc_span_copy (name, &header->backing, err)
                                 : 0;
}

static int
read_line (struct dc_span line, enum dc_vmdk_extents extents,
           struct dc_header *header, struct dc_error *err)
{
  static const char *const accesses[] = { "NOACCESS", "RDONLY", "RW" };
  struct dc_span rest = line, word = { "", 0 }, key = { "", 0 };

  (void) dc_span_word (&rest, &word); /* an empty line has no word */
  for (size_t i = 0;
       extents == DC_VMDK_EXTENTS_COUNT && i < DC_COUNT (accesses); i++)
    if (dc_span_is (word, accesses[i]))
      return read_extent (word, rest, header, err);
  rest = line;
  (void) dc_span_field (&rest, '=', &key); /* the whole line without a '=' */
  key = dc_span_trim (key);
  const char *const hint = "parentFileNameHint";
  if (rest.text != NULL && key.size == strlen (hint) &&
      strncasecmp (key.text, hint, key.size) == 0)
    return read_parent (rest, header, err);
  return 0;
}

int
dc_vmdk_parse (const char *text, size_t size, enum dc_vmdk_extents extents,
               struct dc_header *header, struct dc_error *err)
{
  /* The rest of its sectors is filled with zeros. */
  struct dc_span rest = { text, strnlen (text, size) }, line;

  for (unsigned number = 1; dc_span_line (&rest, &line); number++)
    if (read_line (line, extents, header, err) < 0)
      return dc_context (err, "descriptor line %u", number);
  if (extents == DC_VMDK_EXTENTS_COUNT && header->extent_count == 0)
    return dc_fail (err, DC_ERR_INVALID, "its descriptor names no extent");
  return 0;
}

static int
read_descriptor (const struct dc_window *file, uint64_t offset, uint64_t size,
                 enum dc_vmdk_extents extents, struct dc_header *header,
                 struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_HEADER_DESCRIPTOR_MAX);

  if (size > DC_HEADER_DESCRIPTOR_MAX)
    return dc_fail (err, DC_ERR_LIMIT,
                    "its descriptor is %llu bytes, limit %zu",
                    (unsigned long long) size, DC_HEADER_DESCRIPTOR_MAX);
  if (dc_buffer_reserve (&b, (size_t) size, err) < 0 ||
      dc_window_read (file, offset, b.data, (size_t) size, err) < 0)
    return dc_context (err, "the descriptor");
  return dc_vmdk_parse (b.data, (size_t) size, extents, header, err);
}

int
dc_vmdk_read (const struct dc_window *file, struct dc_header *header,
              struct dc_error *err)
{
  unsigned char f[HEADER_SIZE];
  uint64_t offset, size;

  if (dc_window_read (file, 0, f, 4, err) < 0)
    return dc_context (err, "the header");
  if (memcmp (f, "COWD", 4) == 0)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "is one extent of a VMware disk; name the disk's "
                    "descriptor");
  if (memcmp (f, "KDMV", 4) != 0)
    return read_descriptor (file, 0, file->size, DC_VMDK_EXTENTS_COUNT, header,
                            err);

  if (dc_window_read (file, 0, f, sizeof f, err) < 0)
    return dc_context (err, "the header");
  const uint64_t capacity = dc_le64 (f + 12);
  if (__builtin_mul_overflow (capacity, SECTOR, &header->virtual_size) ||
      __builtin_mul_overflow (dc_le64 (f + 28), SECTOR, &offset) ||
      __builtin_mul_overflow (dc_le64 (f + 36), SECTOR, &size))
    return dc_fail (err, DC_ERR_INVALID, "a number in its header is too big");
  if (offset == 0 && capacity == 0)
    return dc_fail (err, DC_ERR_INVALID, "has neither data nor a descriptor");
  if (offset == 0)
    return 0;
  return read_descriptor (file, offset, size,
                          capacity == 0 ? DC_VMDK_EXTENTS_COUNT
                                        : DC_VMDK_EXTENTS_IGNORED,
                          header, err);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <jansson.h>
#include <string.h>

#include "lib/array.h"
#include "lib/disk/map.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/span.h"

#define SECTOR ((uint64_t) 512)

/* A row while it is read. */
struct row {
  json_int_t start, length, depth, offset;
  int has_data, is_zero;
};

struct parser {
  const struct dc_window *files;
  size_t file_count;
  struct dc_extent *items;
  size_t count;
  uint64_t size; /* of the disk so far */
};

static bool
has (struct dc_span line, const char *words)
{
  return memmem (line.text, line.size, words, strlen (words)) != NULL;
}

/* The digit of "depth"; chains that long have one. */
static bool
is_in_files (struct dc_span line, size_t file_count)
{
  static const char key[] = "\"depth\": ";
  const char *p = memmem (line.text, line.size, key, strlen (key));

  if (p == NULL)
    return false;
  p += strlen (key);
  const char *end = line.text + line.size;
  return end - p >= 2 && *p >= '0' && *p <= '9' && p[1] == ',' &&
         (size_t) (*p - '0') < file_count;
}

bool
dc_map_is_direct (const char *text, size_t size, size_t file_count)
{
  struct dc_span rest = { text, size }, line;
  size_t rows = 0;

  for (; dc_span_line (&rest, &line); rows++) {
    if (has (line, "\"zero\": true") || has (line, "\"data\": false"))
      continue;
    if (!has (line, "\"data\": true") || !has (line, "\"offset\": ") ||
        !is_in_files (line, file_count))
      return false;
  }
  return rows > 0 && rows <= DC_MAP_ROW_MAX;
}

/* A raw file may end within a sector, the rest of which is zeros.  Any other
 * file that ends before its data has been cut off; QEMU would read zeros.
 */
static int
cut_to_file (const struct dc_window *file, struct dc_extent *item,
             struct dc_error *err)
{
  uint64_t end;

  if (__builtin_add_overflow (item->offset, item->size, &end))
    return dc_fail (err, DC_ERR_INVALID,
                    "its map has data at an impossible place");
  if (end <= file->size)
    return 0;
  const uint64_t missing = end - file->size;
  if (missing >= SECTOR || missing >= item->size)
    return dc_fail (err, DC_ERR_INVALID,
                    "is cut off: it should hold data up to byte %llu and ends "
                    "at %llu",
                    (unsigned long long) end, (unsigned long long) file->size);
  item->size -= missing;
  return 0;
}

static int
add_piece (struct parser *parser, const struct row *row, struct dc_error *err)
{
  if (row->offset < 0 || row->depth < 0 ||
      (size_t) row->depth >= parser->file_count)
    return dc_fail (err, DC_ERR_INVALID, "its map has data that no file holds");
  const struct dc_window *file = &parser->files[row->depth];
  struct dc_extent item = { (uint64_t) row->start, (uint64_t) row->length,
                            (uint64_t) row->offset, file->fd };
  if (cut_to_file (file, &item, err) < 0)
    return -1;
  item.offset += file->offset; /* both are inside the file */
  struct dc_extent *last =
      parser->count > 0 ? &parser->items[parser->count - 1] : NULL;
  if (last != NULL && last->fd == item.fd &&
      last->start + last->size == item.start &&
      last->offset + last->size == item.offset) {
    last->size += item.size;
    return 0;
  }
  if (DC_ARRAY_GROW (parser->items, parser->count, DC_MAP_ROW_MAX, "rows",
                     err) < 0)
    return -1;
  parser->items[parser->count++] = item;
  return 0;
}

static int
read_row (struct dc_span text, struct row *row, struct dc_error *err)
{
  json_auto_t *json = NULL;

  if (dc_json_parse (text.text, text.size, "row", &json, err) < 0)
    return -1;
  return dc_json_unpack (json, "row", err, "{s:I, s:I, s:I, s:b, s:b, s?I}",
                         "start", &row->start, "length", &row->length, "depth",
                         &row->depth, "zero", &row->is_zero, "data",
                         &row->has_data, "offset", &row->offset);
}

/* The object in a line: less "[" before it, "," or "]" behind it. */
static struct dc_span
object_of (struct dc_span line)
{
  line = dc_span_trim (line);
  if (line.size > 0 && line.text[0] == '[')
    line = dc_span_skip (line, 1);
  if (line.size > 0 &&
      (line.text[line.size - 1] == ',' || line.text[line.size - 1] == ']'))
    line.size--;
  return line;
}

/* A guest's disk has whole sectors; a last piece may end behind them. */
static void
cut_to_sectors (struct parser *parser)
{
  struct dc_extent *last =
      parser->count > 0 ? &parser->items[parser->count - 1] : NULL;

  parser->size -= parser->size % SECTOR;
  if (last != NULL && last->start + last->size > parser->size)
    last->size = parser->size > last->start ? parser->size - last->start : 0;
  if (last != NULL && last->size == 0)
    parser->count--;
}

static int
read_rows (struct parser *parser, struct dc_span rest, struct dc_error *err)
{
  struct dc_span line;

  for (size_t number = 1; dc_span_line (&rest, &line); number++) {
    struct row row = { .offset = -1 };
    if (read_row (object_of (line), &row, err) < 0)
      return dc_context (err, "row %zu of its map", number);
    if (row.start < 0 || (uint64_t) row.start != parser->size ||
        row.length <= 0 || row.length > INT64_MAX - row.start)
      return dc_fail (err, DC_ERR_INVALID,
                      "row %zu of its map does not follow the one before",
                      number);
    parser->size += (uint64_t) row.length;
    if (row.has_data && !row.is_zero && add_piece (parser, &row, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_map_disk (const char *text, size_t text_size, const struct dc_window *files,
             size_t file_count, struct dc_disk **out, struct dc_error *err)
{
  const struct dc_span rest = { text, text_size };
  struct parser parser = { .files = files, .file_count = file_count };

  const int status = read_rows (&parser, rest, err);
  AUTO_FREE struct dc_extent *items = parser.items;
  if (status < 0)
    return -1;
  cut_to_sectors (&parser);
  return dc_extents_disk (DC_TAKE (items), parser.count, parser.size, out, err);
}

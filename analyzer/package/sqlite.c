/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/package/sqlite.h"
#include "lib/text.h"

#define HEADER_SIZE ((size_t) 100)
#define DEPTH_MAX 20     /* levels of pages; SQLite's own limit */
#define ROOT_OF_SCHEMA 1 /* page */
#define TYPE_INTERIOR 0x05
#define TYPE_LEAF 0x0d

static const char magic[16] = "SQLite format 3"; /* and the NUL */

struct db {
  struct dc_pagefile file;
  struct dc_sqlite_wal wal;
  size_t page_size;
  size_t usable;       /* bytes of a page that are not reserved */
  uint64_t page_count; /* of the last commit */
  struct dc_buffer row;
  const struct dc_sqlite_sink *sink;
};

static int
read_page (struct db *db, uint64_t page, unsigned char *bytes,
           struct dc_error *err)
{
  uint64_t offset;

  if (dc_sqlite_wal_find (&db->wal, page, &offset))
    return dc_pagefile_read (&db->wal.file, offset, bytes, db->page_size, err);
  return dc_pagefile_read (&db->file, (page - 1) * db->page_size, bytes,
                           db->page_size, err);
}

/* A number of 1 to 9 bytes, 7 bits each; the ninth byte has 8.  Its size, or 0
 * when it does not fit into ROOM.
 */
static size_t
get_varint (const unsigned char *bytes, size_t room, uint64_t *number)
{
  *number = 0;
  for (size_t i = 0; i < 9 && i < room; i++) {
    if (i == 8) {
      *number = *number << 8 | bytes[i];
      return 9;
    }
    *number = *number << 7 | (bytes[i] & 0x7f);
    if ((bytes[i] & 0x80) == 0)
      return i + 1;
  }
  return 0;
}

/* The bytes of a column of this serial type. */
static uint64_t
column_size (uint64_t type)
{
  static const uint8_t sizes[] = { 0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0 };

  return type < DC_COUNT (sizes) ? sizes[type] : (type - 12) / 2;
}

static struct dc_sqlite_value
get_column (uint64_t type, const char *bytes, size_t size)
{
  struct dc_sqlite_value value = { { NULL, 0 }, 0 };

  if (type >= 12) {
    value.text = (struct dc_span){ bytes, size };
  } else if (type == 8 || type == 9) {
    value.number = type == 9;
  } else if (type >= 1 && type <= 6) {
    const uint64_t bits = dc_get_big (bytes, size);
    const unsigned unused = (unsigned) (64 - 8 * size);
    value.number = (int64_t) (bits << unused) >> unused;
  }
  return value; /* 7 is a floating point number, which nobody asks for */
}

/* Hand the payload in db->row to the sink: 1, 0 when it is damaged. */
static int
give_row (struct db *db, int64_t rowid, struct dc_error *err)
{
  struct dc_sqlite_value columns[DC_SQLITE_COLUMN_MAX];
  const char *bytes = dc_buffer_text (&db->row);
  const size_t size = db->row.size;
  uint64_t head, type;
  size_t count = 0;

  size_t at = get_varint ((const unsigned char *) bytes, size, &head);
  if (at == 0 || head > size)
    return 0;
  for (size_t data = (size_t) head; at < head; count++) {
    const size_t n = get_varint ((const unsigned char *) bytes + at,
                                 (size_t) head - at, &type);
    if (n == 0 || count == DC_SQLITE_COLUMN_MAX ||
        column_size (type) > size - data)
      return 0;
    columns[count] =
        get_column (type, bytes + data, (size_t) column_size (type));
    data += (size_t) column_size (type);
    at += n;
  }
  return db->sink->row (db->sink->self, rowid, columns, count, err) < 0 ? -1
                                                                        : 1;
}

/* How much of a payload of SIZE bytes lies on the page itself (1.6). */
static size_t
local_size (const struct db *db, uint64_t size)
{
  const size_t most = db->usable - 35;
  const size_t least = (db->usable - 12) * 32 / 255 - 23;

  if (size <= most)
    return (size_t) size;
  const size_t local = least + (size_t) ((size - least) % (db->usable - 4));
  return local <= most ? local : least;
}

/* Append SIZE bytes of the chain that begins at PAGE: 1, 0 when it is
 * broken.
 */
static int
add_overflow (struct db *db, uint64_t page, uint64_t size, struct dc_error *err)
{
  AUTO_FREE unsigned char *bytes = malloc (db->page_size);

  if (bytes == NULL)
    return dc_fail_errno (err, "cannot read a database");
  while (size > 0) {
    const size_t n = size < db->usable - 4 ? (size_t) size : db->usable - 4;
    if (page == 0 || !dc_pagefile_visit (&db->file, page))
      return 0;
    if (read_page (db, page, bytes, err) < 0 ||
        dc_buffer_append (&db->row, bytes + 4, n, err) < 0)
      return -1;
    page = dc_get_big (bytes, 4);
    size -= n;
  }
  return 1;
}

/* The row at the end of ROOM bytes: 1, 0 when it is damaged. */
static int
read_row (struct db *db, const unsigned char *cell, size_t room,
          struct dc_error *err)
{
  uint64_t size, rowid;

  const size_t first = get_varint (cell, room, &size);
  const size_t second = get_varint (cell + first, room - first, &rowid);
  if (first == 0 || second == 0 || size > DC_SQLITE_ROW_MAX ||
      size > db->page_count * db->page_size)
    return 0;
  cell += first + second;
  room -= first + second;
  const size_t local = local_size (db, size);
  if (local > room || (local < size && room - local < 4))
    return 0;
  dc_buffer_clear (&db->row);
  if (dc_buffer_append (&db->row, cell, local, err) < 0)
    return -1;
  const int status =
      local < size
          ? add_overflow (db, dc_get_big (cell + local, 4), size - local, err)
          : 1;
  return status <= 0 ? status : give_row (db, (int64_t) rowid, err);
}

static int walk (struct db *db, uint64_t page, unsigned depth,
                 struct dc_error *err);

static int
walk_cells (struct db *db, const unsigned char *bytes, size_t head,
            unsigned depth, struct dc_error *err)
{
  const bool is_leaf = bytes[head] == TYPE_LEAF;
  const size_t pointers = head + (is_leaf ? 8 : 12);
  const size_t count = (size_t) dc_get_big (bytes + head + 3, 2);

  for (size_t i = 0; i < count && pointers + 2 * i + 2 <= db->usable; i++) {
    const size_t at = (size_t) dc_get_big (bytes + pointers + 2 * i, 2);
    int status = 0;
    if (at >= pointers && at + 4 <= db->usable)
      status = is_leaf ? read_row (db, bytes + at, db->usable - at, err)
                       : walk (db, dc_get_big (bytes + at, 4), depth + 1, err);
    if (status < 0)
      return -1;
    if (status == 0)
      db->sink->damage (db->sink->self);
  }
  return is_leaf ? 1
                 : walk (db, dc_get_big (bytes + head + 8, 4), depth + 1, err);
}

/* All rows below PAGE: 1, 0 when it is no page of a table. */
static int
walk (struct db *db, uint64_t page, unsigned depth, struct dc_error *err)
{
  const size_t head = page == 1 ? HEADER_SIZE : 0;

  if (page == 0 || depth > DEPTH_MAX || !dc_pagefile_visit (&db->file, page))
    return 0;
  AUTO_FREE unsigned char *bytes = malloc (db->page_size);
  if (bytes == NULL)
    return dc_fail_errno (err, "cannot read a database");
  if (read_page (db, page, bytes, err) < 0)
    return -1;
  if (bytes[head] != TYPE_LEAF && bytes[head] != TYPE_INTERIOR)
    return 0;
  return walk_cells (db, bytes, head, depth, err);
}

/* The page where a table begins, by the rows of sqlite_schema: type, name,
 * table, root page, SQL.
 */
struct search {
  const char *table;
  uint64_t root; /* 0: not found */
};

static int
match_table (void *self, int64_t rowid, const struct dc_sqlite_value *columns,
             size_t count, struct dc_error *err)
{
  struct search *search = self;

  (void) rowid;
  (void) err; /* nothing here can fail */
  if (count >= 4 && columns[0].text.text != NULL &&
      columns[1].text.text != NULL && dc_span_is (columns[0].text, "table") &&
      dc_span_is (columns[1].text, search->table) && columns[3].number > 0)
    search->root = (uint64_t) columns[3].number;
  return 0;
}

static void
ignore_damage (void *self)
{
  (void) self; /* a table that is not found is reported */
}

static int
read_header (struct db *db, struct dc_tree *tree, const char *path,
             struct dc_error *err)
{
  unsigned char header[HEADER_SIZE];
  AUTO_FREE char *wal = NULL;

  if (db->file.size < sizeof header)
    return dc_fail (err, DC_ERR_INVALID, "it is no SQLite database");
  if (dc_pagefile_read (&db->file, 0, header, sizeof header, err) < 0)
    return -1;
  const size_t stored = (size_t) dc_get_big (header + 16, 2);
  db->page_size = stored == 1 ? 65536 : stored;
  if (memcmp (header, magic, sizeof magic) != 0 || db->page_size < 512 ||
      (db->page_size & (db->page_size - 1)) != 0 ||
      db->page_size - header[20] < 480)
    return dc_fail (err, DC_ERR_INVALID, "it is no SQLite database");
  db->usable = db->page_size - header[20];
  if (dc_text_print (&wal, err, "%s-wal", path) < 0 ||
      dc_sqlite_wal_open (tree, wal, db->page_size, &db->wal, err) < 0)
    return -1;
  const uint64_t in_file = db->file.size / db->page_size;
  const uint64_t in_both = in_file + db->wal.file.size / db->page_size;
  db->page_count = db->wal.page_count > 0 ? db->wal.page_count : in_file;
  if (db->page_count > in_both)
    db->page_count = in_both;
  return 0;
}

/* Pages count from 1. */
static int
walk_table (struct db *db, uint64_t root, const struct dc_sqlite_sink *sink,
            struct dc_error *err)
{
  db->sink = sink;
  if (dc_pagefile_mark (&db->file, db->page_count + 1, err) < 0)
    return -1;
  const int status = walk (db, root, 0, err);
  if (status == 0)
    sink->damage (sink->self);
  return status < 0 ? -1 : 1;
}

static int
find_and_walk (struct db *db, const char *table,
               const struct dc_sqlite_sink *sink, struct dc_error *err)
{
  struct search search = { table, 0 };
  const struct dc_sqlite_sink schema = { match_table, ignore_damage, &search };

  if (walk_table (db, ROOT_OF_SCHEMA, &schema, err) < 0)
    return -1;
  return search.root == 0 ? 0 : walk_table (db, search.root, sink, err);
}

int
dc_sqlite_rows (struct dc_tree *tree, const char *path, const char *table,
                const struct dc_sqlite_sink *sink, struct dc_error *err)
{
  struct db db = { .row = DC_BUFFER_INIT (DC_SQLITE_ROW_MAX) };

  if (dc_pagefile_open (tree, path, &db.file) == 0)
    return 0;
  int status = read_header (&db, tree, path, err);
  if (status == 0)
    status = find_and_walk (&db, table, sink, err);
  dc_buffer_release (&db.row);
  dc_sqlite_wal_release (&db.wal);
  dc_pagefile_release (&db.file);
  return status;
}

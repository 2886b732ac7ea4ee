/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_SQLITE_H
#define DC_ANALYZER_PACKAGE_SQLITE_H

/* sqlite: the rows of a table of an SQLite file.
 *
 * Read by us and not by the library, which wants a path on the host or the
 * whole file in memory, cannot apply a write-ahead log there, and would be a
 * large piece of code to hand hostile bytes to.  We need no index, no
 * expression and no writing.  What is committed in FILE-wal is applied.
 *
 *   page 1         100 bytes of header, then as any page
 *   table page     type 0x05 (pointers to pages) or 0x0d (rows), cells
 *   row            size, rowid, payload; what does not fit on the page is in
 *                  a chain of overflow pages
 *   payload        size of the header, a serial type a column, the columns
 *
 * Source: sqlite.org/fileformat2.html, sections 1.3 to 1.6, 2.1, 4.
 */

#include "analyzer/package/pagefile.h"
#include "lib/span.h"

#define DC_SQLITE_ROW_MAX ((size_t) 256 * 1024 * 1024) /* bytes */
#define DC_SQLITE_COLUMN_MAX 64
#define DC_SQLITE_WAL_MAX ((uint64_t) 256 * 1024 * 1024) /* bytes */

/* NULL: text NULL and number 0.  A number has no text; text and blobs have no
 * number.
 */
struct dc_sqlite_value {
  struct dc_span text;
  int64_t number;
};

struct dc_sqlite_sink {
  /* A row, borrowed for the call. */
  int (*row) (void *self, int64_t rowid, const struct dc_sqlite_value *columns,
              size_t count, struct dc_error *err);
  /* A row or a page is damaged and left out. */
  void (*damage) (void *self);
  void *self;
};

/* Hand all rows of TABLE of the file PATH to SINK.  1; 0 when there is no such
 * file or table; -1: DC_ERR_INVALID (no database), DC_ERR_LIMIT,
 * DC_ERR_SYSTEM, what SINK says.
 */
int dc_sqlite_rows (struct dc_tree *tree, const char *path, const char *table,
                    const struct dc_sqlite_sink *sink, struct dc_error *err);

/* sqlitewal.c: where the pages of a write-ahead log lie. */
struct dc_sqlite_wal {
  struct dc_pagefile file;
  struct dc_sqlite_frame *frames; /* sorted by page, each once */
  size_t count;
  uint64_t page_count; /* of the database with the log applied; 0: none */
};
/* Read the frames of what is committed; a log that does not fit is no log. */
int dc_sqlite_wal_open (struct dc_tree *tree, const char *path,
                        size_t page_size, struct dc_sqlite_wal *wal,
                        struct dc_error *err);
/* Where in wal->file PAGE is: true and *OFFSET. */
bool dc_sqlite_wal_find (const struct dc_sqlite_wal *wal, uint64_t page,
                         uint64_t *offset);
void dc_sqlite_wal_release (struct dc_sqlite_wal *wal);

#endif

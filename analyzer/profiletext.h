/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PROFILETEXT_H
#define DC_ANALYZER_PROFILETEXT_H

/* profiletext: the parts that the files making a profile's text share.
 *
 * Only the JSON is read, so that a stored profile shows the same as a new
 * one.  A key that is missing reads as null.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/buffer.h"
#include "lib/columns.h"

#define DC_PAGE_LIST_MAX 60 /* of one list; of further ones the count is said */
#define DC_PAGE_SIZE_MAX ((size_t) 1024 * 1024) /* bytes */

struct dc_page {
  const json_t *json; /* of the profile */
  unsigned width;     /* columns */
  struct dc_buffer *out;
};

/* NULL when OBJECT has no such text; borrowed. */
const char *dc_page_text (const json_t *object, const char *key);
bool dc_page_is (const json_t *object, const char *key);

/* "20.0 GiB" appended to B. */
int dc_page_size (struct dc_buffer *b, int64_t bytes, struct dc_error *err);

/* A heading after an empty line, and the rows below it; nothing without rows.
 * COUNT rows were there to show, of which COLUMNS may have fewer.
 */
int dc_page_table (struct dc_page *page, const char *heading,
                   const struct dc_columns *columns, size_t count,
                   struct dc_error *err);

/* Names of a list, "a, b, c", the first MAX of them. */
struct dc_page_list {
  struct dc_buffer text; /* DC_BUFFER_INIT (DC_PAGE_SIZE_MAX) */
  size_t count, max;
};
int dc_page_add (struct dc_page_list *list, const char *name,
                 struct dc_error *err);
/* "  LABEL: a, b, c and 5 more", wrapped; nothing without names. */
int dc_page_print (struct dc_page *page, const char *label,
                   const struct dc_page_list *list, struct dc_error *err);

/* servicetext.c: what starts and where it listens. */
int dc_services_text (struct dc_page *page, struct dc_error *err);

#endif

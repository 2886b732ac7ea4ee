/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* Numbers are in the byte order of the machine that wrote it.
 *
 *   meta page     12: 0x061561, 20: page size, 24: encryption, 25: type 8,
 *                 32: last page
 *   any page      16: next page, 20: count of items, 22: where items begin,
 *                 25: type; a header of 26 bytes
 *   hash page     offsets of 2 bytes, key and value in turn; items lie from
 *                 the end of the page down: a byte of type, then the data, or
 *                 (type 3) 4: first page, 8: size of what lies on a chain of
 *                 overflow pages
 *   overflow page 22: how many bytes; the data follows the header
 *
 * All pages are looked at in their order instead of bucket by bucket: the hash
 * function does not matter.
 */

#include <stdlib.h>
#include <string.h>

#include "analyzer/package/rpmdb.h"
#include "lib/buffer.h"

#define META_SIZE 72
#define HEADER_SIZE ((size_t) 26)
#define MAGIC 0x061561
#define TYPE_HASH_META 8
#define TYPE_HASH_UNSORTED 2
#define TYPE_OVERFLOW 7
#define TYPE_HASH 13
#define ITEM_DATA 1
#define ITEM_OFFPAGE 3
#define KEY_SIZE 4

struct bdb {
  struct dc_pagefile *file;
  const struct dc_rpm_sink *sink;
  uint64_t (*get) (const void *bytes, size_t size);
  size_t page_size;
  uint64_t page_count;
  unsigned char *page;
  struct dc_buffer value;
};

/* A page's item: its type is the first byte. */
struct item {
  const unsigned char *bytes;
  size_t size;
};

static int
read_meta (struct bdb *bdb, struct dc_error *err)
{
  unsigned char meta[META_SIZE];

  if (bdb->file->size < sizeof meta)
    return dc_fail (err, DC_ERR_INVALID, "it is no hash of Berkeley DB");
  if (dc_pagefile_read (bdb->file, 0, meta, sizeof meta, err) < 0)
    return -1;
  bdb->get = dc_get_little (meta + 12, 4) == MAGIC ? dc_get_little : dc_get_big;
  bdb->page_size = (size_t) bdb->get (meta + 20, 4);
  if (bdb->get (meta + 12, 4) != MAGIC || meta[25] != TYPE_HASH_META ||
      bdb->page_size < 512 || bdb->page_size > 65536)
    return dc_fail (err, DC_ERR_INVALID, "it is no hash of Berkeley DB");
  if (meta[24] != 0)
    return dc_fail (err, DC_ERR_UNSUPPORTED, "it is encrypted");
  const uint64_t last = bdb->get (meta + 32, 4);
  bdb->page_count = bdb->file->size / bdb->page_size;
  if (last + 1 < bdb->page_count)
    bdb->page_count = last + 1;
  return 0;
}

static int
read_page (struct bdb *bdb, uint64_t number, void *bytes, struct dc_error *err)
{
  return dc_pagefile_read (bdb->file, number * bdb->page_size, bytes,
                           bdb->page_size, err);
}

/* Item INDEX, which ends where the one before it begins. */
static bool
get_item (const struct bdb *bdb, size_t index, struct item *item)
{
  const unsigned char *offsets = bdb->page + HEADER_SIZE;
  const size_t begin = (size_t) bdb->get (offsets + 2 * index, 2);
  const size_t end = index == 0
                         ? bdb->page_size
                         : (size_t) bdb->get (offsets + 2 * (index - 1), 2);

  if (begin < HEADER_SIZE + 2 * (index + 1) || begin >= end ||
      end > bdb->page_size)
    return false;
  *item = (struct item){ bdb->page + begin, end - begin };
  return true;
}

/* SIZE bytes of the chain that begins at page NUMBER, into bdb->value: 1, 0
 * when it is broken.
 */
static int
read_chain (struct bdb *bdb, uint64_t number, uint64_t size,
            struct dc_error *err)
{
  AUTO_FREE unsigned char *page = malloc (bdb->page_size);

  if (page == NULL)
    return dc_fail_errno (err, "cannot read a package's header");
  while (size > 0) {
    if (number == 0 || !dc_pagefile_visit (bdb->file, number))
      return 0;
    if (read_page (bdb, number, page, err) < 0)
      return -1;
    const uint64_t n = bdb->get (page + 22, 2);
    if (page[25] != TYPE_OVERFLOW || n == 0 || n > size ||
        n > bdb->page_size - HEADER_SIZE)
      return 0;
    if (dc_buffer_append (&bdb->value, page + HEADER_SIZE, (size_t) n, err) < 0)
      return -1;
    size -= n;
    number = bdb->get (page + 16, 4);
  }
  return 1;
}

/* The value of a pair, into bdb->value: 1, 0 when it is damaged. */
static int
read_value (struct bdb *bdb, const struct item *item, struct dc_error *err)
{
  dc_buffer_clear (&bdb->value);
  if (*item->bytes == ITEM_DATA)
    return dc_buffer_append (&bdb->value, item->bytes + 1, item->size - 1,
                             err) < 0
               ? -1
               : 1;
  if (*item->bytes != ITEM_OFFPAGE || item->size < 12)
    return 0;
  const uint64_t size = bdb->get (item->bytes + 8, 4);
  if (size > DC_RPM_HEADER_MAX || size > bdb->file->size)
    return 0;
  return read_chain (bdb, bdb->get (item->bytes + 4, 4), size, err);
}

/* Package 0 is rpm's counter. */
static int
give_pair (struct bdb *bdb, size_t index, struct dc_error *err)
{
  struct item key, value;

  if (!get_item (bdb, index, &key) || !get_item (bdb, index + 1, &value) ||
      *key.bytes != ITEM_DATA || key.size != 1 + KEY_SIZE)
    return 0;
  const uint64_t number = bdb->get (key.bytes + 1, KEY_SIZE);
  if (number == 0)
    return 1;
  const int status = read_value (bdb, &value, err);
  if (status <= 0)
    return status;
  return bdb->sink->header (bdb->sink->self, number,
                            dc_buffer_text (&bdb->value), bdb->value.size,
                            err) < 0
             ? -1
             : 1;
}

static int
walk_page (struct bdb *bdb, struct dc_error *err)
{
  const unsigned char type = bdb->page[25];
  const size_t count = (size_t) bdb->get (bdb->page + 20, 2);

  if (type != TYPE_HASH && type != TYPE_HASH_UNSORTED)
    return 0;
  for (size_t i = 0;
       i + 1 < count && HEADER_SIZE + 2 * (i + 2) <= bdb->page_size; i += 2) {
    const int status = give_pair (bdb, i, err);
    if (status < 0)
      return -1;
    if (status == 0)
      bdb->sink->damage (bdb->sink->self);
  }
  return 0;
}

static int
walk (struct bdb *bdb, struct dc_error *err)
{
  if (read_meta (bdb, err) < 0 ||
      dc_pagefile_mark (bdb->file, bdb->page_count, err) < 0)
    return -1;
  bdb->page = malloc (bdb->page_size);
  if (bdb->page == NULL)
    return dc_fail_errno (err, "cannot read a database");
  for (uint64_t i = 1; i < bdb->page_count; i++)
    if (read_page (bdb, i, bdb->page, err) < 0 || walk_page (bdb, err) < 0)
      return -1;
  return 0;
}

int
dc_rpmdb_bdb (struct dc_pagefile *file, const struct dc_rpm_sink *sink,
              struct dc_error *err)
{
  struct bdb bdb = { .file = file,
                     .sink = sink,
                     .value = DC_BUFFER_INIT (DC_RPM_HEADER_MAX) };

  const int status = walk (&bdb, err);
  free (bdb.page);
  dc_buffer_release (&bdb.value);
  return status;
}

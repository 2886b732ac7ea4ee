/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analyzer/system/hive.h"
#include "lib/span.h"

#define BINS 0x1000
#define NO_OFFSET UINT32_MAX
#define LIST_DEPTH_MAX 2 /* ri, then lf, lh or li */

enum { REG_SZ = 1, REG_EXPAND_SZ = 2, REG_DWORD = 4 };
enum { KEY_HEAD = 0x4c, VALUE_HEAD = 0x14 };

static uint16_t
get16 (const uint8_t *p)
{
  return (uint16_t) (p[0] | p[1] << 8);
}

static uint32_t
get32 (const uint8_t *p)
{
  return (uint32_t) get16 (p) | (uint32_t) get16 (p + 2) << 16;
}

static int
damaged (struct dc_error *err, uint32_t offset)
{
  return dc_fail (err, DC_ERR_INVALID, "damaged at 0x%x", offset);
}

/* SIZE bytes at AT of the cell at OFFSET. */
static int
read_cell (struct dc_hive *hive, uint32_t offset, uint64_t at, void *bytes,
           size_t size, struct dc_error *err)
{
  const struct dc_entry *file = &hive->tree->entries[hive->index];
  const uint64_t start = (uint64_t) BINS + offset + 4 + at;

  if (offset == NO_OFFSET || start > file->size || size > file->size - start)
    return damaged (err, offset);
  if (hive->reads++ >= DC_HIVE_READ_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "more than %d reads are needed",
                    DC_HIVE_READ_MAX);
  return dc_tree_read (hive->tree, hive->index, start, bytes, size, err);
}

static int
read_key (struct dc_hive *hive, uint32_t key, uint8_t head[KEY_HEAD],
          struct dc_error *err)
{
  if (read_cell (hive, key, 0, head, KEY_HEAD, err) < 0)
    return -1;
  return memcmp (head, "nk", 2) == 0 ? 0 : damaged (err, key);
}

int
dc_hive_open (struct dc_tree *tree, uint32_t index, struct dc_hive *out,
              struct dc_error *err)
{
  uint8_t head[0x28];

  if (tree->entries[index].size < sizeof head)
    return dc_fail (err, DC_ERR_INVALID, "no hive of a registry");
  if (dc_tree_read (tree, index, 0, head, sizeof head, err) < 0)
    return -1;
  if (memcmp (head, "regf", 4) != 0)
    return dc_fail (err, DC_ERR_INVALID, "no hive of a registry");
  *out = (struct dc_hive){ .tree = tree,
                           .index = index,
                           .root = get32 (head + 0x24),
                           .is_unclean = get32 (head + 4) != get32 (head + 8) };
  return 0;
}

/* Append CODE as UTF-8. */
static size_t
put_utf8 (char *out, uint32_t code)
{
  if (code < 0x80) {
    out[0] = (char) code;
    return 1;
  }
  if (code < 0x800) {
    out[0] = (char) (0xc0 | code >> 6);
    out[1] = (char) (0x80 | (code & 0x3f));
    return 2;
  }
  if (code < 0x10000) {
    out[0] = (char) (0xe0 | code >> 12);
    out[1] = (char) (0x80 | (code >> 6 & 0x3f));
    out[2] = (char) (0x80 | (code & 0x3f));
    return 3;
  }
  out[0] = (char) (0xf0 | code >> 18);
  out[1] = (char) (0x80 | (code >> 12 & 0x3f));
  out[2] = (char) (0x80 | (code >> 6 & 0x3f));
  out[3] = (char) (0x80 | (code & 0x3f));
  return 4;
}

/* A unit, or the two of a pair, of UTF-16; half a pair is U+FFFD. */
static uint32_t
next_code (const uint8_t *bytes, size_t size, size_t *at)
{
  const uint32_t unit = get16 (bytes + *at);

  *at += 2;
  if (unit < 0xd800 || unit > 0xdfff)
    return unit;
  const uint32_t low = *at + 2 <= size ? get16 (bytes + *at) : 0;
  if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff)
    return 0xfffd;
  *at += 2;
  return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

/* Bytes of Latin-1 or UTF-16, up to a NUL, as UTF-8 for the caller. */
static int
decode (const uint8_t *bytes, size_t size, bool is_latin, char **out,
        struct dc_error *err)
{
  AUTO_FREE char *text = malloc (2 * size + 4);
  size_t at = 0, used = 0;

  if (text == NULL)
    return dc_fail_errno (err, "cannot keep a text of a registry");
  while (is_latin ? at < size : at + 2 <= size) {
    const uint32_t code = is_latin ? bytes[at] : next_code (bytes, size, &at);
    at += is_latin;
    if (code == 0)
      break;
    used += put_utf8 (text + used, code);
  }
  text[used] = '\0';
  *out = DC_TAKE (text);
  return 0;
}

/* The name of SIZE bytes that stands at AT of a cell. */
static int
read_name (struct dc_hive *hive, uint32_t cell, uint64_t at, size_t size,
           bool is_latin, char **out, struct dc_error *err)
{
  uint8_t bytes[DC_HIVE_NAME_MAX];

  if (size > sizeof bytes)
    return damaged (err, cell);
  if (read_cell (hive, cell, at, bytes, size, err) < 0)
    return -1;
  return decode (bytes, size, is_latin, out, err);
}

int
dc_hive_name (struct dc_hive *hive, uint32_t key, char **out,
              struct dc_error *err)
{
  uint8_t head[KEY_HEAD];

  if (read_key (hive, key, head, err) < 0)
    return -1;
  return read_name (hive, key, KEY_HEAD, get16 (head + 0x48),
                    (get16 (head + 2) & 0x20) != 0, out, err);
}

struct children {
  uint32_t *items;
  size_t count;
};

static int
make_room (struct children *children, size_t count, struct dc_error *err)
{
  uint32_t *items = reallocarray (children->items, children->count + count + 1,
                                  sizeof *items);

  if (items == NULL)
    return dc_fail_errno (err, "cannot keep keys of a registry");
  children->items = items;
  return 0;
}

/* The keys of the list at OFFSET, DEPTH lists deep. */
static int
add_list (struct dc_hive *hive, uint32_t offset, unsigned depth,
          struct children *children, struct dc_error *err)
{
  uint8_t head[4];

  if (read_cell (hive, offset, 0, head, sizeof head, err) < 0)
    return -1;
  const size_t count = get16 (head + 2);
  const bool has_hash =
      memcmp (head, "lf", 2) == 0 || memcmp (head, "lh", 2) == 0;
  const bool is_list = memcmp (head, "ri", 2) == 0;
  const size_t step = has_hash ? 8 : 4;
  if (!has_hash && !is_list && memcmp (head, "li", 2) != 0)
    return damaged (err, offset);
  if (depth >= LIST_DEPTH_MAX || count > DC_HIVE_CHILD_MAX - children->count)
    return dc_fail (err, DC_ERR_LIMIT, "more than %zu keys at 0x%x",
                    DC_HIVE_CHILD_MAX, offset);
  AUTO_FREE uint8_t *bytes = malloc (count * step + 1);
  if (bytes == NULL)
    return dc_fail_errno (err, "cannot keep keys of a registry");
  if (read_cell (hive, offset, sizeof head, bytes, count * step, err) < 0)
    return -1;
  if (!is_list && make_room (children, count, err) < 0)
    return -1;
  for (size_t i = 0; i < count; i++) {
    const uint32_t item = get32 (bytes + i * step);
    if (is_list && add_list (hive, item, depth + 1, children, err) < 0)
      return -1;
    if (!is_list)
      children->items[children->count++] = item;
  }
  return 0;
}

int
dc_hive_children (struct dc_hive *hive, uint32_t key, uint32_t **out,
                  size_t *count, struct dc_error *err)
{
  uint8_t head[KEY_HEAD];
  struct children children = { NULL, 0 };

  if (read_key (hive, key, head, err) < 0)
    return -1;
  if (get32 (head + 0x14) > 0 &&
      add_list (hive, get32 (head + 0x1c), 0, &children, err) < 0) {
    free (children.items);
    return -1;
  }
  *count = children.count;
  *out = children.items;
  return 0;
}

/* The key NAME right below KEY. */
static int
find_child (struct dc_hive *hive, uint32_t key, struct dc_span name,
            uint32_t *out, struct dc_error *err)
{
  AUTO_FREE uint32_t *items = NULL;
  size_t count = 0;

  if (dc_hive_children (hive, key, &items, &count, err) < 0)
    return -1;
  for (size_t i = 0; i < count; i++) {
    AUTO_FREE char *text = NULL;
    if (dc_hive_name (hive, items[i], &text, err) < 0)
      return -1;
    if (strncasecmp (text, name.text, name.size) != 0 ||
        text[name.size] != '\0')
      continue;
    *out = items[i];
    return 1;
  }
  return 0;
}

int
dc_hive_find (struct dc_hive *hive, uint32_t key, const char *path,
              uint32_t *out, struct dc_error *err)
{
  struct dc_span rest = dc_span_of (path), name;
  int found = 1;

  while (found == 1 && dc_span_field (&rest, '\\', &name))
    found = find_child (hive, key, name, &key, err);
  if (found == 1)
    *out = key;
  return found;
}

/* A value's cell and its head. */
struct value {
  uint8_t head[VALUE_HEAD];
  uint32_t offset;
};

static int
find_value (struct dc_hive *hive, uint32_t key, const char *name,
            struct value *out, struct dc_error *err)
{
  uint8_t head[KEY_HEAD], offset[4];

  if (read_key (hive, key, head, err) < 0)
    return -1;
  const uint32_t count = get32 (head + 0x24);
  if (count > DC_HIVE_VALUE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "more than %zu values at 0x%x",
                    DC_HIVE_VALUE_MAX, key);
  for (uint32_t i = 0; i < count; i++) {
    AUTO_FREE char *text = NULL;
    if (read_cell (hive, get32 (head + 0x28), (uint64_t) i * 4, offset,
                   sizeof offset, err) < 0)
      return -1;
    out->offset = get32 (offset);
    if (read_cell (hive, out->offset, 0, out->head, VALUE_HEAD, err) < 0)
      return -1;
    if (memcmp (out->head, "vk", 2) != 0)
      return damaged (err, out->offset);
    if (read_name (hive, out->offset, VALUE_HEAD, get16 (out->head + 2),
                   (get16 (out->head + 0x10) & 1) != 0, &text, err) < 0)
      return -1;
    if (strcasecmp (text, name) == 0)
      return 1;
  }
  return 0;
}

int
dc_hive_text (struct dc_hive *hive, uint32_t key, const char *name, char **out,
              struct dc_error *err)
{
  struct value value;
  const int found = find_value (hive, key, name, &value, err);

  if (found <= 0)
    return found;
  const uint32_t type = get32 (value.head + 0x0c);
  const uint32_t size = get32 (value.head + 4) & 0x7fffffff;
  const bool is_inline = (get32 (value.head + 4) & 0x80000000) != 0;
  if (type != REG_SZ && type != REG_EXPAND_SZ)
    return 0;
  if (is_inline && size > 4)
    return damaged (err, value.offset);
  if (is_inline)
    return decode (value.head + 8, size, false, out, err) < 0 ? -1 : 1;
  if (size > DC_HIVE_TEXT_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "a text of %u bytes at 0x%x", size,
                    value.offset);
  AUTO_FREE uint8_t *bytes = malloc ((size_t) size + 1);
  if (bytes == NULL)
    return dc_fail_errno (err, "cannot keep a text of a registry");
  if (read_cell (hive, get32 (value.head + 8), 0, bytes, size, err) < 0)
    return -1;
  return decode (bytes, size, false, out, err) < 0 ? -1 : 1;
}

int
dc_hive_number (struct dc_hive *hive, uint32_t key, const char *name,
                uint32_t *out, struct dc_error *err)
{
  struct value value;
  const int found = find_value (hive, key, name, &value, err);

  if (found <= 0)
    return found;
  /* A number is always short enough to stand inside. */
  if (get32 (value.head + 0x0c) != REG_DWORD ||
      get32 (value.head + 4) != (0x80000000 | 4))
    return 0;
  *out = get32 (value.head + 8);
  return 1;
}

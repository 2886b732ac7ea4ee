/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "tests/unit/rpmmake.h"

void
put_big (unsigned char *at, size_t size, unsigned long number)
{
  for (size_t i = size; i-- > 0; number >>= 8)
    at[i] = (unsigned char) number;
}

void
put_little (unsigned char *at, size_t size, unsigned long number)
{
  for (size_t i = 0; i < size; i++, number >>= 8)
    at[i] = (unsigned char) number;
}

/* MD5 of "a\n". */
#define MD5_A "60b725f10c9c85c70d97880dfe8191b3"

/* The values of a tag; a text has COUNT strings, each with its NUL. */
struct entry {
  unsigned tag, type, count;
  const char *bytes;
  size_t size;
};
#define TEXTS(tag, count, text)                                                \
  {                                                                            \
    tag, 8, count, text, sizeof (text)                                         \
  }
#define NUMBERS(tag, count, text)                                              \
  {                                                                            \
    tag, 4, count, text, sizeof (text) - 1                                     \
  }

void
make_header (struct bytes *b, const char *name, size_t padding)
{
  static const char blanks[4 * RPM_PAGE];
  const struct entry entries[] = {
    { 1000, 6, 1, name, strlen (name) + 1 },
    TEXTS (1001, 1, "1.0"),
    TEXTS (1002, 1, "2"),
    NUMBERS (1003, 1, "\0\0\0\3"),
    { 1004, 7, (unsigned) padding, blanks, padding },
    NUMBERS (1009, 1, "\0\0\1\0"),
    TEXTS (1011, 1, "Vendor"),
    TEXTS (1022, 1, "noarch"),
    TEXTS (1035, 2, MD5_A "\0"),
    TEXTS (1036, 2, "\0target"),
    NUMBERS (1037, 2, "\0\0\0\1\0\0\0\0"),
    TEXTS (1044, 1, "src-name-1.0-2.src.rpm"),
    NUMBERS (1048, 3, "\0\0\0\14\0\0\0\0\1\0\0\0"),
    TEXTS (1049, 3, "libx\0/usr/bin/y\0rpmlib(Z)"),
    TEXTS (1050, 3, "2\0\0001"),
    NUMBERS (1116, 2, "\0\0\0\0\0\0\0\1"),
    TEXTS (1117, 2, "conf\0tool"),
    TEXTS (1118, 2, "/etc/\0/usr/bin/"),
  };
  const size_t count = sizeof entries / sizeof *entries;
  unsigned char *entry = b->data + 8, *const store = entry + 16 * count;
  size_t used = 0;

  for (size_t i = 0; i < count; i++, entry += 16) {
    used += entries[i].type == 4 ? (4 - used % 4) % 4 : 0;
    put_big (entry, 4, entries[i].tag);
    put_big (entry + 4, 4, entries[i].type);
    put_big (entry + 8, 4, used);
    put_big (entry + 12, 4, entries[i].count);
    memcpy (store + used, entries[i].bytes, entries[i].size);
    used += entries[i].size;
  }
  put_big (b->data, 4, count);
  put_big (b->data + 4, 4, used);
  b->size = 8 + 16 * count + used;
}

void
make_ndb (struct bytes *b)
{
  static const char *const names[] = { "one", "two" };
  unsigned char *slot = b->data + 32;
  size_t at = 4096;

  memset (b, 0, sizeof *b);
  memcpy (b->data, "RpmP", 4);
  put_little (b->data + 12, 4, 1);
  for (size_t i = 0; i < 256 - 2; i++)
    memcpy (slot + 16 * i, "Slot", 4);
  for (size_t i = 0; i < 2; i++, slot += 16) {
    struct bytes header = { { 0 }, 0 };
    make_header (&header, names[i], i == 0 ? 100 : 0);
    const size_t blocks = (16 + header.size + 12 + 15) / 16;
    put_little (slot + 4, 4, i + 1);
    put_little (slot + 8, 4, at / 16);
    put_little (slot + 12, 4, blocks);
    memcpy (b->data + at, "BlbS", 4);
    put_little (b->data + at + 4, 4, i + 1);
    put_little (b->data + at + 12, 4, header.size);
    memcpy (b->data + at + 16, header.data, header.size);
    at += 16 * blocks;
  }
  b->size = at;
}

/* Items are put from the end of the page down. */
static void
add_item (unsigned char *page, const void *bytes, size_t size)
{
  const size_t count = page[20];
  size_t end = RPM_PAGE;

  if (count > 0)
    end = (size_t) page[26 + 2 * (count - 1)] |
          (size_t) page[26 + 2 * (count - 1) + 1] << 8;
  memcpy (page + end - size, bytes, size);
  put_little (page + 26 + 2 * count, 2, end - size);
  put_little (page + 20, 2, count + 1);
}

/* HEADER as a value: on overflow pages from page FIRST on. */
static size_t
add_chain (struct bytes *b, const struct bytes *header, size_t first)
{
  const size_t room = RPM_PAGE - 26;
  size_t page = first;

  for (size_t at = 0; at < header->size; at += room, page++) {
    unsigned char *to = b->data + page * RPM_PAGE;
    const size_t n = header->size - at < room ? header->size - at : room;
    put_little (to + 16, 4, at + n < header->size ? page + 1 : 0);
    put_little (to + 22, 2, n);
    to[25] = 7;
    memcpy (to + 26, header->data + at, n);
  }
  return page;
}

void
make_bdb (struct bytes *b)
{
  static const char *const names[] = { "one", "two" };
  unsigned char *page = b->data + RPM_PAGE;
  size_t next = 2;

  memset (b, 0, sizeof *b);
  put_little (b->data + 12, 4, 0x061561);
  put_little (b->data + 20, 4, RPM_PAGE);
  b->data[25] = 8;
  page[25] = 13;
  add_item (page, "\1\0\0\0\0", 5);
  add_item (page, "\1\2\0\0\0", 5);
  for (size_t i = 0; i < 2; i++) {
    struct bytes header = { { 0 }, 0 };
    unsigned char key[5] = { 1, (unsigned char) (i + 1) }, value[12] = { 3 };
    make_header (&header, names[i], i == 0 ? 700 : 0);
    put_little (value + 4, 4, next);
    put_little (value + 8, 4, header.size);
    add_item (page, key, sizeof key);
    add_item (page, value, sizeof value);
    next = add_chain (b, &header, next);
  }
  put_little (b->data + 32, 4, next - 1);
  b->size = next * RPM_PAGE;
}

static size_t
put_varint (unsigned char *at, size_t number)
{
  if (number < 128) {
    *at = (unsigned char) number;
    return 1;
  }
  at[0] = (unsigned char) (number >> 7 | 0x80);
  at[1] = (unsigned char) (number & 0x7f);
  return 2;
}

/* A cell of NUMBER with PAYLOAD before END of PAGE; what does not fit is from
 * page *NEXT on.  Returns where it begins.
 */
static size_t
add_cell (struct bytes *b, unsigned char *page, size_t end, size_t number,
          const unsigned char *payload, size_t size, size_t *next)
{
  const size_t least = (RPM_PAGE - 12) * 32 / 255 - 23, most = RPM_PAGE - 35;
  unsigned char cell[RPM_PAGE];
  size_t local = size;

  if (size > most) {
    local = least + (size - least) % (RPM_PAGE - 4);
    local = local <= most ? local : least;
  }
  size_t used = put_varint (cell, size);
  used += put_varint (cell + used, number);
  memcpy (cell + used, payload, local);
  used += local;
  if (local < size) {
    put_big (cell + used, 4, *next);
    used += 4;
  }
  for (size_t at = local; at < size; at += RPM_PAGE - 4) {
    unsigned char *to = b->data + (*next - 1) * RPM_PAGE;
    const size_t n = size - at < RPM_PAGE - 4 ? size - at : RPM_PAGE - 4;
    ++*next;
    put_big (to, 4, at + n < size ? *next : 0);
    memcpy (to + 4, payload + at, n);
  }
  memcpy (page + end - used, cell, used);
  return end - used;
}

void
make_sqlite (struct bytes *b)
{
  /* Serial types: text of 5, of 8, of 8, an 8-bit number, text of 1. */
  static const unsigned char schema[] = "\6\27\35\35\1\17tablePackagesPackages"
                                        "\2x";
  static const char *const names[] = { "one", "two" };
  unsigned char *page = b->data + RPM_PAGE;
  size_t next = 3, end = RPM_PAGE;

  memset (b, 0, sizeof *b);
  memcpy (b->data, "SQLite format 3", 16);
  put_big (b->data + 16, 2, RPM_PAGE);
  b->data[100] = 0x0d;
  put_big (b->data + 103, 2, 1);
  put_big (
      b->data + 108, 2,
      add_cell (b, b->data, RPM_PAGE, 1, schema, sizeof schema - 1, &next));
  page[0] = 0x0d;
  put_big (page + 3, 2, 2);
  for (size_t i = 0; i < 2; i++) {
    struct bytes header = { { 0 }, 0 };
    unsigned char payload[4 * RPM_PAGE];
    make_header (&header, names[i], i == 0 ? 700 : 0);
    const size_t head = 2 + put_varint (payload + 2, header.size * 2 + 12);
    payload[0] = (unsigned char) head;
    payload[1] = 0; /* the number is the rowid */
    memcpy (payload + head, header.data, header.size);
    end = add_cell (b, page, end, i + 1, payload, head + header.size, &next);
    put_big (page + 8 + 2 * i, 2, end);
  }
  b->size = (next - 1) * RPM_PAGE;
}

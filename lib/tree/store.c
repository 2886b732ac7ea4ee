/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdalign.h>
#include <string.h>
#include <sys/random.h>

#include "lib/tree/builder.h"
#include "lib/tree/store.h"

#define CHUNK_MIN ((size_t) 4 * 1024)
#define CHUNK_MAX ((size_t) 1024 * 1024)

struct chunk {
  struct chunk *next;
  size_t used, size;
  char bytes[];
};

struct set {
  struct set *next; /* in its bucket */
  uint64_t hash;
  struct dc_xattrs *xattrs;
};

struct dc_tree_store {
  uint64_t key[2];
  struct chunk *texts; /* the newest first, which is the one being filled */
  struct chunk *blocks;
  struct set **buckets; /* a power of two of them */
  size_t bucket_count, set_count, set_bytes;
  uint32_t *slots; /* of the index: DC_TREE_NONE or an entry */
  uint64_t slot_count;
};

/* Digits of the golden ratio and of pi: no pattern in their bits. */
static const uint64_t default_key[2] = { UINT64_C (0x9e3779b97f4a7c15),
                                         UINT64_C (0x243f6a8885a308d3) };

int
dc_store_new (struct dc_tree_store **out, struct dc_error *err)
{
  struct dc_tree_store *store = calloc (1, sizeof *store);
  if (store == NULL)
    return dc_fail_errno (err, "cannot make a tree");
  memcpy (store->key, default_key, sizeof store->key);
  /* Without it lookups are right and only their speed is at the guest's
   * mercy.
   */
  (void) !getrandom (store->key, sizeof store->key, GRND_NONBLOCK);
  *out = store;
  return 0;
}

static void
free_chunks (struct chunk *chunk)
{
  while (chunk != NULL) {
    struct chunk *next = chunk->next;
    free (chunk);
    chunk = next;
  }
}

void
dc_tree_store_free (struct dc_tree_store *store)
{
  if (store == NULL)
    return;
  free_chunks (store->texts);
  free_chunks (store->blocks); /* the sets are in here */
  free (store->buckets);
  free (store->slots);
  free (store);
}

/* Room for SIZE bytes in the list at HEAD.  Large pieces get a chunk of their
 * own, behind the one being filled, so that its rest is not lost.
 */
static int
get_room (struct chunk **head, size_t size, void **out, struct dc_error *err)
{
  struct chunk *chunk = *head;
  if (chunk == NULL || size > chunk->size - chunk->used) {
    size_t room = chunk == NULL ? CHUNK_MIN : chunk->size * 2;
    room = room > CHUNK_MAX ? CHUNK_MAX : room;
    const int is_large = size > room / 4;
    if (is_large)
      room = size;
    struct chunk *fresh = malloc (sizeof *fresh + room);
    if (fresh == NULL)
      return dc_fail_errno (err, "cannot keep %zu bytes of a tree", size);
    fresh->used = 0;
    fresh->size = room;
    struct chunk **place = is_large && chunk != NULL ? &chunk->next : head;
    fresh->next = *place;
    *place = chunk = fresh;
  }
  *out = chunk->bytes + chunk->used;
  chunk->used += size;
  return 0;
}

int
dc_store_text (struct dc_tree_store *store, const char *bytes, size_t size,
               const char **out, struct dc_error *err)
{
  void *room;

  if (get_room (&store->texts, size + 1, &room, err) < 0)
    return -1;
  char *text = room;
  memcpy (text, bytes, size);
  text[size] = '\0';
  *out = text;
  return 0;
}

/* The two halves of the product folded together: every bit of the input
 * reaches every bit of the result.
 */
static uint64_t
mix (uint64_t a, uint64_t b)
{
  __extension__ typedef unsigned __int128 wide;
  const wide product = (wide) a * b;

  return (uint64_t) product ^ (uint64_t) (product >> 64);
}

uint64_t
dc_store_hash (const struct dc_tree_store *store, uint64_t seed,
               const void *bytes, size_t size)
{
  const unsigned char *p = bytes;
  uint64_t hash = mix (store->key[0] ^ seed, (store->key[1] + size) | 1);

  while (size > 0) {
    const size_t n = size < 8 ? size : 8;
    uint64_t word = 0;
    memcpy (&word, p, n);
    hash = mix (hash ^ word, store->key[1] | 1);
    p += n;
    size -= n;
  }
  return hash;
}

/* Sets of xattrs. */

static int
is_same_set (const struct dc_xattrs *set, const struct dc_xattr *items,
             size_t count)
{
  if (set->count != count)
    return 0;
  for (size_t i = 0; i < count; i++)
    if (set->items[i].size != items[i].size ||
        strcmp (set->items[i].name, items[i].name) != 0 ||
        memcmp (set->items[i].value, items[i].value, items[i].size) != 0)
      return 0;
  return 1;
}

static int
grow_buckets (struct dc_tree_store *store, struct dc_error *err)
{
  if (store->set_count < store->bucket_count)
    return 0;
  const size_t count = store->bucket_count == 0 ? 64 : store->bucket_count * 2;
  struct set **buckets = calloc (count, sizeof (struct set *));
  if (buckets == NULL)
    return dc_fail_errno (err, "cannot keep extended attributes");
  for (size_t i = 0; i < store->bucket_count; i++)
    for (struct set *set = store->buckets[i], *next; set != NULL; set = next) {
      next = set->next;
      set->next = buckets[set->hash & (count - 1)];
      buckets[set->hash & (count - 1)] = set;
    }
  free (store->buckets);
  store->buckets = buckets;
  store->bucket_count = count;
  return 0;
}

/* SIZE rounded up so that what follows it is aligned for a set. */
static size_t
aligned (size_t size)
{
  const size_t mask = alignof (struct set) - 1;

  return (size + mask) & ~mask;
}

/* One piece of memory: the set, its rows, their names and values. */
static int
copy_set (struct dc_tree_store *store, const struct dc_xattr *items,
          size_t count, struct set **out, struct dc_error *err)
{
  struct dc_xattrs *copy;
  const size_t head = sizeof **out + sizeof *copy + count * sizeof *items;
  size_t size = head;
  void *room;

  for (size_t i = 0; i < count; i++)
    size += strlen (items[i].name) + 1 + items[i].size;
  size = aligned (size);
  if (size > DC_XATTR_TOTAL_MAX - store->set_bytes)
    return dc_fail (err, DC_ERR_LIMIT,
                    "more than %zu bytes of extended attributes",
                    DC_XATTR_TOTAL_MAX);
  if (get_room (&store->blocks, size, &room, err) < 0)
    return -1;
  store->set_bytes += size;

  char *bytes = (char *) room + head;
  *out = room;
  copy = (*out)->xattrs = (struct dc_xattrs *) (*out + 1);
  copy->count = count;
  for (size_t i = 0; i < count; i++) {
    const size_t name_size = strlen (items[i].name) + 1;
    copy->items[i].name = memcpy (bytes, items[i].name, name_size);
    bytes += name_size;
    copy->items[i].value = bytes;
    copy->items[i].size = items[i].size;
    if (items[i].size > 0)
      memcpy (bytes, items[i].value, items[i].size);
    bytes += items[i].size;
  }
  return 0;
}

int
dc_store_xattrs (struct dc_tree_store *store, const struct dc_xattr *items,
                 size_t count, const struct dc_xattrs **out,
                 struct dc_error *err)
{
  if (count == 0) {
    *out = NULL;
    return 0;
  }
  uint64_t hash = count;
  for (size_t i = 0; i < count; i++) {
    hash = dc_store_hash (store, hash, items[i].name, strlen (items[i].name));
    hash = dc_store_hash (store, hash, items[i].value, items[i].size);
  }
  if (grow_buckets (store, err) < 0)
    return -1;
  struct set **bucket = &store->buckets[hash & (store->bucket_count - 1)];
  struct set *set = *bucket;
  while (set != NULL && !is_same_set (set->xattrs, items, count))
    set = set->next;
  if (set == NULL) {
    if (copy_set (store, items, count, &set, err) < 0)
      return -1;
    set->hash = hash;
    set->next = *bucket;
    *bucket = set;
    store->set_count++;
  }
  *out = set->xattrs;
  return 0;
}

/* The index: open addressing, two slots in three in use. */

static uint64_t
first_slot (const struct dc_tree_store *store, uint32_t folder,
            const char *name, size_t size)
{
  return dc_store_hash (store, folder, name, size) % store->slot_count;
}

static void
insert (struct dc_tree_store *store, const struct dc_entry *entries,
        uint32_t index)
{
  const char *name = entries[index].name;
  uint64_t slot =
      first_slot (store, entries[index].parent, name, strlen (name));

  while (store->slots[slot] != DC_TREE_NONE)
    slot = slot + 1 == store->slot_count ? 0 : slot + 1;
  store->slots[slot] = index;
}

/* COUNT entries in an index with room for ROOM. */
static int
make_index (struct dc_tree_store *store, const struct dc_entry *entries,
            uint32_t count, uint64_t room, struct dc_error *err)
{
  free (store->slots);
  store->slot_count = room + room / 2 + 1;
  store->slots = malloc (store->slot_count * sizeof *store->slots);
  if (store->slots == NULL)
    return dc_fail_errno (err, "cannot index a tree");
  memset (store->slots, 0xff, store->slot_count * sizeof *store->slots);
  for (uint32_t i = 1; i < count; i++)
    insert (store, entries, i);
  return 0;
}

int
dc_store_index (struct dc_tree_store *store, const struct dc_entry *entries,
                uint32_t count, struct dc_error *err)
{
  return make_index (store, entries, count, count, err);
}

int
dc_store_index_add (struct dc_tree_store *store, const struct dc_entry *entries,
                    uint32_t count, struct dc_error *err)
{
  if (count > store->slot_count / 3 * 2)
    return make_index (store, entries, count, (uint64_t) count * 2, err);
  insert (store, entries, count - 1);
  return 0;
}

uint32_t
dc_store_child (const struct dc_tree_store *store,
                const struct dc_entry *entries, uint32_t folder,
                const char *name, size_t size)
{
  if (size == 0)
    return DC_TREE_NONE;
  uint64_t slot = first_slot (store, folder, name, size);
  for (; store->slots[slot] != DC_TREE_NONE;
       slot = slot + 1 == store->slot_count ? 0 : slot + 1) {
    const uint32_t i = store->slots[slot];
    if (entries[i].parent == folder &&
        strncmp (entries[i].name, name, size) == 0 &&
        entries[i].name[size] == '\0')
      return i;
  }
  return DC_TREE_NONE;
}

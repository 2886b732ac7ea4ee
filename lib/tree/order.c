/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <endian.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/tree/order.h"

/* A sibling to sort.  Most names differ in their first bytes, and looking at
 * those here spares two cache misses a comparison.
 */
struct row {
  const char *name;
  uint64_t head; /* the first 8 bytes of NAME, as a big-endian number */
  uint32_t id;
};

/* What is left to do in one folder of the walk. */
struct level {
  uint32_t next;    /* the sibling to place next, DC_TREE_NONE: no more */
  uint32_t pending; /* the folder whose content comes next; linked through
                       `hardlink` to those whose content comes later */
};

struct order {
  struct dc_entry *entries;
  dc_order_twice *twice;
  void *arg;
  struct row *rows; /* of one folder at a time */
  size_t row_room;
  uint32_t *positions;
  uint32_t placed;
};

static int
compare_rows (const void *a, const void *b)
{
  const struct row *x = a, *y = b;

  if (x->head != y->head)
    return x->head < y->head ? -1 : 1;
  const int by_name = strcmp (x->name, y->name);
  if (by_name != 0)
    return by_name;
  return x->id < y->id ? -1 : 1;
}

static uint64_t
head_of (const char *name)
{
  char bytes[8] = { 0 };
  uint64_t head;

  memcpy (bytes, name, strnlen (name, sizeof bytes));
  memcpy (&head, bytes, sizeof head);
  return be64toh (head);
}

static bool
is_removed (const struct dc_entry *entry)
{
  return strcmp (entry->name, DC_ORDER_REMOVED) == 0;
}

/* The list of FOLDER as rows, in the order in which they were added (the list
 * has the newest first), which for many sources is sorted already.
 */
static int
gather (struct order *order, uint32_t folder, size_t *count,
        struct dc_error *err)
{
  const struct dc_entry *entries = order->entries;
  size_t n = 0;

  for (uint32_t i = entries[folder].first_child; i != DC_TREE_NONE;
       i = entries[i].next_sibling)
    n += !is_removed (&entries[i]);
  if (n > order->row_room) {
    struct row *rows = reallocarray (order->rows, n, sizeof *rows);
    if (rows == NULL)
      return dc_fail_errno (err, "cannot sort a folder");
    order->rows = rows;
    order->row_room = n;
  }
  *count = n;
  for (uint32_t i = entries[folder].first_child; i != DC_TREE_NONE;
       i = entries[i].next_sibling) {
    if (is_removed (&entries[i]))
      continue;
    struct row *row = &order->rows[--n];
    row->name = entries[i].name;
    row->head = head_of (entries[i].name);
    row->id = i;
  }
  return 0;
}

static bool
is_sorted (const struct row *rows, size_t count)
{
  for (size_t i = 1; i < count; i++)
    if (compare_rows (&rows[i - 1], &rows[i]) > 0)
      return false;
  return true;
}

/* Sort the list of FOLDER; of two with one name the first added stays. */
static int
sort_folder (struct order *order, uint32_t folder, struct dc_error *err)
{
  size_t count = 0;

  if (gather (order, folder, &count, err) < 0)
    return -1;
  if (!is_sorted (order->rows, count))
    qsort (order->rows, count, sizeof *order->rows, compare_rows);
  uint32_t *link = &order->entries[folder].first_child;
  for (size_t i = 0; i < count; i++) {
    const struct row *row = &order->rows[i];
    if (i > 0 && strcmp (row[-1].name, row->name) == 0) {
      if (order->twice (order->arg, row->id, err) < 0)
        return -1;
      continue;
    }
    *link = row->id;
    link = &order->entries[row->id].next_sibling;
  }
  *link = DC_TREE_NONE;
  return 0;
}

static void
place (struct order *order, uint32_t id)
{
  order->positions[id] = order->placed++;
}

/* Is NAME before FOLDER + "/", if it is after FOLDER? */
static bool
is_before_content (const char *name, const char *folder)
{
  const size_t size = strlen (folder);

  return strncmp (name, folder, size) == 0 && (unsigned char) name[size] < '/';
}

/* One step of LEVEL: place the next sibling, or find that the content of a
 * folder comes first: that folder, else DC_TREE_NONE.
 */
static uint32_t
take_step (struct order *order, struct level *level)
{
  struct dc_entry *entries = order->entries;
  const uint32_t next = level->next, pending = level->pending;

  if (pending != DC_TREE_NONE &&
      (next == DC_TREE_NONE ||
       !is_before_content (entries[next].name, entries[pending].name))) {
    level->pending = entries[pending].hardlink;
    return pending;
  }
  place (order, next);
  level->next = entries[next].next_sibling;
  if (S_ISDIR (entries[next].mode)) {
    entries[next].hardlink = pending;
    level->pending = next;
  }
  return DC_TREE_NONE;
}

/* Place everything that can be reached from the root. */
static int
walk (struct order *order, struct dc_error *err)
{
  const size_t room = DC_TREE_DEPTH_MAX + 1; /* and the root */
  AUTO_FREE struct level *levels = calloc (room, sizeof *levels);
  if (levels == NULL)
    return dc_fail_errno (err, "cannot sort a tree");
  uint32_t folder = 0;
  size_t depth = 0;

  place (order, 0);
  for (;;) {
    if (folder != DC_TREE_NONE) {
      if (sort_folder (order, folder, err) < 0)
        return -1;
      assert (depth < room);
      levels[depth].next = order->entries[folder].first_child;
      levels[depth++].pending = DC_TREE_NONE;
    }
    const struct level *top = &levels[depth - 1];
    if (top->next == DC_TREE_NONE && top->pending == DC_TREE_NONE) {
      if (--depth == 0)
        return 0;
      folder = DC_TREE_NONE;
    } else
      folder = take_step (order, &levels[depth - 1]);
  }
}

int
dc_order_find (struct dc_entry *entries, uint32_t count, dc_order_twice *twice,
               void *arg, uint32_t **positions, uint32_t *kept,
               struct dc_error *err)
{
  AUTO_FREE uint32_t *found = calloc (count, sizeof *found);
  if (found == NULL)
    return dc_fail_errno (err, "cannot sort a tree");
  memset (found, 0xff, count * sizeof *found);
  struct order order = {
    .entries = entries, .twice = twice, .arg = arg, .positions = found
  };

  const int status = walk (&order, err);
  free (order.rows);
  if (status < 0)
    return -1;
  *kept = order.placed;
  for (uint32_t i = 0; i < count; i++)
    if (found[i] == DC_TREE_NONE)
      place (&order, i);
  *positions = DC_TAKE (found);
  return 0;
}

void
dc_order_apply (struct dc_entry *entries, uint32_t count, uint32_t *positions)
{
  for (uint32_t i = 0; i < count; i++) {
    struct dc_entry *entry = &entries[i];
    entry->parent = positions[entry->parent];
    if (entry->first_child != DC_TREE_NONE)
      entry->first_child = positions[entry->first_child];
    if (entry->next_sibling != DC_TREE_NONE)
      entry->next_sibling = positions[entry->next_sibling];
  }
  for (uint32_t i = 0; i < count; i++)
    while (positions[i] != i) {
      const uint32_t to = positions[i];
      const struct dc_entry moved = entries[to];
      entries[to] = entries[i];
      entries[i] = moved;
      positions[i] = positions[to];
      positions[to] = to;
    }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/tree/links.h"

struct group {
  uint64_t number;
  uint32_t first; /* entry, DC_TREE_NONE: not met yet */
};

struct dc_links {
  struct group *groups;
  uint32_t count, room;
  uint32_t *slots; /* open addressing: DC_TREE_NONE or a group */
  uint64_t slot_count;
};

int
dc_links_new (struct dc_links **out, struct dc_error *err)
{
  struct dc_links *links = calloc (1, sizeof *links);
  if (links == NULL)
    return dc_fail_errno (err, "cannot make a tree");
  *out = links;
  return 0;
}

void
dc_links_free (struct dc_links *links)
{
  if (links == NULL)
    return;
  free (links->groups);
  free (links->slots);
  free (links);
}

/* The slot that holds NUMBER, or the empty one where it belongs.  Inode
 * numbers are dense, so that one multiplication spreads them (Fibonacci
 * hashing).
 */
static uint32_t *
find_slot (const struct dc_links *links, uint64_t number)
{
  uint64_t slot = number * UINT64_C (0x9e3779b97f4a7c15) % links->slot_count;

  while (links->slots[slot] != DC_TREE_NONE &&
         links->groups[links->slots[slot]].number != number)
    slot = slot + 1 == links->slot_count ? 0 : slot + 1;
  return &links->slots[slot];
}

static int
grow (struct dc_links *links, struct dc_error *err)
{
  const uint32_t room = links->room == 0 ? 64 : links->room * 2;
  const uint64_t slot_count = (uint64_t) room * 3 / 2 + 1;

  struct group *groups =
      reallocarray (links->groups, room, sizeof *links->groups);
  if (groups == NULL)
    return dc_fail_errno (err, "cannot keep hard links");
  links->groups = groups;
  uint32_t *slots = calloc (slot_count, sizeof *slots);
  if (slots == NULL)
    return dc_fail_errno (err, "cannot keep hard links");
  memset (slots, 0xff, slot_count * sizeof *slots);
  free (links->slots);
  links->slots = slots;
  links->slot_count = slot_count;
  links->room = room;
  for (uint32_t i = 0; i < links->count; i++)
    *find_slot (links, groups[i].number) = i;
  return 0;
}

int
dc_links_group (struct dc_links *links, uint64_t number, uint32_t *group,
                struct dc_error *err)
{
  if (links->count == links->room && grow (links, err) < 0)
    return -1;
  uint32_t *slot = find_slot (links, number);
  if (*slot == DC_TREE_NONE) {
    links->groups[links->count].number = number;
    links->groups[links->count].first = DC_TREE_NONE;
    *slot = links->count++;
  }
  *group = *slot;
  return 0;
}

static void
take_inode (struct dc_entry *entry, const struct dc_entry *first)
{
  entry->target = first->target;
  entry->xattrs = first->xattrs;
  entry->size = first->size;
  entry->mtime = first->mtime;
  entry->cookie = first->cookie;
  entry->uid = first->uid;
  entry->gid = first->gid;
  entry->mode = first->mode;
}

void
dc_links_join (struct dc_entry *entry, const struct dc_entry *other)
{
  take_inode (entry, other);
  entry->hardlink = other->hardlink;
}

void
dc_links_resolve (struct dc_links *links, struct dc_entry *entries,
                  uint32_t count)
{
  for (uint32_t i = 0; i < count; i++) {
    struct group *group = entries[i].hardlink == DC_TREE_NONE
                              ? NULL
                              : &links->groups[entries[i].hardlink];
    if (group != NULL && group->first == DC_TREE_NONE)
      group->first = i;
    entries[i].hardlink = group == NULL ? i : group->first;
    if (entries[i].hardlink != i)
      take_inode (&entries[i], &entries[group->first]);
  }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/disk/lvmgroup.h"
#include "lib/quote.h"

#define SECTOR ((uint64_t) 512)
#define NONE ((size_t) -1)

/* ID of TEXT, where it is written with dashes, without them. */
static int
read_id (const struct dc_lvmtext *text, const struct dc_lvmtext_node *node,
         char id[DC_LVM_ID_SIZE], struct dc_error *err)
{
  size_t size = 0;

  for (const char *p = dc_lvmtext_string (text, node, "id"); *p != '\0'; p++)
    if (*p != '-') {
      if (size == DC_LVM_ID_SIZE - 1)
        return dc_fail (err, DC_ERR_INVALID, "an id is too long");
      id[size++] = *p;
    }
  if (size != DC_LVM_ID_SIZE - 1)
    return dc_fail (err, DC_ERR_INVALID, "an id is too short");
  return 0;
}

/* Only "." and ".." of what the parser lets through would lead elsewhere. */
static int
check_name (const char *name, struct dc_error *err)
{
  if (name[0] == '\0' || strlen (name) > DC_LVM_NAME_MAX ||
      strcmp (name, ".") == 0 || strcmp (name, "..") == 0)
    return dc_fail (err, DC_ERR_INVALID, "'%s' is no name",
                    dc_quote (name).text);
  return 0;
}

/* The sections of NODE, one after another; NULL at the end. */
static const struct dc_lvmtext_node *
next_section (const struct dc_lvmtext *text, const struct dc_lvmtext_node *node)
{
  while (node != NULL && node->kind != DC_LVMTEXT_SECTION)
    node = dc_lvmtext_next (text, node);
  return node;
}
#define EACH_SECTION(text, node, parent)                                       \
  const struct dc_lvmtext_node *node =                                         \
      next_section (text, dc_lvmtext_first (text, parent));                    \
  node != NULL;                                                                \
  node = next_section (text, dc_lvmtext_next (text, node))

static int
read_member (struct dc_lvmgroup *group, const struct dc_lvmtext_node *node,
             struct dc_error *err)
{
  const struct dc_lvmtext *text = group->text;

  if (DC_ARRAY_GROW (group->members, group->member_count, DC_LVM_MEMBER_MAX,
                     "physical volumes", err) < 0)
    return -1;
  struct dc_lvmmember *member = &group->members[group->member_count];
  member->key = node->key;
  member->extents = dc_lvmtext_number (text, node, "pe_count", 0);
  if (read_id (text, node, member->id, err) < 0)
    return -1;
  if (__builtin_mul_overflow (dc_lvmtext_number (text, node, "pe_start", 0),
                              SECTOR, &member->start))
    return dc_fail (err, DC_ERR_INVALID, "its extents begin too far behind");
  group->member_count++;
  return 0;
}

static int
by_key (const void *a, const void *b)
{
  const struct dc_lvmmember *one = a, *other = b;

  return strcmp (one->key, other->key);
}

/* The index, or NONE. */
static size_t
find_member (const struct dc_lvmgroup *group, const char *key)
{
  const struct dc_lvmmember wanted = { .key = key };
  const struct dc_lvmmember *found =
      bsearch (&wanted, group->members, group->member_count,
               sizeof *group->members, by_key);

  return found != NULL ? (size_t) (found - group->members) : NONE;
}

/* [NAME, EXTENT, NAME, EXTENT, ...].  1, or 0: a name is none of a member's,
 * so the volume lies on other volumes; or -1.
 */
static int
read_stripes (struct dc_lvmgroup *group, const struct dc_lvmtext_node *list,
              struct dc_lvmsegment *segment, struct dc_error *err)
{
  const struct dc_lvmtext *text = group->text;
  const struct dc_lvmtext_node *name = dc_lvmtext_first (text, list);

  while (name != NULL) {
    const struct dc_lvmtext_node *extent = dc_lvmtext_next (text, name);
    const size_t member = find_member (group, name->string);
    if (member == NONE)
      return 0;
    if (extent == NULL || extent->kind != DC_LVMTEXT_NUMBER)
      return dc_fail (err, DC_ERR_INVALID, "a stripe has no extent");
    if (DC_ARRAY_GROW (group->stripes, group->stripe_count, DC_LVM_SEGMENT_MAX,
                       "stripes", err) < 0)
      return -1;
    group->stripes[group->stripe_count++] =
        (struct dc_lvmstripe){ member, extent->number };
    segment->stripe_count++;
    name = dc_lvmtext_next (text, extent);
  }
  return 1;
}

/* Do the numbers of SEGMENT make sense? */
static int
check_segment (const struct dc_lvmgroup *group,
               const struct dc_lvmsegment *segment, uint64_t stripe_count,
               struct dc_error *err)
{
  const size_t count = segment->stripe_count;

  if (count == 0 || count != stripe_count || segment->extents == 0 ||
      segment->extents % count != 0)
    return dc_fail (err, DC_ERR_INVALID, "%llu extents do not make %zu stripes",
                    (unsigned long long) segment->extents, count);
  if (count > 1 &&
      (segment->chunk == 0 || group->extent_size % segment->chunk != 0))
    return dc_fail (err, DC_ERR_INVALID, "it has stripes of %llu bytes",
                    (unsigned long long) segment->chunk);
  for (size_t i = 0; i < count; i++) {
    const struct dc_lvmstripe *stripe = &group->stripes[segment->stripe + i];
    const uint64_t room = group->members[stripe->member].extents;
    if (stripe->extent > room ||
        segment->extents / count > room - stripe->extent)
      return dc_fail (err, DC_ERR_INVALID,
                      "it reaches behind the end of a physical volume");
  }
  return 0;
}

/* Segments follow one another, and are written in this order. */
static int
read_segment (struct dc_lvmgroup *group, struct dc_lvmlogical *logical,
              const struct dc_lvmtext_node *node, struct dc_error *err)
{
  const struct dc_lvmtext *text = group->text;
  const char *kind = dc_lvmtext_string (text, node, "type");
  struct dc_lvmsegment segment = {
    .start = dc_lvmtext_number (text, node, "start_extent", UINT64_MAX),
    .extents = dc_lvmtext_number (text, node, "extent_count", 0),
    .stripe = group->stripe_count,
  };

  if (segment.start != logical->extents ||
      __builtin_add_overflow (logical->extents, segment.extents,
                              &logical->extents))
    return dc_fail (err, DC_ERR_INVALID, "its segments have gaps");
  if (strcmp (kind, "striped") != 0 && strcmp (kind, "linear") != 0) {
    logical->problem = "which only the kernel can put together";
    logical->kind = kind;
    return 0;
  }
  if (__builtin_mul_overflow (dc_lvmtext_number (text, node, "stripe_size", 0),
                              SECTOR, &segment.chunk))
    return dc_fail (err, DC_ERR_INVALID, "its stripes are too long");
  const int status = read_stripes (
      group, dc_lvmtext_find (text, node, "stripes", DC_LVMTEXT_LIST), &segment,
      err);
  if (status < 0)
    return -1;
  if (status == 0) {
    logical->problem = "which lies on other logical volumes";
    return 0;
  }
  if (check_segment (group, &segment,
                     dc_lvmtext_number (text, node, "stripe_count", 0),
                     err) < 0 ||
      DC_ARRAY_GROW (group->segments, group->segment_count, DC_LVM_SEGMENT_MAX,
                     "segments", err) < 0)
    return -1;
  group->segments[group->segment_count++] = segment;
  logical->segment_count++;
  return 0;
}

static int
read_logical (struct dc_lvmgroup *group, const struct dc_lvmtext_node *node,
              struct dc_error *err)
{
  const struct dc_lvmtext *text = group->text;
  struct dc_lvmlogical logical = {
    .name = node->key,
    .is_visible = dc_lvmtext_lists (text, node, "status", "VISIBLE"),
    .segment = group->segment_count,
  };
  uint64_t size;

  if (check_name (logical.name, err) < 0 ||
      read_id (text, node, logical.id, err) < 0)
    return -1;
  for (EACH_SECTION (text, segment, node))
    if (strncmp (segment->key, "segment", 7) == 0 &&
        read_segment (group, &logical, segment, err) < 0)
      return dc_context (err, "%s", segment->key);
  if (__builtin_mul_overflow (logical.extents, group->extent_size, &size))
    return dc_fail (err, DC_ERR_INVALID, "it is too large");
  if (DC_ARRAY_GROW (group->logicals, group->logical_count, DC_LVM_LOGICAL_MAX,
                     "logical volumes", err) < 0)
    return -1;
  group->logicals[group->logical_count++] = logical;
  return 0;
}

static struct dc_lvmlogical *
find_logical (struct dc_lvmgroup *group, const char *name)
{
  for (size_t i = 0; i < group->logical_count; i++)
    if (strcmp (group->logicals[i].name, name) == 0)
      return &group->logicals[i];
  return NULL;
}

/* A snapshot has three parts: the origin, which can be read as it is unless
 * the snapshot is being merged into it; a volume for the old blocks, by whose
 * name people know the snapshot; and one that joins them, which is what LVM
 * marks as visible.
 */
static void
join_snapshot (struct dc_lvmgroup *group, struct dc_lvmlogical *joint,
               const struct dc_lvmtext_node *segment)
{
  const struct dc_lvmtext *text = group->text;
  const char *merging = dc_lvmtext_string (text, segment, "merging_store");
  const char *store = merging[0] != '\0'
                          ? merging
                          : dc_lvmtext_string (text, segment, "cow_store");
  struct dc_lvmlogical *old = find_logical (group, store);
  struct dc_lvmlogical *origin =
      find_logical (group, dc_lvmtext_string (text, segment, "origin"));

  if (old != NULL) {
    old->problem = "which is a snapshot";
    old->is_visible = joint->is_visible;
    joint->is_visible = false;
  }
  if (origin != NULL && merging[0] != '\0')
    origin->problem = "which a snapshot is merged into";
}

/* Is NODE what joins a snapshot?  It has one segment then. */
static void
mark_snapshot (struct dc_lvmgroup *group, const struct dc_lvmtext_node *node)
{
  const struct dc_lvmtext_node *segment =
      next_section (group->text, dc_lvmtext_first (group->text, node));
  struct dc_lvmlogical *joint = find_logical (group, node->key);

  if (segment != NULL && joint != NULL &&
      strcmp (dc_lvmtext_string (group->text, segment, "type"), "snapshot") ==
          0)
    join_snapshot (group, joint, segment);
}

static int
read_members (struct dc_lvmgroup *group, const struct dc_lvmtext_node *list,
              struct dc_error *err)
{
  for (EACH_SECTION (group->text, node, list))
    if (read_member (group, node, err) < 0)
      return dc_context (err, "physical volume '%s'",
                         dc_quote (node->key).text);
  if (group->member_count > 0)
    qsort (group->members, group->member_count, sizeof *group->members, by_key);
  return 0;
}

static int
read_logicals (struct dc_lvmgroup *group, const struct dc_lvmtext_node *list,
               struct dc_error *err)
{
  size_t snapshots = 0;

  for (EACH_SECTION (group->text, node, list))
    if (read_logical (group, node, err) < 0)
      return dc_context (err, "logical volume '%s'", dc_quote (node->key).text);
  for (EACH_SECTION (group->text, node, list))
    if (strncmp (node->key, "snapshot", 8) == 0 &&
        snapshots++ < DC_LVM_MEMBER_MAX)
      mark_snapshot (group, node);
  return 0;
}

static int
read_group (struct dc_lvmgroup *group, const struct dc_lvmtext_node *node,
            struct dc_error *err)
{
  const struct dc_lvmtext *text = group->text;
  const uint64_t sectors = dc_lvmtext_number (text, node, "extent_size", 0);

  group->name = node->key;
  group->seqno = dc_lvmtext_number (text, node, "seqno", 0);
  group->is_exported = dc_lvmtext_lists (text, node, "status", "EXPORTED");
  if (check_name (group->name, err) < 0 ||
      read_id (text, node, group->id, err) < 0)
    return -1;
  if (sectors == 0 ||
      __builtin_mul_overflow (sectors, SECTOR, &group->extent_size))
    return dc_fail (err, DC_ERR_INVALID, "it has extents of %llu sectors",
                    (unsigned long long) sectors);
  if (read_members (
          group,
          dc_lvmtext_find (text, node, "physical_volumes", DC_LVMTEXT_SECTION),
          err) < 0)
    return -1;
  return read_logicals (
      group,
      dc_lvmtext_find (text, node, "logical_volumes", DC_LVMTEXT_SECTION), err);
}

int
dc_lvmgroup_parse (const char *text, size_t size, struct dc_lvmgroup **out,
                   struct dc_error *err)
{
  DC_AUTO (dc_lvmgroup) *group = calloc (1, sizeof *group);

  if (group == NULL)
    return dc_fail_errno (err, "cannot keep a volume group");
  if (dc_lvmtext_parse (text, size, &group->text, err) < 0)
    return -1;
  const struct dc_lvmtext_node *root = &group->text->nodes[0];
  const struct dc_lvmtext_node *node =
      next_section (group->text, dc_lvmtext_first (group->text, root));
  if (node == NULL || dc_lvmtext_number (group->text, root, "version", 1) != 1)
    return dc_fail (err, DC_ERR_INVALID, "LVM metadata has no group");
  if (read_group (group, node, err) < 0)
    return dc_context (err, "volume group '%s'", dc_quote (node->key).text);
  *out = DC_TAKE (group);
  return 0;
}

void
dc_lvmgroup_free (struct dc_lvmgroup *group)
{
  if (group == NULL)
    return;
  free (group->members);
  free (group->logicals);
  free (group->segments);
  free (group->stripes);
  dc_lvmtext_free (group->text);
  free (group);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/disk/lvm.h"
#include "lib/disk/stripes.h"
#include "lib/quote.h"
#include "lib/text.h"

#define NONE ((size_t) -1)

struct place {
  char id[DC_LVM_ID_SIZE];
  char *problem; /* why it cannot be used; NULL */
  size_t group;  /* index, or NONE */
};

/* A group, and for each member the place where it is, or NONE. */
struct group {
  struct dc_lvmgroup *parsed;
  size_t *places;
};

struct volume {
  struct dc_lvm_volume about; /* first: the caller sees this */
  char id[2 * DC_LVM_ID_SIZE];
  size_t group;
  const struct dc_lvmlogical *logical;
  char *problem;
};

/* A text that has been parsed: other places have copies of it. */
struct seen {
  uint32_t crc;
  size_t size;
};

struct dc_lvm {
  const struct dc_lvm_place *given;
  struct place *places;
  size_t place_count;
  struct group *groups;
  size_t group_count;
  struct volume *volumes;
  size_t volume_count;
  struct seen *seen;
  size_t seen_count;
};

/* Is this what somebody wrote to the disk, rather than the disk's failure or
 * ours?
 */
static bool
is_damage (const struct dc_error *err)
{
  return err->code == DC_ERR_INVALID || err->code == DC_ERR_LIMIT;
}

/* The newest metadata of a group counts. */
static int
keep_group (struct dc_lvm *lvm, struct dc_lvmgroup *take_parsed,
            struct dc_error *err)
{
  DC_AUTO (dc_lvmgroup) *parsed = take_parsed;

  for (size_t i = 0; i < lvm->group_count; i++) {
    struct group *group = &lvm->groups[i];
    if (strcmp (group->parsed->id, parsed->id) != 0)
      continue;
    if (group->parsed->seqno < parsed->seqno) {
      dc_lvmgroup_free (group->parsed);
      group->parsed = DC_TAKE (parsed);
    }
    return 0;
  }
  if (DC_ARRAY_GROW (lvm->groups, lvm->group_count, DC_LVM_GROUP_MAX,
                     "volume groups", err) < 0)
    return -1;
  lvm->groups[lvm->group_count++].parsed = DC_TAKE (parsed);
  return 0;
}

/* 1: a text like that was parsed before; 0, and it is remembered; -1. */
static int
was_seen (struct dc_lvm *lvm, uint32_t crc, size_t size, struct dc_error *err)
{
  for (size_t i = 0; i < lvm->seen_count; i++)
    if (lvm->seen[i].crc == crc && lvm->seen[i].size == size)
      return 1;
  if (DC_ARRAY_GROW (lvm->seen, lvm->seen_count,
                     (size_t) DC_LVM_PLACE_MAX * DC_LVM_AREA_MAX, "texts",
                     err) < 0)
    return -1;
  lvm->seen[lvm->seen_count++] = (struct seen){ crc, size };
  return 0;
}

/* What place INDEX says of itself and of its group. */
static int
read_place (struct dc_lvm *lvm, size_t index, struct dc_error *err)
{
  struct place *place = &lvm->places[index];
  DC_AUTO (dc_lvmlabel) *label = NULL;

  place->group = NONE;
  if (dc_lvmlabel_read (&lvm->given[index], &label, err) < 0)
    return -1;
  memcpy (place->id, label->id, sizeof place->id);
  for (size_t i = 0; i < label->area_count; i++) {
    DC_AUTO (dc_lvmgroup) *parsed = NULL;
    const int seen =
        was_seen (lvm, label->areas[i].crc, label->areas[i].size, err);
    if (seen != 0) {
      if (seen < 0)
        return -1;
      continue;
    }
    if (dc_lvmgroup_parse (label->areas[i].text, label->areas[i].size, &parsed,
                           err) < 0 ||
        keep_group (lvm, DC_TAKE (parsed), err) < 0)
      return -1;
  }
  return 0;
}

/* Damage becomes a problem of the place. */
static int
read_places (struct dc_lvm *lvm, struct dc_error *err)
{
  for (size_t i = 0; i < lvm->place_count; i++) {
    if (read_place (lvm, i, err) == 0)
      continue;
    if (!is_damage (err))
      return -1;
    lvm->places[i].problem = strdup (err->text);
    if (lvm->places[i].problem == NULL)
      return dc_fail_errno (err, "cannot keep a text");
  }
  return 0;
}

/* Where the member ID of group GROUP is, which is marked as that; NONE. */
static size_t
find_place (struct dc_lvm *lvm, const char *id, size_t group)
{
  size_t found = NONE, count = 0;

  for (size_t i = 0; i < lvm->place_count; i++)
    if (lvm->places[i].problem == NULL && strcmp (lvm->places[i].id, id) == 0) {
      lvm->places[i].group = group;
      found = i;
      count++;
    }
  return count == 1 ? found : NONE;
}

static int
find_places (struct dc_lvm *lvm, size_t index, struct dc_error *err)
{
  struct group *group = &lvm->groups[index];
  const struct dc_lvmgroup *parsed = group->parsed;

  group->places = calloc (parsed->member_count + 1, sizeof *group->places);
  if (group->places == NULL)
    return dc_fail_errno (err, "cannot keep a volume group");
  for (size_t i = 0; i < parsed->member_count; i++)
    group->places[i] = find_place (lvm, parsed->members[i].id, index);
  return 0;
}

/* Where stripe STRIPE of SEGMENT begins and how much of it there is, in
 * bytes; NULL, or why it cannot be read.
 */
static const char *
place_stripe (const struct dc_lvm *lvm, const struct group *group,
              const struct dc_lvmsegment *segment, size_t stripe,
              struct dc_stripe *out)
{
  const struct dc_lvmgroup *parsed = group->parsed;
  const struct dc_lvmstripe *from = &parsed->stripes[segment->stripe + stripe];
  const struct dc_lvmmember *member = &parsed->members[from->member];
  const size_t place = group->places[from->member];
  uint64_t start, size, end;

  if (place == NONE)
    return "on a physical volume that is not on the disks given, or twice";
  const struct dc_lvm_place *given = &lvm->given[place];
  if (__builtin_mul_overflow (from->extent, parsed->extent_size, &start) ||
      __builtin_add_overflow (start, member->start, &start) ||
      __builtin_mul_overflow (segment->extents / segment->stripe_count,
                              parsed->extent_size, &size) ||
      __builtin_add_overflow (start, size, &end) || end > given->size)
    return "behind the end of its disk";
  *out = (struct dc_stripe){ given->disk, given->offset + start };
  return NULL;
}

/* Why LOGICAL cannot be read, in *OUT, or NULL there. */
static int
find_problem (const struct dc_lvm *lvm, const struct group *group,
              const struct dc_lvmlogical *logical, char **out,
              struct dc_error *err)
{
  const struct dc_lvmgroup *parsed = group->parsed;
  const char *problem = NULL;
  struct dc_stripe ignored;

  if (logical->kind != NULL)
    return dc_text_print (out, err, "of type '%s', %s",
                          dc_quote (logical->kind).text, logical->problem);
  if (logical->problem != NULL)
    return dc_text_print (out, err, "a logical volume %s", logical->problem);
  for (size_t i = 0; problem == NULL && i < logical->segment_count; i++) {
    const struct dc_lvmsegment *segment =
        &parsed->segments[logical->segment + i];
    for (size_t j = 0; problem == NULL && j < segment->stripe_count; j++)
      problem = place_stripe (lvm, group, segment, j, &ignored);
  }
  if (problem == NULL && parsed->is_exported)
    problem = "in a volume group that was exported";
  if (problem == NULL && logical->extents == 0)
    problem = "empty";
  return problem == NULL ? 0 : dc_text_print (out, err, "%s", problem);
}

static int
add_volume (struct dc_lvm *lvm, size_t index,
            const struct dc_lvmlogical *logical, struct dc_error *err)
{
  const struct group *group = &lvm->groups[index];
  AUTO_FREE char *problem = NULL;

  if (find_problem (lvm, group, logical, &problem, err) < 0 ||
      DC_ARRAY_GROW (lvm->volumes, lvm->volume_count, DC_LVM_LOGICAL_MAX,
                     "logical volumes", err) < 0)
    return -1;
  struct volume *volume = &lvm->volumes[lvm->volume_count++];
  volume->group = index;
  volume->logical = logical;
  (void) snprintf (volume->id, sizeof volume->id, "%s%s", group->parsed->id,
                   logical->id);
  volume->about = (struct dc_lvm_volume){
    .group = group->parsed->name,
    .name = logical->name,
    .size = logical->extents * group->parsed->extent_size,
  };
  volume->problem = DC_TAKE (problem);
  return 0;
}

static int
by_name (const void *a, const void *b)
{
  const struct volume *one = a, *other = b;
  const int order = strcmp (one->about.group, other->about.group);

  return order != 0 ? order : strcmp (one->about.name, other->about.name);
}

static int
list_volumes (struct dc_lvm *lvm, struct dc_error *err)
{
  for (size_t i = 0; i < lvm->group_count; i++) {
    const struct dc_lvmgroup *parsed = lvm->groups[i].parsed;
    if (find_places (lvm, i, err) < 0)
      return -1;
    for (size_t j = 0; j < parsed->logical_count; j++)
      if (parsed->logicals[j].is_visible &&
          add_volume (lvm, i, &parsed->logicals[j], err) < 0)
        return -1;
  }
  if (lvm->volume_count > 0)
    qsort (lvm->volumes, lvm->volume_count, sizeof *lvm->volumes, by_name);
  for (size_t i = 0; i < lvm->volume_count; i++) {
    struct volume *volume = &lvm->volumes[i];
    volume->about.id = volume->id;
    volume->about.problem = volume->problem;
  }
  return 0;
}

int
dc_lvm_open (const struct dc_lvm_place *places, size_t count,
             struct dc_lvm **out, struct dc_error *err)
{
  if (count > DC_LVM_PLACE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "%zu physical volumes, limit %d", count,
                    DC_LVM_PLACE_MAX);
  DC_AUTO (dc_lvm) *lvm = calloc (1, sizeof *lvm);
  if (lvm == NULL ||
      (lvm->places = calloc (count + 1, sizeof *lvm->places)) == NULL)
    return dc_fail_errno (err, "cannot keep the physical volumes");
  lvm->given = places;
  lvm->place_count = count;
  if (read_places (lvm, err) < 0 || list_volumes (lvm, err) < 0)
    return -1;
  *out = DC_TAKE (lvm);
  return 0;
}

const char *
dc_lvm_group_of (const struct dc_lvm *lvm, size_t index, const char **problem)
{
  assert (index < lvm->place_count);
  const struct place *place = &lvm->places[index];

  *problem = place->problem;
  if (place->problem != NULL)
    return NULL;
  return place->group == NONE ? "" : lvm->groups[place->group].parsed->name;
}

size_t
dc_lvm_count (const struct dc_lvm *lvm)
{
  return lvm->volume_count;
}

const struct dc_lvm_volume *
dc_lvm_at (const struct dc_lvm *lvm, size_t index)
{
  assert (index < lvm->volume_count);
  return &lvm->volumes[index].about;
}

int
dc_lvm_disk (const struct dc_lvm *lvm, size_t index, struct dc_disk **out,
             struct dc_error *err)
{
  assert (index < lvm->volume_count);
  const struct volume *volume = &lvm->volumes[index];
  const struct group *group = &lvm->groups[volume->group];
  const size_t count = volume->logical->segment_count;
  const struct dc_lvmsegment *from =
      &group->parsed->segments[volume->logical->segment];
  const uint64_t extent_size = group->parsed->extent_size;
  size_t stripe_count = 0;

  assert (volume->problem == NULL);
  for (size_t i = 0; i < count; i++)
    stripe_count += from[i].stripe_count;
  AUTO_FREE struct dc_stripes_segment *segments =
      calloc (count, sizeof *segments);
  AUTO_FREE struct dc_stripe *stripes = calloc (stripe_count, sizeof *stripes);
  if (segments == NULL || stripes == NULL)
    return dc_fail_errno (err, "cannot keep a logical volume");
  stripe_count = 0;
  for (size_t i = 0; i < count; i++) {
    segments[i] = (struct dc_stripes_segment){
      .start = from[i].start * extent_size,
      .size = from[i].extents * extent_size,
      .chunk = from[i].chunk,
      .first = stripe_count,
      .count = from[i].stripe_count,
    };
    for (size_t j = 0; j < from[i].stripe_count; j++)
      (void) place_stripe (lvm, group, &from[i], j,
                           &stripes[stripe_count++]); /* no problem: above */
  }
  return dc_stripes_disk (DC_TAKE (segments), count, DC_TAKE (stripes), out,
                          err);
}

void
dc_lvm_free (struct dc_lvm *lvm)
{
  if (lvm == NULL)
    return;
  for (size_t i = 0; i < lvm->place_count && lvm->places != NULL; i++)
    free (lvm->places[i].problem);
  for (size_t i = 0; i < lvm->group_count; i++) {
    dc_lvmgroup_free (lvm->groups[i].parsed);
    free (lvm->groups[i].places);
  }
  for (size_t i = 0; i < lvm->volume_count; i++)
    free (lvm->volumes[i].problem);
  free (lvm->volumes);
  free (lvm->groups);
  free (lvm->places);
  free (lvm->seen);
  free (lvm);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_LVMGROUP_H
#define DC_LIB_DISK_LVMGROUP_H

/* lvmgroup: a volume group of LVM2, as its metadata describes it.
 *
 *   group      extents of one size
 *     member   a physical volume: where its extents begin, how many
 *     logical  a logical volume: segments one after another
 *       segment  extents taken from one member, or in turn from several
 *
 * A logical volume that is more than that (RAID, mirror, thin, cache, VDO,
 * what a snapshot keeps) has a text that says so and no segments.
 *
 * Source: libvslvm, "Logical Volume Manager (LVM) format", section 4; lvm(8),
 * lvmraid(7), lvmthin(7); measured on LVM 2.03.
 */

#include <stdbool.h>

#include "lib/disk/lvmlabel.h"
#include "lib/disk/lvmtext.h"

#define DC_LVM_MEMBER_MAX 1024
#define DC_LVM_LOGICAL_MAX 4096
#define DC_LVM_SEGMENT_MAX ((size_t) 128 * 1024) /* of a group; stripes too */
#define DC_LVM_NAME_MAX 127                      /* bytes: lvm(8) */

struct dc_lvmmember {
  const char *key;         /* as stripes name it: "pv0" */
  char id[DC_LVM_ID_SIZE]; /* as in its label */
  uint64_t start;          /* bytes to the first extent */
  uint64_t extents;
};

struct dc_lvmstripe {
  size_t member; /* index */
  uint64_t extent;
};

struct dc_lvmsegment {
  uint64_t start, extents;     /* in the logical volume */
  uint64_t chunk;              /* bytes from one stripe before the next */
  size_t stripe, stripe_count; /* index of the first */
};

struct dc_lvmlogical {
  const char *name;
  char id[DC_LVM_ID_SIZE];
  bool is_visible;     /* false: a part of others */
  const char *problem; /* why it cannot be read here; static; NULL */
  const char *kind;    /* "thin": of the segment that is the problem; NULL */
  uint64_t extents;
  size_t segment, segment_count; /* index of the first */
};

struct dc_lvmgroup {
  struct dc_lvmtext *text; /* that all names point into */
  const char *name;
  char id[DC_LVM_ID_SIZE];
  uint64_t seqno;       /* the highest one counts */
  uint64_t extent_size; /* bytes */
  bool is_exported;     /* LVM would not use it */
  struct dc_lvmmember *members;
  size_t member_count;
  struct dc_lvmlogical *logicals;
  size_t logical_count;
  struct dc_lvmsegment *segments;
  size_t segment_count;
  struct dc_lvmstripe *stripes;
  size_t stripe_count;
};

/* 0 and *OUT for the caller, or -1: DC_ERR_INVALID, DC_ERR_LIMIT,
 * DC_ERR_SYSTEM.
 */
int dc_lvmgroup_parse (const char *text, size_t size, struct dc_lvmgroup **out,
                       struct dc_error *err);
void dc_lvmgroup_free (struct dc_lvmgroup *group);
DC_DEFINE_AUTO (dc_lvmgroup)

#endif

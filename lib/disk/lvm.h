/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_LVM_H
#define DC_LIB_DISK_LVM_H

/* lvm: the logical volumes of LVM2 as disks, read without the kernel.
 *
 *   lvm        which places make which group, and what that gives
 *     stripes    a logical volume as a disk
 *     lvmgroup   what the metadata says
 *       lvmtext    its text
 *     lvmlabel   where the text is
 *
 * Linear and striped volumes, of any number of segments on any number of
 * physical volumes, which may lie on several disks.  All others are named,
 * with the reason why they are not read.
 *
 * The group's newest metadata counts.  A physical volume that is given twice
 * (the same id) is not used at all: which copy is right cannot be told.
 *
 * Source: lvm(8), lvmsystemid(7); the formats as in the headers above.
 */

#include "lib/disk/lvmgroup.h"

#define DC_LVM_PLACE_MAX 1024
#define DC_LVM_GROUP_MAX 256

/* Texts live as long as the struct dc_lvm. */
struct dc_lvm_volume {
  const char *group, *name;
  const char *id;      /* of group and volume, as in "dm-uuid-LVM-..." */
  uint64_t size;       /* bytes */
  const char *problem; /* what it is instead: "of type 'thin', which
                          ..."; NULL: it is readable */
};

struct dc_lvm;

/* Look at PLACES, which stay where they are until dc_lvm_free().  What is
 * damaged is said for its place and its volumes; -1 only for what the disk
 * said, DC_ERR_LIMIT (places), DC_ERR_SYSTEM.
 */
int dc_lvm_open (const struct dc_lvm_place *places, size_t count,
                 struct dc_lvm **out, struct dc_error *err);
/* What place INDEX belongs to: the group's name; "": to none, so that there
 * is nothing on it; NULL: *PROBLEM says why that cannot be told.
 */
const char *dc_lvm_group_of (const struct dc_lvm *lvm, size_t index,
                             const char **problem);
/* The visible volumes, sorted by the names of group and volume. */
size_t dc_lvm_count (const struct dc_lvm *lvm);
const struct dc_lvm_volume *dc_lvm_at (const struct dc_lvm *lvm, size_t index);
/* One without a problem as a disk, which needs the disks of the places but
 * not LVM.  0 and *OUT for the caller, or -1: DC_ERR_SYSTEM.
 */
int dc_lvm_disk (const struct dc_lvm *lvm, size_t index, struct dc_disk **out,
                 struct dc_error *err);
void dc_lvm_free (struct dc_lvm *lvm);
DC_DEFINE_AUTO (dc_lvm)

#endif

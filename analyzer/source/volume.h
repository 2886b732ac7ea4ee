/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SOURCE_VOLUME_H
#define DC_ANALYZER_SOURCE_VOLUME_H

/* volume: every part of a guest's disks, under the name that the guest's
 * kernel would give it on its first controller, and what fstab calls it; then
 * the logical volumes of LVM (lib/disk/lvm.h).
 *
 * Source: fstab(5), systemd-fstab-generator(8) for the network file systems,
 * Linux Documentation/admin-guide/devices.txt for the names, lvm(8) and udev's
 * 13-dm-disk.rules for those of logical volumes.
 */

#include <stdbool.h>

#include "analyzer/ext/ext.h"
#include "lib/disk/lvm.h"
#include "lib/disk/partition.h"
#include "lib/report.h"

/* Bytes of "/dev/GROUP/VOLUME", and of "GROUP-VOLUME" with each "-" twice. */
#define DC_VOLUME_DEVICE_SIZE (sizeof "/dev//" + 2 * DC_LVM_NAME_MAX)
#define DC_VOLUME_MAPPER_SIZE (sizeof "-" + 4 * DC_LVM_NAME_MAX)

struct dc_volume {
  char device[DC_VOLUME_DEVICE_SIZE]; /* "/dev/sda1", "/dev/debian/root" */
  struct dc_disk *disk; /* that it is a part of, borrowed; of a logical volume
                           NULL */
  char *mapper; /* of a logical volume: "debian-root"; NULL: a partition */
  char *id;     /* of a logical volume, with its group's; NULL */
  char *group;  /* of a physical volume whose group was read: its name, "" if
                   it is in none; NULL */
  struct dc_partition part; /* a copy; of a logical volume, number 0 */
  struct dc_ext *ext;       /* open, if it is one that we can read */
  enum dc_code code;        /* of the failure to open it; DC_OK */
  char *problem;            /* that failure's text; NULL */
  char *mountpoint;         /* "/var"; NULL: not mounted */
};

struct dc_volumes {
  struct dc_volume *items; /* in the order of disks and of their tables; then
                              logical volumes by name */
  size_t count;
};

/* List the parts of DISKS (borrowed) and open those with an ext file system.
 * 0 and *OUT for the caller, or -1: DC_ERR_INVALID (a damaged table),
 * DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_volumes_open (struct dc_disk *const *disks, size_t count,
                     struct dc_volumes **out, struct dc_error *err);
/* The volume that SPEC of an fstab names: UUID=, LABEL=, PARTUUID=,
 * PARTLABEL= (quoted or not), /dev/disk/by-..., a device of any controller
 * (vda1 is sda1), /dev/GROUP/VOLUME or /dev/mapper/GROUP-VOLUME; NULL when
 * there is none.
 */
struct dc_volume *dc_volumes_find (const struct dc_volumes *volumes,
                                   const char *spec);
/* Does it hold something that only the appliance can look into (RAID, thin
 * volumes, another file system)?
 */
bool dc_volume_is_opaque (const struct dc_volume *volume);
bool dc_volume_is_encrypted (const struct dc_volume *volume);
void dc_volumes_free (struct dc_volumes *volumes);
DC_DEFINE_AUTO (dc_volumes)

#endif

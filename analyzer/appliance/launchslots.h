/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_APPLIANCE_LAUNCHSLOTS_H
#define DC_ANALYZER_APPLIANCE_LAUNCHSLOTS_H

/* launchslots: whose disks the appliance's kernel has, where several guests
 * take turns in one appliance.
 *
 * All disks are plugged in when it starts.  Guests that are copies of one
 * template have the same UUIDs and volume groups, which one kernel cannot tell
 * apart, and an fstab may mean /dev/sda.  So all disks are deleted from the
 * kernel, and those of one guest are looked for on the SCSI bus when it has
 * its turn: they are then /dev/sda, /dev/sdb ... as if it were alone, and
 * nothing of another guest is there to be mistaken for its own.
 *
 * That needs commands in the appliance (guestfs_debug "sh"): there is no other
 * way to reach /sys, and libguestfs cannot unplug disks any more.
 *
 * Source: Linux Documentation/scsi/scsi_mid_low_api.rst (scan, delete),
 * guestfs(3), the appliance's own start script for what activates volumes;
 * measured with libguestfs 1.48.
 */

#include <guestfs.h>
#include <stddef.h>

#include "lib/error.h"

/* What a disk is plugged in with, and known by in the appliance. */
struct dc_launchslot_label {
  char text[8]; /* letters only: guestfs_add_drive_opts() */
};

/* Of DISK of GUEST, both below 26. */
struct dc_launchslot_label dc_launchslot_label (size_t guest, size_t disk);

/* Unmount all, release volumes and RAIDs, delete every disk but the
 * appliance's own.  DC_ERR_TOOL: something stays, and no other guest may have
 * its turn.
 */
int dc_launchslots_hide (guestfs_h *g, struct dc_error *err);
/* After that: let the kernel find the DISK_COUNT disks of GUEST, and what lies
 * on them.  DC_ERR_TOOL, also when they are not exactly those.
 */
int dc_launchslots_show (guestfs_h *g, size_t guest, size_t disk_count,
                         struct dc_error *err);

#endif

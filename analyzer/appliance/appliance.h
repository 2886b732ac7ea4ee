/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_APPLIANCE_APPLIANCE_H
#define DC_ANALYZER_APPLIANCE_APPLIANCE_H

/* appliance: a guest's tree through libguestfs, for what we do not read
 * ourselves (LVM, LUKS, RAID, XFS, btrfs ...) and as the reference.
 *
 *   parent                   launcher                     reader
 *                            (forked, not confined)       (confined worker)
 *   dc_appliance_start() --> start the appliance,
 *                            inspect, mount read-only
 *                            ---- description, JSON ----> dc_appliance_tree()
 *                            ---- tar of everything ---->
 *   wait for the reader
 *   dc_appliance_end() <---- how it went
 *
 * libguestfs starts QEMU, so its process cannot be confined; what it hands on
 * is foreign and only the reader looks at it.  It runs in a process of its
 * own because a handle dies with the confinement of its process.
 *
 * When the reader goes away the launcher stops QEMU and ends; when the
 * launcher fails, the reader sees an early end, and dc_appliance_end() has
 * the reason.
 *
 * Several guests take turns in one start: each has a pipe and a reader of its
 * own, and while it has its turn the appliance has its disks only
 * (launchslots.h).  After each turn the launcher says on a further pipe
 * whether all was sent, which dc_appliance_next() waits for.  They share a
 * kernel: a guest whose file system takes that over could read the others'
 * disks and forge what is said of them.
 *
 * Source: guestfs(3); measured: a start takes 10-30 s in software emulation.
 */

#include "analyzer/source/guest.h"
#include "lib/confine.h"
#include "lib/disk/open.h"
#include "lib/report.h"
#include "lib/tree/tree.h"

/* Bytes of the description: 26 disks have far fewer file systems. */
#define DC_APPLIANCE_DESCRIPTION_MAX ((size_t) 1024 * 1024)

/* Guests of one start. */
#define DC_APPLIANCE_GUEST_MAX 26
/* Disks of one start; one more is the appliance's own, and virtio-scsi takes
 * 256.
 */
#define DC_APPLIANCE_DISK_MAX 250

/* All borrowed; read by dc_appliance_start() only. */
struct dc_appliance_guest {
  const struct dc_disk_export *disks;
  size_t disk_count;
  const char *root;        /* a device as in guest.h; NULL: the only one */
  const char *const *keys; /* passphrases, each tried on every encrypted
                              device; NULL-terminated, NULL: none */
};
struct dc_appliance_options {
  const struct dc_appliance_guest *guests;
  size_t guest_count;
};

struct dc_appliance;

/* In the parent: fork the launcher.  It goes on while the caller starts the
 * reader.  DC_ERR_LIMIT (too many guests or disks for one start),
 * DC_ERR_SYSTEM, DC_ERR_CANCELLED.
 */
int dc_appliance_start (const struct dc_appliance_options *options,
                        const struct dc_report *report,
                        struct dc_appliance **out, struct dc_error *err);
/* What the reader of guest INDEX must keep open and read; borrowed. */
int dc_appliance_fd (const struct dc_appliance *appliance, size_t index);
/* Forward the launcher's messages while READER is waited for. */
void dc_appliance_pair (struct dc_appliance *appliance,
                        struct dc_worker *reader);

/* In the reader: the tree, whose contents go to the empty file SPOOL_FD, and
 * what it was read from.  As dc_tree_tar(); DC_ERR_INVALID also for a
 * description that breaks its form.
 */
int dc_appliance_tree (int fd, int spool_fd, struct dc_tree **tree,
                       struct dc_guest **guest, struct dc_error *err);

/* In the parent, when the reader of guest INDEX, one of several, has ended
 * with STATUS (and ERR): 0 when it has seen all of the guest.  -1 with ERR, in
 * which launcher and guest are not told apart; DC_ERR_CANCELLED.
 */
int dc_appliance_next (struct dc_appliance *appliance, size_t index, int status,
                       const struct dc_report *report, struct dc_error *err);
/* In the parent, when the reader of the only guest has ended with STATUS (and
 * ERR): 0, or -1 with the reason of the one that failed first:
 * DC_ERR_NOTFOUND "no operating system found", or no root like that;
 * DC_ERR_INVALID several systems and no ROOT, the text names them;
 * DC_ERR_ENCRYPTED no key opens a device that matters;
 * DC_ERR_UNSUPPORTED not a Linux guest; DC_ERR_TOOL libguestfs failed.
 */
int dc_appliance_end (struct dc_appliance *appliance, int status,
                      const struct dc_report *report, struct dc_error *err);
/* Stops the launcher if it runs. */
void dc_appliance_free (struct dc_appliance *appliance);
DC_DEFINE_AUTO (dc_appliance)

#endif

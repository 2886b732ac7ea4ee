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
 * Source: guestfs(3); measured: a start takes 10-30 s in software emulation.
 */

#include "analyzer/source/guest.h"
#include "lib/confine.h"
#include "lib/disk/open.h"
#include "lib/report.h"
#include "lib/tree/tree.h"

/* Bytes of the description: 26 disks have far fewer file systems. */
#define DC_APPLIANCE_DESCRIPTION_MAX ((size_t) 1024 * 1024)

/* All borrowed; read by dc_appliance_start() only. */
struct dc_appliance_options {
  const struct dc_disk_export *disks;
  size_t disk_count;
  const char *root;        /* a device as in guest.h; NULL: the only one */
  const char *const *keys; /* passphrases, each tried on every encrypted
                              device; NULL-terminated, NULL: none */
};

struct dc_appliance;

/* In the parent: fork the launcher.  It goes on while the caller starts the
 * reader.  DC_ERR_SYSTEM, DC_ERR_CANCELLED.
 */
int dc_appliance_start (const struct dc_appliance_options *options,
                        const struct dc_report *report,
                        struct dc_appliance **out, struct dc_error *err);
/* What the reader must keep open and read; borrowed. */
int dc_appliance_fd (const struct dc_appliance *appliance);
/* Forward the launcher's messages while READER is waited for. */
void dc_appliance_pair (struct dc_appliance *appliance,
                        struct dc_worker *reader);

/* In the reader: the tree, whose contents go to the empty file SPOOL_FD, and
 * what it was read from.  As dc_tree_tar(); DC_ERR_INVALID also for a
 * description that breaks its form.
 */
int dc_appliance_tree (int fd, int spool_fd, struct dc_tree **tree,
                       struct dc_guest **guest, struct dc_error *err);

/* In the parent, when the reader has ended with STATUS (and ERR): 0, or -1
 * with the reason of the one that failed first:
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

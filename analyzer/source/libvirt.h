/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SOURCE_LIBVIRT_H
#define DC_ANALYZER_SOURCE_LIBVIRT_H

/* libvirt: a machine of this host's libvirt.
 *
 * One that is shut off is read from its disks.  One that runs is read through
 * a backup in pull mode: QEMU exports the disks as they were at one instant
 * and keeps aside what the guest overwrites since.
 *
 *   dc_libvirt_freeze()  the guest agent, if there is one, makes the guest's
 *                        file systems quiet; the backup begins; they go on
 *   dc_libvirt_free()    the backup ends, what was kept aside is removed
 *
 * The machine's disks, their files and its definition are never changed, as
 * they would be by an external snapshot and a commit.  If we are killed in
 * between, the guest goes on, with the backup under way: the next run finds
 * it by its folder, whose lock nobody holds any more, and ends it; so does
 * "virsh domjobabort DOMAIN" by hand.
 *
 * Built without libvirt, everything is DC_ERR_UNSUPPORTED.
 *
 * Source: libvirt's formatbackup.html and kbase/live_full_disk_backup.html;
 * virDomainBackupBegin, virDomainFSFreeze.
 */

#include <jansson.h>
#include <stdbool.h>

#include "lib/cleanup.h"
#include "lib/error.h"
#include "lib/report.h"

struct dc_libvirt;

/* Ask the libvirt at URI (NULL: its own default) for DOMAIN, a name or UUID.
 * 0 and *OUT, or -1: DC_ERR_NOTFOUND (no such machine), DC_ERR_UNSUPPORTED (a
 * libvirt on another host, or none built in), DC_ERR_TOOL (libvirt says why),
 * DC_ERR_SYSTEM.
 */
int dc_libvirt_open (const char *uri, const char *domain,
                     struct dc_libvirt **out, struct dc_error *err);
/* The definition: of the running machine if it runs; borrowed. */
const char *dc_libvirt_xml (const struct dc_libvirt *libvirt);
bool dc_libvirt_is_active (const struct dc_libvirt *libvirt);
/* Begin a backup of the disks of MACHINE (analyzer/machine/machine.h).  0, or
 * -1 and the machine as it was: DC_ERR_BUSY (another job is under way),
 * DC_ERR_TOOL, DC_ERR_SYSTEM.
 */
int dc_libvirt_freeze (struct dc_libvirt *libvirt, const json_t *machine,
                       const struct dc_report *report, struct dc_error *err);
/* Where the disks are exported, each under its target's name; NULL before. */
const char *dc_libvirt_socket (const struct dc_libvirt *libvirt);
void dc_libvirt_free (struct dc_libvirt *libvirt);
DC_DEFINE_AUTO (dc_libvirt)

#endif

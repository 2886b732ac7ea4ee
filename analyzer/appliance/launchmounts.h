/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_APPLIANCE_LAUNCHMOUNTS_H
#define DC_ANALYZER_APPLIANCE_LAUNCHMOUNTS_H

/* launchmounts: a system's file systems mounted in the appliance, and described.
 *
 * Mounted read-only; the disks lie below overlays, so that a journal can be
 * replayed all the same.
 */

#include <jansson.h>

#include "analyzer/appliance/launchdevices.h"
#include "lib/report.h"

/* Mount what the system on ROOT mounts.  Without its "/" there is nothing
 * (DC_ERR_TOOL); any other that fails is left out with a warning.  *OUT, for
 * the caller, is an array with an object for each of DEVICES and each
 * subvolume: "device", "type", "uuid", "label", "size", "state", and
 * "mountpoint" where it has one.
 */
int dc_launchmounts_make (guestfs_h *g, const struct dc_launchdevices *devices,
                          const char *root, const struct dc_report *report,
                          json_t **out, struct dc_error *err);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SOURCE_GUESTROOT_H
#define DC_ANALYZER_SOURCE_GUESTROOT_H

/* guestroot: which of a guest's volumes the operating system is on. */

#include "analyzer/source/volume.h"

/* The one that DEVICE names (as fstab would); for NULL the only one with an
 * operating system.  0 and *OUT, borrowed from VOLUMES and with an open file
 * system, or -1: DC_ERR_NOTFOUND (no system, no such device), DC_ERR_INVALID
 * (several systems, the text names them; the file system is damaged),
 * DC_ERR_ENCRYPTED, DC_ERR_UNSUPPORTED (only file systems of other kernels),
 * DC_ERR_APPLIANCE (it may be where only the appliance can
 * look), DC_ERR_SYSTEM.
 */
int dc_guestroot_find (const struct dc_volumes *volumes, const char *device,
                       struct dc_volume **out, struct dc_error *err);

#endif

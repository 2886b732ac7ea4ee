/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_APPLIANCE_LAUNCHDEVICES_H
#define DC_ANALYZER_APPLIANCE_LAUNCHDEVICES_H

/* launchdevices: what may hold a file system in the appliance, with what is
 * encrypted opened as far as there are keys.
 *
 * Not guestfs_list_filesystems(): that takes 10 s on a busy host in emulation
 * where the type of a device takes 0.1 s (measured), and it leaves out what is
 * encrypted.
 */

#include <guestfs.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/cleanup.h"
#include "lib/error.h"

#define DC_LAUNCHDEVICE_MAX ((size_t) 10000)

struct dc_launchdevice {
  char *name;     /* "/dev/sda1" */
  char *type;     /* "ext4", "crypto_LUKS"; "" unknown */
  bool was_dirty; /* its journal (of ext) needs to be replayed; asked before
                     anything is mounted, which does it */
  enum {
    DC_LAUNCHDEVICE_PLAIN,
    DC_LAUNCHDEVICE_OPENED, /* what is in it is among the others */
    DC_LAUNCHDEVICE_LOCKED, /* encrypted, and no key opens it */
  } state;
};

struct dc_launchdevices {
  struct dc_launchdevice *items;
  size_t count;
};

/* KEYS as in struct dc_appliance_guest.  Parts of RAIDs and of volume groups
 * and disks with partitions are not among them.  DC_ERR_TOOL, DC_ERR_SYSTEM.
 */
int dc_launchdevices_find (guestfs_h *g, const char *const *keys,
                           struct dc_launchdevices **out, struct dc_error *err);
void dc_launchdevices_free (struct dc_launchdevices *devices);
DC_DEFINE_AUTO (dc_launchdevices)

#endif

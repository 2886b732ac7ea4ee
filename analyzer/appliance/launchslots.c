/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/appliance/launcher.h"
#include "analyzer/appliance/launchslots.h"
#include "lib/buffer.h"

#define SCRIPT_SIZE_MAX ((size_t) 64 * 1024) /* bytes */

/* Where the disks sit on the bus is written down the first time, when all are
 * there.  What stays in use although it was told to go (a file system that
 * hangs) is still there at the end, which is the failure.
 */
static const char hide_script[] =
    "exec 2>&1; cd /sys/block; "
    "own=$(mountpoint -d /); own=$(basename \"$(readlink -f "
    "/sys/dev/block/$own)\"); "
    "udevadm settle; "
    "if [ ! -e /run/slots ]; then for link in /dev/disk/guestfs/*; do "
    "disk=$(basename \"$(readlink -f \"$link\")\"); "
    "[ ! -e $disk ] || "
    "echo \"$(basename \"$link\") $(basename \"$(readlink -f "
    "$disk/device)\")\"; "
    "done >/run/slots; fi; "
    "lvm vgchange -an; mdadm --stop --scan; "
    "for disk in sd*; do "
    "[ $disk = $own ] || echo 1 >$disk/device/delete; done; "
    "dmsetup remove_all; udevadm settle; "
    "for left in sd* dm-* md*; do "
    "[ ! -e $left ] || [ $left = $own ] || exit 1; done";

/* SLOTS is a list of labels.  Each disk is waited for before the next one is
 * looked for, so that they get their names in this order.  Then what the
 * appliance's start script does, in its order.
 */
static const char show_script[] =
    "exec 2>&1; for slot in $slots; do "
    "set -- $(grep \"^$slot \" /run/slots | tr : ' '); "
    "echo \"$3 $4 $5\" >/sys/class/scsi_host/host$2/scan; "
    "n=0; while [ ! -e /dev/disk/guestfs/$slot ] && [ $n -lt 300 ]; do "
    "sleep 0.1; n=$((n + 1)); done; done; "
    "udevadm settle; mdadm -As --auto=yes --no-degraded; "
    "lvm vgchange -aay; mdadm -As --auto=yes --run; "
    "ldmtool create all; btrfs device scan; "
    "udevadm settle; exit 0";

struct dc_launchslot_label
dc_launchslot_label (size_t guest, size_t disk)
{
  const struct dc_launchslot_label label = { { 'd', 'c', (char) ('a' + guest),
                                               (char) ('a' + disk), '\0' } };

  return label;
}

static int
run (guestfs_h *g, const char *script, struct dc_error *err)
{
  char words[] = "sh";
  AUTO_FREE char *copy = strdup (script);
  char *const args[] = { copy, NULL };

  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep a script");
  AUTO_FREE char *said = guestfs_debug (g, words, args);
  return said != NULL
             ? 0
             : dc_launcher_fail (g, err, "cannot change the appliance's disks");
}

int
dc_launchslots_hide (guestfs_h *g, struct dc_error *err)
{
  if (guestfs_umount_all (g) < 0)
    return dc_launcher_fail (g, err, "cannot unmount a guest");
  return run (g, hide_script, err);
}

/* PAIRS are label, device, ...; those of partitions are among them. */
static const char *
find_device (char *const *pairs, const char *label)
{
  for (size_t i = 0; pairs[i] != NULL; i += 2)
    if (strcmp (pairs[i], label) == 0)
      return pairs[i + 1];
  return NULL;
}

static int
check_disks (guestfs_h *g, size_t guest, size_t disk_count,
             struct dc_error *err)
{
  size_t count = 0;

  AUTO_STRINGS char **devices = guestfs_list_devices (g);
  AUTO_STRINGS char **labels = guestfs_list_disk_labels (g);
  if (devices == NULL || labels == NULL)
    return dc_launcher_fail (g, err, "cannot list the disks of a guest");
  while (devices[count] != NULL)
    count++;
  for (size_t i = 0; i < disk_count && count == disk_count; i++) {
    const char name[] = { '/', 'd', 'e', 'v', '/', 's', 'd', (char) ('a' + i),
                          '\0' };
    const char *device =
        find_device (labels, dc_launchslot_label (guest, i).text);
    if (device == NULL || strcmp (device, name) != 0)
      count = 0;
  }
  return count == disk_count
             ? 0
             : dc_fail (err, DC_ERR_TOOL,
                        "the appliance has other disks than the guest's");
}

int
dc_launchslots_show (guestfs_h *g, size_t guest, size_t disk_count,
                     struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer script = DC_BUFFER_INIT (SCRIPT_SIZE_MAX);

  if (dc_buffer_print (&script, err, "slots='") < 0)
    return -1;
  for (size_t i = 0; i < disk_count; i++)
    if (dc_buffer_print (&script, err, " %s",
                         dc_launchslot_label (guest, i).text) < 0)
      return -1;
  if (dc_buffer_print (&script, err, "'; %s", show_script) < 0 ||
      run (g, dc_buffer_text (&script), err) < 0)
    return -1;
  return check_disks (g, guest, disk_count, err);
}

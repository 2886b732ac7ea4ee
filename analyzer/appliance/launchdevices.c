/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/appliance/launchdevices.h"
#include "analyzer/appliance/launcher.h"
#include "lib/array.h"
#include "lib/quote.h"

/* LUKS on LVM on LUKS is as deep as anybody has been seen to go. */
#define DEPTH_MAX 4

/* Where file systems lie; a disk counts only if it has one itself. */
static const struct {
  char **(*list) (guestfs_h *g);
  bool counts_unknown;
} listings[] = {
  { guestfs_list_devices, false },
  { guestfs_list_partitions, true },
  { guestfs_list_md_devices, false },
  { guestfs_list_dm_devices, false },
  { guestfs_lvs, true },
};

static bool
is_encrypted (const struct dc_launchdevice *device)
{
  return strcmp (device->type, "crypto_LUKS") == 0 ||
         strcmp (device->type, "BitLocker") == 0;
}

/* "LVM2_member", "linux_raid_member" */
static bool
is_member (const char *type)
{
  const char *last = strrchr (type, '_');

  return last != NULL && strcmp (last, "_member") == 0;
}

/* The name below /dev/mapper: the one that systemd's generator gives. */
static int
make_name (guestfs_h *g, const char *device, char **out, struct dc_error *err)
{
  AUTO_FREE char *uuid = guestfs_vfs_uuid (g, device);

  if (uuid == NULL)
    return dc_launcher_fail (g, err, "cannot ask for the UUID of '%s'",
                             dc_quote (device).text);
  if (asprintf (out, "luks-%s", uuid) < 0) {
    *out = NULL;
    return dc_fail_errno (err, "cannot keep a name");
  }
  return 0;
}

static bool
try_keys (guestfs_h *g, const char *device, const char *const *keys,
          const char *name)
{
  for (size_t i = 0; keys != NULL && keys[i] != NULL; i++)
    if (guestfs_cryptsetup_open (g, device, keys[i], name,
                                 GUESTFS_CRYPTSETUP_OPEN_READONLY, 1, -1) == 0)
      return true;
  return false;
}

/* By this round or an earlier one; it need not hold a file system itself. */
static bool
is_open (guestfs_h *g, const char *name)
{
  AUTO_STRINGS char **devices = guestfs_list_dm_devices (g);

  for (size_t i = 0; devices != NULL && devices[i] != NULL; i++) {
    const char *last = strrchr (devices[i], '/');
    if (last != NULL && strcmp (last + 1, name) == 0)
      return true;
  }
  return false;
}

/* 1: opened just now. */
static int
open_device (guestfs_h *g, struct dc_launchdevice *device,
             const char *const *keys, struct dc_error *err)
{
  AUTO_FREE char *name = NULL;

  if (make_name (g, device->name, &name, err) < 0)
    return -1;
  const bool was_open = is_open (g, name);
  if (was_open || try_keys (g, device->name, keys, name))
    device->state = DC_LAUNCHDEVICE_OPENED;
  else
    device->state = DC_LAUNCHDEVICE_LOCKED;
  return device->state == DC_LAUNCHDEVICE_OPENED && !was_open;
}

/* tune2fs -l has "Filesystem features" as one of its lines. */
static bool
is_dirty (guestfs_h *g, const char *device, const char *type)
{
  if (strncmp (type, "ext", 3) != 0)
    return false;
  AUTO_STRINGS char **facts = guestfs_tune2fs_l (g, device);
  for (size_t i = 0; facts != NULL && facts[i] != NULL; i += 2)
    if (strcmp (facts[i], "Filesystem features") == 0)
      return strstr (facts[i + 1], "needs_recovery") != NULL;
  return false;
}

static int
add (guestfs_h *g, const char *name, bool counts_unknown,
     struct dc_launchdevices *devices, struct dc_error *err)
{
  AUTO_FREE char *type = guestfs_vfs_type (g, name);

  if (type == NULL)
    return dc_launcher_fail (g, err, "cannot ask what is on '%s'",
                             dc_quote (name).text);
  if (is_member (type) || (type[0] == '\0' && !counts_unknown))
    return 0;
  if (DC_ARRAY_GROW (devices->items, devices->count, DC_LAUNCHDEVICE_MAX,
                     "file systems", err) < 0)
    return -1;
  AUTO_FREE char *copy = strdup (name);
  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep a name");
  struct dc_launchdevice *device = &devices->items[devices->count++];
  device->name = DC_TAKE (copy);
  device->type = DC_TAKE (type);
  device->was_dirty = is_dirty (g, name, device->type);
  return 0;
}

static int
list_all (guestfs_h *g, struct dc_launchdevices **out, struct dc_error *err)
{
  DC_AUTO (dc_launchdevices) *devices = calloc (1, sizeof *devices);
  if (devices == NULL)
    return dc_fail_errno (err, "cannot list the devices");
  for (size_t i = 0; i < DC_COUNT (listings); i++) {
    AUTO_STRINGS char **names = listings[i].list (g);
    if (names == NULL)
      return dc_launcher_fail (g, err, "cannot list the devices");
    for (size_t n = 0; names[n] != NULL; n++)
      if (add (g, names[n], listings[i].counts_unknown, devices, err) < 0)
        return -1;
  }
  *out = DC_TAKE (devices);
  return 0;
}

/* What is opened may hold volumes, and those something encrypted. */
int
dc_launchdevices_find (guestfs_h *g, const char *const *keys,
                       struct dc_launchdevices **out, struct dc_error *err)
{
  DC_AUTO (dc_launchdevices) *devices = NULL;

  for (int depth = 0; depth < DEPTH_MAX; depth++) {
    int opened = 0;
    dc_launchdevices_free (DC_TAKE (devices));
    if (list_all (g, &devices, err) < 0)
      return -1;
    for (size_t i = 0; i < devices->count; i++) {
      if (!is_encrypted (&devices->items[i]))
        continue;
      const int status = open_device (g, &devices->items[i], keys, err);
      if (status < 0)
        return -1;
      opened += status;
    }
    if (opened == 0)
      break;
    if (guestfs_lvm_scan (g, 1) < 0)
      return dc_launcher_fail (g, err, "cannot look for volumes");
  }
  *out = DC_TAKE (devices);
  return 0;
}

void
dc_launchdevices_free (struct dc_launchdevices *devices)
{
  if (devices == NULL)
    return;
  for (size_t i = 0; i < devices->count; i++) {
    free (devices->items[i].name);
    free (devices->items[i].type);
  }
  free (devices->items);
  free (devices);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "analyzer/appliance/launcher.h"
#include "analyzer/appliance/launchmounts.h"
#include "lib/json.h"
#include "lib/quote.h"

struct mounting {
  guestfs_h *g;
  const struct dc_launchdevices *devices;
  const struct dc_report *report;
  json_t *list; /* the description so far */
};

/* An unknown UUID, label or size is no reason to give up. */
static int
describe (const struct mounting *m, const char *mountable, const char *type,
          const char *state, struct dc_error *err)
{
  guestfs_h *g = m->g;
  /* What "btrfsvol:/dev/sda2/root" lies on; others are devices themselves. */
  AUTO_FREE char *device = guestfs_mountable_device (g, mountable);
  if (device == NULL)
    return dc_launcher_fail (g, err, "cannot ask about '%s'",
                             dc_quote (mountable).text);
  AUTO_FREE char *uuid = guestfs_vfs_uuid (g, device);
  AUTO_FREE char *label = guestfs_vfs_label (g, device);
  const int64_t size = guestfs_blockdev_getsize64 (g, device);
  json_t *fs =
      json_pack ("{s:o, s:o, s:o, s:o, s:s, s:I}", "device",
                 dc_json_bytes (mountable), "type", dc_json_bytes (type),
                 "uuid", dc_json_bytes (uuid != NULL ? uuid : ""), "label",
                 dc_json_bytes (label != NULL ? label : ""), "state", state,
                 "size", (json_int_t) (size < 0 ? 0 : size));
  return json_array_append_new (m->list, fs) == 0 ? 0 : dc_json_no_memory (err);
}

/* One row a device; subvolumes follow when they are mounted. */
static int
describe_all (const struct mounting *m, struct dc_error *err)
{
  static const char *const states[] = {
    [DC_LAUNCHDEVICE_PLAIN] = "not read: not mounted",
    [DC_LAUNCHDEVICE_OPENED] = "opened with a key",
    [DC_LAUNCHDEVICE_LOCKED] = "not read: encrypted, and no key opens it",
  };

  for (size_t i = 0; i < m->devices->count; i++) {
    const struct dc_launchdevice *device = &m->devices->items[i];
    if (describe (m, device->name, device->type, states[device->state], err) <
        0)
      return -1;
    if (device->state == DC_LAUNCHDEVICE_LOCKED)
      dc_warn (m->report,
               "'%s' is encrypted, and no key opens it, leaving it out",
               dc_quote (device->name).text);
  }
  return 0;
}

static const char *
text_of (const json_t *fs, const char *key)
{
  return json_string_value (json_object_get (fs, key));
}

static json_t *
find_row (const struct mounting *m, const char *device)
{
  for (size_t i = 0; i < json_array_size (m->list); i++) {
    json_t *fs = json_array_get (m->list, i);
    if (strcmp (text_of (fs, "device"), device) == 0)
      return fs;
  }
  return NULL;
}

static int
set_text (json_t *fs, const char *key, const char *text, struct dc_error *err)
{
  return json_object_set_new (fs, key, dc_json_bytes (text)) == 0
             ? 0
             : dc_json_no_memory (err);
}

/* Without the root there is nothing; any other is left out with a word. */
static int
note_failure (const struct mounting *m, const char *device,
              const char *mountpoint, json_t *fs, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer state = DC_BUFFER_INIT (4096);
  struct dc_error own;

  (void) dc_launcher_fail (m->g, &own, "cannot mount '%s' at '%s'",
                           dc_quote (device).text, dc_quote (mountpoint).text);
  if (strcmp (mountpoint, "/") == 0) {
    *err = own;
    return -1;
  }
  dc_warn (m->report, "%s, leaving it out", own.text);
  if (dc_buffer_print (&state, err, "not read: %s", own.text) < 0)
    return -1;
  return set_text (fs, "state", state.data, err);
}

static bool
was_dirty (const struct mounting *m, const char *device)
{
  for (size_t i = 0; i < m->devices->count; i++)
    if (strcmp (m->devices->items[i].name, device) == 0)
      return m->devices->items[i].was_dirty;
  return false;
}

/* Mount DEVICE, described by FS, and say so there. */
static int
mount_one (const struct mounting *m, const char *device, const char *mountpoint,
           json_t *fs, struct dc_error *err)
{
  const char *state = was_dirty (m, device) ? "replayed by the appliance"
                                            : "read by the appliance";

  if (set_text (fs, "mountpoint", mountpoint, err) < 0)
    return -1;
  if (guestfs_mount_ro (m->g, device, mountpoint) < 0)
    return note_failure (m, device, mountpoint, fs, err);
  return set_text (fs, "state", state, err);
}

/* Mount the subvolume MOUNTABLE of the file system described by WHOLE. */
static int
mount_subvolume (const struct mounting *m, const char *mountable,
                 const char *mountpoint, json_t *whole, struct dc_error *err)
{
  if (describe (m, mountable, text_of (whole, "type"), "", err) < 0)
    return -1;
  if (text_of (whole, "mountpoint") == NULL &&
      set_text (whole, "state", "read by its subvolumes", err) < 0)
    return -1;
  return mount_one (m, mountable, mountpoint, find_row (m, mountable), err);
}

static int
mount_any (const struct mounting *m, const char *mountable,
           const char *mountpoint, struct dc_error *err)
{
  json_t *fs = find_row (m, mountable);

  if (fs != NULL)
    return mount_one (m, mountable, mountpoint, fs, err);
  AUTO_FREE char *device = guestfs_mountable_device (m->g, mountable);
  fs = device != NULL ? find_row (m, device) : NULL;
  if (fs != NULL)
    return mount_subvolume (m, mountable, mountpoint, fs, err);
  dc_warn (m->report,
           "'%s', which the guest mounts at '%s', is not on its disks, "
           "leaving it out",
           dc_quote (mountable).text, dc_quote (mountpoint).text);
  return 0;
}

/* libguestfs has hashes as lists: key, value, key, value ... */
static const char *
find_value (char *const *pairs, const char *key)
{
  for (size_t i = 0; pairs[i] != NULL; i += 2)
    if (strcmp (pairs[i], key) == 0)
      return pairs[i + 1];
  return NULL;
}

static int
compare_texts (const void *a, const void *b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* MOUNTS are mountpoint, device, ...; in byte order "/" comes before "/var",
 * and that before "/var/lib".
 */
static int
mount_all (const struct mounting *m, char *const *mounts, struct dc_error *err)
{
  size_t count = 0;

  while (mounts[2 * count] != NULL)
    count++;
  AUTO_FREE const char **points = calloc (count + 1, sizeof *points);
  if (points == NULL)
    return dc_fail_errno (err, "cannot mount the guest");
  for (size_t i = 0; i < count; i++)
    points[i] = mounts[2 * i];
  qsort (points, count, sizeof *points, compare_texts);
  for (size_t i = 0; i < count; i++)
    if (mount_any (m, find_value (mounts, points[i]), points[i], err) < 0)
      return -1;
  return 0;
}

int
dc_launchmounts_make (guestfs_h *g, const struct dc_launchdevices *devices,
                      const char *root, const struct dc_report *report,
                      json_t **out, struct dc_error *err)
{
  json_auto_t *list = json_array ();
  const struct mounting m = {
    .g = g, .devices = devices, .report = report, .list = list
  };
  AUTO_STRINGS char **mounts = guestfs_inspect_get_mountpoints (g, root);

  if (mounts == NULL)
    return dc_launcher_fail (g, err, "cannot ask what is mounted where");
  if (list == NULL)
    return dc_json_no_memory (err);
  if (describe_all (&m, err) < 0 || mount_all (&m, mounts, err) < 0)
    return -1;
  *out = json_incref (list);
  return 0;
}

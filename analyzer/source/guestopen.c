/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/source/guest.h"
#include "analyzer/source/guestroot.h"
#include "analyzer/profile.h"
#include "analyzer/source/volume.h"
#include "lib/quote.h"
#include "lib/text.h"

#define MOUNT_MAX 256 /* file systems of one tree */

/* Opening a guest: its volumes, which of them is the root, and what was found
 * out on the way.
 */
struct opening {
  const struct dc_report *report;
  struct dc_volumes *volumes;
  struct dc_volume *root;
  struct dc_guest *guest;
};

static bool
has_option (const char *options, const char *word)
{
  const size_t size = strlen (word);

  for (const char *p = options; p != NULL; p = strchr (p, ',')) {
    p += *p == ',';
    if (strncmp (p, word, size) == 0 && (p[size] == ',' || p[size] == '\0'))
      return true;
  }
  return false;
}

/* Lines that mount something of the guest's disks at boot.  What has no
 * device is a name of the kernel's (tmpfs, proc), a folder, a file, or
 * another machine's.
 */
static bool
is_from_disk (const struct dc_mount *mount)
{
  const char *device = mount->device;
  const size_t word = strspn (device, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

  return mount->mountpoint[0] == '/' && strcmp (mount->mountpoint, "/") != 0 &&
         (strncmp (device, "/dev/", 5) == 0 ||
          (word > 0 && device[word] == '=')) &&
         strcmp (mount->type, "swap") != 0 &&
         !has_option (mount->options, "noauto") &&
         !has_option (mount->options, "bind");
}

/* Contents that are at this place only while the guest runs. */
static bool
is_local_view (const struct dc_mount *mount)
{
  return mount->device[0] == '/' && mount->device[1] != '/' &&
         strncmp (mount->device, "/dev/", 5) != 0 &&
         mount->mountpoint[0] == '/' && strcmp (mount->type, "swap") != 0 &&
         !has_option (mount->options, "noauto");
}

/* What a container never needs. */
static bool
is_boot (const char *mountpoint)
{
  return strcmp (mountpoint, "/boot") == 0 ||
         strcmp (mountpoint, "/efi") == 0 ||
         strncmp (mountpoint, "/boot/", strlen ("/boot/")) == 0;
}

static bool
is_plain_path (const char *path)
{
  return strstr (path, "/../") == NULL && strstr (path, "/./") == NULL &&
         strstr (path, "//") == NULL &&
         (strlen (path) < 3 || strcmp (path + strlen (path) - 3, "/..") != 0);
}

/* A line whose device is none of the volumes.  It may lie in what only the
 * appliance can look into; else the guest did without it, too.
 */
static int
mount_missing (struct opening *opening, const struct dc_mount *mount,
               struct dc_error *err)
{
  const struct dc_guest_fs fs = { .device = mount->device,
                                  .type = mount->type,
                                  .uuid = (char[]){ "" },
                                  .label = (char[]){ "" },
                                  .mountpoint = mount->mountpoint,
                                  .state = (char[]){ "not found" } };
  const bool is_needed = !is_boot (mount->mountpoint);

  for (size_t i = 0; is_needed && i < opening->volumes->count; i++)
    if (dc_volume_is_opaque (&opening->volumes->items[i]))
      return dc_fail (err, DC_ERR_APPLIANCE,
                      "'%s' is on '%s', which is not a partition, and %s is %s",
                      dc_quote (mount->mountpoint).text,
                      dc_quote (mount->device).text,
                      opening->volumes->items[i].device,
                      opening->volumes->items[i].part.fstype);
  if (is_needed && !has_option (mount->options, "nofail"))
    dc_warn (opening->report,
             "'%s' is on '%s', which is on none of the disks given, going on "
             "without it",
             dc_quote (mount->mountpoint).text, dc_quote (mount->device).text);
  return dc_guest_add (opening->guest, &fs, err);
}

/* Can what is at MOUNT be read here?  0, or -1 when somebody else must. */
static int
check_volume (struct opening *opening, const struct dc_mount *mount,
              const struct dc_volume *volume, struct dc_error *err)
{
  if (is_boot (mount->mountpoint) || volume->ext != NULL)
    return 0;
  if (dc_volume_is_encrypted (volume))
    return dc_fail (err, DC_ERR_ENCRYPTED,
                    "'%s' is on %s, which is encrypted; give --key",
                    dc_quote (mount->mountpoint).text, volume->device);
  if (dc_volume_is_opaque (volume) || volume->problem == NULL)
    return dc_fail (err, DC_ERR_APPLIANCE, "'%s' is on %s, which is %s",
                    dc_quote (mount->mountpoint).text, volume->device,
                    volume->problem != NULL          ? volume->problem
                    : volume->part.fstype[0] != '\0' ? volume->part.fstype
                                                     : "of no known kind");
  dc_warn (opening->report, "'%s' on %s is damaged (%s), going on without it",
           dc_quote (mount->mountpoint).text, volume->device, volume->problem);
  return 0;
}

static int
mount_line (struct opening *opening, const struct dc_mount *mount,
            struct dc_error *err)
{
  if (is_local_view (mount))
    dc_warn (opening->report,
             "fstab line %u: '%s' shows '%s', which is not followed, going on "
             "without it",
             mount->line, dc_quote (mount->mountpoint).text,
             dc_quote (mount->device).text);
  if (!is_from_disk (mount))
    return 0;
  struct dc_volume *volume = dc_volumes_find (opening->volumes, mount->device);
  if (volume == opening->root)
    return 0;
  if (!is_plain_path (mount->mountpoint)) {
    dc_warn (opening->report, "fstab line %u: '%s' is no plain path, skipping",
             mount->line, dc_quote (mount->mountpoint).text);
    return 0;
  }
  if (volume == NULL)
    return mount_missing (opening, mount, err);
  if (check_volume (opening, mount, volume, err) < 0)
    return -1;
  if (volume->mountpoint != NULL)
    return 0; /* the first line counts */
  volume->mountpoint = strdup (mount->mountpoint);
  if (volume->mountpoint == NULL)
    return dc_fail_errno (err, "cannot keep a path");
  size_t size = strlen (volume->mountpoint);
  while (size > 1 && volume->mountpoint[size - 1] == '/')
    volume->mountpoint[--size] = '\0';
  return 0;
}

static int
read_fstab (struct opening *opening, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (DC_FSTAB_SIZE_MAX);
  struct dc_mounts mounts = { .items = NULL };

  const int is_there =
      dc_ext_read_file (opening->root->ext, "etc/fstab", &text, err);
  if (is_there < 0 && err->code == DC_ERR_SYSTEM)
    return -1;
  if (is_there < 0)
    dc_warn (opening->report, "fstab: %s, going on without it", err->text);
  if (is_there <= 0)
    return 0;
  if (dc_mounts_parse (dc_buffer_text (&text), text.size, &mounts, err) < 0)
    return dc_context (err, "fstab");
  int status = 0;
  for (size_t i = 0; status == 0 && i < mounts.count; i++)
    status = mount_line (opening, &mounts.items[i], err);
  dc_mounts_release (&mounts);
  return status;
}

/* What the profile says of a volume. */
static int
describe (const struct opening *opening, const struct dc_volume *volume,
          struct dc_error *err)
{
  const bool is_root = volume == opening->root;
  const bool is_mounted = is_root || volume->mountpoint != NULL;
  struct dc_guest_fs fs = { .size = volume->part.size };
  char device[sizeof volume->device];
  struct dc_partition part = volume->part;
  AUTO_FREE char *state = NULL;
  char root[] = "/";

  const int status =
      volume->group != NULL && volume->group[0] != '\0'
          ? dc_text_print (&state, err, "part of volume group '%s'",
                           dc_quote (volume->group).text)
      : volume->problem != NULL
          ? dc_text_print (&state, err, "not read: %s", volume->problem)
      : is_mounted && volume->ext != NULL
          ? dc_text_print (&state, err, "%s", dc_ext_state (volume->ext))
      : is_mounted
          ? dc_text_print (&state, err, "not read: no container needs it")
          : dc_text_print (&state, err, "not mounted");
  if (status < 0)
    return -1;
  memcpy (device, volume->device, sizeof device);
  fs.device = device;
  fs.type = part.fstype;
  fs.uuid = part.uuid;
  fs.label = part.label;
  fs.mountpoint = is_root ? root : volume->mountpoint;
  fs.state = state;
  return dc_guest_add (opening->guest, &fs, err);
}

static int
by_mountpoint (const void *a, const void *b)
{
  const struct dc_ext_mount *one = a, *other = b;

  return strcmp (one->mountpoint, other->mountpoint);
}

/* The root, then the others in byte order. */
static int
walk (struct opening *opening, struct dc_tree **tree, struct dc_error *err)
{
  struct dc_ext_mount mounts[MOUNT_MAX];
  struct dc_volumes *volumes = opening->volumes;
  size_t count = 0;

  mounts[count++] = (struct dc_ext_mount){ opening->root->ext, "/" };
  for (size_t i = 0; i < volumes->count; i++) {
    const struct dc_volume *volume = &volumes->items[i];
    if (volume->mountpoint == NULL || volume->ext == NULL)
      continue;
    if (count == MOUNT_MAX)
      return dc_fail (err, DC_ERR_LIMIT, "more than %d file systems mounted",
                      MOUNT_MAX);
    mounts[count++] = (struct dc_ext_mount){ volume->ext, volume->mountpoint };
  }
  qsort (mounts + 1, count - 1, sizeof *mounts, by_mountpoint);
  if (dc_ext_tree (mounts, count, tree, err) < 0)
    return -1;
  for (size_t i = 0; i < volumes->count; i++)
    if (&volumes->items[i] == opening->root ||
        volumes->items[i].mountpoint != NULL)
      volumes->items[i].ext = NULL; /* the tree's now */
  return 0;
}

static int
open_guest (struct opening *opening, const char *root, struct dc_tree **tree,
            struct dc_error *err)
{
  if (dc_guestroot_find (opening->volumes, root, &opening->root, err) < 0 ||
      read_fstab (opening, err) < 0)
    return -1;
  for (size_t i = 0; i < opening->volumes->count; i++)
    if (describe (opening, &opening->volumes->items[i], err) < 0)
      return -1;
  return walk (opening, tree, err);
}

int
dc_guest_open (struct dc_disk *const *disks, size_t count, const char *root,
               const struct dc_report *report, struct dc_tree **tree,
               struct dc_guest **guest, struct dc_error *err)
{
  DC_AUTO (dc_volumes) *volumes = NULL;
  DC_AUTO (dc_guest) *own = NULL;

  if (dc_volumes_open (disks, count, &volumes, err) < 0 ||
      dc_guest_new ("ext", &own, err) < 0)
    return -1;
  struct opening opening = { report, volumes, NULL, own };
  if (open_guest (&opening, root, tree, err) < 0)
    return -1;
  *guest = DC_TAKE (own);
  return 0;
}

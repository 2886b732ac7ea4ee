/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/guest.h"
#include "analyzer/profile.h"
#include "analyzer/volume.h"
#include "lib/quote.h"
#include "lib/text.h"

#define FSTAB_SIZE_MAX ((size_t) 1024 * 1024)
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

/* 1: PATHS (up to NULL) are all there; 0; -1. */
static int
has_all (struct dc_ext *ext, const char *const *paths, struct dc_error *err)
{
  int status = 1;

  for (size_t i = 0; status == 1 && paths[i] != NULL; i++)
    status = dc_ext_has (ext, paths[i], err);
  return status;
}

/* An operating system shows by one of these groups of files.  The last is that
 * of a root whose /usr is a file system of its own.
 */
static int
has_system (struct dc_ext *ext, struct dc_error *err)
{
  static const char *const signs[][3] = {
    { "etc/os-release" },     { "usr/lib/os-release" },
    { "etc/debian_version" }, { "etc/redhat-release" },
    { "etc/alpine-release" }, { "etc/SuSE-release" },
    { "etc/lsb-release" },    { "etc/fstab", "etc/passwd" },
  };
  int status = 0;

  for (size_t i = 0; status == 0 && i < DC_COUNT (signs); i++)
    status = has_all (ext, signs[i], err);
  return status;
}

/* Why there is no root among the volumes. */
static int
no_system (const struct dc_volumes *volumes, struct dc_error *err)
{
  for (size_t i = 0; i < volumes->count; i++)
    if (dc_volume_is_encrypted (&volumes->items[i]))
      return dc_fail (err, DC_ERR_ENCRYPTED,
                      "'%s' is encrypted (%s); give its passphrase with --key",
                      volumes->items[i].device, volumes->items[i].part.fstype);
  for (size_t i = 0; i < volumes->count; i++) {
    const struct dc_volume *volume = &volumes->items[i];
    if (dc_volume_is_opaque (volume))
      return dc_fail (err, DC_ERR_APPLIANCE, "'%s' is %s%s%s", volume->device,
                      volume->part.fstype, volume->problem != NULL ? ": " : "",
                      volume->problem != NULL ? volume->problem : "");
  }
  for (size_t i = 0; i < volumes->count; i++)
    if (volumes->items[i].problem != NULL)
      return dc_fail (err, volumes->items[i].code,
                      "no operating system found; '%s': %s",
                      volumes->items[i].device, volumes->items[i].problem);
  return dc_fail (err, DC_ERR_NOTFOUND, "no operating system found");
}

static int
find_root (struct opening *opening, struct dc_error *err)
{
  const struct dc_volumes *volumes = opening->volumes;
  char names[200] = "";
  size_t used = 0, count = 0;

  for (size_t i = 0; i < volumes->count; i++) {
    struct dc_volume *volume = &volumes->items[i];
    const int is_root = volume->ext == NULL ? 0 : has_system (volume->ext, err);
    if (is_root < 0)
      return dc_context (err, "'%s'", volume->device);
    if (is_root == 0)
      continue;
    opening->root = volume;
    count++;
    if (used < sizeof names)
      used += (size_t) snprintf (names + used, sizeof names - used, " %s",
                                 volume->device);
  }
  if (count == 0)
    return no_system (volumes, err);
  return count == 1 ? 0
                    : dc_fail (err, DC_ERR_INVALID,
                               "%zu operating systems found, choose one with "
                               "--root:%s",
                               count, names);
}

/* The root that the user named. */
static int
take_root (struct opening *opening, const char *device, struct dc_error *err)
{
  struct dc_volume *volume = dc_volumes_find (opening->volumes, device);

  if (volume == NULL)
    return dc_fail (err, DC_ERR_APPLIANCE, "there is no partition '%s'",
                    dc_quote (device).text);
  if (dc_volume_is_encrypted (volume))
    return dc_fail (err, DC_ERR_ENCRYPTED,
                    "'%s' is encrypted; give its passphrase with --key",
                    volume->device);
  if (dc_volume_is_opaque (volume))
    return dc_fail (err, DC_ERR_APPLIANCE, "'%s' is %s", volume->device,
                    volume->part.fstype);
  if (volume->ext == NULL)
    return dc_fail (
        err, DC_ERR_INVALID, "'%s' cannot be a root: %s", volume->device,
        volume->problem != NULL ? volume->problem : "no file system on it");
  opening->root = volume;
  return 0;
}

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

static bool
is_one_of (const char *text, const char *const *words)
{
  for (; *words != NULL; words++)
    if (strcmp (text, *words) == 0)
      return true;
  return false;
}

/* Lines that mount nothing of the guest's disks at boot. */
static bool
is_elsewhere (const struct dc_mount *mount)
{
  static const char *const types[] = {
    "swap",    "proc",       "sysfs",      "tmpfs",    "devtmpfs", "devpts",
    "cgroup",  "cgroup2",    "debugfs",    "tracefs",  "mqueue",   "hugetlbfs",
    "overlay", "nfs",        "nfs4",       "cifs",     "smb3",     "smbfs",
    "sshfs",   "fuse.sshfs", "glusterfs",  "ceph",     "9p",       "virtiofs",
    "autofs",  "none",       "securityfs", "configfs", "fusectl",  NULL,
  };

  return mount->mountpoint[0] != '/' || strcmp (mount->mountpoint, "/") == 0 ||
         is_one_of (mount->type, types) ||
         has_option (mount->options, "noauto") ||
         has_option (mount->options, "bind") ||
         has_option (mount->options, "rbind");
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

/* A line whose device is none of the volumes. */
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

  if (!is_boot (mount->mountpoint) && !has_option (mount->options, "nofail"))
    for (size_t i = 0; i < opening->volumes->count; i++)
      if (dc_volume_is_opaque (&opening->volumes->items[i]))
        return dc_fail (err, DC_ERR_APPLIANCE,
                        "'%s' is on '%s', which is not "
                        "a partition",
                        dc_quote (mount->mountpoint).text,
                        dc_quote (mount->device).text);
  if (!is_boot (mount->mountpoint))
    dc_warn (opening->report,
             "'%s' is on '%s', which is on none of the disks given, going on "
             "without it",
             dc_quote (mount->mountpoint).text, dc_quote (mount->device).text);
  return dc_guest_add (opening->guest, &fs, err);
}

static int
mount_line (struct opening *opening, const struct dc_mount *mount,
            struct dc_error *err)
{
  struct dc_volume *volume = dc_volumes_find (opening->volumes, mount->device);

  if (is_elsewhere (mount) || volume == opening->root)
    return 0;
  if (!is_plain_path (mount->mountpoint)) {
    dc_warn (opening->report, "fstab line %u: '%s' is no plain path, skipping",
             mount->line, dc_quote (mount->mountpoint).text);
    return 0;
  }
  if (volume == NULL)
    return mount_missing (opening, mount, err);
  const bool is_needed = !is_boot (mount->mountpoint);
  if (is_needed && dc_volume_is_encrypted (volume))
    return dc_fail (err, DC_ERR_ENCRYPTED,
                    "'%s' is on '%s', which is encrypted; give its passphrase "
                    "with --key",
                    dc_quote (mount->mountpoint).text, volume->device);
  if (is_needed && (dc_volume_is_opaque (volume) ||
                    (volume->ext == NULL && volume->problem == NULL)))
    return dc_fail (err, DC_ERR_APPLIANCE, "'%s' is on '%s', which is %s",
                    dc_quote (mount->mountpoint).text, volume->device,
                    volume->part.fstype[0] != '\0' ? volume->part.fstype
                                                   : "unknown");
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
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (FSTAB_SIZE_MAX);
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
      volume->problem != NULL
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
  if ((root != NULL ? take_root (opening, root, err)
                    : find_root (opening, err)) < 0 ||
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdbool.h>

#include "analyzer/source/guestroot.h"
#include "analyzer/system/osrel.h"
#include "lib/quote.h"

#define NAMES_MAX ((size_t) 2000) /* bytes of a list for people */

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

/* "'Debian GNU/Linux 12 (bookworm)' on /dev/sda1" to NAMES. */
static int
add_name (const struct dc_volume *volume, struct dc_buffer *names,
          struct dc_error *err)
{
  static const char *const files[] = { "etc/os-release", "usr/lib/os-release" };
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (DC_OSREL_SIZE_MAX);
  DC_AUTO (dc_osrel) *osrel = NULL;
  struct dc_error ignored; /* what it is called helps, but is not needed */
  int status = 0;

  for (size_t i = 0; status <= 0 && i < DC_COUNT (files); i++)
    status = dc_ext_read_file (volume->ext, files[i], &text, &ignored);
  if (status == 1)
    (void) dc_osrel_parse (dc_buffer_text (&text), text.size, &osrel,
                           &ignored); /* as above */
  const char *name = osrel != NULL && osrel->pretty_name != NULL
                         ? osrel->pretty_name
                         : "unknown";
  return dc_buffer_print (names, err, "%s'%s' on %s",
                          names->size > 0 ? ", " : "", dc_quote (name).text,
                          volume->device);
}

/* What kind of thing VOLUME is that keeps us out. */
static const char *
what_it_is (const struct dc_volume *volume)
{
  return volume->problem != NULL          ? volume->problem
         : volume->part.fstype[0] != '\0' ? volume->part.fstype
                                          : "of no known kind";
}

static int
is_encrypted (const struct dc_volume *volume, struct dc_error *err)
{
  const bool is_luks = strcmp (volume->part.fstype, "crypto_LUKS") == 0;

  return dc_fail (err, DC_ERR_ENCRYPTED, "%s is encrypted (%s); give --key",
                  volume->device, is_luks ? "LUKS" : volume->part.fstype);
}

/* File systems that no Linux system lies on, and whose do. */
static const struct {
  const char *type, *systems;
} foreign[] = {
  { "VMFS", "VMware ESXi" },
  { "VMFS_volume_member", "VMware ESXi" },
  { "apfs", "macOS" },
  { "befs", "BeOS or Haiku" },
  { "hfs", "macOS" },
  { "hfsplus", "macOS" },
  { "hpfs", "OS/2" },
  { "minix", "MINIX" },
  { "ufs", "FreeBSD, NetBSD, OpenBSD or Solaris" },
  { "vxfs", "HP-UX or Solaris" },
};

/* Whose file system VOLUME has if no Linux lies on it, else NULL. */
static const char *
foreign_systems (const struct dc_volume *volume)
{
  for (size_t i = 0; i < DC_COUNT (foreign); i++)
    if (strcmp (volume->part.fstype, foreign[i].type) == 0)
      return foreign[i].systems;
  return NULL;
}

/* Why there is no root among the volumes.  What the appliance can look into
 * without a key comes before what needs one.
 */
static int
no_system (const struct dc_volumes *volumes, struct dc_error *err)
{
  for (size_t i = 0; i < volumes->count; i++) {
    const struct dc_volume *volume = &volumes->items[i];
    if (dc_volume_is_opaque (volume) && !dc_volume_is_encrypted (volume) &&
        foreign_systems (volume) == NULL)
      return dc_fail (err, DC_ERR_APPLIANCE,
                      "no operating system found, but %s is %s", volume->device,
                      what_it_is (volume));
  }
  for (size_t i = 0; i < volumes->count; i++)
    if (dc_volume_is_encrypted (&volumes->items[i]))
      return is_encrypted (&volumes->items[i], err);
  for (size_t i = 0; i < volumes->count; i++)
    if (foreign_systems (&volumes->items[i]) != NULL)
      return dc_fail (err, DC_ERR_UNSUPPORTED,
                      "no Linux system found, but %s is %s, a file system of "
                      "%s, which is not analysed further",
                      volumes->items[i].device, volumes->items[i].part.fstype,
                      foreign_systems (&volumes->items[i]));
  for (size_t i = 0; i < volumes->count; i++)
    if (volumes->items[i].problem != NULL)
      return dc_fail (err, volumes->items[i].code,
                      "no operating system found; %s: %s",
                      volumes->items[i].device, volumes->items[i].problem);
  return dc_fail (err, DC_ERR_NOTFOUND, "no operating system found");
}

static int
find_only (const struct dc_volumes *volumes, struct dc_volume **out,
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer names = DC_BUFFER_INIT (NAMES_MAX);
  struct dc_volume *root = NULL;
  size_t count = 0;

  for (size_t i = 0; i < volumes->count; i++) {
    struct dc_volume *volume = &volumes->items[i];
    const int is_root = volume->ext == NULL ? 0 : has_system (volume->ext, err);
    if (is_root < 0)
      return dc_context (err, "%s", volume->device);
    if (is_root == 0)
      continue;
    root = volume;
    count++;
    if (names.size < NAMES_MAX / 2 && add_name (volume, &names, err) < 0)
      return -1;
  }
  if (count == 0)
    return no_system (volumes, err);
  if (count > 1)
    return dc_fail (err, DC_ERR_INVALID,
                    "%zu operating systems found, choose one with --root: %s",
                    count, dc_buffer_text (&names));
  *out = root;
  return 0;
}

/* DEVICE may be where only the appliance can look: a logical volume. */
static int
no_device (const struct dc_volumes *volumes, const char *device,
           struct dc_error *err)
{
  for (size_t i = 0; i < volumes->count; i++)
    if (dc_volume_is_opaque (&volumes->items[i]))
      return dc_fail (err, DC_ERR_APPLIANCE, "'%s' is not a partition",
                      dc_quote (device).text);
  return dc_fail (err, DC_ERR_NOTFOUND, "there is no partition '%s'",
                  dc_quote (device).text);
}

int
dc_guestroot_find (const struct dc_volumes *volumes, const char *device,
                   struct dc_volume **out, struct dc_error *err)
{
  if (device == NULL)
    return find_only (volumes, out, err);
  struct dc_volume *volume = dc_volumes_find (volumes, device);
  if (volume == NULL)
    return no_device (volumes, device, err);
  if (dc_volume_is_encrypted (volume))
    return is_encrypted (volume, err);
  if (dc_volume_is_opaque (volume))
    return dc_fail (err, DC_ERR_APPLIANCE, "%s is %s", volume->device,
                    what_it_is (volume));
  if (volume->ext == NULL)
    return dc_fail (err, DC_ERR_INVALID, "%s cannot be a root: %s",
                    volume->device,
                    volume->problem != NULL ? volume->problem
                                            : "there is no file system on it");
  *out = volume;
  return 0;
}

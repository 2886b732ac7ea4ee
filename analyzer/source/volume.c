/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analyzer/source/volume.h"
#include "analyzer/source/volumelvm.h"
#include "lib/array.h"
#include "lib/quote.h"

#define VOLUME_MAX 2048 /* of one guest */

int
dc_volumes_grow (struct dc_volumes *volumes, struct dc_volume **out,
                 struct dc_error *err)
{
  if (DC_ARRAY_GROW (volumes->items, volumes->count, VOLUME_MAX,
                     "partitions and logical volumes", err) < 0)
    return -1;
  *out = &volumes->items[volumes->count++];
  return 0;
}

int
dc_volume_open_ext (struct dc_volume *volume, struct dc_disk *disk,
                    struct dc_error *err)
{
  struct dc_error why;

  if (strncmp (volume->part.fstype, "ext", 3) != 0 ||
      dc_ext_open (disk, volume->part.offset, volume->part.size, &volume->ext,
                   &why) == 0)
    return 0;
  if (why.code != DC_ERR_INVALID && why.code != DC_ERR_LIMIT &&
      why.code != DC_ERR_APPLIANCE) {
    *err = why; /* of the disk, or of ourselves */
    return dc_context (err, "%s", volume->device);
  }
  volume->code = why.code;
  volume->problem = strdup (why.text);
  return volume->problem != NULL ? 0
                                 : dc_fail_errno (err, "cannot keep a text");
}

static int
add_disk (struct dc_volumes *volumes, struct dc_disk *disk, size_t index,
          struct dc_error *err)
{
  DC_AUTO (dc_partitions) *parts = NULL;

  if (dc_partitions_read (disk, &parts, err) < 0)
    return dc_context (err, "disk %zu", index + 1);
  for (size_t i = 0; i < parts->count; i++) {
    struct dc_volume *volume;
    if (dc_volumes_grow (volumes, &volume, err) < 0)
      return -1;
    volume->disk = disk;
    volume->part = parts->items[i];
    char number[12] = "";
    if (volume->part.number > 0)
      (void) snprintf (number, sizeof number, "%u", volume->part.number);
    (void) snprintf (volume->device, sizeof volume->device, "/dev/sd%c%s",
                     (char) ('a' + index), number);
    if (dc_volume_open_ext (volume, disk, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_volumes_open (struct dc_disk *const *disks, size_t count,
                 struct dc_volumes **out, struct dc_error *err)
{
  DC_AUTO (dc_volumes) *volumes = calloc (1, sizeof *volumes);

  if (volumes == NULL)
    return dc_fail_errno (err, "cannot keep the partitions");
  for (size_t i = 0; i < count; i++)
    if (add_disk (volumes, disks[i], i, err) < 0)
      return -1;
  if (dc_volumes_add_logical (volumes, err) < 0)
    return -1;
  *out = DC_TAKE (volumes);
  return 0;
}

/* Controllers whose disks are lettered, and whose first is ours. */
static const char *const lettered[] = { "/dev/sd", "/dev/vd", "/dev/xvd",
                                        "/dev/hd", "/dev/ubd" };

/* "/dev/vda1" and "/dev/sda1" are one device, "/dev/nvme0n1p1" is another
 * name of it.
 */
static bool
is_device (const struct dc_volume *volume, const char *spec)
{
  const char *own = volume->device + strlen ("/dev/sd");
  unsigned controller = 0, part = 0;
  int end = 0;

  if (volume->mapper != NULL)
    return strcmp (volume->device, spec) == 0;
  for (size_t i = 0; i < DC_COUNT (lettered); i++)
    if (strncmp (spec, lettered[i], strlen (lettered[i])) == 0 &&
        strcmp (spec + strlen (lettered[i]), own) == 0)
      return true;
  if ((sscanf (spec, "/dev/nvme%un1p%u%n", &controller, &part, &end) == 2 ||
       sscanf (spec, "/dev/mmcblk%up%u%n", &controller, &part, &end) == 2) &&
      spec[end] == '\0')
    return own[0] == (char) ('a' + controller % 26) &&
           volume->part.number == part;
  return false;
}

static bool
has_uuid (const struct dc_volume *volume, const char *value)
{
  return strcasecmp (volume->part.uuid, value) == 0;
}

static bool
has_partuuid (const struct dc_volume *volume, const char *value)
{
  return strcasecmp (volume->part.partuuid, value) == 0;
}

static bool
has_label (const struct dc_volume *volume, const char *value)
{
  return strcmp (volume->part.label, value) == 0;
}

static bool
has_partlabel (const struct dc_volume *volume, const char *value)
{
  return strcmp (volume->part.partlabel, value) == 0;
}

static bool
has_mapper (const struct dc_volume *volume, const char *value)
{
  return volume->mapper != NULL && strcmp (volume->mapper, value) == 0;
}

static bool
has_id (const struct dc_volume *volume, const char *value)
{
  return volume->id != NULL && strcmp (volume->id, value) == 0;
}

/* Bytes as udev writes them below /dev/disk: "\x20" for a blank. */
static void
decode (char *text)
{
  char *end = text;

  for (const char *p = text; *p != '\0'; p++) {
    unsigned byte;
    int used = 0;
    if (sscanf (p, "\\x%2x%n", &byte, &used) == 1 && used == 4 && byte != 0) {
      *end++ = (char) byte;
      p += 3;
    } else {
      *end++ = *p;
    }
  }
  *end = '\0';
}

/* How fstab can name a volume. */
static const struct {
  const char *prefix;
  bool (*names) (const struct dc_volume *volume, const char *value);
  bool is_encoded;
} specs[] = {
  { "UUID=", has_uuid, false },
  { "LABEL=", has_label, false },
  { "PARTUUID=", has_partuuid, false },
  { "PARTLABEL=", has_partlabel, false },
  { "/dev/disk/by-uuid/", has_uuid, true },
  { "/dev/disk/by-label/", has_label, true },
  { "/dev/disk/by-partuuid/", has_partuuid, true },
  { "/dev/disk/by-partlabel/", has_partlabel, true },
  { "/dev/disk/by-id/dm-name-", has_mapper, true },
  { "/dev/disk/by-id/dm-uuid-LVM-", has_id, true },
  { "/dev/mapper/", has_mapper, false },
};

/* VALUE less quotes around it, which fstab allows: UUID="...". */
static bool
copy_value (const char *value, char *out, size_t room)
{
  const char quote = value[0];
  size_t size = strlen (value);

  if ((quote == '"' || quote == '\'') && size >= 2 &&
      value[size - 1] == quote) {
    value++;
    size -= 2;
  }
  if (size == 0 || size >= room)
    return false;
  memcpy (out, value, size);
  out[size] = '\0';
  return true;
}

static bool
is_named (const struct dc_volume *volume, const char *spec)
{
  for (size_t i = 0; i < DC_COUNT (specs); i++) {
    const size_t size = strlen (specs[i].prefix);
    char value[DC_VOLUME_MAPPER_SIZE];
    if (strncmp (spec, specs[i].prefix, size) != 0)
      continue;
    if (!copy_value (spec + size, value, sizeof value))
      return false;
    if (specs[i].is_encoded)
      decode (value);
    return specs[i].names (volume, value);
  }
  return is_device (volume, spec);
}

struct dc_volume *
dc_volumes_find (const struct dc_volumes *volumes, const char *spec)
{
  for (size_t i = 0; i < volumes->count; i++)
    if (is_named (&volumes->items[i], spec))
      return &volumes->items[i];
  return NULL;
}

bool
dc_volume_is_encrypted (const struct dc_volume *volume)
{
  return strcmp (volume->part.fstype, "crypto_LUKS") == 0 ||
         strcmp (volume->part.fstype, "BitLocker") == 0;
}

bool
dc_volume_is_opaque (const struct dc_volume *volume)
{
  /* What can hold no system and leads to none. */
  static const char *const plain[] = { "",     "vfat",    "exfat",
                                       "swap", "iso9660", "jbd" };

  if (volume->group != NULL)
    return false;
  if (volume->ext != NULL || volume->problem != NULL)
    return volume->code == DC_ERR_APPLIANCE;
  for (size_t i = 0; i < DC_COUNT (plain); i++)
    if (strcmp (volume->part.fstype, plain[i]) == 0)
      return false;
  return true;
}

void
dc_volumes_free (struct dc_volumes *volumes)
{
  if (volumes == NULL)
    return;
  for (size_t i = 0; i < volumes->count; i++) {
    dc_ext_free (volumes->items[i].ext);
    free (volumes->items[i].mapper);
    free (volumes->items[i].id);
    free (volumes->items[i].group);
    free (volumes->items[i].problem);
    free (volumes->items[i].mountpoint);
  }
  free (volumes->items);
  free (volumes);
}

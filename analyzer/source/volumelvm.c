/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/source/volumelvm.h"
#include "lib/buffer.h"

/* NAME to B as the device mapper writes it: "-" separates group and volume,
 * so that one in a name is doubled.
 */
static int
add_mapper_name (struct dc_buffer *b, const char *name, struct dc_error *err)
{
  for (const char *p = name; *p != '\0'; p++)
    if (dc_buffer_append (b, "--", *p == '-' ? 2 : 0, err) < 0 ||
        dc_buffer_append (b, p, *p == '-' ? 0 : 1, err) < 0)
      return -1;
  return 0;
}

static int
name_mapper (const struct dc_lvm_volume *about, char **out,
             struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_VOLUME_MAPPER_SIZE);

  if (add_mapper_name (&b, about->group, err) < 0 ||
      dc_buffer_append (&b, "-", 1, err) < 0 ||
      add_mapper_name (&b, about->name, err) < 0)
    return -1;
  *out = dc_buffer_take (&b);
  return *out != NULL ? 0 : dc_fail_errno (err, "cannot keep a name");
}

/* What lies in a logical volume that can be read. */
static int
open_disk (const struct dc_lvm *lvm, size_t index, struct dc_volume *volume,
           struct dc_error *err)
{
  DC_AUTO (dc_disk) *disk = NULL;

  if (dc_lvm_disk (lvm, index, &disk, err) < 0 ||
      dc_partition_look (disk, &volume->part, err) < 0 ||
      dc_volume_open_ext (volume, disk, err) < 0)
    return -1;
  if (volume->ext != NULL)
    dc_ext_take_disk (volume->ext, DC_TAKE (disk));
  return 0;
}

static int
add_volume (struct dc_volumes *volumes, const struct dc_lvm *lvm, size_t index,
            struct dc_error *err)
{
  const struct dc_lvm_volume *about = dc_lvm_at (lvm, index);
  struct dc_volume *volume;

  if (dc_volumes_grow (volumes, &volume, err) < 0)
    return -1;
  (void) snprintf (volume->device, sizeof volume->device, "/dev/%s/%s",
                   about->group, about->name);
  volume->part.size = about->size;
  volume->id = strdup (about->id);
  if (volume->id == NULL)
    return dc_fail_errno (err, "cannot keep an id");
  if (name_mapper (about, &volume->mapper, err) < 0)
    return -1;
  if (about->problem == NULL)
    return open_disk (lvm, index, volume, err);
  volume->code = DC_ERR_APPLIANCE;
  volume->problem = strdup (about->problem);
  return volume->problem != NULL ? 0
                                 : dc_fail_errno (err, "cannot keep a text");
}

static bool
is_physical (const struct dc_volume *volume)
{
  return volume->disk != NULL &&
         strcmp (volume->part.fstype, "LVM2_member") == 0;
}

/* What the physical volumes belong to, in the order of their places. */
static int
keep_groups (struct dc_volumes *volumes, const struct dc_lvm *lvm,
             struct dc_error *err)
{
  size_t place = 0;

  for (size_t i = 0; i < volumes->count; i++) {
    struct dc_volume *volume = &volumes->items[i];
    const char *problem = NULL;
    if (!is_physical (volume))
      continue;
    const char *group = dc_lvm_group_of (lvm, place++, &problem);
    if (group == NULL)
      continue; /* the appliance may know better */
    volume->group = strdup (group);
    if (volume->group == NULL)
      return dc_fail_errno (err, "cannot keep a name");
  }
  return 0;
}

int
dc_volumes_add_logical (struct dc_volumes *volumes, struct dc_error *err)
{
  DC_AUTO (dc_lvm) *lvm = NULL;
  AUTO_FREE struct dc_lvm_place *places =
      calloc (volumes->count + 1, sizeof *places);
  size_t count = 0;

  if (places == NULL)
    return dc_fail_errno (err, "cannot keep the physical volumes");
  for (size_t i = 0; i < volumes->count; i++) {
    const struct dc_volume *volume = &volumes->items[i];
    if (is_physical (volume))
      places[count++] =
          (struct dc_lvm_place){ volume->disk, volume->part.offset,
                                 volume->part.size };
  }
  if (count == 0)
    return 0;
  if (dc_lvm_open (places, count, &lvm, err) < 0 ||
      keep_groups (volumes, lvm, err) < 0)
    return -1;
  for (size_t i = 0; i < dc_lvm_count (lvm); i++)
    if (add_volume (volumes, lvm, i, err) < 0)
      return -1;
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "lib/disk/disk.h"

int
dc_disk_read (struct dc_disk *disk, uint64_t offset, void *bytes, size_t size,
              struct dc_error *err)
{
  const struct dc_disk_read read = { offset, size, bytes };

  return dc_disk_read_many (disk, &read, 1, err);
}

int
dc_disk_read_many (struct dc_disk *disk, const struct dc_disk_read *reads,
                   size_t count, struct dc_error *err)
{
  for (size_t i = 0; i < count; i++)
    if (reads[i].offset > disk->size ||
        reads[i].size > disk->size - reads[i].offset)
      return dc_fail (err, DC_ERR_INVALID,
                      "%zu bytes at offset %llu are beyond the disk's end",
                      reads[i].size, (unsigned long long) reads[i].offset);
  return count == 0 ? 0 : disk->ops->read (disk, reads, count, err);
}

void
dc_disk_free (struct dc_disk *disk)
{
  if (disk != NULL)
    disk->ops->free (disk);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <blkid.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/disk/partition.h"
#include "lib/disk/sample.h"

#define SECTOR ((uint64_t) 512) /* libblkid's unit, whatever the disk's is */
/* libblkid rejects a table with a part that ends behind the disk, so a disk
 * that has been cut off is shown to it as this long: more than any has.
 */
#define BEYOND ((uint64_t) 1 << 46)
#define GPT_SIGNATURE "EFI PART"

static void
free_probe (blkid_probe *probe)
{
  blkid_free_probe (*probe);
}
#define AUTO_PROBE __attribute__ ((__cleanup__ (free_probe))) blkid_probe

/* A probe of SIZE bytes at OFFSET of the sample. */
static int
new_probe (const struct dc_sample *sample, uint64_t offset, uint64_t size,
           blkid_probe *out, struct dc_error *err)
{
  AUTO_PROBE probe = blkid_new_probe ();

  if (probe == NULL ||
      blkid_probe_set_device (probe, sample->fd, (blkid_loff_t) offset,
                              (blkid_loff_t) size) < 0)
    return dc_fail_errno (err, "cannot probe the disk");
  *out = DC_TAKE (probe);
  return 0;
}

static void
keep_text (char *field, size_t size, const char *text)
{
  (void) snprintf (field, size, "%s", text != NULL ? text : ""); /* cut */
}
#define KEEP_TEXT(field, text) keep_text (field, sizeof (field), text)

/* The value called NAME, if there is one. */
static void
keep_value (blkid_probe probe, const char *name, char *field, size_t size)
{
  const char *value = NULL;

  if (blkid_probe_lookup_value (probe, name, &value, NULL) == 0)
    keep_text (field, size, value);
}

/* What lies in PART. */
static int
probe_contents (struct dc_sample *sample, struct dc_partition *part,
                struct dc_error *err)
{
  AUTO_PROBE probe = NULL;

  if (dc_sample_clear (sample, sample->disk->size, err) < 0 ||
      dc_sample_contents (sample, part->offset, part->size, err) < 0 ||
      new_probe (sample, part->offset, part->size, &probe, err) < 0)
    return -1;
  if (blkid_probe_enable_superblocks (probe, 1) < 0 ||
      blkid_probe_set_superblocks_flags (probe, BLKID_SUBLKS_LABEL |
                                                    BLKID_SUBLKS_UUID |
                                                    BLKID_SUBLKS_TYPE) < 0)
    return dc_fail_errno (err, "cannot probe a partition");
  /* 1 nothing, -2 more than one thing, -1 unreadable: all leave it unknown. */
  if (blkid_do_safeprobe (probe) != 0)
    return 0;
  keep_value (probe, "TYPE", part->fstype, sizeof part->fstype);
  keep_value (probe, "UUID", part->uuid, sizeof part->uuid);
  keep_value (probe, "LABEL", part->label, sizeof part->label);
  return 0;
}

/* An entry of the table as a part in *PART.  1, or 0: not on the disk. */
static int
read_entry (const struct dc_disk *disk, blkid_partition entry,
            struct dc_partition *part)
{
  const blkid_loff_t start = blkid_partition_get_start (entry);
  const blkid_loff_t size = blkid_partition_get_size (entry);
  const int number = blkid_partition_get_partno (entry);
  const char *type = blkid_partition_get_type_string (entry);

  if (start < 0 || size <= 0 || number < 0 ||
      (uint64_t) start >= disk->size / SECTOR)
    return 0;
  const uint64_t rest = disk->size / SECTOR - (uint64_t) start;
  *part = (struct dc_partition){
    .number = (unsigned) number,
    .offset = (uint64_t) start * SECTOR,
    .size = SECTOR * ((uint64_t) size < rest ? (uint64_t) size : rest),
  };
  if (type != NULL)
    KEEP_TEXT (part->type, type);
  else
    (void) snprintf (part->type, sizeof part->type, "0x%x",
                     (unsigned) blkid_partition_get_type (entry));
  KEEP_TEXT (part->partuuid, blkid_partition_get_uuid (entry));
  KEEP_TEXT (part->partlabel, blkid_partition_get_name (entry));
  return 1;
}

static int
add_part (struct dc_partitions *partitions, const struct dc_partition *part,
          struct dc_error *err)
{
  if (DC_ARRAY_GROW (partitions->items, partitions->count, DC_PARTITION_MAX,
                     "partitions", err) < 0)
    return -1;
  partitions->items[partitions->count++] = *part;
  return 0;
}

/* Add the entry and what lies in it.  Nothing lies in an extended partition
 * but the parts that follow in the list.
 */
static int
add_entry (struct dc_sample *sample, blkid_partition entry,
           struct dc_partitions *partitions, struct dc_error *err)
{
  struct dc_partition part;

  if (read_entry (sample->disk, entry, &part) == 0)
    return 0;
  if (!blkid_partition_is_extended (entry) &&
      probe_contents (sample, &part, err) < 0)
    return dc_context (err, "partition %u", part.number);
  return add_part (partitions, &part, err);
}

static bool
has_gpt_at (struct dc_disk *disk, uint64_t offset)
{
  char signature[sizeof GPT_SIGNATURE - 1];
  struct dc_error ignored; /* the same place is read again and then reported */

  return disk->size >= offset + sizeof signature &&
         dc_disk_read (disk, offset, signature, sizeof signature, &ignored) ==
             0 &&
         memcmp (signature, GPT_SIGNATURE, sizeof signature) == 0;
}

/* An MBR that says "what you look for is in the GPT". */
static int
check_protective (struct dc_disk *disk, struct dc_error *err)
{
  unsigned char mbr[SECTOR];

  if (dc_disk_read (disk, 0, mbr, sizeof mbr, err) < 0)
    return -1;
  if (mbr[510] == 0x55 && mbr[511] == 0xaa)
    for (const unsigned char *p = mbr + 446; p < mbr + 510; p += 16)
      if (p[4] == 0xee)
        return dc_fail (err, DC_ERR_INVALID,
                        "has a protective MBR, but neither copy of its GPT "
                        "is valid");
  return 0;
}

/* The table of a disk of SIZE bytes: 1 and *OUT, which lives as long as
 * PROBE; 0 none.
 */
static int
find_table (struct dc_sample *sample, uint64_t size, blkid_probe *probe,
            blkid_partlist *out, struct dc_error *err)
{
  struct dc_disk *disk = sample->disk;

  if (dc_sample_clear (sample, size, err) < 0 ||
      dc_sample_contents (sample, 0, disk->size, err) < 0 ||
      dc_sample_tables (sample, err) < 0 ||
      new_probe (sample, 0, size, probe, err) < 0)
    return -1;
  if (!has_gpt_at (disk, 512) && has_gpt_at (disk, 4096))
    (void) blkid_probe_set_sectorsize (*probe, 4096); /* then none is found */
  if (blkid_probe_enable_superblocks (*probe, 0) < 0 ||
      blkid_probe_enable_partitions (*probe, 1) < 0)
    return dc_fail_errno (err, "cannot probe for partitions");
  *out = blkid_probe_get_partitions (*probe);
  return *out != NULL && blkid_partlist_get_table (*out) != NULL;
}

static int
read_table (struct dc_sample *sample, struct dc_partitions *partitions,
            struct dc_error *err)
{
  AUTO_PROBE probe = NULL;
  AUTO_PROBE longer = NULL;
  struct dc_disk *disk = sample->disk;
  blkid_partlist list = NULL;

  int status = find_table (sample, disk->size, &probe, &list, err);
  if (status == 0)
    status = find_table (sample, BEYOND, &longer, &list, err);
  if (status < 0)
    return -1;
  if (status == 0)
    return check_protective (disk, err);
  KEEP_TEXT (partitions->table,
             blkid_parttable_get_type (blkid_partlist_get_table (list)));
  for (int i = 0; i < blkid_partlist_numof_partitions (list); i++)
    if (add_entry (sample, blkid_partlist_get_partition (list, i), partitions,
                   err) < 0)
      return -1;
  return 0;
}

/* A boot sector may look like a table without entries. */
static int
read_whole (struct dc_sample *sample, struct dc_partitions *partitions,
            struct dc_error *err)
{
  struct dc_partition whole = { .size = sample->disk->size };

  if (probe_contents (sample, &whole, err) < 0)
    return -1;
  if (partitions->table[0] != '\0' && whole.fstype[0] == '\0')
    return 0;
  partitions->table[0] = '\0';
  return add_part (partitions, &whole, err);
}

int
dc_partitions_read (struct dc_disk *disk, struct dc_partitions **out,
                    struct dc_error *err)
{
  DC_AUTO (dc_sample) *sample = NULL;
  DC_AUTO (dc_partitions) *partitions = calloc (1, sizeof *partitions);

  if (partitions == NULL)
    return dc_fail_errno (err, "cannot keep partitions");
  if (disk->size < SECTOR)
    return dc_fail (err, DC_ERR_INVALID, "has no whole sector");
  if (dc_sample_new (disk, &sample, err) < 0 ||
      read_table (sample, partitions, err) < 0)
    return -1;
  if (partitions->count == 0 && read_whole (sample, partitions, err) < 0)
    return -1;
  *out = DC_TAKE (partitions);
  return 0;
}

int
dc_partition_look (struct dc_disk *disk, struct dc_partition *part,
                   struct dc_error *err)
{
  DC_AUTO (dc_sample) *sample = NULL;

  if (dc_sample_new (disk, &sample, err) < 0)
    return -1;
  return probe_contents (sample, part, err);
}

void
dc_partitions_free (struct dc_partitions *partitions)
{
  if (partitions == NULL)
    return;
  free (partitions->items);
  free (partitions);
}

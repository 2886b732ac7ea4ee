/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/disk/field.h"
#include "lib/disk/sample.h"
#include "lib/file.h"

#define SECTOR ((uint64_t) 512)
#define MIB ((uint64_t) 1024 * 1024)
#define HEAD_SIZE (MIB + 64 * 1024)
#define TAIL_SIZE MIB
#define PIECE_SIZE ((size_t) 64 * 1024) /* what is copied of other places */
#define CHAIN_MAX 256                   /* extended partitions */

/* A part of the disk, in bytes. */
struct range {
  uint64_t offset;
  uint64_t size;
};

int
dc_sample_new (struct dc_disk *disk, struct dc_sample **out,
               struct dc_error *err)
{
  DC_AUTO (dc_sample) *sample = calloc (1, sizeof *sample);

  if (sample == NULL)
    return dc_fail_errno (err, "cannot keep a sample of the disk");
  sample->disk = disk;
  sample->fd = memfd_create ("sample", MFD_CLOEXEC);
  if (sample->fd < 0)
    return dc_fail_errno (err, "cannot make a sample of the disk");
  *out = DC_TAKE (sample);
  return 0;
}

void
dc_sample_free (struct dc_sample *sample)
{
  if (sample == NULL)
    return;
  dc_close_auto (&sample->fd);
  free (sample);
}

int
dc_sample_clear (struct dc_sample *sample, uint64_t size, struct dc_error *err)
{
  if (ftruncate (sample->fd, 0) < 0 || ftruncate (sample->fd, (off_t) size) < 0)
    return dc_fail_errno (err, "cannot make a sample of %llu bytes",
                          (unsigned long long) size);
  return 0;
}

static bool
is_zero (const char *bytes, size_t size)
{
  return size == 0 ||
         (bytes[0] == 0 && memcmp (bytes, bytes + 1, size - 1) == 0);
}

static int
write_at (int fd, const char *bytes, size_t size, uint64_t offset,
          struct dc_error *err)
{
  if (lseek (fd, (off_t) offset, SEEK_SET) < 0)
    return dc_fail_errno (err, "cannot copy a piece of the disk");
  return dc_file_write (fd, bytes, size, err);
}

/* Copy what of SIZE bytes at OFFSET lies inside WITHIN, which lies inside the
 * disk.
 */
static int
copy (const struct dc_sample *sample, const struct range *within,
      uint64_t offset, uint64_t size, struct dc_error *err)
{
  const uint64_t end = within->offset + within->size;
  AUTO_FREE char *bytes = malloc (PIECE_SIZE);

  if (bytes == NULL)
    return dc_fail_errno (err, "cannot keep a piece of the disk");
  if (offset < within->offset || offset >= end)
    return 0;
  if (size > end - offset)
    size = end - offset;
  while (size > 0) {
    const size_t piece = size < PIECE_SIZE ? (size_t) size : PIECE_SIZE;
    if (dc_disk_read (sample->disk, offset, bytes, piece, err) < 0)
      return -1;
    if (!is_zero (bytes, piece) &&
        write_at (sample->fd, bytes, piece, offset, err) < 0)
      return -1;
    offset += piece;
    size -= piece;
  }
  return 0;
}

/* A piece at AT bytes behind the start of WITHIN. */
static int
copy_piece (const struct dc_sample *sample, const struct range *within,
            uint64_t at, struct dc_error *err)
{
  uint64_t offset;

  if (__builtin_add_overflow (within->offset, at, &offset))
    return 0; /* outside */
  return copy (sample, within, offset, PIECE_SIZE, err);
}

/* NTFS: the first records of the master file table, whose place is counted
 * in clusters.  More than 128 sectors a cluster are written as -log2.
 */
static uint64_t
ntfs_place (const unsigned char *boot)
{
  const uint64_t sectors =
      boot[13] <= 128 ? boot[13] : (uint64_t) 1 << ((256 - boot[13]) % 64);
  const uint64_t cluster = dc_le16 (boot + 11) * sectors;
  uint64_t place;

  return __builtin_mul_overflow (dc_le64 (boot + 48), cluster, &place) ? 0
                                                                       : place;
}

/* FAT: the root folder, which has the label.  All fields have 32 bits or
 * less, so nothing overflows.
 */
static uint64_t
fat_place (const unsigned char *boot)
{
  const uint64_t sector = dc_le16 (boot + 11), sectors = boot[13];
  const uint64_t size_16 = dc_le16 (boot + 22), size_32 = dc_le32 (boot + 36);
  const uint64_t size = size_16 > 0 ? size_16 : size_32;
  const uint64_t root = dc_le16 (boot + 14) + boot[16] * size;
  const uint64_t cluster = dc_le32 (boot + 44);

  if (size_16 > 0 || cluster < 2)
    return root * sector;
  return (root + (cluster - 2) * sectors) * sector;
}

/* exFAT: the root folder, which has the label. */
static uint64_t
exfat_place (const unsigned char *boot)
{
  const unsigned sector_bits = boot[108], cluster_bits = boot[109];
  const uint64_t heap = dc_le32 (boot + 88), cluster = dc_le32 (boot + 96);

  if (sector_bits > 12 || cluster_bits > 25 || cluster < 2)
    return 0;
  uint64_t clusters;
  if (__builtin_mul_overflow (cluster - 2, 1ULL << cluster_bits, &clusters) ||
      clusters > UINT64_MAX / 8192 - heap)
    return 0;
  return (heap + clusters) << sector_bits;
}

int
dc_sample_contents (struct dc_sample *sample, uint64_t offset, uint64_t size,
                    struct dc_error *err)
{
  static const struct {
    const char *signature;
    unsigned offset;
    uint64_t (*place) (const unsigned char *boot);
  } kinds[] = {
    { "NTFS    ", 3, ntfs_place },
    { "EXFAT   ", 3, exfat_place },
    { "\x55\xaa", 510, fat_place }, /* or no FAT at all: does no harm */
  };
  const struct range part = { offset, size };
  unsigned char boot[SECTOR];

  if (copy (sample, &part, offset, HEAD_SIZE, err) < 0 ||
      (size > TAIL_SIZE &&
       copy (sample, &part, offset + size - TAIL_SIZE, TAIL_SIZE, err) < 0))
    return -1;
  if (size < sizeof boot)
    return 0;
  if (dc_disk_read (sample->disk, offset, boot, sizeof boot, err) < 0)
    return -1;
  for (size_t i = 0; i < DC_COUNT (kinds); i++)
    if (memcmp (boot + kinds[i].offset, kinds[i].signature,
                strlen (kinds[i].signature)) == 0)
      return copy_piece (sample, &part, kinds[i].place (boot), err);
  return 0;
}

static bool
is_extended (unsigned type)
{
  return type == 0x05 || type == 0x0f || type == 0x85;
}

/* The chain of tables in the extended partition that starts at sector START:
 * each is one sector and links to the next relative to the first.
 */
static int
copy_chain (const struct dc_sample *sample, uint64_t start,
            struct dc_error *err)
{
  const struct range all = { 0, sample->disk->size };
  unsigned char table[SECTOR];
  uint64_t here = start;

  for (int i = 0; i < CHAIN_MAX; i++) {
    const uint64_t offset = here * SECTOR; /* sectors have 33 bits at most */
    if (offset + SECTOR > all.size)
      return 0;
    if (copy (sample, &all, offset, SECTOR, err) < 0 ||
        dc_disk_read (sample->disk, offset, table, sizeof table, err) < 0)
      return -1;
    const unsigned char *link = table + 446;
    while (link < table + 510 && !is_extended (link[4]))
      link += 16;
    if (link >= table + 510)
      return 0;
    here = start + dc_le32 (link + 8);
  }
  return 0;
}

int
dc_sample_tables (struct dc_sample *sample, struct dc_error *err)
{
  const struct range all = { 0, sample->disk->size };
  unsigned char table[SECTOR];

  if (all.size < sizeof table)
    return 0;
  if (dc_disk_read (sample->disk, 0, table, sizeof table, err) < 0)
    return -1;
  if (table[510] != 0x55 || table[511] != 0xaa)
    return 0;
  for (const unsigned char *entry = table + 446; entry < table + 510;
       entry += 16) {
    const uint64_t start = dc_le32 (entry + 8);
    /* Labels of BSD, Solaris, Minix and UnixWare begin their partition. */
    if (start > 0 && copy_piece (sample, &all, start * SECTOR, err) < 0)
      return -1;
    if (is_extended (entry[4]) && copy_chain (sample, start, err) < 0)
      return -1;
  }
  return 0;
}

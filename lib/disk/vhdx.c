/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "lib/disk/field.h"
#include "lib/disk/vhdx.h"
#include "lib/file.h"

#define ENTRY_SIZE 32
#define ENTRY_MAX 2047 /* [MS-VHDX] 2.2.3.1 and 2.6.1 */
#define FLAG_HAS_PARENT 2U

/* The block allocation table: 64 TiB in Hyper-V's usual blocks take 16 MiB. */
#define BAT_SIZE_MAX ((uint32_t) 64 * 1024 * 1024)
#define BAT_STATE_MASK 7U
#define BAT_FULLY_PRESENT 6U
#define BAT_OFFSET_MASK (~(uint64_t) 0xfffff)

/* GUIDs as they stand in the file. */
static const unsigned char metadata_region[16] = { 0x06, 0xa2, 0x7c, 0x8b,
                                                   0x90, 0x47, 0x9a, 0x4b,
                                                   0xb8, 0xfe, 0x57, 0x5f,
                                                   0x05, 0x0f, 0x88, 0x6e };
static const unsigned char bat_region[16] = { 0x66, 0x77, 0xc2, 0x2d,
                                              0x23, 0xf6, 0x00, 0x42,
                                              0x9d, 0x64, 0x11, 0x5e,
                                              0x9b, 0xfd, 0x4a, 0x08 };
static const unsigned char file_parameters[16] = { 0x37, 0x67, 0xa1, 0xca,
                                                   0x36, 0xfa, 0x43, 0x4d,
                                                   0xb3, 0xb6, 0x33, 0xf0,
                                                   0xaa, 0x44, 0xe7, 0x6b };
static const unsigned char virtual_disk_size[16] = { 0x24, 0x42, 0xa5, 0x2f,
                                                     0x1b, 0xcd, 0x76, 0x48,
                                                     0xb2, 0x11, 0x5d, 0xbe,
                                                     0xd8, 0x3b, 0xf4, 0xb8 };

/* A table of entries that begin with a GUID. */
struct table {
  const char *name;
  const char *signature;
  uint64_t offset;
  unsigned count_offset; /* of the count in the table */
  unsigned count_size;   /* 2 or 4 bytes */
  unsigned first;        /* offset of the first entry */
};

static const struct table regions = { "region", "regi", 192 * 1024, 8, 4, 16 };

/* The entry of GUID in TABLE of FILE. */
static int
find_entry (const struct dc_window *file, const struct table *table,
            const unsigned char *guid, unsigned char *entry,
            struct dc_error *err)
{
  unsigned char head[ENTRY_SIZE];

  if (dc_window_read (file, table->offset, head, sizeof head, err) < 0)
    return dc_context (err, "the %s table", table->name);
  if (memcmp (head, table->signature, strlen (table->signature)) != 0)
    return dc_fail (err, DC_ERR_INVALID, "has no %s table", table->name);
  const unsigned char *field = head + table->count_offset;
  const uint32_t count =
      table->count_size == 2 ? dc_le16 (field) : dc_le32 (field);
  if (count > ENTRY_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "its %s table has %u entries",
                    table->name, count);
  for (uint64_t i = 0; i < count; i++) {
    const uint64_t at = table->offset + table->first + i * ENTRY_SIZE;
    if (dc_window_read (file, at, entry, ENTRY_SIZE, err) < 0)
      return dc_context (err, "the %s table", table->name);
    if (memcmp (entry, guid, 16) == 0)
      return 0;
  }
  return dc_fail (err, DC_ERR_INVALID, "its %s table lacks an entry",
                  table->name);
}

/* The first 8 bytes of a metadata item. */
static int
read_item (const struct dc_window *file, const struct table *metadata,
           const unsigned char *guid, unsigned char *item, struct dc_error *err)
{
  unsigned char entry[ENTRY_SIZE];

  if (find_entry (file, metadata, guid, entry, err) < 0)
    return -1;
  if (dc_le32 (entry + 20) < 8)
    return dc_fail (err, DC_ERR_INVALID, "its metadata is too short");
  if (dc_window_read (file, metadata->offset + dc_le32 (entry + 16), item, 8,
                      err) < 0)
    return dc_context (err, "the metadata");
  return 0;
}

/* QEMU reads a block that the file lacks as zeros. */
static int
check_block (uint64_t entry, uint32_t block_size, uint64_t file_size,
             struct dc_error *err)
{
  const uint64_t offset = entry & BAT_OFFSET_MASK;

  if ((entry & BAT_STATE_MASK) != BAT_FULLY_PRESENT ||
      (offset <= file_size && block_size <= file_size - offset))
    return 0;
  return dc_fail (err, DC_ERR_INVALID,
                  "is cut off: it has a block at byte %llu and ends at %llu",
                  (unsigned long long) offset, (unsigned long long) file_size);
}

static int
check_blocks (const struct dc_window *file, uint32_t block_size,
              struct dc_error *err)
{
  unsigned char region[ENTRY_SIZE], entries[4096];

  if (find_entry (file, &regions, bat_region, region, err) < 0)
    return -1;
  uint64_t at = dc_le64 (region + 16);
  uint32_t left = dc_le32 (region + 24);
  if (left > BAT_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "its allocation table is %u bytes",
                    left);
  for (left -= left % 8; left > 0;) {
    const uint32_t size =
        left < sizeof entries ? left : (uint32_t) sizeof entries;
    if (dc_window_read (file, at, entries, size, err) < 0)
      return dc_context (err, "the allocation table");
    for (size_t i = 0; i < size; i += 8)
      if (check_block (dc_le64 (entries + i), block_size, file->size, err) < 0)
        return -1;
    at += size;
    left -= size;
  }
  return 0;
}

int
dc_vhdx_read (const struct dc_window *file, struct dc_header *header,
              struct dc_error *err)
{
  struct table metadata = { "metadata", "metadata", 0, 10, 2, 32 };
  unsigned char entry[ENTRY_SIZE], item[8];

  if (find_entry (file, &regions, metadata_region, entry, err) < 0)
    return -1;
  metadata.offset = dc_le64 (entry + 16);
  if (metadata.offset > file->size)
    return dc_fail (err, DC_ERR_INVALID,
                    "is cut off: its metadata starts at byte %llu",
                    (unsigned long long) metadata.offset);
  if (read_item (file, &metadata, virtual_disk_size, item, err) < 0)
    return -1;
  header->virtual_size = dc_le64 (item);
  if (read_item (file, &metadata, file_parameters, item, err) < 0)
    return -1;
  if ((dc_le32 (item + 4) & FLAG_HAS_PARENT) != 0)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "is a differencing VHDX, which QEMU cannot read; merge it "
                    "with its parent first");
  return check_blocks (file, dc_le32 (item), err);
}

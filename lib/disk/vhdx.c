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

/* GUIDs as they stand in the file. */
static const unsigned char metadata_region[16] = { 0x06, 0xa2, 0x7c, 0x8b,
                                                   0x90, 0x47, 0x9a, 0x4b,
                                                   0xb8, 0xfe, 0x57, 0x5f,
                                                   0x05, 0x0f, 0x88, 0x6e };
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

/* The entry of GUID in TABLE of the file FD. */
static int
find_entry (int fd, const struct table *table, const unsigned char *guid,
            unsigned char *entry, struct dc_error *err)
{
  unsigned char head[ENTRY_SIZE];

  if (dc_file_read_at (fd, table->offset, head, sizeof head, err) < 0)
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
    if (dc_file_read_at (fd, at, entry, ENTRY_SIZE, err) < 0)
      return dc_context (err, "the %s table", table->name);
    if (memcmp (entry, guid, 16) == 0)
      return 0;
  }
  return dc_fail (err, DC_ERR_INVALID, "its %s table lacks an entry",
                  table->name);
}

/* The first 8 bytes of a metadata item. */
static int
read_item (int fd, const struct table *metadata, const unsigned char *guid,
           unsigned char *item, struct dc_error *err)
{
  unsigned char entry[ENTRY_SIZE];

  if (find_entry (fd, metadata, guid, entry, err) < 0)
    return -1;
  if (dc_le32 (entry + 20) < 8)
    return dc_fail (err, DC_ERR_INVALID, "its metadata is too short");
  if (dc_file_read_at (fd, metadata->offset + dc_le32 (entry + 16), item, 8,
                       err) < 0)
    return dc_context (err, "the metadata");
  return 0;
}

int
dc_vhdx_read (int fd, uint64_t file_size, struct dc_header *header,
              struct dc_error *err)
{
  static const struct table regions = {
    "region", "regi", 192 * 1024, 8, 4, 16
  };
  struct table metadata = { "metadata", "metadata", 0, 10, 2, 32 };
  unsigned char entry[ENTRY_SIZE], item[8];

  if (find_entry (fd, &regions, metadata_region, entry, err) < 0)
    return -1;
  metadata.offset = dc_le64 (entry + 16);
  if (metadata.offset > file_size)
    return dc_fail (err, DC_ERR_INVALID,
                    "is cut off: its metadata starts at byte %llu",
                    (unsigned long long) metadata.offset);
  if (read_item (fd, &metadata, virtual_disk_size, item, err) < 0)
    return -1;
  header->virtual_size = dc_le64 (item);
  if (read_item (fd, &metadata, file_parameters, item, err) < 0)
    return -1;
  if ((dc_le32 (item + 4) & FLAG_HAS_PARENT) != 0)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "is a differencing VHDX, which QEMU cannot read; merge it "
                    "with its parent first");
  return 0;
}

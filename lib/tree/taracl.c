/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "lib/tree/taracl.h"

#define ACL_VERSION 2
#define TAG_MASK 0x10
#define NO_ID UINT32_MAX

struct row {
  uint16_t tag, permission;
  uint32_t id;
};

/* libarchive's tags and the kernel's. */
static const struct {
  int tag, has_id;
  uint16_t kernel_tag;
} tags[] = {
  { ARCHIVE_ENTRY_ACL_USER_OBJ, 0, 0x01 },
  { ARCHIVE_ENTRY_ACL_USER, 1, 0x02 },
  { ARCHIVE_ENTRY_ACL_GROUP_OBJ, 0, 0x04 },
  { ARCHIVE_ENTRY_ACL_GROUP, 1, 0x08 },
  { ARCHIVE_ENTRY_ACL_MASK, 0, TAG_MASK },
  { ARCHIVE_ENTRY_ACL_OTHER, 0, 0x20 },
};

/* libarchive has -1 for a name that it found no number for. */
static int
append (struct dc_buffer *b, int tag, int permission, int id,
        struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (tags); i++) {
    if (tags[i].tag != tag)
      continue;
    if (tags[i].has_id && id < 0)
      return dc_fail (err, DC_ERR_INVALID,
                      "names a user or group without its number");
    const struct row row = {
      .tag = htole16 (tags[i].kernel_tag),
      .permission = htole16 ((uint16_t) (permission & 7)),
      .id = htole32 (tags[i].has_id ? (uint32_t) id : NO_ID),
    };
    return dc_buffer_append (b, &row, sizeof row, err);
  }
  return dc_fail (err, DC_ERR_INVALID, "has an entry of an unknown kind");
}

int
dc_tar_acl (struct archive_entry *entry, enum dc_tar_acl_kind kind,
            struct dc_buffer *b, struct dc_error *err)
{
  const uint32_t version = htole32 (ACL_VERSION);
  const int wanted = kind == DC_TAR_ACL_ACCESS ? ARCHIVE_ENTRY_ACL_TYPE_ACCESS
                                               : ARCHIVE_ENTRY_ACL_TYPE_DEFAULT;
  int type, permission, tag, id;
  const char *name;

  if (archive_entry_acl_reset (entry, wanted) == 0)
    return 0;
  if (dc_buffer_append (b, &version, sizeof version, err) < 0)
    return -1;
  while (archive_entry_acl_next (entry, wanted, &type, &permission, &tag, &id,
                                 &name) == ARCHIVE_OK)
    if (append (b, tag, permission, id, err) < 0)
      return -1;
  return 1;
}

void
dc_tar_acl_mask (const void *value, size_t size, uint16_t *mode)
{
  struct row row;

  for (size_t at = sizeof (uint32_t); at + sizeof row <= size;
       at += sizeof row) {
    memcpy (&row, (const char *) value + at, sizeof row);
    if (le16toh (row.tag) == TAG_MASK)
      *mode = (uint16_t) ((*mode & ~070u) |
                          (unsigned) (le16toh (row.permission) & 7) << 3);
  }
}

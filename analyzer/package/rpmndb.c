/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* Numbers are little-endian.
 *
 *   page of 4096   slot of 16 bytes: "Slot", package, first block, blocks
 *   block of 16    blob: "BlbS", package, generation, size, the header,
 *                  a tail that is not read
 *
 * The first two slots are the file's header: "RpmP", version, generation, count
 * of pages with slots.
 */

#include <stdlib.h>
#include <string.h>

#include "analyzer/package/rpmdb.h"

#define PAGE_SIZE 4096
#define SLOT_SIZE ((size_t) 16)
#define BLOCK_SIZE 16
#define SLOTS_A_PAGE (PAGE_SIZE / SLOT_SIZE)
#define HEADER_SLOTS 2
#define SLOT_PAGE_MAX 65536 /* some 16 million packages */

/* The blob that SLOT refers to: 1, 0 when it is damaged.  ROOM, the bytes that
 * may still be read, is the size of the file at first: blobs do not overlap.
 */
static int
give_blob (struct dc_pagefile *file, const unsigned char *slot, uint64_t *room,
           const struct dc_rpm_sink *sink, struct dc_error *err)
{
  unsigned char head[BLOCK_SIZE];
  const uint64_t package = dc_get_little (slot + 4, 4);
  const uint64_t at = dc_get_little (slot + 8, 4) * BLOCK_SIZE;
  const uint64_t size_max = dc_get_little (slot + 12, 4) * BLOCK_SIZE;

  if (memcmp (slot, "Slot", 4) != 0 || at > file->size ||
      file->size - at < sizeof head)
    return 0;
  if (dc_pagefile_read (file, at, head, sizeof head, err) < 0)
    return -1;
  const uint64_t size = dc_get_little (head + 12, 4);
  if (memcmp (head, "BlbS", 4) != 0 || dc_get_little (head + 4, 4) != package ||
      size > size_max || size > *room || size > DC_RPM_HEADER_MAX ||
      size > file->size - at - sizeof head)
    return 0;
  *room -= size;
  AUTO_FREE void *bytes = malloc ((size_t) size + 1);
  if (bytes == NULL)
    return dc_fail_errno (err, "cannot read a package's header");
  if (dc_pagefile_read (file, at + sizeof head, bytes, (size_t) size, err) <
          0 ||
      sink->header (sink->self, package, bytes, (size_t) size, err) < 0)
    return -1;
  return 1;
}

int
dc_rpmdb_ndb (struct dc_pagefile *file, const struct dc_rpm_sink *sink,
              struct dc_error *err)
{
  unsigned char slot[SLOT_SIZE];
  uint64_t room = file->size;

  if (file->size < PAGE_SIZE)
    return dc_fail (err, DC_ERR_INVALID, "it is no ndb database");
  if (dc_pagefile_read (file, 0, slot, sizeof slot, err) < 0)
    return -1;
  const uint64_t pages = dc_get_little (slot + 12, 4);
  if (memcmp (slot, "RpmP", 4) != 0 || dc_get_little (slot + 4, 4) != 0 ||
      pages > SLOT_PAGE_MAX || pages * PAGE_SIZE > file->size)
    return dc_fail (err, DC_ERR_INVALID, "it is no ndb database");
  for (uint64_t i = HEADER_SLOTS; i < pages * SLOTS_A_PAGE; i++) {
    if (dc_pagefile_read (file, i * SLOT_SIZE, slot, sizeof slot, err) < 0)
      return -1;
    if (dc_get_little (slot + 4, 4) == 0)
      continue; /* free */
    const int status = give_blob (file, slot, &room, sink, err);
    if (status < 0)
      return -1;
    if (status == 0)
      sink->damage (sink->self);
  }
  return 0;
}

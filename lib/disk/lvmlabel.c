/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/disk/field.h"
#include "lib/disk/lvmlabel.h"
#include "lib/disk/lvmtext.h"

#define SECTOR 512
#define LABEL_SECTORS 4
#define DATA_AREA_MAX 8
#define CRC_START 0xf597a6cfU
#define AREA_HEADER 512
#define TEXT_IGNORED 1U /* flag: somebody else's copy is to be used */

static const char area_magic[16] = " LVM2 x[5A%r0N*>";

/* The CRC of Ethernet, but with another start and not inverted at the end.
 * By half a byte, because a text of 8 MiB is rare.
 */
static uint32_t
compute_crc (const void *bytes, size_t size)
{
  static const uint32_t table[16] = {
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
    0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
    0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c
  };
  const unsigned char *p = bytes;
  uint32_t crc = CRC_START;

  for (size_t i = 0; i < size; i++) {
    crc ^= p[i];
    crc = crc >> 4 ^ table[crc & 15];
    crc = crc >> 4 ^ table[crc & 15];
  }
  return crc;
}

/* SIZE bytes at OFFSET of PLACE. */
static int
read_place (const struct dc_lvm_place *place, uint64_t offset, void *bytes,
            size_t size, struct dc_error *err)
{
  if (offset > place->size || size > place->size - offset)
    return dc_fail (err, DC_ERR_INVALID,
                    "%zu bytes at offset %llu are beyond its end", size,
                    (unsigned long long) offset);
  return dc_disk_read (place->disk, place->offset + offset, bytes, size, err);
}

/* The text whose place ROW of the area's header says, into AREA. */
static int
read_ring (const struct dc_lvm_place *place, uint64_t start, uint64_t size,
           const unsigned char *row, char **out, struct dc_error *err)
{
  const uint64_t at = dc_le64 (row), length = dc_le64 (row + 8);

  if (length > DC_LVMTEXT_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "LVM metadata of %llu bytes, limit %zu",
                    (unsigned long long) length, DC_LVMTEXT_SIZE_MAX);
  if (at < AREA_HEADER || at >= size || length == 0 ||
      length > size - AREA_HEADER)
    return dc_fail (err, DC_ERR_INVALID, "its metadata lies outside its area");
  AUTO_FREE char *text = malloc ((size_t) length);
  if (text == NULL)
    return dc_fail_errno (err, "cannot keep LVM metadata");
  const size_t first = (size_t) (length < size - at ? length : size - at);
  if (read_place (place, start + at, text, first, err) < 0 ||
      read_place (place, start + AREA_HEADER, text + first,
                  (size_t) length - first, err) < 0)
    return -1;
  if (compute_crc (text, (size_t) length) != dc_le32 (row + 16))
    return dc_fail (err, DC_ERR_INVALID, "its metadata has a wrong checksum");
  *out = DC_TAKE (text);
  return 0;
}

/* The area of metadata of SIZE bytes at START.  An empty one adds nothing. */
static int
read_area (const struct dc_lvm_place *place, uint64_t start, uint64_t size,
           struct dc_lvmlabel *label, struct dc_error *err)
{
  unsigned char header[AREA_HEADER];
  const unsigned char *row = header + 40;
  char *text = NULL;

  if (read_place (place, start, header, sizeof header, err) < 0)
    return -1;
  if (memcmp (header + 4, area_magic, sizeof area_magic) != 0 ||
      dc_le32 (header) != compute_crc (header + 4, sizeof header - 4))
    return dc_fail (err, DC_ERR_INVALID,
                    "the header of its metadata has a wrong checksum");
  if (dc_le32 (header + 20) != 1 || dc_le64 (header + 24) != start ||
      dc_le64 (header + 32) != size || size > place->size - start)
    return dc_fail (err, DC_ERR_INVALID,
                    "the header of its metadata does not fit its place");
  if (dc_le64 (row) == 0 || (dc_le32 (row + 20) & TEXT_IGNORED) != 0)
    return 0;
  if (read_ring (place, start, size, row, &text, err) < 0)
    return -1;
  label->areas[label->area_count].text = text;
  label->areas[label->area_count].size = (size_t) dc_le64 (row + 8);
  label->areas[label->area_count].crc = dc_le32 (row + 16);
  label->area_count++;
  return 0;
}

/* Areas of metadata are copies of one another: one that is good is enough. */
static int
read_areas (const struct dc_lvm_place *place, const unsigned char *list,
            const unsigned char *end, struct dc_lvmlabel *label,
            struct dc_error *err)
{
  struct dc_error why;
  bool is_damaged = false;

  for (; list + 16 <= end && dc_le64 (list) != 0 &&
         label->area_count < DC_LVM_AREA_MAX;
       list += 16)
    if (read_area (place, dc_le64 (list), dc_le64 (list + 8), label, &why) <
        0) {
      if (why.code != DC_ERR_INVALID && why.code != DC_ERR_LIMIT) {
        *err = why;
        return -1;
      }
      is_damaged = true;
    }
  if (!is_damaged || label->area_count > 0)
    return 0;
  *err = why;
  return -1;
}

/* The header of a volume, BYTES up to END of a sector. */
static int
read_header (const struct dc_lvm_place *place, const unsigned char *bytes,
             const unsigned char *end, struct dc_lvmlabel *label,
             struct dc_error *err)
{
  const unsigned char *list = bytes + 40;
  int data_areas = 0;

  memcpy (label->id, bytes, DC_LVM_ID_SIZE - 1);
  while (list + 16 <= end && dc_le64 (list) != 0 &&
         data_areas++ < DATA_AREA_MAX)
    list += 16;
  return read_areas (place, list + 16, end, label, err);
}

static bool
is_label (const unsigned char *sector, uint64_t number)
{
  return memcmp (sector, "LABELONE", 8) == 0 &&
         memcmp (sector + 24, "LVM2 001", 8) == 0 &&
         dc_le64 (sector + 8) == number &&
         dc_le32 (sector + 16) == compute_crc (sector + 20, SECTOR - 20);
}

int
dc_lvmlabel_read (const struct dc_lvm_place *place, struct dc_lvmlabel **out,
                  struct dc_error *err)
{
  unsigned char sectors[LABEL_SECTORS * SECTOR];
  const unsigned char *sector = sectors;
  DC_AUTO (dc_lvmlabel) *label = calloc (1, sizeof *label);
  uint64_t number = 0;

  if (label == NULL)
    return dc_fail_errno (err, "cannot keep the label of a physical volume");
  if (read_place (place, 0, sectors, sizeof sectors, err) < 0)
    return -1;
  for (; number < LABEL_SECTORS && !is_label (sector, number); number++)
    sector += SECTOR;
  if (number == LABEL_SECTORS)
    return dc_fail (err, DC_ERR_INVALID, "it has no valid label");
  const uint32_t header = dc_le32 (sector + 20);
  if (header < 32 || header > SECTOR - 72)
    return dc_fail (err, DC_ERR_INVALID, "its label has no header");
  if (read_header (place, sector + header, sector + SECTOR, label, err) < 0)
    return -1;
  *out = DC_TAKE (label);
  return 0;
}

void
dc_lvmlabel_free (struct dc_lvmlabel *label)
{
  if (label == NULL)
    return;
  for (size_t i = 0; i < label->area_count; i++)
    free (label->areas[i].text);
  free (label);
}

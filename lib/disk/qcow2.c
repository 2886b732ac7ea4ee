/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdbool.h>

#include "lib/disk/field.h"
#include "lib/disk/qcow2.h"
#include "lib/file.h"
#include "lib/quote.h"
#include "lib/span.h"

#define QCOW_HEADER_SIZE 48
#define QCOW2_V2_HEADER_SIZE 72
#define QCOW2_V3_HEADER_SIZE 104

/* Where we look for extensions and names; real ones end below 2 KiB. */
#define AREA_MAX ((uint64_t) 64 * 1024)
#define CLUSTER_BITS_MIN 9
#define CLUSTER_BITS_MAX 21
#define L1_SIZE_MAX ((uint64_t) 32 * 1024 * 1024)      /* bytes, as in QEMU */
#define REFCOUNT_SIZE_MAX ((uint64_t) 8 * 1024 * 1024) /* bytes, as in QEMU */
#define L1_OFFSET_MASK 0x00fffffffffffe00ULL

enum { FEATURE_DIRTY = 1, FEATURE_CORRUPT = 2, FEATURE_DATA_FILE = 4 };
#define FEATURES_KNOWN 31U /* these, compression type, extended L2 */

enum {
  EXTENSION_END = 0,
  EXTENSION_BACKING_FORMAT = 0xe2792aca,
  EXTENSION_DATA_FILE = 0x44415441,
};

struct qcow2 {
  const struct dc_window *file;
  uint64_t cluster_size;
  uint64_t features;
  uint32_t header_size;
  unsigned char fields[QCOW2_V3_HEADER_SIZE];
};

/* SIZE bytes at OFFSET of the file as a string in *OUT. */
static int
read_name (const struct dc_window *file, uint64_t offset, size_t size,
           const char *what, char **out, struct dc_error *err)
{
  char name[DC_HEADER_NAME_MAX];

  if (size == 0 || size > sizeof name)
    return dc_fail (err, DC_ERR_INVALID,
                    "the name of its %s is %zu bytes, not 1 to %zu", what, size,
                    sizeof name);
  if (dc_window_read (file, offset, name, size, err) < 0 ||
      dc_span_copy ((struct dc_span){ name, size }, out, err) < 0)
    return dc_context (err, "the name of its %s", what);
  return 0;
}

static int
check_encryption (uint32_t method, struct dc_error *err)
{
  static const char *const methods[] = { "none", "AES", "LUKS" };

  if (method == 0)
    return 0;
  return dc_fail (err, DC_ERR_ENCRYPTED,
                  "is encrypted (%s); decrypt it with qemu-img convert first",
                  method < DC_COUNT (methods) ? methods[method]
                                              : "unknown method");
}

/* A table of SIZE bytes at OFFSET must lie inside the file. */
static int
check_table (const struct qcow2 *q, const char *what, uint64_t offset,
             uint64_t size, uint64_t size_max, struct dc_error *err)
{
  uint64_t end;

  if (size > size_max)
    return dc_fail (err, DC_ERR_LIMIT, "its %s of %llu bytes is too big", what,
                    (unsigned long long) size);
  if (offset % q->cluster_size != 0)
    return dc_fail (err, DC_ERR_INVALID, "its %s does not start at a cluster",
                    what);
  if (__builtin_add_overflow (offset, size, &end) || end > q->file->size)
    return dc_fail (err, DC_ERR_INVALID,
                    "is cut off: its %s ends at byte %llu, the file at %llu",
                    what, (unsigned long long) end,
                    (unsigned long long) q->file->size);
  return 0;
}

/* A download that broke off has its L1 table but not what that points to,
 * which QEMU would read as zeros without a word.
 */
static int
check_l1 (const struct qcow2 *q, uint64_t offset, uint64_t count,
          struct dc_error *err)
{
  unsigned char entries[4096];

  while (count > 0) {
    const size_t size =
        count < sizeof entries / 8 ? (size_t) count * 8 : sizeof entries;
    if (dc_window_read (q->file, offset, entries, size, err) < 0)
      return dc_context (err, "the L1 table");
    for (size_t i = 0; i < size; i += 8) {
      const uint64_t l2 = dc_be64 (entries + i) & L1_OFFSET_MASK;
      if (l2 > 0 &&
          check_table (q, "L2 table", l2, q->cluster_size, UINT64_MAX, err) < 0)
        return -1;
    }
    offset += size;
    count -= size / 8;
  }
  return 0;
}

static int
check_tables (const struct qcow2 *q, struct dc_error *err)
{
  const uint64_t l1_count = dc_be32 (q->fields + 36);
  const uint64_t l1_offset = dc_be64 (q->fields + 40);
  const uint64_t refcount_offset = dc_be64 (q->fields + 48);
  const uint64_t refcount_size =
      dc_be32 (q->fields + 56) * (uint64_t) q->cluster_size;

  if (check_table (q, "refcount table", refcount_offset, refcount_size,
                   REFCOUNT_SIZE_MAX, err) < 0 ||
      check_table (q, "L1 table", l1_offset, l1_count * 8, L1_SIZE_MAX, err) <
          0)
    return -1;
  return check_l1 (q, l1_offset, l1_count, err);
}

/* One extension with SIZE bytes at OFFSET. */
static int
read_extension (const struct qcow2 *q, uint32_t type, uint64_t offset,
                size_t size, struct dc_header *header, struct dc_error *err)
{
  const bool has_data_file = (q->features & FEATURE_DATA_FILE) != 0;

  if (type == EXTENSION_BACKING_FORMAT && header->backing_format == NULL)
    return read_name (q->file, offset, size, "backing format",
                      &header->backing_format, err);
  if (type == EXTENSION_DATA_FILE && has_data_file && header->data_file == NULL)
    return read_name (q->file, offset, size, "data file", &header->data_file,
                      err);
  return 0;
}

static int
read_extensions (const struct qcow2 *q, struct dc_header *header,
                 struct dc_error *err)
{
  const uint64_t backing_offset = dc_be64 (q->fields + 8);
  uint64_t end = backing_offset > 0 ? backing_offset : q->cluster_size;
  unsigned char fields[8];

  for (uint64_t at = q->header_size; at + sizeof fields <= end;) {
    if (at + sizeof fields > AREA_MAX)
      return dc_fail (err, DC_ERR_LIMIT, "its header is over %llu bytes",
                      (unsigned long long) AREA_MAX);
    if (dc_window_read (q->file, at, fields, sizeof fields, err) < 0)
      return dc_context (err, "the header extensions");
    const uint32_t type = dc_be32 (fields), size = dc_be32 (fields + 4);
    at += sizeof fields;
    if (type == EXTENSION_END)
      return 0;
    if (size > end - at)
      return dc_fail (err, DC_ERR_INVALID,
                      "a header extension of %u bytes does not fit", size);
    if (read_extension (q, type, at, size, header, err) < 0)
      return -1;
    at += ((uint64_t) size + 7) / 8 * 8;
  }
  return 0;
}

/* The fixed fields; what they promise is checked, not followed. */
static int
read_fields (struct qcow2 *q, struct dc_header *header, struct dc_error *err)
{
  unsigned char *f = q->fields;

  if (dc_window_read (q->file, 0, f, QCOW2_V2_HEADER_SIZE, err) < 0)
    return dc_context (err, "the header");
  const uint32_t version = dc_be32 (f + 4), cluster_bits = dc_be32 (f + 20);
  if (version != 2 && version != 3)
    return dc_fail (err, DC_ERR_UNSUPPORTED, "is qcow2 of version %u", version);
  q->header_size = QCOW2_V2_HEADER_SIZE;
  if (version == 3) {
    if (dc_window_read (q->file, 0, f, QCOW2_V3_HEADER_SIZE, err) < 0)
      return dc_context (err, "the header");
    q->features = dc_be64 (f + 72);
    q->header_size = dc_be32 (f + 100);
  }
  if (cluster_bits < CLUSTER_BITS_MIN || cluster_bits > CLUSTER_BITS_MAX)
    return dc_fail (err, DC_ERR_INVALID, "its clusters are of 2^%u bytes",
                    cluster_bits);
  q->cluster_size = (uint64_t) 1 << cluster_bits;
  if (version == 3 && (q->header_size < QCOW2_V3_HEADER_SIZE ||
                       q->header_size > q->cluster_size))
    return dc_fail (err, DC_ERR_INVALID, "its header is of %u bytes",
                    q->header_size);
  if ((q->features & ~(uint64_t) FEATURES_KNOWN) != 0)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "uses qcow2 features that are not known (0x%llx)",
                    (unsigned long long) q->features);
  header->virtual_size = dc_be64 (f + 24);
  if (header->virtual_size > INT64_MAX)
    return dc_fail (err, DC_ERR_INVALID, "its disk is of 2^63 bytes or more");
  if ((q->features & FEATURE_CORRUPT) != 0)
    header->warning = "is marked as corrupt";
  return check_encryption (dc_be32 (f + 32), err);
}

int
dc_qcow2_read (const struct dc_window *file, struct dc_header *header,
               struct dc_error *err)
{
  struct qcow2 q = { .file = file };

  if (read_fields (&q, header, err) < 0)
    return -1;
  const uint64_t name_offset = dc_be64 (q.fields + 8);
  const uint32_t name_size = dc_be32 (q.fields + 16);
  if (name_offset > q.cluster_size)
    return dc_fail (err, DC_ERR_INVALID,
                    "the name of its backing file is outside the header");
  if (read_extensions (&q, header, err) < 0)
    return -1;
  if (name_offset > 0 && name_size > 0 &&
      read_name (file, name_offset, name_size, "backing file", &header->backing,
                 err) < 0)
    return -1;
  if ((q.features & FEATURE_DATA_FILE) != 0 && header->data_file == NULL)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "keeps its data in another file, which it does not name");
  return check_tables (&q, err);
}

/* Version 1:  4 version, 8 backing_file_offset, 16 backing_file_size,
 * 20 mtime, 24 size, 32 cluster_bits, 33 l2_bits, 36 crypt_method,
 * 40 l1_table_offset.
 */
int
dc_qcow_read (const struct dc_window *file, struct dc_header *header,
              struct dc_error *err)
{
  unsigned char f[QCOW_HEADER_SIZE];

  if (dc_window_read (file, 0, f, sizeof f, err) < 0)
    return dc_context (err, "the header");
  header->virtual_size = dc_be64 (f + 24);
  if (dc_be64 (f + 40) >= file->size)
    return dc_fail (err, DC_ERR_INVALID,
                    "is cut off: its L1 table starts behind the file's end");
  const uint64_t name_offset = dc_be64 (f + 8);
  const uint32_t name_size = dc_be32 (f + 16);
  if (name_offset > 0 && name_size > 0 &&
      read_name (file, name_offset, name_size, "backing file", &header->backing,
                 err) < 0)
    return -1;
  return check_encryption (dc_be32 (f + 36), err);
}

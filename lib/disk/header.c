/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/disk/field.h"
#include "lib/disk/header.h"
#include "lib/disk/qcow2.h"
#include "lib/disk/vhdx.h"
#include "lib/disk/vmdk.h"
#include "lib/file.h"

#define VDI_HEADER_SIZE 512
#define VPC_FOOTER_SIZE 512

static int
raw_read (const struct dc_window *file, struct dc_header *header,
          struct dc_error *err)
{
  (void) err;
  header->virtual_size = file->size;
  return 0;
}

static bool
is_zero (const unsigned char *bytes, size_t size)
{
  for (size_t i = 0; i < size; i++)
    if (bytes[i] != 0)
      return false;
  return true;
}

/*   76 image type: 1 dynamic, 2 fixed     376 block size
 *  344 offset of the data                 388 blocks allocated
 *  368 disk size                          440 UUID of the parent
 * All little-endian.
 */
static int
vdi_read (const struct dc_window *file, struct dc_header *header,
          struct dc_error *err)
{
  unsigned char f[VDI_HEADER_SIZE];

  if (dc_window_read (file, 0, f, sizeof f, err) < 0)
    return dc_context (err, "the header");
  const uint32_t type = dc_le32 (f + 76);
  if ((type != 1 && type != 2) || !is_zero (f + 440, 16))
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "is a snapshot of another VDI, which QEMU cannot read; "
                    "clone it with VBoxManage first");
  header->virtual_size = dc_le64 (f + 368);
  const uint64_t data = dc_le32 (f + 344), blocks = dc_le32 (f + 388);
  /* Three numbers of 32 bits: no overflow. */
  if (data + blocks * dc_le32 (f + 376) > file->size)
    return dc_fail (
        err, DC_ERR_INVALID, "is cut off: it has %llu bytes for %llu blocks",
        (unsigned long long) file->size, (unsigned long long) blocks);
  return 0;
}

/*   16 offset of the dynamic header       60 type: 2 fixed, 3 dynamic,
 *   48 disk size                             4 differencing
 * All big-endian.  A dynamic disk has a copy of the footer at its start.  What
 * the guest sees follows from the size or the geometry, by rules of QEMU's.
 */
static int
vpc_read (const struct dc_window *file, struct dc_header *header,
          struct dc_error *err)
{
  unsigned char f[VPC_FOOTER_SIZE];

  if (dc_window_read (file, 0, f, sizeof f, err) < 0)
    return dc_context (err, "the header");
  if (memcmp (f, "conectix", 8) != 0 &&
      dc_window_read (file, file->size - sizeof f, f, sizeof f, err) < 0)
    return dc_context (err, "the footer");
  header->virtual_size = 0;
  const uint32_t type = dc_be32 (f + 60);
  /* QEMU 7.2 reads it as if it had no parent, that is, wrongly. */
  if (type == 4)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "is a differencing VHD, which QEMU cannot read; merge it "
                    "with its parent first");
  if (type != 2 && type != 3)
    return dc_fail (err, DC_ERR_UNSUPPORTED, "is a VHD of type %u", type);
  if (type == 3 && dc_be64 (f + 16) >= file->size)
    return dc_fail (err, DC_ERR_INVALID,
                    "is cut off: its second header starts at byte %llu",
                    (unsigned long long) dc_be64 (f + 16));
  return 0;
}

typedef int read_function (const struct dc_window *file,
                           struct dc_header *header, struct dc_error *err);

static read_function *const readers[] = {
  [DC_FORMAT_RAW] = raw_read,        [DC_FORMAT_QCOW] = dc_qcow_read,
  [DC_FORMAT_QCOW2] = dc_qcow2_read, [DC_FORMAT_VMDK] = dc_vmdk_read,
  [DC_FORMAT_VDI] = vdi_read,        [DC_FORMAT_VHDX] = dc_vhdx_read,
  [DC_FORMAT_VPC] = vpc_read,
};

int
dc_header_read (const struct dc_window *file, enum dc_format format,
                struct dc_header **out, struct dc_error *err)
{
  DC_AUTO (dc_header) *header = calloc (1, sizeof *header);

  if (header == NULL)
    return dc_fail_errno (err, "cannot keep a header");
  header->format = format;
  if (readers[format](file, header, err) < 0)
    return -1;
  *out = DC_TAKE (header);
  return 0;
}

void
dc_header_free (struct dc_header *header)
{
  if (header == NULL)
    return;
  free (header->backing);
  free (header->backing_format);
  free (header->data_file);
  for (size_t i = 0; i < header->extent_count; i++)
    free (header->extents[i]);
  free (header->extents);
  free (header);
}

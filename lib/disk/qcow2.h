/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_QCOW2_H
#define DC_LIB_DISK_QCOW2_H

/* qcow2: the headers of QEMU's own formats.
 *
 *    0  "QFI\xfb"             36  l1_size         72  incompatible features
 *    4  version 2, 3          40  l1_table_offset 80  compatible
 *    8  backing_file_offset   48  refcount_table  88  autoclear
 *   16  backing_file_size         _offset         96  refcount_order
 *   20  cluster_bits          56  its clusters   100  header_length
 *   24  size                  60  nb_snapshots
 *   32  crypt_method          64  snapshots_off.      version 3 only
 *
 * All big-endian.  Behind the header (at 72 or header_length) stand
 * extensions {type, size, data, padding to 8} up to type 0, behind those the
 * name of the backing file; all within the first cluster.
 *
 * Source: QEMU docs/interop/qcow2.txt; version 1: block/qcow.c.
 */

#include "lib/disk/header.h"

/* As dc_header_read(). */
int dc_qcow2_read (const struct dc_window *file, struct dc_header *header,
                   struct dc_error *err);
int dc_qcow_read (const struct dc_window *file, struct dc_header *header,
                  struct dc_error *err);

#endif

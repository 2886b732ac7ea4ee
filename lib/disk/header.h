/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_HEADER_H
#define DC_LIB_DISK_HEADER_H

/* header: what a disk file says about itself and which other files it names.
 *
 * Read by the parent, which is not confined: so only fields at fixed places,
 * and texts of a bounded size.  What these say is enough to refuse a file or
 * to find its companions; the disk itself is read by QEMU in a jail.
 *
 * Source: QEMU docs/interop/qcow2.txt and block/qcow.c; VMware "Virtual Disk
 * Format 5.0"; Oracle's VDI as in QEMU block/vdi.c; Microsoft [MS-VHDX] 2.x
 * and "Virtual Hard Disk Image Format Specification" 1.0.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/disk/format.h"
#include "lib/disk/window.h"
#include "lib/error.h"

/* Bytes of a name in a header, without its NUL. */
#define DC_HEADER_NAME_MAX 1023
/* Bytes of a VMware descriptor, as in QEMU. */
#define DC_HEADER_DESCRIPTOR_MAX ((size_t) 1024 * 1024 - 1)
/* Extents of a VMware disk: 1 TiB in pieces of 2 GiB. */
#define DC_HEADER_EXTENT_MAX 512

/* Owns its strings, which are foreign bytes without a NUL. */
struct dc_header {
  enum dc_format format;
  uint64_t virtual_size; /* bytes, 0: only QEMU knows */
  char *backing;         /* name of the backing file, NULL: none */
  char *backing_format;  /* as the header states it, NULL: it does not */
  char *data_file;       /* qcow2: name of the external data file or NULL */
  char **extents;        /* VMDK: names of the files with the data */
  size_t extent_count;   /* 0: the file holds its data itself */
  const char *warning;   /* something to know about it, NULL: none; static */
};

/* Read what FILE says as a FORMAT that its header
 * agrees with.  0 and *OUT for the caller, or -1: DC_ERR_INVALID (breaks its
 * format, cut off), DC_ERR_UNSUPPORTED (a kind that QEMU cannot read, or
 * reads wrongly), DC_ERR_ENCRYPTED, DC_ERR_LIMIT, DC_ERR_SYSTEM.  The text
 * does not name the file and can follow "'web.qcow2' ".
 */
int dc_header_read (const struct dc_window *file, enum dc_format format,
                    struct dc_header **out, struct dc_error *err);
void dc_header_free (struct dc_header *header);
DC_DEFINE_AUTO (dc_header)

#endif

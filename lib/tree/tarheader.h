/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_TREE_TARHEADER_H
#define DC_LIB_TREE_TARHEADER_H

/* tarheader: what stands before the content of a member of a tar archive.
 *
 * A plain ustar header where that suffices.  What it cannot say (a long name,
 * a large size or owner, a time before 1970, extended attributes) comes
 * before it as records of a pax extended header:
 *
 *   [ header 'x' | records, padded ]  header  content, padded to 512 bytes
 *
 * The bytes follow from the fields alone.  libarchive's writer was tried and
 * left: it marks every extended header "hdrcharset=BINARY", which GNU tar
 * warns about, or else depends on the locale; it writes the attribute "user.a
 * b" as "user.a%20b", which no reader takes back; and a layer's identity
 * would change with the version of a library.
 *
 * Source: POSIX.1-2017, pax, "pax Interchange Format" and "ustar Interchange
 * Format"; OCI image-spec 1.1, layer.md; star(5) for SCHILY.xattr; GNU
 * tar's manual, "Storing Sparse Files", PAX format 1.0.
 */

#include <stdint.h>

#include "lib/buffer.h"
#include "lib/error.h"
#include "lib/tree/tree.h"

#define DC_TAR_BLOCK_SIZE 512

/* Bytes of all records of one member: what Go's archive/tar (podman, docker)
 * and libarchive read at most.
 */
#define DC_TAR_RECORDS_SIZE_MAX ((size_t) 1024 * 1024)

enum dc_tartype {
  DC_TAR_FILE = '0',
  DC_TAR_HARDLINK = '1',
  DC_TAR_SYMLINK = '2',
  DC_TAR_FOLDER = '5',
  DC_TAR_FIFO = '6',
};

struct dc_tarheader {
  enum dc_tartype type;
  const char *path;   /* any bytes; a folder's ends in '/' */
  const char *target; /* of a link, else NULL */
  const struct dc_xattrs *xattrs;
  uint64_t size; /* bytes of content, 0 for all but files */
  /* Not 0: the file has holes and this many bytes; its content here is the
   * map of what is data, and that data (lib/tree/tarsparse.h).
   */
  uint64_t sparse_size;
  int64_t mtime;
  uint32_t uid, gid;
  uint16_t mode; /* only the bits 07777 count */
};

/* Zeros that follow SIZE bytes of content. */
static inline size_t
dc_tar_padding (uint64_t size)
{
  return (size_t) (-size % DC_TAR_BLOCK_SIZE);
}

/* Append the header's bytes to OUT, a multiple of DC_TAR_BLOCK_SIZE.  -1:
 * DC_ERR_LIMIT (too many records), DC_ERR_SYSTEM.
 */
int dc_tarheader_encode (const struct dc_tarheader *header,
                         struct dc_buffer *out, struct dc_error *err);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_TREE_TARMEMBER_H
#define DC_LIB_TREE_TARMEMBER_H

/* tarmember: one member of an archive, as an extraction inside a root would
 * understand it, told to a builder.
 *
 * - A member replaces what has its name; a folder that is one already only
 *   gets new metadata.
 * - Folders above it are found through symbolic links, inside the root; those
 *   that are missing are made.  Below a file or a link that leads nowhere
 *   there can be nothing: left out.
 * - "." and empty components do not count; ".." goes up, at the root nowhere.
 * - The content goes to the spool at the next multiple of 4 KiB; where a
 *   sparse member has holes, so has the spool.
 *
 * Source: tar(5) of libarchive, pax(1) of POSIX.
 */

#include <archive.h>
#include <archive_entry.h>

#include "lib/tree/builder.h"

struct dc_tar_reader {
  struct archive *archive; /* borrowed, as the others */
  struct dc_builder *builder;
  int spool_fd;
  uint64_t spool_end;     /* bytes in use */
  struct dc_buffer path;  /* of the member */
  struct dc_buffer other; /* of what it links to */
  struct dc_buffer acls[2];
  struct dc_xattr *xattrs;
  size_t xattr_count;
  uint64_t absolute_count, dotdot_count; /* names like that */
};

void dc_tar_reader_init (struct dc_tar_reader *reader, struct archive *archive,
                         struct dc_builder *builder, int spool_fd);
void dc_tar_reader_release (struct dc_tar_reader *reader);
int dc_tar_member (struct dc_tar_reader *reader, struct archive_entry *entry,
                   struct dc_error *err);

/* What libarchive says, as our error: DC_ERR_INVALID, or DC_ERR_SYSTEM when
 * reading itself failed.
 */
int dc_tar_fail (struct archive *archive, struct dc_error *err);

#endif

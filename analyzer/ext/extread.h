/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_EXT_EXTREAD_H
#define DC_ANALYZER_EXT_EXTREAD_H

/* extread: contents of files, past the cache, many reads at a time. */

#include "analyzer/ext/extnode.h"

/* Reads that are still to be done, of one file system at a time. */
#define DC_EXTREADS_MAX 256
struct dc_extreads {
  struct dc_ext *ext;
  size_t count;
  struct dc_disk_read items[DC_EXTREADS_MAX];
};

/* Plan to read SIZE bytes at OFFSET of a file (or link) to BYTES: what needs
 * no reading (holes, what was never written, contents in the inode) is there
 * at once, the rest after dc_extread_run().  When READS is full, or of
 * another file system, it is run first.  0, or -1: DC_ERR_INVALID (the map is
 * damaged), what the disk said, DC_ERR_SYSTEM.
 */
int dc_extread_plan (struct dc_ext *ext, const struct dc_extnode *node,
                     uint64_t offset, void *bytes, size_t size,
                     struct dc_extreads *reads, struct dc_error *err);
/* Do what was planned; READS is empty afterwards. */
int dc_extread_run (struct dc_extreads *reads, struct dc_error *err);
/* Both. */
int dc_extread (struct dc_ext *ext, const struct dc_extnode *node,
                uint64_t offset, void *bytes, size_t size,
                struct dc_error *err);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_EXT_EXTDATA_H
#define DC_ANALYZER_EXT_EXTDATA_H

/* extdata: contents of the files of an ext tree.
 *
 * Files are read a batch at a time, with all their reads in flight together,
 * into memory of our own, and copied to the sink from there: the sink wants
 * one file after another, the disk as much as possible at once.
 */

#include "analyzer/ext/extread.h"

/* Bytes of a batch.  Measured: a raw disk in the page cache gives 3-10 GB/s
 * with anything from 1 to 8 MiB.
 */
#define DC_EXTDATA_BATCH ((size_t) 4 * 1024 * 1024)

struct dc_exttree {
  struct dc_tree head;
  struct dc_ext **exts; /* one a mount; an entry's cookie says which */
  size_t count;
  struct dc_extreads reads;
  unsigned char *batch; /* made when first needed */
};

/* As in struct dc_tree_ops. */
int dc_extdata_read (struct dc_tree *tree, const struct dc_entry *entry,
                     uint64_t offset, void *bytes, size_t size,
                     struct dc_error *err);
int dc_extdata_allocated (struct dc_tree *tree, const struct dc_entry *entry,
                          uint64_t *bytes, struct dc_error *err);
int dc_extdata_data (struct dc_tree *tree, const struct dc_entry *entry,
                     uint64_t offset, struct dc_tree_range *range,
                     struct dc_error *err);
int dc_extdata_stream (struct dc_tree *tree, const uint32_t *indexes,
                       size_t count, const struct dc_tree_sink *sink,
                       struct dc_error *err);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_TREE_TARWRITER_H
#define DC_LIB_TREE_TARWRITER_H

/* tarwriter: entries of a tree as one pax archive, the form of OCI layers.
 *
 * Plain ustar headers where they suffice, pax records (path, size,
 * SCHILY.xattr.*) where not: lib/tree/tarheader.h.  Names are bytes whatever
 * the locale; no user or group names; holes are zeros unless asked for; 1 KiB
 * of zeros ends it.  The root is "./", folders end in '/'.  The bytes depend on the entries
 * alone.
 *
 * Source: OCI image-spec 1.1, layer.md.
 */

#include <stdbool.h>

#include "lib/pipeline.h"
#include "lib/tree/tree.h"

/* Hears of contents on their way; a file with holes only of its data. */
struct dc_tar_tap {
  /* The next bytes are those of the entry INDEX. */
  int (*begin) (void *self, uint32_t index, struct dc_error *err);
  int (*bytes) (void *self, const void *bytes, size_t size,
                struct dc_error *err);
  void *self;
};

struct dc_tar_options {
  const struct dc_tar_tap *tap; /* NULL: nobody */
  bool keeps_holes;             /* lib/tree/tarsparse.h; a layer has none */
  uint32_t root; /* the entry that is "./"; all others are below it */
};

/* Write the entries INDEXES (ascending) of TREE to PIPELINE as one archive,
 * without closing it; content goes from the tree straight to the pipeline's
 * blocks.  A hard link whose carrier is not among them is written as a file of
 * its own by the first that is; the folders above an entry are the caller's to
 * include.  -1: what the tree or a stage said, DC_ERR_LIMIT (the attributes
 * of an entry; the text names it), DC_ERR_SYSTEM.
 */
int dc_tar_write_as (struct dc_tree *tree, const uint32_t *indexes,
                     size_t count, const struct dc_tar_options *options,
                     struct dc_pipeline *pipeline, struct dc_error *err);
/* Without either. */
int dc_tar_write (struct dc_tree *tree, const uint32_t *indexes, size_t count,
                  struct dc_pipeline *pipeline, struct dc_error *err);

#endif

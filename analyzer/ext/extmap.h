/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_EXT_EXTMAP_H
#define DC_ANALYZER_EXT_EXTMAP_H

/* extmap: where the blocks of a file lie, by extents or by lists of blocks.
 *
 * Read by ourselves, not by libext2fs, for three reasons: a damaged map must
 * cost a bounded time (nodes that lead back to themselves, a thousand entries
 * for one block), must say what is wrong with it, and opening a handle for
 * each of a hundred thousand files is most of the cost of a small file.
 *
 *   extents: a tree of nodes, the root in the inode
 *     header    magic, entries in use, entries there is room for, depth
 *     depth > 0 entries {first logical block, block of the node below}
 *     depth 0   entries {first logical block, count, first block}
 *   lists: 12 blocks, then one block of blocks, one of those, one of those
 *
 * Source: Linux Documentation/filesystems/ext4/ifork.rst.
 */

#include "analyzer/ext/extnode.h"

/* Neighbouring blocks of a file that lie side by side on the disk. */
struct dc_extrun {
  uint64_t logical;  /* the first one's number in the file */
  uint64_t physical; /* and in the file system */
  uint64_t count;
  bool is_zero; /* reserved but never written: reads as zeros */
};

struct dc_extmap {
  struct dc_ext *ext;
  const struct dc_extnode *node;
  uint64_t first, end; /* logical blocks that matter: before END */
  /* Called for each run in ascending order, cut to that range; what no run
   * covers is a hole.  0: go on; 1 and -1 end the walk.
   */
  int (*run) (void *self, const struct dc_extrun *run, struct dc_error *err);
  void *self;
  /* Blocks of maps and folders that may still be read; each belongs to one
   * file, so there are no more of them than the file system has blocks.
   */
  uint64_t *budget; /* NULL: no limit but the file's own */
  bool is_doubtful; /* set when a node has a wrong checksum */
};

/* 0 at the end, 1 as soon as MAP->run said so, or -1: DC_ERR_INVALID (the map
 * is damaged, or leads out of the file system), what MAP->run or the disk
 * said, DC_ERR_SYSTEM.
 */
int dc_extmap_walk (struct dc_extmap *map, struct dc_error *err);

#endif

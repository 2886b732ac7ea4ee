/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/ext/extmap.h"
#include "analyzer/ext/extread.h"

/* Bytes of contents in an inode: 60 and an xattr. */
#define INLINE_MAX ((size_t) 128 * 1024)

/* The bytes [offset, end) of a file go to BYTES; they are there, or planned,
 * up to DONE.
 */
struct plan {
  uint64_t offset, end, done;
  unsigned char *bytes;
  uint64_t block_size;
  struct dc_extreads *reads;
};

static void
fill_with_zeros (struct plan *plan, uint64_t end)
{
  if (end > plan->done)
    memset (plan->bytes + (plan->done - plan->offset), 0, end - plan->done);
  plan->done = end;
}

static int
plan_run (void *self, const struct dc_extrun *run, struct dc_error *err)
{
  struct plan *plan = self;
  uint64_t start = run->logical * plan->block_size;
  uint64_t end = start + run->count * plan->block_size;
  uint64_t source = run->physical * plan->block_size;

  if (start < plan->offset) {
    source += plan->offset - start;
    start = plan->offset;
  }
  if (end > plan->end)
    end = plan->end;
  fill_with_zeros (plan, run->is_zero ? end : start);
  if (run->is_zero)
    return 0;
  if (plan->reads->count == DC_EXTREADS_MAX &&
      dc_extread_run (plan->reads, err) < 0)
    return -1;
  plan->reads->items[plan->reads->count++] =
      (struct dc_disk_read){ .offset = source,
                             .size = end - start,
                             .bytes = plan->bytes + (start - plan->offset) };
  plan->done = end;
  return 0;
}

static int
copy_inline (struct dc_ext *ext, const struct dc_extnode *node, uint64_t offset,
             void *bytes, size_t size, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (INLINE_MAX);

  if (dc_extnode_inline (ext, node, &b, err) < 0)
    return -1;
  if (offset > b.size || size > b.size - offset)
    return dc_fail (err, DC_ERR_INVALID, "its inode holds only %zu bytes",
                    b.size);
  memcpy (bytes, b.data + offset, size);
  return 0;
}

int
dc_extread_plan (struct dc_ext *ext, const struct dc_extnode *node,
                 uint64_t offset, void *bytes, size_t size,
                 struct dc_extreads *reads, struct dc_error *err)
{
  const uint64_t block_size = dc_ext_block_size (ext);

  if (size == 0)
    return 0;
  if (reads->ext != ext && dc_extread_run (reads, err) < 0)
    return -1;
  reads->ext = ext;
  if ((node->inode.i_flags & EXT4_INLINE_DATA_FL) != 0)
    return copy_inline (ext, node, offset, bytes, size, err);
  struct plan plan = { .offset = offset,
                       .end = offset + size,
                       .done = offset,
                       .bytes = bytes,
                       .block_size = block_size,
                       .reads = reads };
  struct dc_extmap map = { .ext = ext,
                           .node = node,
                           .first = offset / block_size,
                           .end = (plan.end - 1) / block_size + 1,
                           .run = plan_run,
                           .self = &plan };
  if (dc_extmap_walk (&map, err) < 0)
    return -1;
  fill_with_zeros (&plan, plan.end);
  return 0;
}

int
dc_extread_run (struct dc_extreads *reads, struct dc_error *err)
{
  const size_t count = reads->count;

  reads->count = 0;
  return count == 0
             ? 0
             : dc_extio_read_many (reads->ext->io, reads->items, count, err);
}

int
dc_extread (struct dc_ext *ext, const struct dc_extnode *node, uint64_t offset,
            void *bytes, size_t size, struct dc_error *err)
{
  struct dc_extreads reads;

  reads.ext = ext;
  reads.count = 0;
  if (dc_extread_plan (ext, node, offset, bytes, size, &reads, err) < 0)
    return -1;
  return dc_extread_run (&reads, err);
}

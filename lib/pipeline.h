/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_PIPELINE_H
#define DC_LIB_PIPELINE_H

/* pipeline: bytes are produced once and consumed by several stages at a time.
 *
 *   producer --block--> stage 0 (its own thread): digest
 *               \-----> stage 1 (its own thread): compress, digest, write
 *
 * A block goes to every stage, in order, without a copy, and returns to the
 * pool when the last is done with it.  The number of blocks is fixed, so
 * memory is bounded and a slow stage holds the producer back.  The first
 * failure of a stage stops the others and is what the producer gets.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/error.h"

#define DC_PIPELINE_BLOCK_SIZE ((size_t) 1024 * 1024)
#define DC_PIPELINE_BLOCK_COUNT 16
#define DC_PIPELINE_STAGE_MAX 4

/* Both are called from the stage's own thread, in which signals are blocked,
 * and return 0, or -1 with ERR.
 */
struct dc_stage {
  int (*consume) (void *self, const void *bytes, size_t size,
                  struct dc_error *err);
  /* After the last block; not after a failure.  NULL: nothing to do. */
  int (*finish) (void *self, struct dc_error *err);
  void *self;
};

struct dc_pipeline;

/* Start COUNT stages (1 to DC_PIPELINE_STAGE_MAX), which are copied; what
 * their SELF points at must outlive the pipeline.  One thread at a time is
 * the producer.  -1: DC_ERR_SYSTEM.
 */
int dc_pipeline_new (const struct dc_stage *stages, size_t count,
                     struct dc_pipeline **out, struct dc_error *err);
/* The free room of the block being filled: at least 1 byte, *ROOM of them.
 * Waits for a block to come free.  The caller fills some and commits them.
 * All of these return -1 with the first failure of a stage, if there is one.
 */
int dc_pipeline_room (struct dc_pipeline *pipeline, void **bytes, size_t *room,
                      struct dc_error *err);
/* SIZE bytes, at most what room() gave, were written there. */
int dc_pipeline_commit (struct dc_pipeline *pipeline, size_t size,
                        struct dc_error *err);
/* Both in one, for bytes that lie elsewhere. */
int dc_pipeline_add (struct dc_pipeline *pipeline, const void *bytes,
                     size_t size, struct dc_error *err);
/* No more will come; returns at once, so that the producer can begin its
 * next pipeline while the stages of this one finish.
 */
int dc_pipeline_close (struct dc_pipeline *pipeline, struct dc_error *err);
/* After close(): wait until all stages have finished; 0, or -1 with the first
 * failure.
 */
int dc_pipeline_join (struct dc_pipeline *pipeline, struct dc_error *err);
/* Stops the stages if they still run (after the block they are at), and waits
 * for them.  NULL is allowed.
 */
void dc_pipeline_free (struct dc_pipeline *pipeline);
DC_DEFINE_AUTO (dc_pipeline)

#endif

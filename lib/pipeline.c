/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "lib/pipeline.h"
#include "lib/thread.h"

/* The blocks are a ring: block n lies in place n % DC_PIPELINE_BLOCK_COUNT.
 * It belongs to the producer until it is published, then to the stages until
 * each is done with it, which each does in order:
 *
 *   done of each stage <= published <= done of each + DC_PIPELINE_BLOCK_COUNT
 *
 * LOCK guards these counts, sizes, is_closed and failure.  What only the
 * producer changes it reads without.
 */
struct worker {
  struct dc_pipeline *pipeline;
  struct dc_stage stage;
  uint64_t done; /* blocks */
  pthread_t thread;
};

struct dc_pipeline {
  unsigned char *memory; /* of all blocks */
  size_t used;           /* bytes in the block being filled */
  bool has_room;         /* that block is the producer's */

  pthread_mutex_t lock;
  pthread_cond_t freed; /* a block came free, or all must stop */
  pthread_cond_t news;  /* a block was published, no more will be, or stop */
  uint64_t published;   /* blocks */
  size_t sizes[DC_PIPELINE_BLOCK_COUNT];
  bool is_closed;
  atomic_bool is_stopped;  /* set under the lock, read anywhere */
  struct dc_error failure; /* the first one */

  struct worker workers[DC_PIPELINE_STAGE_MAX];
  size_t worker_count; /* those whose thread runs */
};

static unsigned char *
block_at (const struct dc_pipeline *pipeline, uint64_t n)
{
  return pipeline->memory +
         n % DC_PIPELINE_BLOCK_COUNT * DC_PIPELINE_BLOCK_SIZE;
}

/* Tell everybody to stop.  FAILURE, if not NULL, is why; the first counts. */
static void
stop (struct dc_pipeline *pipeline, const struct dc_error *failure)
{
  pthread_mutex_lock (&pipeline->lock);
  if (failure != NULL && !pipeline->is_stopped)
    pipeline->failure = *failure;
  pipeline->is_stopped = true;
  pthread_cond_broadcast (&pipeline->news);
  pthread_cond_signal (&pipeline->freed);
  pthread_mutex_unlock (&pipeline->lock);
}

/* The next block for a stage: its size; 0 when there will be none. */
static size_t
wait_for_block (struct worker *worker)
{
  struct dc_pipeline *pipeline = worker->pipeline;
  size_t size = 0;

  pthread_mutex_lock (&pipeline->lock);
  while (worker->done == pipeline->published && !pipeline->is_closed &&
         !pipeline->is_stopped)
    pthread_cond_wait (&pipeline->news, &pipeline->lock);
  if (worker->done < pipeline->published && !pipeline->is_stopped)
    size = pipeline->sizes[worker->done % DC_PIPELINE_BLOCK_COUNT];
  pthread_mutex_unlock (&pipeline->lock);
  return size;
}

static void
release_block (struct worker *worker)
{
  struct dc_pipeline *pipeline = worker->pipeline;

  pthread_mutex_lock (&pipeline->lock);
  worker->done++;
  pthread_cond_signal (&pipeline->freed);
  pthread_mutex_unlock (&pipeline->lock);
}

static int
run_stage (struct worker *worker, struct dc_error *err)
{
  const struct dc_stage *stage = &worker->stage;
  size_t size;

  for (size = wait_for_block (worker); size > 0;
       size = wait_for_block (worker)) {
    const void *bytes = block_at (worker->pipeline, worker->done);
    if (stage->consume (stage->self, bytes, size, err) < 0)
      return -1;
    release_block (worker);
  }
  if (worker->pipeline->is_stopped || stage->finish == NULL)
    return 0;
  return stage->finish (stage->self, err);
}

static void *
work (void *self)
{
  struct worker *worker = self;
  struct dc_error err;

  if (run_stage (worker, &err) < 0)
    stop (worker->pipeline, &err);
  return NULL;
}

int
dc_pipeline_new (const struct dc_stage *stages, size_t count,
                 struct dc_pipeline **out, struct dc_error *err)
{
  assert (count > 0);
  assert (count <= DC_PIPELINE_STAGE_MAX);

  struct dc_pipeline *created = calloc (1, sizeof *created);
  if (created == NULL)
    return dc_fail_errno (err, "cannot begin a pipeline");
  pthread_mutex_init (&created->lock, NULL);
  pthread_cond_init (&created->freed, NULL);
  pthread_cond_init (&created->news, NULL);
  DC_AUTO (dc_pipeline) *pipeline = created;

  /* Pages are touched, and so exist, only when a block is used. */
  pipeline->memory = malloc (DC_PIPELINE_BLOCK_COUNT * DC_PIPELINE_BLOCK_SIZE);
  if (pipeline->memory == NULL)
    return dc_fail_errno (err, "cannot begin a pipeline");
  for (size_t i = 0; i < count; i++) {
    struct worker *worker = &pipeline->workers[i];
    worker->pipeline = pipeline;
    worker->stage = stages[i];
    if (dc_thread_start (&worker->thread, work, worker, err) < 0)
      return -1;
    pipeline->worker_count++;
  }
  *out = DC_TAKE (pipeline);
  return 0;
}

/* -1 with the failure of a stage, if one has failed. */
static int
check (struct dc_pipeline *pipeline, struct dc_error *err)
{
  if (!pipeline->is_stopped)
    return 0;
  pthread_mutex_lock (&pipeline->lock);
  *err = pipeline->failure;
  pthread_mutex_unlock (&pipeline->lock);
  return -1;
}

/* Blocks that some stage has not yet done with. */
static uint64_t
blocks_in_use (const struct dc_pipeline *pipeline)
{
  uint64_t done = pipeline->published;

  for (size_t i = 0; i < pipeline->worker_count; i++) {
    if (pipeline->workers[i].done < done)
      done = pipeline->workers[i].done;
  }
  return pipeline->published - done;
}

static void
wait_for_room (struct dc_pipeline *pipeline)
{
  pthread_mutex_lock (&pipeline->lock);
  while (blocks_in_use (pipeline) == DC_PIPELINE_BLOCK_COUNT &&
         !pipeline->is_stopped)
    pthread_cond_wait (&pipeline->freed, &pipeline->lock);
  pthread_mutex_unlock (&pipeline->lock);
  pipeline->has_room = true;
  pipeline->used = 0;
}

static void
publish (struct dc_pipeline *pipeline)
{
  pthread_mutex_lock (&pipeline->lock);
  pipeline->sizes[pipeline->published % DC_PIPELINE_BLOCK_COUNT] =
      pipeline->used;
  pipeline->published++;
  pthread_cond_broadcast (&pipeline->news);
  pthread_mutex_unlock (&pipeline->lock);
  pipeline->has_room = false;
}

int
dc_pipeline_room (struct dc_pipeline *pipeline, void **bytes, size_t *room,
                  struct dc_error *err)
{
  if (!pipeline->has_room)
    wait_for_room (pipeline);
  if (check (pipeline, err) < 0)
    return -1;
  /* Only this thread changes published. */
  *bytes = block_at (pipeline, pipeline->published) + pipeline->used;
  *room = DC_PIPELINE_BLOCK_SIZE - pipeline->used;
  return 0;
}

int
dc_pipeline_commit (struct dc_pipeline *pipeline, size_t size,
                    struct dc_error *err)
{
  assert (pipeline->has_room);
  assert (size <= DC_PIPELINE_BLOCK_SIZE - pipeline->used);

  pipeline->used += size;
  if (pipeline->used == DC_PIPELINE_BLOCK_SIZE)
    publish (pipeline);
  return check (pipeline, err);
}

int
dc_pipeline_add (struct dc_pipeline *pipeline, const void *bytes, size_t size,
                 struct dc_error *err)
{
  for (const unsigned char *from = bytes; size > 0;) {
    void *to;
    size_t part;
    if (dc_pipeline_room (pipeline, &to, &part, err) < 0)
      return -1;
    if (part > size)
      part = size;
    memcpy (to, from, part);
    if (dc_pipeline_commit (pipeline, part, err) < 0)
      return -1;
    from += part;
    size -= part;
  }
  return 0;
}

int
dc_pipeline_close (struct dc_pipeline *pipeline, struct dc_error *err)
{
  if (pipeline->has_room && pipeline->used > 0)
    publish (pipeline);
  pthread_mutex_lock (&pipeline->lock);
  pipeline->is_closed = true;
  pthread_cond_broadcast (&pipeline->news);
  pthread_mutex_unlock (&pipeline->lock);
  return check (pipeline, err);
}

static void
join_all (struct dc_pipeline *pipeline)
{
  for (size_t i = 0; i < pipeline->worker_count; i++)
    pthread_join (pipeline->workers[i].thread, NULL);
  pipeline->worker_count = 0;
}

int
dc_pipeline_join (struct dc_pipeline *pipeline, struct dc_error *err)
{
  assert (pipeline->is_closed);

  join_all (pipeline);
  return check (pipeline, err);
}

void
dc_pipeline_free (struct dc_pipeline *pipeline)
{
  if (pipeline == NULL)
    return;
  stop (pipeline, NULL);
  join_all (pipeline);
  free (pipeline->memory);
  pthread_cond_destroy (&pipeline->news);
  pthread_cond_destroy (&pipeline->freed);
  pthread_mutex_destroy (&pipeline->lock);
  free (pipeline);
}

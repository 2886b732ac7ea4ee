/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <libdeflate.h>
#include <stdbool.h>

#include "lib/compressor.h"
#include "lib/thread.h"

/* A ring of members: the caller fills them in order, workers take them in
 * order, the caller writes them in order.
 *
 *   written <= taken <= filled <= written + member_count
 *
 * Member n lives in members[n % member_count].  LOCK guards the counts (the
 * caller, who alone changes filled and written, reads them without it) and
 * is_done.  A member's bytes belong to the caller before it is filled and
 * after it is done, to one worker between.
 */
struct member {
  unsigned char *in, *out;
  size_t in_size, out_size;
  bool is_done;
};

struct gzip;

struct worker {
  struct gzip *gzip;
  struct libdeflate_compressor *deflate;
  pthread_t thread;
  bool is_running;
};

struct gzip {
  struct dc_compressor head;
  size_t out_max; /* bytes that a member may become */

  pthread_mutex_t lock;
  pthread_cond_t todo; /* a worker has something to take, or must stop */
  pthread_cond_t done; /* a member is done */
  uint64_t filled, taken, written;
  bool is_stopping;

  struct member *members;
  unsigned char *memory; /* of all members */
  unsigned member_count;
  struct worker *workers;
  unsigned worker_count;
};

static struct gzip *
gzip_of (struct dc_compressor *compressor)
{
  return (struct gzip *) compressor;
}

static struct member *
member_at (const struct gzip *gzip, uint64_t n)
{
  return &gzip->members[n % gzip->member_count];
}

/* Wait for a member to compress; NULL: stop. */
static struct member *
take_member (struct gzip *gzip)
{
  struct member *member = NULL;

  pthread_mutex_lock (&gzip->lock);
  while (gzip->taken == gzip->filled && !gzip->is_stopping)
    pthread_cond_wait (&gzip->todo, &gzip->lock);
  if (!gzip->is_stopping)
    member = member_at (gzip, gzip->taken++);
  pthread_mutex_unlock (&gzip->lock);
  return member;
}

static void *
work (void *self)
{
  struct worker *worker = self;
  struct gzip *gzip = worker->gzip;

  for (;;) {
    struct member *member = take_member (gzip);
    if (member == NULL)
      return NULL;
    /* The library writes mtime 0 and OS 255 (unknown). */
    member->out_size =
        libdeflate_gzip_compress (worker->deflate, member->in, member->in_size,
                                  member->out, gzip->out_max);
    assert (member->out_size > 0); /* out_max is the library's own bound */
    pthread_mutex_lock (&gzip->lock);
    member->is_done = true;
    pthread_cond_signal (&gzip->done);
    pthread_mutex_unlock (&gzip->lock);
  }
}

/* The oldest member, if it is done; waits for that if more than PENDING_MAX
 * are on their way.
 */
static struct member *
next_done (struct gzip *gzip, uint64_t pending_max)
{
  struct member *member = NULL;

  pthread_mutex_lock (&gzip->lock);
  if (gzip->written < gzip->filled) {
    member = member_at (gzip, gzip->written);
    while (!member->is_done && gzip->filled - gzip->written > pending_max)
      pthread_cond_wait (&gzip->done, &gzip->lock);
    if (!member->is_done)
      member = NULL;
  }
  pthread_mutex_unlock (&gzip->lock);
  return member;
}

/* Write what is done, until at most PENDING_MAX members are on their way. */
static int
write_done (struct gzip *gzip, uint64_t pending_max, struct dc_error *err)
{
  for (;;) {
    struct member *member = next_done (gzip, pending_max);
    if (member == NULL)
      return 0;
    if (dc_compressor_write (&gzip->head, member->out, member->out_size, err) <
        0)
      return -1;
    member->in_size = 0;
    member->is_done = false;
    gzip->written++;
  }
}

/* Give the member being filled to the workers. */
static void
submit (struct gzip *gzip)
{
  pthread_mutex_lock (&gzip->lock);
  gzip->filled++;
  pthread_cond_signal (&gzip->todo);
  pthread_mutex_unlock (&gzip->lock);
}

static int
add_gzip (struct dc_compressor *compressor, const void *bytes, size_t size,
          struct dc_error *err)
{
  struct gzip *gzip = gzip_of (compressor);

  for (const char *from = bytes; size > 0;) {
    struct member *member = member_at (gzip, gzip->filled);
    const size_t room = DC_GZIP_MEMBER_SIZE - member->in_size;
    const size_t part = size < room ? size : room;
    memcpy (member->in + member->in_size, from, part);
    member->in_size += part;
    from += part;
    size -= part;
    if (part < room)
      return 0;
    submit (gzip);
    if (write_done (gzip, gzip->member_count - 1, err) < 0)
      return -1;
  }
  return 0;
}

static int
end_gzip (struct dc_compressor *compressor, struct dc_error *err)
{
  struct gzip *gzip = gzip_of (compressor);

  /* No bytes at all are one empty member: an empty file is not gzip. */
  if (member_at (gzip, gzip->filled)->in_size > 0 || gzip->filled == 0)
    submit (gzip);
  return write_done (gzip, 0, err);
}

static void
stop_workers (struct gzip *gzip)
{
  pthread_mutex_lock (&gzip->lock);
  gzip->is_stopping = true;
  pthread_cond_broadcast (&gzip->todo);
  pthread_mutex_unlock (&gzip->lock);
  for (unsigned i = 0; i < gzip->worker_count; i++) {
    if (gzip->workers[i].is_running)
      pthread_join (gzip->workers[i].thread, NULL);
  }
}

static void
free_gzip (struct dc_compressor *compressor)
{
  struct gzip *gzip = gzip_of (compressor);

  stop_workers (gzip);
  for (unsigned i = 0; i < gzip->worker_count; i++)
    libdeflate_free_compressor (gzip->workers[i].deflate);
  free (gzip->workers);
  free (gzip->members);
  free (gzip->memory);
  pthread_cond_destroy (&gzip->done);
  pthread_cond_destroy (&gzip->todo);
  pthread_mutex_destroy (&gzip->lock);
  free (gzip);
}

static int
start_workers (struct gzip *gzip, int level, unsigned count,
               struct dc_error *err)
{
  gzip->workers = calloc (count, sizeof *gzip->workers);
  if (gzip->workers == NULL)
    return dc_fail_errno (err, "cannot begin gzip");
  gzip->worker_count = count;

  for (unsigned i = 0; i < count; i++) {
    struct worker *worker = &gzip->workers[i];
    worker->gzip = gzip;
    worker->deflate = libdeflate_alloc_compressor (level);
    if (worker->deflate == NULL)
      return dc_fail (err, DC_ERR_SYSTEM, "cannot begin gzip: no memory");
    if (dc_thread_start (&worker->thread, work, worker, err) < 0)
      return -1;
    worker->is_running = true;
  }
  return 0;
}

/* Pages are touched, and so exist, only when a member is used. */
static int
make_members (struct gzip *gzip, unsigned count, struct dc_error *err)
{
  gzip->out_max = libdeflate_gzip_compress_bound (NULL, DC_GZIP_MEMBER_SIZE);
  const size_t size = DC_GZIP_MEMBER_SIZE + gzip->out_max;
  gzip->members = calloc (count, sizeof *gzip->members);
  gzip->memory = calloc (count, size);
  if (gzip->members == NULL || gzip->memory == NULL)
    return dc_fail_errno (err, "cannot begin gzip");

  gzip->member_count = count;
  for (unsigned i = 0; i < count; i++) {
    gzip->members[i].in = gzip->memory + i * size;
    gzip->members[i].out = gzip->members[i].in + DC_GZIP_MEMBER_SIZE;
  }
  return 0;
}

int
dc_compressor_new_gzip (int level, unsigned threads, struct dc_compressor **out,
                        struct dc_error *err)
{
  static const struct dc_compressor_ops ops = { .add = add_gzip,
                                                .end = end_gzip,
                                                .free = free_gzip };
  struct gzip *gzip = calloc (1, sizeof *gzip);

  if (gzip == NULL)
    return dc_fail_errno (err, "cannot begin gzip");
  gzip->head.ops = &ops;
  pthread_mutex_init (&gzip->lock, NULL);
  pthread_cond_init (&gzip->todo, NULL);
  pthread_cond_init (&gzip->done, NULL);
  DC_AUTO (dc_compressor) *owned = &gzip->head;

  /* As many again as there are workers, so that none waits for the writer. */
  if (make_members (gzip, 2 * threads, err) < 0 ||
      start_workers (gzip, level, threads, err) < 0)
    return -1;
  *out = DC_TAKE (owned);
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "lib/pipeline.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

#define BLOCK DC_PIPELINE_BLOCK_SIZE

/* The byte at place AT of the stream that the tests send. */
static unsigned char
byte_at (uint64_t at)
{
  return (unsigned char) (at * 131 + at / BLOCK);
}

/* A stage that checks what it gets. */
struct taker {
  uint64_t size;   /* bytes got */
  int finished;    /* calls of finish() */
  int64_t fail_at; /* fails once it has got so many bytes; -1: never */
  bool fails_at_end;
  sem_t *gate; /* waits here before each block, if not NULL */
  bool has_signals;
};

static int
take (void *self, const void *bytes, size_t size, struct dc_error *err)
{
  struct taker *taker = self;
  const unsigned char *b = bytes;

  if (taker->gate != NULL)
    (void) sem_wait (taker->gate);
  for (size_t i = 0; i < size; i += 127) {
    if (b[i] != byte_at (taker->size + i))
      return dc_fail (err, DC_ERR_INVALID, "wrong byte %zu", i);
  }
  taker->size += size;
  if (taker->fail_at >= 0 && taker->size >= (uint64_t) taker->fail_at)
    return dc_fail (err, DC_ERR_LIMIT, "full after %ju bytes",
                    (uintmax_t) taker->size);
  return 0;
}

static int
finish (void *self, struct dc_error *err)
{
  struct taker *taker = self;
  sigset_t blocked;

  (void) pthread_sigmask (SIG_SETMASK, NULL, &blocked);
  taker->has_signals = !sigismember (&blocked, SIGINT);
  taker->finished++;
  if (taker->fails_at_end)
    return dc_fail (err, DC_ERR_SYSTEM, "the end is near");
  return 0;
}

#define TAKER_INIT                                                             \
  {                                                                            \
    .fail_at = -1                                                              \
  }

static int
start (struct taker *takers, size_t count, struct dc_pipeline **out,
       struct dc_error *err)
{
  struct dc_stage stages[DC_PIPELINE_STAGE_MAX];

  for (size_t i = 0; i < count; i++)
    stages[i] = (struct dc_stage){ take, finish, &takers[i] };
  return dc_pipeline_new (stages, count, out, err);
}

/* Send bytes [FROM, FROM + SIZE) through room() and commit(), at most STEP at
 * a time.
 */
static int
send (struct dc_pipeline *pipeline, uint64_t from, uint64_t size, size_t step,
      struct dc_error *err)
{
  while (size > 0) {
    void *bytes;
    size_t room;
    if (dc_pipeline_room (pipeline, &bytes, &room, err) < 0)
      return -1;
    ck_assert_uint_ge (room, 1);
    size_t part = room < step ? room : step;
    part = part < size ? part : size;
    for (size_t i = 0; i < part; i++)
      ((unsigned char *) bytes)[i] = byte_at (from + i);
    if (dc_pipeline_commit (pipeline, part, err) < 0)
      return -1;
    from += part;
    size -= part;
  }
  return 0;
}

START_TEST (test_all_stages_get_all_bytes)
{
  static const struct {
    uint64_t size;
    size_t step;
  } runs[] = {
    { 0, 1 },
    { 1, 1 },
    { BLOCK - 1, BLOCK },
    { BLOCK, BLOCK },
    { BLOCK + 1, BLOCK },
    { 3 * BLOCK, 1000 },
    { (DC_PIPELINE_BLOCK_COUNT + 3) * BLOCK, 77777 },
  };
  struct dc_error err;

  for (size_t i = 0; i < DC_COUNT (runs); i++) {
    struct taker takers[DC_PIPELINE_STAGE_MAX] = { TAKER_INIT, TAKER_INIT,
                                                   TAKER_INIT, TAKER_INIT };
    DC_AUTO (dc_pipeline) *pipeline = NULL;
    const size_t count = 1 + i % DC_PIPELINE_STAGE_MAX;
    ck_assert_ok (start (takers, count, &pipeline, &err));
    ck_assert_ok (send (pipeline, 0, runs[i].size, runs[i].step, &err));
    ck_assert_ok (dc_pipeline_close (pipeline, &err));
    ck_assert_ok (dc_pipeline_join (pipeline, &err));
    for (size_t j = 0; j < count; j++) {
      ck_assert_uint_eq (takers[j].size, runs[i].size);
      ck_assert_int_eq (takers[j].finished, 1);
      ck_assert (!takers[j].has_signals);
    }
  }
}
END_TEST

START_TEST (test_bytes_that_lie_elsewhere)
{
  struct dc_error err;
  struct taker taker = TAKER_INIT;
  DC_AUTO (dc_pipeline) *pipeline = NULL;
  const size_t size = 2 * BLOCK + 5;
  AUTO_FREE unsigned char *bytes = malloc (size);

  for (size_t i = 0; i < size; i++)
    bytes[i] = byte_at (i);
  ck_assert_ok (start (&taker, 1, &pipeline, &err));
  ck_assert_ok (dc_pipeline_add (pipeline, bytes, 3, &err));
  ck_assert_ok (dc_pipeline_add (pipeline, bytes, 0, &err));
  ck_assert_ok (dc_pipeline_add (pipeline, bytes + 3, size - 3, &err));
  ck_assert_ok (dc_pipeline_close (pipeline, &err));
  ck_assert_ok (dc_pipeline_join (pipeline, &err));
  ck_assert_uint_eq (taker.size, size);
}
END_TEST

struct producer {
  struct dc_pipeline *pipeline;
  atomic_uint_fast64_t sent;
};

static void *
produce (void *self)
{
  struct producer *producer = self;
  struct dc_error err;

  while (send (producer->pipeline, producer->sent, BLOCK, BLOCK, &err) == 0)
    producer->sent += BLOCK;
  return NULL;
}

/* A stage that stands still holds the producer at the number of blocks; its
 * failure lets it go.
 */
START_TEST (test_a_slow_stage_holds_the_producer_back)
{
  struct dc_error err;
  sem_t gate;
  struct taker takers[2] = { { .fail_at = BLOCK, .gate = &gate }, TAKER_INIT };
  struct dc_pipeline *pipeline = NULL;
  pthread_t thread;

  ck_assert_int_eq (sem_init (&gate, 0, 0), 0);
  ck_assert_ok (start (takers, 2, &pipeline, &err));
  struct producer producer = { .pipeline = pipeline };
  ck_assert_int_eq (pthread_create (&thread, NULL, produce, &producer), 0);
  while (producer.sent < DC_PIPELINE_BLOCK_COUNT * BLOCK)
    (void) sched_yield ();
  /* Time enough to send more, if it could. */
  (void) nanosleep (&(struct timespec){ .tv_nsec = 20 * 1000 * 1000 }, NULL);
  ck_assert_uint_eq (producer.sent, DC_PIPELINE_BLOCK_COUNT * BLOCK);
  (void) sem_post (&gate);
  pthread_join (thread, NULL);
  dc_pipeline_free (pipeline);
  ck_assert_uint_eq (takers[0].size, BLOCK);
  ck_assert_int_eq (takers[0].finished + takers[1].finished, 0);
  (void) sem_destroy (&gate);
}
END_TEST

START_TEST (test_a_failure_reaches_the_producer)
{
  struct dc_error err;
  struct taker takers[2] = { TAKER_INIT, { .fail_at = 2 * BLOCK } };
  DC_AUTO (dc_pipeline) *pipeline = NULL;

  ck_assert_ok (start (takers, 2, &pipeline, &err));
  /* Without end: only the failure ends it. */
  ck_assert_fails (send (pipeline, 0, UINT64_MAX, BLOCK, &err), DC_ERR_LIMIT,
                   "full after 2097152 bytes");
  ck_assert_fails (dc_pipeline_add (pipeline, "x", 1, &err), DC_ERR_LIMIT,
                   "full after");
  ck_assert_fails (dc_pipeline_close (pipeline, &err), DC_ERR_LIMIT,
                   "full after");
  ck_assert_fails (dc_pipeline_join (pipeline, &err), DC_ERR_LIMIT,
                   "full after");
  ck_assert_int_eq (takers[0].finished + takers[1].finished, 0);
}
END_TEST

/* Stage 0 stands at its first block, or has not even begun, while stage 1 fails
 * at the second.  Then it fails, too (run 0), or goes on (run 1), but not to
 * the blocks that wait.
 */
START_TEST (test_the_first_failure_counts_and_stops_the_others)
{
  struct dc_error err;
  sem_t gate;
  struct taker takers[2] = { { .fail_at = _i == 0 ? 1 : -1, .gate = &gate },
                             { .fail_at = 2 * BLOCK } };
  DC_AUTO (dc_pipeline) *pipeline = NULL;

  ck_assert_int_eq (sem_init (&gate, 0, 0), 0);
  ck_assert_ok (start (takers, 2, &pipeline, &err));
  ck_assert_int_eq (send (pipeline, 0, UINT64_MAX, BLOCK, &err), -1);
  for (int i = 0; i < 2 * DC_PIPELINE_BLOCK_COUNT; i++)
    (void) sem_post (&gate);
  ck_assert_int_eq (dc_pipeline_close (pipeline, &err), -1);
  ck_assert_fails (dc_pipeline_join (pipeline, &err), DC_ERR_LIMIT,
                   "full after 2097152 bytes");
  ck_assert_uint_le (takers[0].size, BLOCK);
  (void) sem_destroy (&gate);
}
END_TEST

START_TEST (test_a_failure_at_the_end)
{
  struct dc_error err;
  struct taker takers[2] = { { .fail_at = -1, .fails_at_end = true },
                             TAKER_INIT };
  DC_AUTO (dc_pipeline) *pipeline = NULL;

  ck_assert_ok (start (takers, 2, &pipeline, &err));
  ck_assert_ok (send (pipeline, 0, 10, 10, &err));
  (void) dc_pipeline_close (pipeline, &err); /* may know of it already */
  ck_assert_fails (dc_pipeline_join (pipeline, &err), DC_ERR_SYSTEM,
                   "the end is near");
  ck_assert_fails (dc_pipeline_join (pipeline, &err), DC_ERR_SYSTEM,
                   "the end is near");
}
END_TEST

START_TEST (test_free_in_the_middle)
{
  struct dc_error err;
  struct taker takers[3] = { TAKER_INIT, TAKER_INIT, TAKER_INIT };
  struct dc_pipeline *pipeline = NULL;

  dc_pipeline_free (NULL);
  for (int i = 0; i < 20; i++) {
    takers[0].size = takers[1].size = takers[2].size = 0;
    ck_assert_ok (start (takers, 3, &pipeline, &err));
    ck_assert_ok (
        send (pipeline, 0, (uint64_t) i * 100 * 1000, 100 * 1000, &err));
    dc_pipeline_free (pipeline);
  }
  ck_assert_int_eq (takers[0].finished, 0);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  struct taker takers[2] = { TAKER_INIT, TAKER_INIT };
  struct dc_pipeline *pipeline = NULL;
  int failures = 0;

  OOM_LOOP (status, start (takers, 2, &pipeline, &err))
  {
    failures += status < 0;
    if (status == 0)
      dc_pipeline_free (pipeline);
    else
      ck_assert_ptr_null (pipeline);
  }
  ck_assert_int_eq (failures, 2);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_all_stages_get_all_bytes);
  tcase_add_test (tcase, test_bytes_that_lie_elsewhere);
  tcase_add_test (tcase, test_a_slow_stage_holds_the_producer_back);
  tcase_add_test (tcase, test_a_failure_reaches_the_producer);
  tcase_add_loop_test (
      tcase, test_the_first_failure_counts_and_stops_the_others, 0, 2);
  tcase_add_test (tcase, test_a_failure_at_the_end);
  tcase_add_test (tcase, test_free_in_the_middle);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("pipeline", add);
}

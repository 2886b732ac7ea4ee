/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/buffer.h"
#include "lib/confine.h"
#include "lib/file.h"
#include "lib/frame.h"
#include "lib/json.h"
#include "lib/lastline.h"
#include "lib/quote.h"
#include "lib/status.h"
#include "lib/worker.h"

/* Reads from one worker before looking at the other and at the user: one
 * that never stops talking must not have us for itself.
 */
#define READS_MAX 16

/* What a pipe may still hold when its worker has ended, in reads; measured:
 * each brings at least a page.
 */
#define LAST_READS_MAX 1024

/* Between the closing of its pipe and the end of a worker. */
#define END_GRACE_MS 1000

struct dc_worker {
  char *name; /* for messages */
  pid_t pid;
  int pid_fd; /* -1 when nothing is left to reap */
  int frame_fd;
  int stderr_fd;
  struct dc_worker *partner; /* served while we wait for this one, or NULL */
  enum {
    WORKER_RUNS,
    WORKER_SUCCEEDED,
    WORKER_FAILED,
  } state;
  struct dc_error failure; /* when it FAILED */
  struct dc_buffer result; /* JSON; size 0: none */
  unsigned counts[DC_FRAME_KINDS];
  char what[256]; /* of its progress; a report may keep the pointer */
  struct dc_frame_reader reader;
  struct dc_lastline complaint; /* what it said on 2 */
};

/* How many frames of a kind a worker may send. */
static const unsigned count_max[DC_FRAME_KINDS] = {
  [DC_FRAME_MESSAGE] = DC_WORKER_MESSAGE_MAX,
  [DC_FRAME_PROGRESS] = DC_WORKER_PROGRESS_MAX,
  [DC_FRAME_RESULT] = DC_WORKER_RESULT_MAX, /* the buffer is the limit */
  [DC_FRAME_DONE] = 1,
  [DC_FRAME_ERROR] = 1,
};

/* Kill the worker and what it started; until it is reaped its pid is nobody
 * else's.
 */
static void
end_worker (struct dc_worker *worker, int *wait_status)
{
  int ignored;

  if (worker->pid_fd < 0)
    return;
  (void) kill (-worker->pid, SIGKILL); /* it may have ended by itself */
  while (waitpid (worker->pid, wait_status != NULL ? wait_status : &ignored,
                  0) < 0 &&
         errno == EINTR)
    ;
  dc_close_auto (&worker->pid_fd);
  worker->pid_fd = -1;
}

/* The worker's own failure, or ours with it, is what wait() will tell. */
static void
fail_worker (struct dc_worker *worker, const struct dc_error *failure)
{
  end_worker (worker, NULL);
  worker->failure = *failure;
  worker->state = WORKER_FAILED;
}

/* "reading the guest was killed by signal 6 (Aborted): assertion ..." */
static void
fail_dead_worker (struct dc_worker *worker)
{
  const struct dc_lastline *complaint = &worker->complaint;
  struct dc_error how;
  int wait_status = 0;

  end_worker (worker, &wait_status);
  (void) dc_status_fail (wait_status, worker->name, &how);
  worker->state = WORKER_FAILED;
  if (complaint->size == 0)
    (void) dc_fail (&worker->failure, DC_ERR_SYSTEM, "%s", how.text);
  else
    (void) dc_fail (&worker->failure, DC_ERR_SYSTEM, "%s: %s", how.text,
                    dc_quote_bytes (complaint->text, complaint->size).text);
}

static int
take_message (struct dc_frame *frame, const struct dc_report *report,
              struct dc_error *err)
{
  uint32_t level;
  char text[DC_FRAME_PAYLOAD_MAX];

  dc_frame_take (frame, &level, sizeof level);
  dc_frame_take_text (frame, text, sizeof text);
  if (level > DC_DEBUG)
    return dc_fail (err, DC_ERR_INVALID, "a message of level %u", level);
  if (report->message != NULL)
    report->message (report->self, (enum dc_level) level, text);
  return 0;
}

static int
take_progress (struct dc_worker *worker, struct dc_frame *frame,
               const struct dc_report *report)
{
  uint64_t done, total;

  dc_frame_take (frame, &done, sizeof done);
  dc_frame_take (frame, &total, sizeof total);
  dc_frame_take_text (frame, worker->what, sizeof worker->what);
  if (report->progress != NULL)
    report->progress (report->self, worker->what, done, total);
  return 0;
}

static int
take_error (struct dc_worker *worker, struct dc_frame *frame,
            struct dc_error *err)
{
  struct dc_error failure;
  uint32_t code, number;

  dc_frame_take (frame, &code, sizeof code);
  dc_frame_take (frame, &number, sizeof number);
  dc_frame_take_text (frame, failure.text, sizeof failure.text);
  if (code == DC_OK || code > DC_ERR_CANCELLED || number > INT_MAX)
    return dc_fail (err, DC_ERR_INVALID, "an error of code %u", code);
  failure.code = (enum dc_code) code;
  failure.sys_errno = (int) number;
  fail_worker (worker, &failure);
  return 0;
}

static int
take_frame (struct dc_worker *worker, struct dc_frame *frame,
            const struct dc_report *report, struct dc_error *err)
{
  const enum dc_frame_kind kind = (enum dc_frame_kind) frame->kind;

  assert (kind < DC_FRAME_KINDS); /* dc_frame_next() has seen to it */

  worker->counts[kind]++;
  if (worker->counts[kind] > count_max[kind])
    return dc_fail (err, DC_ERR_LIMIT, "more than %u messages",
                    count_max[kind]);
  switch (kind) {
  case DC_FRAME_MESSAGE:
    return take_message (frame, report, err);
  case DC_FRAME_PROGRESS:
    return take_progress (worker, frame, report);
  case DC_FRAME_RESULT:
    return dc_buffer_append (&worker->result, frame->payload, frame->size, err);
  case DC_FRAME_ERROR:
    return take_error (worker, frame, err);
  case DC_FRAME_DONE:
  case DC_FRAME_KINDS:
    break;
  }
  end_worker (worker, NULL);
  worker->state = WORKER_SUCCEEDED;
  return 0;
}

/* All complete frames that have come. */
static int
take_frames (struct dc_worker *worker, const struct dc_report *report,
             struct dc_error *err)
{
  int status = 1;

  while (worker->state == WORKER_RUNS && status > 0) {
    struct dc_frame frame;
    status = dc_frame_next (&worker->reader, &frame, err);
    if (status > 0 && take_frame (worker, &frame, report, err) < 0)
      return -1;
  }
  return status < 0 ? -1 : 0;
}

/* Read at most READS times.  1: the worker will say no more, 0: it may. */
static int
hear_frames (struct dc_worker *worker, unsigned reads,
             const struct dc_report *report, struct dc_error *err)
{
  for (; worker->state == WORKER_RUNS && reads > 0; reads--) {
    const int got = dc_frame_receive (&worker->reader, worker->frame_fd, err);
    if (got < 0)
      return err->code == DC_ERR_NOTFOUND ? 1 : -1;
    if (got == 0)
      return 0;
    if (take_frames (worker, report, err) < 0)
      return dc_context (err, "%s: a worker sent what it must not",
                         worker->name);
  }
  return 0;
}

/* Only the last line counts, for the case that it dies. */
static void
hear_complaint (struct dc_worker *worker)
{
  char bytes[4096];
  ssize_t n = 1;

  for (unsigned i = 0; i < READS_MAX && n > 0; i++) {
    n = read (worker->stderr_fd, bytes, sizeof bytes);
    if (n > 0)
      dc_lastline_add (&worker->complaint, bytes, (size_t) n);
  }
  if (n != 0)
    return;
  dc_close_auto (&worker->stderr_fd);
  worker->stderr_fd = -1;
}

static bool
ends_within (const struct dc_worker *worker, int timeout_ms)
{
  struct pollfd polled = { .fd = worker->pid_fd, .events = POLLIN };

  return poll (&polled, 1, timeout_ms) == 1;
}

/* Take what the worker has said since, and its end. */
static void
attend (struct dc_worker *worker, const struct dc_report *report)
{
  struct dc_error err;

  if (worker == NULL || worker->state != WORKER_RUNS)
    return;
  const bool has_ended = ends_within (worker, 0);
  hear_complaint (worker);
  const int status = hear_frames (
      worker, has_ended ? LAST_READS_MAX : READS_MAX, report, &err);
  if (status < 0)
    fail_worker (worker, &err);
  else if (worker->state == WORKER_RUNS && (has_ended || status == 1)) {
    /* Its pipe may close a moment before it has ended. */
    (void) ends_within (worker, END_GRACE_MS);
    fail_dead_worker (worker);
  }
}

/* Until a worker says something or ends, or the user wants to stop. */
static int
wait_for_news (const struct dc_worker *worker, const struct dc_report *report,
               struct dc_error *err)
{
  const struct dc_worker *partner = worker->partner;
  const bool has_partner = partner != NULL && partner->state == WORKER_RUNS;
  struct pollfd polled[] = {
    { .fd = report->cancel_fd, .events = POLLIN },
    { .fd = worker->pid_fd, .events = POLLIN },
    { .fd = worker->frame_fd, .events = POLLIN },
    { .fd = worker->stderr_fd, .events = POLLIN },
    { .fd = has_partner ? partner->pid_fd : -1, .events = POLLIN },
    { .fd = has_partner ? partner->frame_fd : -1, .events = POLLIN },
    { .fd = has_partner ? partner->stderr_fd : -1, .events = POLLIN },
  };

  if (poll (polled, DC_COUNT (polled), -1) < 0 && errno != EINTR)
    return dc_fail_errno (err, "cannot wait for %s", worker->name);
  return dc_report_is_cancelled (report)
             ? dc_fail (err, DC_ERR_CANCELLED, "cancelled")
             : 0;
}

static int
fail_again (const struct dc_error *failure, struct dc_error *err)
{
  *err = *failure;
  return -1;
}

int
dc_worker_wait (struct dc_worker *worker, const struct dc_report *report,
                json_t **result, struct dc_error *err)
{
  while (worker->state == WORKER_RUNS) {
    struct dc_error failure;
    if (wait_for_news (worker, report, &failure) < 0)
      fail_worker (worker, &failure);
    attend (worker, report);
    attend (worker->partner, report);
  }
  if (worker->state == WORKER_FAILED)
    return fail_again (&worker->failure, err);

  json_t *parsed = NULL;
  if (worker->result.size > 0 &&
      dc_json_parse (worker->result.data, worker->result.size, "the result",
                     &parsed, err) < 0)
    return dc_context (err, "%s", worker->name);
  dc_buffer_release (&worker->result);
  *result = parsed;
  return 0;
}

void
dc_worker_pair (struct dc_worker *worker, struct dc_worker *partner)
{
  worker->partner = partner;
  partner->partner = worker;
}

void
dc_worker_free (struct dc_worker *worker)
{
  if (worker == NULL)
    return;
  end_worker (worker, NULL);
  if (worker->partner != NULL)
    worker->partner->partner = NULL;
  dc_close_auto (&worker->frame_fd);
  dc_close_auto (&worker->stderr_fd);
  dc_buffer_release (&worker->result);
  free (worker->name);
  free (worker);
}

/* No signal handler of ours may run in the fork. */
static int
fork_worker (struct dc_worker *worker, const struct dc_worker_start *start,
             struct dc_error *err)
{
  sigset_t all, before;

  (void) sigfillset (&all);
  (void) sigprocmask (SIG_SETMASK, &all, &before); /* cannot fail */
  worker->pid = fork ();
  if (worker->pid == 0)
    dc_worker_main (start);
  const int fork_errno = errno;
  (void) sigprocmask (SIG_SETMASK, &before, NULL);
  errno = fork_errno;
  if (worker->pid < 0)
    return dc_fail_errno (err, "cannot fork a worker");

  (void) setpgid (worker->pid, worker->pid); /* also done by the worker */
  /* The descriptor is O_CLOEXEC by itself. */
  worker->pid_fd = (int) syscall (SYS_pidfd_open, worker->pid, 0);
  if (worker->pid_fd >= 0)
    return 0;
  (void) dc_fail_errno (err, "cannot watch a worker");
  (void) kill (worker->pid, SIGKILL);
  (void) waitpid (worker->pid, NULL, 0);
  return -1;
}

int
dc_worker_start (const struct dc_confine *confine, dc_work *work, void *arg,
                 struct dc_worker **out, struct dc_error *err)
{
  DC_AUTO (dc_worker) *worker = calloc (1, sizeof *worker);
  AUTO_CLOSE int frame_fd = -1;
  AUTO_CLOSE int stderr_fd = -1;

  if (worker == NULL)
    return dc_fail_errno (err, "cannot keep a worker");
  worker->pid_fd = worker->frame_fd = worker->stderr_fd = -1;
  worker->result.max = DC_WORKER_RESULT_MAX;
  worker->name = strdup (dc_quote (confine->name).text);
  if (worker->name == NULL)
    return dc_fail_errno (err, "cannot keep a worker");
  if (dc_file_pipe (&worker->frame_fd, &frame_fd, err) < 0 ||
      dc_file_pipe (&worker->stderr_fd, &stderr_fd, err) < 0)
    return -1;
  const struct dc_worker_start start = {
    .confine = confine,
    .work = work,
    .arg = arg,
    .parent = getpid (),
    .frame_fd = frame_fd,
    .stderr_fd = stderr_fd,
  };
  if (fork_worker (worker, &start, err) < 0)
    return -1;
  *out = DC_TAKE (worker);
  return 0;
}

int
dc_confined (const struct dc_confine *confine, dc_work *work, void *arg,
             const struct dc_report *report, json_t **result,
             struct dc_error *err)
{
  DC_AUTO (dc_worker) *worker = NULL;

  if (dc_worker_start (confine, work, arg, &worker, err) < 0)
    return -1;
  return dc_worker_wait (worker, report, result, err);
}

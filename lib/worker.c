/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/frame.h"
#include "lib/json.h"
#include "lib/sandbox.h"
#include "lib/worker.h"

/* Behind dc_report.self. */
struct speaker {
  int fd;
  atomic_uint messages;
};

/* Without a parent nobody wants the work. */
static void
put (int fd, const struct dc_frame *frame)
{
  struct dc_error ignored;

  if (dc_frame_send (fd, frame, &ignored) < 0)
    _exit (EXIT_FAILURE);
}

static void
send_message (int fd, enum dc_level level, const char *text)
{
  struct dc_frame frame = { .kind = DC_FRAME_MESSAGE };
  const uint32_t number = level;

  dc_frame_add (&frame, &number, sizeof number);
  dc_frame_add_text (&frame, text);
  put (fd, &frame);
}

/* A guest may be full of what is worth a message; the parent takes no more.
 */
static void
forward_message (void *self, enum dc_level level, const char *text)
{
  struct speaker *speaker = self;
  const unsigned count = atomic_fetch_add (&speaker->messages, 1) + 1;

  if (count < DC_WORKER_MESSAGE_MAX)
    send_message (speaker->fd, level, text);
  else if (count == DC_WORKER_MESSAGE_MAX)
    send_message (speaker->fd, DC_WARNING,
                  "there are too many messages, leaving out the rest");
}

static void
forward_progress (void *self, const char *what, uint64_t done, uint64_t total)
{
  const struct speaker *speaker = self;
  struct dc_frame frame = { .kind = DC_FRAME_PROGRESS };

  dc_frame_add (&frame, &done, sizeof done);
  dc_frame_add (&frame, &total, sizeof total);
  dc_frame_add_text (&frame, what);
  put (speaker->fd, &frame);
}

static void
send_error (int fd, const struct dc_error *err)
{
  struct dc_frame frame = { .kind = DC_FRAME_ERROR };
  const uint32_t code = err->code;
  const uint32_t number = (uint32_t) err->sys_errno;

  dc_frame_add (&frame, &code, sizeof code);
  dc_frame_add (&frame, &number, sizeof number);
  dc_frame_add_text (&frame, err->text);
  put (fd, &frame);
}

/* jansson gives the text in small pieces; frames are filled with them. */
struct result_sender {
  int fd;
  struct dc_frame frame;
};

static int
send_piece (const char *text, size_t size, void *self)
{
  struct result_sender *sender = self;

  while (size > 0) {
    const uint32_t before = sender->frame.size;
    dc_frame_add (&sender->frame, text, size);
    const size_t added = sender->frame.size - before;
    text += added;
    size -= added;
    if (size > 0) {
      put (sender->fd, &sender->frame);
      sender->frame.size = 0;
    }
  }
  return 0;
}

static int
send_result (int fd, const json_t *result, struct dc_error *err)
{
  struct result_sender sender = { .fd = fd,
                                  .frame = { .kind = DC_FRAME_RESULT } };

  if (json_dump_callback (result, send_piece, &sender, JSON_COMPACT) < 0)
    return dc_json_no_memory (err);
  if (sender.frame.size > 0)
    put (fd, &sender.frame);
  return 0;
}

/* The parent may have died before the kernel knew that we want to hear. */
static int
tie_to_parent (pid_t parent, struct dc_error *err)
{
  if (prctl (PR_SET_PDEATHSIG, SIGKILL) < 0)
    return dc_fail_errno (err, "cannot tie a worker to its parent");
  if (getppid () != parent)
    _exit (EXIT_FAILURE);
  /* Also done by the parent, whoever comes first. */
  if (setpgid (0, 0) < 0)
    return dc_fail_errno (err, "cannot make a process group");
  return 0;
}

/* Signals are the parent's business, but for those that we cause ourselves.
 * A blocked SIGPIPE or SIGXFSZ makes a write fail with a reason.  Programs
 * that an unconfined worker starts want the usual.
 */
static void
set_signals (const struct dc_confine *confine)
{
  static const int ours[] = { SIGABRT, SIGBUS,  SIGFPE, SIGILL,
                              SIGSEGV, SIGTRAP, SIGSYS };
  sigset_t blocked;

  (void) sigemptyset (&blocked);
  if (!confine->unconfined) {
    (void) sigfillset (&blocked);
    for (size_t i = 0; i < DC_COUNT (ours); i++)
      (void) sigdelset (&blocked, ours[i]);
  }
  (void) signal (SIGPIPE, SIG_IGN);
  (void) sigprocmask (SIG_SETMASK, &blocked, NULL); /* cannot fail */
}

/* stdout is for results and a terminal believes what it is told, so a worker
 * has neither.  A sanitizer's report is worth more than that.
 */
static int
set_stdio (const struct dc_worker_start *start, struct dc_error *err)
{
  AUTO_CLOSE int null_fd = open ("/dev/null", O_RDWR | O_CLOEXEC);

  if (null_fd < 0)
    return dc_fail_errno (err, "cannot open '/dev/null'");
  if (dup2 (null_fd, STDIN_FILENO) < 0 || dup2 (null_fd, STDOUT_FILENO) < 0)
    return dc_fail_errno (err, "cannot redirect a worker");
  if (!DC_SANITIZERS && dup2 (start->stderr_fd, STDERR_FILENO) < 0)
    return dc_fail_errno (err, "cannot redirect a worker");
  return 0;
}

static int
compare_fds (const void *a, const void *b)
{
  const int *first = a, *second = b;

  return (*first > *second) - (*first < *second);
}

/* Close FIRST to LAST, both included. */
static void
close_between (unsigned first, unsigned last)
{
  struct rlimit limit = { 1024, 1024 };

  if (first > last || syscall (SYS_close_range, first, last, 0) == 0)
    return;
  /* Before Linux 5.9: one by one. */
  (void) getrlimit (RLIMIT_NOFILE, &limit); /* cannot fail: a known resource */
  for (unsigned fd = first; fd <= last && fd < limit.rlim_cur; fd++)
    (void) close ((int) fd); /* most are not open */
}

static int
close_others (const struct dc_worker_start *start, struct dc_error *err)
{
  const struct dc_confine *confine = start->confine;
  const struct {
    const int *fds;
    size_t count;
  } kept[] = {
    { (int[]){ STDERR_FILENO, start->frame_fd }, 2 },
    { confine->keep_fds, confine->keep_fd_count },
    { confine->read_dirs, confine->read_dir_count },
    { confine->write_dirs, confine->write_dir_count },
  };
  size_t count = 0, all = 0;

  for (size_t i = 0; i < DC_COUNT (kept); i++)
    all += kept[i].count;
  AUTO_FREE int *fds = calloc (all, sizeof *fds);
  if (fds == NULL)
    return dc_fail_errno (err, "cannot sort descriptors");
  for (size_t i = 0; i < DC_COUNT (kept); i++)
    for (size_t j = 0; j < kept[i].count; j++)
      fds[count++] = kept[i].fds[j];
  qsort (fds, count, sizeof *fds, compare_fds);
  assert (fds[0] >= 0);
  for (size_t i = 0; i + 1 < count; i++)
    close_between ((unsigned) fds[i] + 1, (unsigned) fds[i + 1] - 1);
  close_between ((unsigned) fds[count - 1] + 1, ~0u);
  return 0;
}

static int
prepare (const struct dc_worker_start *start, struct dc_error *err)
{
  if (tie_to_parent (start->parent, err) < 0)
    return -1;
  set_signals (start->confine);
  if (set_stdio (start, err) < 0 || close_others (start, err) < 0)
    return -1;
  if (start->confine->enter != NULL &&
      start->confine->enter (start->arg, err) < 0)
    return -1;
  return start->confine->unconfined ? 0
                                    : dc_sandbox_enter (start->confine, err);
}

static int
work (const struct dc_worker_start *start, struct dc_error *err)
{
  struct speaker speaker = { .fd = start->frame_fd };
  const struct dc_report report = { .message = forward_message,
                                    .progress = forward_progress,
                                    .self = &speaker,
                                    .cancel_fd = -1 }; /* we are killed */
  json_auto_t *result = NULL;

  if (!start->confine->unconfined && dc_landlock_abi () == 0)
    dc_debug (&report, "this kernel has no Landlock, confining without it");
  if (prepare (start, err) < 0)
    return dc_context (err, "cannot confine a worker");
  if (start->work (start->arg, &report, &result, err) < 0)
    return -1;
  return result == NULL ? 0 : send_result (start->frame_fd, result, err);
}

/* _exit(): what was to be done at exit belongs to the parent. */
void
dc_worker_main (const struct dc_worker_start *start)
{
  const struct dc_frame done = { .kind = DC_FRAME_DONE };
  struct dc_error err;

  if (work (start, &err) < 0)
    send_error (start->frame_fd, &err);
  else
    put (start->frame_fd, &done);
  _exit (EXIT_SUCCESS);
}

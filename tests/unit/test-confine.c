/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/confine.h"
#include "lib/file.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static struct dc_error err;

/* What a report heard. */
static struct {
  unsigned messages;
  char message[1024]; /* the last */
  enum dc_level level;
  unsigned progresses;
  char what[300];
  uint64_t done, total;
} heard;

static void
hear_message (void *self, enum dc_level level, const char *text)
{
  (void) self;
  heard.messages++;
  heard.level = level;
  (void) snprintf (heard.message, sizeof heard.message, "%s", text);
}

static void
hear_progress (void *self, const char *what, uint64_t done, uint64_t total)
{
  (void) self;
  heard.progresses++;
  (void) snprintf (heard.what, sizeof heard.what, "%s", what);
  heard.done = done;
  heard.total = total;
}

static const struct dc_report report = { .message = hear_message,
                                         .progress = hear_progress,
                                         .cancel_fd = -1 };

static const struct dc_confine plain = { .name = "reading the guest" };

static void
make_pipe (int *read_fd, int *write_fd)
{
  int pair[2];

  ck_assert_int_eq (pipe2 (pair, O_CLOEXEC), 0);
  *read_fd = pair[0];
  *write_fd = pair[1];
}

/* Everybody who could write to the pipe has gone, or goes within 10 s. */
static int
reaches_end (int read_fd)
{
  struct pollfd polled = { .fd = read_fd, .events = POLLIN };
  char byte;

  return poll (&polled, 1, 10000) == 1 && read (read_fd, &byte, 1) == 0;
}

static int
run_plain (dc_work *work, void *arg, json_t **result)
{
  memset (&heard, 0, sizeof heard);
  return dc_confined (&plain, work, arg, &report, result, &err);
}

/* ---- What a worker says ---- */

static int
say_all (void *arg, const struct dc_report *mine, json_t **result,
         struct dc_error *err_)
{
  (void) err_;
  dc_warn (mine, "strange\nname, skipping");
  mine->progress (mine->self, "reading", 5, UINT64_MAX);
  *result = json_pack ("{s:i, s:s}", "z", *(int *) arg, "a", "caf\u00e9");
  return 0;
}

START_TEST (test_message_progress_result)
{
  json_auto_t *result = NULL;
  int number = 42;

  ck_assert_ok (run_plain (say_all, &number, &result));
  ck_assert_uint_eq (heard.messages, 1);
  ck_assert_int_eq (heard.level, DC_WARNING);
  ck_assert_str_eq (heard.message, "strange?name, skipping");
  ck_assert_uint_eq (heard.progresses, 1);
  ck_assert_str_eq (heard.what, "reading");
  ck_assert_uint_eq (heard.done, 5);
  ck_assert_uint_eq (heard.total, UINT64_MAX);
  AUTO_FREE char *text = json_dumps (result, JSON_COMPACT);
  ck_assert_str_eq (text, "{\"z\":42,\"a\":\"caf\u00e9\"}");
}
END_TEST

static int
say_nothing (void *arg, const struct dc_report *mine, json_t **result,
             struct dc_error *err_)
{
  (void) arg;
  (void) mine;
  (void) result;
  (void) err_;
  return 0;
}

START_TEST (test_no_result)
{
  json_t *result = json_true ();

  ck_assert_ok (run_plain (say_nothing, NULL, &result));
  ck_assert_ptr_null (result);
}
END_TEST

#define LARGE 5000000 /* bytes; many frames and more than a pipe holds */

static int
return_large (void *arg, const struct dc_report *mine, json_t **result,
              struct dc_error *err_)
{
  AUTO_FREE char *text = malloc (LARGE);

  (void) arg;
  (void) mine;
  (void) err_;
  memset (text, 'x', LARGE);
  *result = json_pack ("[s%]", text, (size_t) LARGE);
  return 0;
}

START_TEST (test_large_result)
{
  json_auto_t *result = NULL;

  ck_assert_ok (run_plain (return_large, NULL, &result));
  ck_assert_uint_eq (json_string_length (json_array_get (result, 0)), LARGE);
}
END_TEST

static int
fail_with_errno (void *arg, const struct dc_report *mine, json_t **result,
                 struct dc_error *err_)
{
  (void) arg;
  (void) mine;
  (void) result;
  errno = ENOSPC;
  (void) dc_fail_errno (err_, "cannot\twrite");
  return dc_context (err_, "layer 3");
}

static int
fail_as_encrypted (void *arg, const struct dc_report *mine, json_t **result,
                   struct dc_error *err_)
{
  (void) arg;
  (void) mine;
  (void) result;
  return dc_fail (err_, DC_ERR_ENCRYPTED, "%0600d", 7);
}

START_TEST (test_error)
{
  json_t *result = NULL;

  ck_assert_fails (run_plain (fail_with_errno, NULL, &result), DC_ERR_SYSTEM,
                   "layer 3: cannot?write: No space left on device");
  ck_assert_int_eq (err.sys_errno, ENOSPC);
  ck_assert_fails (run_plain (fail_as_encrypted, NULL, &result),
                   DC_ERR_ENCRYPTED, "00000");
  ck_assert_uint_eq (strlen (err.text), sizeof err.text - 1);
  ck_assert_ptr_null (result);
}
END_TEST

static int
warn_often (void *arg, const struct dc_report *mine, json_t **result,
            struct dc_error *err_)
{
  (void) result;
  (void) err_;
  for (int i = 0; i < *(int *) arg; i++)
    dc_warn (mine, "warning %d", i);
  return 0;
}

START_TEST (test_many_messages)
{
  json_t *result = NULL;
  int most = DC_WORKER_MESSAGE_MAX - 1;
  int too_many = 3 * most;

  ck_assert_ok (run_plain (warn_often, &most, &result));
  ck_assert_uint_eq (heard.messages, DC_WORKER_MESSAGE_MAX - 1);
  ck_assert_str_eq (heard.message, "warning 9998");
  ck_assert_ok (run_plain (warn_often, &too_many, &result));
  ck_assert_uint_eq (heard.messages, DC_WORKER_MESSAGE_MAX);
  ck_assert_str_eq (heard.message,
                    "there are too many messages, leaving out the rest");
}
END_TEST

/* ---- Who ends when ---- */

/* A busy parent hears the user, too. */
static int
work_for_ever (void *arg, const struct dc_report *mine, json_t **result,
               struct dc_error *err_)
{
  (void) arg;
  (void) result;
  (void) err_;
  for (;;)
    mine->progress (mine->self, "reading", 1, 2);
  return 0;
}

START_TEST (test_cancel)
{
  AUTO_CLOSE int cancel_fd = eventfd (1, EFD_CLOEXEC);
  const struct dc_report cancelled = { .cancel_fd = cancel_fd };
  int read_fd, write_fd;
  make_pipe (&read_fd, &write_fd);
  const struct dc_confine keeping = { .name = "reading",
                                      .keep_fds = &write_fd,
                                      .keep_fd_count = 1 };
  DC_AUTO (dc_worker) *worker = NULL;
  json_t *result = NULL;

  ck_assert_ok (dc_worker_start (&keeping, work_for_ever, NULL, &worker, &err));
  ck_assert_int_eq (close (write_fd), 0);
  ck_assert_fails (dc_worker_wait (worker, &cancelled, &result, &err),
                   DC_ERR_CANCELLED, "cancelled");
  ck_assert (reaches_end (read_fd));
  ck_assert_int_eq (close (read_fd), 0);
}
END_TEST

static int
wait_for_ever (void *arg, const struct dc_report *mine, json_t **result,
               struct dc_error *err_)
{
  (void) arg;
  (void) mine;
  (void) result;
  (void) err_;
  for (;;)
    (void) poll (NULL, 0, -1);
  return 0;
}

static int
wait_with_sign (void *arg, const struct dc_report *mine, json_t **result,
                struct dc_error *err_)
{
  if (dc_file_write (*(int *) arg, "x", 1, err_) < 0)
    return -1;
  return wait_for_ever (arg, mine, result, err_);
}

/* Dies when the worker works.  ARG: a pipe. */
static int
start_and_die (void *arg)
{
  int *pair = arg;
  const struct dc_confine keeping = { .name = "reading",
                                      .keep_fds = &pair[1],
                                      .keep_fd_count = 1 };
  struct pollfd polled = { .fd = pair[0], .events = POLLIN };
  struct dc_worker *worker = NULL;

  if (dc_worker_start (&keeping, wait_with_sign, &pair[1], &worker, &err) < 0)
    return 1;
  return poll (&polled, 1, 10000) == 1 ? 0 : 2;
}

START_TEST (test_dies_with_parent)
{
  int pair[2];
  char byte;
  make_pipe (&pair[0], &pair[1]);

  ck_assert_int_eq (unit_in_child (start_and_die, pair), 0);
  ck_assert_int_eq (close (pair[1]), 0);
  ck_assert_int_eq (read (pair[0], &byte, 1), 1);
  ck_assert (reaches_end (pair[0]));
  ck_assert_int_eq (close (pair[0]), 0);
}
END_TEST

static int
start_program (void *arg, const struct dc_report *mine, json_t **result,
               struct dc_error *err_)
{
  (void) arg;
  (void) mine;
  (void) result;
  const pid_t pid = fork ();
  if (pid == 0) {
    (void) execl ("/bin/sleep", "sleep", "1000", NULL);
    _exit (127);
  }
  return pid > 0 ? 0 : dc_fail_errno (err_, "cannot fork");
}

/* It may start programs, which do not outlive it. */
START_TEST (test_unconfined)
{
  int read_fd, write_fd;
  make_pipe (&read_fd, &write_fd);
  const struct dc_confine unconfined = { .name = "asking the appliance",
                                         .keep_fds = &write_fd,
                                         .keep_fd_count = 1,
                                         .unconfined = 1 };
  json_t *result = NULL;

  ck_assert_int_eq (fcntl (write_fd, F_SETFD, 0), 0); /* for sleep */
  ck_assert_ok (
      dc_confined (&unconfined, start_program, NULL, &report, &result, &err));
  ck_assert_int_eq (close (write_fd), 0);
  ck_assert (reaches_end (read_fd));
  ck_assert_int_eq (close (read_fd), 0);
}
END_TEST

/* ---- Two at a time ---- */

#define FED 3000000 /* bytes; more than pipes hold */
#define SAID 3000   /* messages of each; together more than a pipe holds */

static void
say_much (const struct dc_report *mine)
{
  for (int i = 0; i < SAID; i++)
    dc_info (mine, "%0500d", i);
}

static int
feed (void *arg, const struct dc_report *mine, json_t **result,
      struct dc_error *err_)
{
  static const char bytes[FED];

  (void) result;
  say_much (mine);
  return dc_file_write (*(int *) arg, bytes, sizeof bytes, err_);
}

static int
eat (void *arg, const struct dc_report *mine, json_t **result,
     struct dc_error *err_)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (FED);

  say_much (mine);
  if (dc_file_read_all (*(int *) arg, &b, err_) < 0)
    return -1;
  *result = json_pack ("[I]", (json_int_t) b.size);
  return 0;
}

START_TEST (test_two)
{
  int read_fd, write_fd;
  make_pipe (&read_fd, &write_fd);
  const struct dc_confine feeder_rights = { .name = "feeding",
                                            .keep_fds = &write_fd,
                                            .keep_fd_count = 1 };
  const struct dc_confine eater_rights = { .name = "eating",
                                           .keep_fds = &read_fd,
                                           .keep_fd_count = 1 };
  DC_AUTO (dc_worker) *feeder = NULL;
  DC_AUTO (dc_worker) *eater = NULL;
  json_t *nothing = NULL;
  json_auto_t *result = NULL;

  memset (&heard, 0, sizeof heard);
  ck_assert_ok (
      dc_worker_start (&feeder_rights, feed, &write_fd, &feeder, &err));
  ck_assert_ok (dc_worker_start (&eater_rights, eat, &read_fd, &eater, &err));
  dc_worker_pair (feeder, eater);
  ck_assert_int_eq (close (write_fd), 0);
  ck_assert_int_eq (close (read_fd), 0);
  if (_i == 0)
    ck_assert_ok (dc_worker_wait (feeder, &report, &nothing, &err));
  ck_assert_ok (dc_worker_wait (eater, &report, &result, &err));
  ck_assert_ok (dc_worker_wait (feeder, &report, &nothing, &err));
  ck_assert_int_eq (json_integer_value (json_array_get (result, 0)), FED);
  ck_assert_uint_eq (heard.messages, 2 * SAID);
}
END_TEST

START_TEST (test_without_memory)
{
  json_t *result = NULL;
  int number = 1;

  OOM_LOOP (status, run_plain (say_all, &number, &result))
  {
    ck_assert (status == 0 || err.code == DC_ERR_SYSTEM);
    json_decref (result);
    result = NULL;
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_message_progress_result);
  tcase_add_test (tcase, test_no_result);
  tcase_add_test (tcase, test_large_result);
  tcase_add_test (tcase, test_error);
  tcase_add_test (tcase, test_many_messages);
  tcase_add_test (tcase, test_cancel);
  tcase_add_test (tcase, test_dies_with_parent);
  tcase_add_test (tcase, test_unconfined);
  tcase_add_loop_test (tcase, test_two, 0, 2);
  tcase_add_test (tcase, test_without_memory);
}

int
main (void)
{
  return unit_run ("confine", add);
}

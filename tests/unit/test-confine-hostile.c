/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/confine.h"
#include "lib/file.h"
#include "lib/frame.h"
#include "tests/unit/unit.h"

static struct dc_error err;

/* What the report heard. */
static struct {
  unsigned count;
  char message[1024]; /* the last */
} heard;

static void
hear (void *self, enum dc_level level, const char *text)
{
  (void) self;
  (void) level;
  heard.count++;
  (void) snprintf (heard.message, sizeof heard.message, "%s", text);
}

static int
run_plain (dc_work *work, void *arg, json_t **result)
{
  const struct dc_report report = { .message = hear, .cancel_fd = -1 };
  const struct dc_confine plain = { .name = "reading the guest" };

  heard.count = 0;
  return dc_confined (&plain, work, arg, &report, result, &err);
}

/* ---- How a worker dies ---- */

enum death { BY_SIGKILL, BY_ABORT, BY_EXIT };

static int
die (void *arg, const struct dc_report *mine, json_t **result,
     struct dc_error *err_)
{
  (void) result;
  (void) err_;
  dc_info (mine, "still here");
  if (*(enum death *) arg == BY_SIGKILL)
    (void) raise (SIGKILL);
  fprintf (stderr, "first\nlib/x.c:12: assertion 'a\tb' failed\n");
  if (*(enum death *) arg == BY_ABORT)
    abort ();
  _exit (3);
}

static const struct {
  enum death death;
  const char *text;
} deaths[] = {
  { BY_SIGKILL, "reading the guest was killed by signal 9 (Killed)" },
  { BY_ABORT, "reading the guest was killed by signal 6 (Aborted)" },
  { BY_EXIT, "reading the guest exited with status 3" },
};

START_TEST (test_death)
{
  enum death death = deaths[_i].death;
  json_t *result = NULL;

  ck_assert_fails (run_plain (die, &death, &result), DC_ERR_SYSTEM,
                   deaths[_i].text);
  ck_assert_str_eq (heard.message, "still here");
  if (death != BY_SIGKILL && !DC_SANITIZERS)
    ck_assert (
        unit_contains (err.text, ": lib/x.c:12: assertion 'a\\x09b' failed"));
}
END_TEST

/* ---- What a worker that is no longer ours may send ---- */

/* The only descriptor above 2. */
static int
frame_fd (void)
{
  int fd = 3;

  while (fcntl (fd, F_GETFD) < 0)
    fd++;
  return fd;
}

static void
send_raw (const void *bytes, size_t size)
{
  struct dc_error ignored;

  (void) dc_file_write (frame_fd (), bytes, size, &ignored);
}

static void
send_frame (enum dc_frame_kind kind, const void *bytes, size_t size)
{
  struct dc_frame frame = { .kind = kind };

  dc_frame_add (&frame, bytes, size);
  send_raw (&frame, DC_FRAME_HEAD_SIZE + frame.size);
}

static const struct {
  uint32_t words[4]; /* as many as COUNT */
  unsigned count;
  enum dc_code code;
  const char *text;
} garbage[] = {
  { { 0x64726177, 0x6b6c6f66 }, 2, DC_ERR_INVALID, "unknown kind" },
  { { DC_FRAME_RESULT, 1000000 }, 2, DC_ERR_INVALID, "with 1000000 bytes" },
  { { DC_FRAME_MESSAGE, 4, 3 }, 3, DC_ERR_INVALID, "a message of level 3" },
  { { DC_FRAME_ERROR, 8, DC_OK, 0 }, 4, DC_ERR_INVALID, "error of code 0" },
  { { DC_FRAME_ERROR, 8, 12, 0 }, 4, DC_ERR_INVALID, "error of code 12" },
  { { DC_FRAME_RESULT }, 1, DC_ERR_SYSTEM, "exited with status 0" },
  { { DC_FRAME_RESULT, 2, 0x7b5b }, 3, DC_ERR_SYSTEM, "exited with status 0" },
};

static int
send_garbage (void *arg, const struct dc_report *mine, json_t **result,
              struct dc_error *err_)
{
  const int i = *(int *) arg;

  (void) mine;
  (void) result;
  (void) err_;
  send_raw (garbage[i].words, garbage[i].count * sizeof (uint32_t));
  _exit (0);
}

START_TEST (test_garbage)
{
  json_t *result = NULL;

  ck_assert_fails (run_plain (send_garbage, &_i, &result), garbage[_i].code,
                   garbage[_i].text);
  ck_assert (unit_contains (err.text, "reading the guest"));
}
END_TEST

static int
send_half_json (void *arg, const struct dc_report *mine, json_t **result,
                struct dc_error *err_)
{
  (void) arg;
  (void) mine;
  (void) result;
  (void) err_;
  send_frame (DC_FRAME_RESULT, "{\"a\":", 5);
  return 0;
}

START_TEST (test_result_is_not_json)
{
  json_t *result = NULL;

  ck_assert_fails (run_plain (send_half_json, NULL, &result), DC_ERR_INVALID,
                   "reading the guest: the result line 1 column 5");
}
END_TEST

static int
talk_for_ever (void *arg, const struct dc_report *mine, json_t **result,
               struct dc_error *err_)
{
  const char bytes[16] = "";

  (void) mine;
  (void) result;
  (void) err_;
  for (;;)
    send_frame (*(enum dc_frame_kind *) arg, bytes, sizeof bytes);
  return 0;
}

START_TEST (test_endless_messages)
{
  enum dc_frame_kind kind = DC_FRAME_MESSAGE;
  json_t *result = NULL;

  ck_assert_fails (run_plain (talk_for_ever, &kind, &result), DC_ERR_LIMIT,
                   "reading the guest: a worker sent what it must not: more "
                   "than 10000 messages");
  ck_assert_uint_eq (heard.count, DC_WORKER_MESSAGE_MAX);
}
END_TEST

static int
fall_silent (void *arg, const struct dc_report *mine, json_t **result,
             struct dc_error *err_)
{
  (void) arg;
  (void) mine;
  (void) result;
  (void) err_;
  (void) close (frame_fd ());
  for (;;)
    (void) poll (NULL, 0, -1);
  return 0;
}

START_TEST (test_silent)
{
  json_t *result = NULL;

  ck_assert_fails (run_plain (fall_silent, NULL, &result), DC_ERR_SYSTEM,
                   "reading the guest was killed by signal 9");
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_death, 0, DC_COUNT (deaths));
  tcase_add_loop_test (tcase, test_garbage, 0, DC_COUNT (garbage));
  tcase_add_test (tcase, test_result_is_not_json);
  tcase_add_test (tcase, test_endless_messages);
  tcase_add_test (tcase, test_silent);
}

int
main (void)
{
  return unit_run ("confine_hostile", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/report.h"
#include "tests/unit/unit.h"

/* What a report heard. */
struct heard {
  int messages, progress;
  enum dc_level level;
  char text[2000];
  uint64_t done, total;
};

static void
hear_message (void *self, enum dc_level level, const char *text)
{
  struct heard *heard = self;

  heard->messages++;
  heard->level = level;
  (void) snprintf (heard->text, sizeof heard->text, "%s", text);
}

static void
hear_progress (void *self, const char *what, uint64_t done, uint64_t total)
{
  struct heard *heard = self;

  heard->progress++;
  heard->done = done;
  heard->total = total;
  ck_assert_str_eq (what, "reading");
}

static struct dc_report
report_to (struct heard *heard)
{
  return (struct dc_report){ .message = hear_message,
                             .progress = hear_progress,
                             .self = heard,
                             .cancel_fd = -1 };
}

START_TEST (test_messages_have_their_level)
{
  struct heard heard = { 0 };
  const struct dc_report report = report_to (&heard);

  dc_warn (&report, "%s, skipping", "no fstab");
  ck_assert_int_eq (heard.level, DC_WARNING);
  ck_assert_str_eq (heard.text, "no fstab, skipping");
  dc_info (&report, "%d layers", 3);
  ck_assert_int_eq (heard.level, DC_INFO);
  ck_assert_str_eq (heard.text, "3 layers");
  dc_debug (&report, "x");
  ck_assert_int_eq (heard.level, DC_DEBUG);
  ck_assert_int_eq (heard.messages, 3);
}
END_TEST

START_TEST (test_a_long_message_is_cut)
{
  struct heard heard = { 0 };
  const struct dc_report report = report_to (&heard);

  dc_warn (&report, "%01500d", 7);
  ck_assert_uint_eq (strlen (heard.text), 1023);
}
END_TEST

START_TEST (test_silence)
{
  struct dc_progress progress;

  dc_warn (&dc_report_silent, "nobody hears");
  dc_progress_begin (&progress, &dc_report_silent, "reading", 10);
  dc_progress_add (&progress, 10);
  dc_progress_end (&progress);
  ck_assert_uint_eq (progress.done, 10);
  ck_assert (!dc_report_is_cancelled (&dc_report_silent));
}
END_TEST

/* Begin and end are always heard, a flood between them is not. */
START_TEST (test_progress_is_thinned)
{
  struct heard heard = { 0 };
  const struct dc_report report = report_to (&heard);
  struct dc_progress progress;

  dc_progress_begin (&progress, &report, "reading", 1000);
  ck_assert_int_eq (heard.progress, 1);
  ck_assert_uint_eq (heard.total, 1000);
  const time_t before = time (NULL);
  for (int i = 0; i < 1000; i++)
    dc_progress_add (&progress, 1);
  /* Ten a second, also when the machine was slow meanwhile. */
  ck_assert_int_le (heard.progress,
                    1 + 10 * ((int) (time (NULL) - before) + 1));
  dc_progress_end (&progress);
  ck_assert_uint_eq (heard.done, 1000);
}
END_TEST

START_TEST (test_progress_is_heard_again_later)
{
  struct heard heard = { 0 };
  const struct dc_report report = report_to (&heard);
  struct dc_progress progress;

  dc_progress_begin (&progress, &report, "reading", 0);
  progress.last_ms -= 1000; /* as if a second had passed */
  dc_progress_add (&progress, 5);
  ck_assert_int_eq (heard.progress, 2);
  ck_assert_uint_eq (heard.done, 5);
  ck_assert_uint_eq (heard.total, 0);
}
END_TEST

START_TEST (test_cancelled_once_the_descriptor_is_readable)
{
  struct heard heard = { 0 };
  struct dc_report report = report_to (&heard);
  int fds[2];

  ck_assert_int_eq (pipe (fds), 0);
  AUTO_CLOSE int reader = fds[0];
  AUTO_CLOSE int writer = fds[1];
  report.cancel_fd = reader;
  ck_assert (!dc_report_is_cancelled (&report));
  ck_assert_int_eq ((int) write (writer, "x", 1), 1);
  ck_assert (dc_report_is_cancelled (&report));
  ck_assert (dc_report_is_cancelled (&report)); /* and it stays so */
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_messages_have_their_level);
  tcase_add_test (tcase, test_a_long_message_is_cut);
  tcase_add_test (tcase, test_silence);
  tcase_add_test (tcase, test_progress_is_thinned);
  tcase_add_test (tcase, test_progress_is_heard_again_later);
  tcase_add_test (tcase, test_cancelled_once_the_descriptor_is_readable);
}

int
main (void)
{
  return unit_run ("report", add);
}

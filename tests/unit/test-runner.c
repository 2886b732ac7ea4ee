/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/record.h"
#include "runtime/runner.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static struct dc_error err;
static char *state;

/* A runner whose container is a process of ours; what was asked of it. */
static struct {
  int pid;     /* what start() gives, -1: it fails */
  int removes; /* calls */
  int stops;
  int stop_fails; /* what stop() returns */
  char id[DC_RUN_ID_SIZE];
} world;

static int
start_it (const struct dc_runner *runner, const struct dc_start *start,
          const struct dc_started *started, const struct dc_report *report,
          int *pid, struct dc_error *error)
{
  (void) runner;
  (void) report;
  ck_assert_str_eq (start->name, started->name);
  ck_assert_uint_eq (strlen (started->id), 32);
  memcpy (world.id, started->id, sizeof world.id);
  if (world.pid < 0)
    return dc_fail (error, DC_ERR_TOOL, "no luck");
  *pid = world.pid;
  return 0;
}

static int
stop_it (const struct dc_runner *runner, const struct dc_started *started,
         const struct dc_report *report, struct dc_error *error)
{
  (void) runner;
  (void) report;
  world.stops++;
  ck_assert_str_eq (started->id, world.id);
  return world.stop_fails == 0 ? 0
                               : dc_fail (error, DC_ERR_CANCELLED, "cancelled");
}

static int
remove_it (const struct dc_runner *runner, const struct dc_started *started,
           const struct dc_report *report, struct dc_error *error)
{
  (void) runner;
  (void) started;
  (void) error;
  ck_assert_int_eq (report->cancel_fd, -1);
  world.removes++;
  return 0;
}

static void
last_words (const struct dc_runner *runner, const struct dc_started *started,
            const struct dc_report *report, struct dc_buffer *text)
{
  struct dc_error ignored;

  (void) runner;
  (void) started;
  (void) report;
  (void) dc_buffer_print (text, &ignored, "first\nno data\n");
}

/* "runc", so that the record can be followed where runc is installed. */
static const struct dc_runner runner = {
  .name = "runc",
  .start = start_it,
  .stop = stop_it,
  .remove = remove_it,
  .last_words = last_words,
};

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct dc_image image = {
  .target = { .digest = "sha256:" HEX },
};

static int
start_named (const char *name)
{
  const struct dc_ports ports = { .count = 0 };
  const struct dc_start start = { .name = name,
                                  .layout_path = "x",
                                  .tag = "latest",
                                  .image = &image,
                                  .ports = &ports,
                                  .network = DC_NETWORK_NONE };
  int pid = 0;

  return dc_container_start (&runner, &start, &dc_report_silent, &pid, &err);
}

static void
setup (void)
{
  memset (&world, 0, sizeof world);
  world.pid = getpid ();
  image.manifest = json_pack ("{s:{s:s, s:s, s:i}}", "config", "mediaType", "x",
                              "digest", "sha256:" HEX, "size", 2);
  ck_assert_ptr_nonnull (image.manifest);
  state = unit_scratch ();
  ck_assert_int_eq (setenv ("DECANT_STATE_DIR", state, 1), 0);
}

static void
teardown (void)
{
  json_decref (image.manifest);
  free (state);
}

static void
write_record (const char *text)
{
  char path[4096];

  (void) snprintf (path, sizeof path, "%s/running", state);
  (void) mkdir (path, 0700);
  (void) snprintf (path, sizeof path, "%s/running/web.json", state);
  FILE *file = fopen (path, "we");
  ck_assert_ptr_nonnull (file);
  ck_assert_int_ge (fputs (text, file), 0);
  ck_assert_int_eq (fclose (file), 0);
}

static int
has_record (void)
{
  char path[4096];

  (void) snprintf (path, sizeof path, "%s/running/web.json", state);
  return access (path, F_OK) == 0;
}

#define LONG "a123456789012345678901234567890123456789012345678901234567890123"

static const char *const bad_names[] = {
  "",    ".",   "..",  "../x", "a/b", "/a",      "-a", "_a",
  "Web", "a b", "a\n", "a;b",  "ä",   "a\xff\n", LONG,
};

START_TEST (test_names)
{
  ck_assert_fails (start_named (bad_names[_i]), DC_ERR_INVALID,
                   "cannot name a container");
  ck_assert_fails (dc_container_stop (bad_names[_i], DC_VOLUMES_STAY,
                                      &dc_report_silent, &err),
                   DC_ERR_INVALID, "cannot name a container");
}
END_TEST

START_TEST (test_a_second_start)
{
  ck_assert_ok (start_named ("web"));
  ck_assert_fails (start_named ("web"), DC_ERR_EXISTS,
                   "'web' was started already; 'decant stop web' stops it");
  ck_assert_int_eq (world.removes, 0);
  ck_assert_ok (start_named ("web2"));
}
END_TEST

START_TEST (test_a_start_that_fails)
{
  world.pid = -1;
  ck_assert_fails (start_named ("web"), DC_ERR_TOOL,
                   "cannot start 'web': no luck");
  ck_assert_int_eq (world.removes, 1);
  ck_assert (!has_record ());
  ck_assert_fails (
      dc_container_stop ("web", DC_VOLUMES_STAY, &dc_report_silent, &err),
      DC_ERR_NOTFOUND, "decant has started no container 'web'");
}
END_TEST

START_TEST (test_one_that_ends_at_once)
{
  world.pid = 0;
  ck_assert_fails (
      start_named ("web"), DC_ERR_TOOL,
      "cannot start 'web': it ended at once; its last line: no data");
  world.pid = fork ();
  if (world.pid == 0)
    _exit (0);
  ck_assert_fails (start_named ("web"), DC_ERR_TOOL, "it ended at once");
  ck_assert_int_eq (waitpid (world.pid, NULL, 0), world.pid);
  ck_assert_fails (start_named ("web"), DC_ERR_TOOL, "it ended at once");
  ck_assert_int_eq (world.removes, 3);
  ck_assert (!has_record ());
}
END_TEST

START_TEST (test_cancelled_while_it_settles)
{
  int ends[2];
  const struct dc_ports ports = { .count = 0 };
  const struct dc_start start = { .name = "web",
                                  .layout_path = "x",
                                  .tag = "latest",
                                  .image = &image,
                                  .ports = &ports,
                                  .network = DC_NETWORK_NONE };
  struct dc_report report = dc_report_silent;
  int pid = 0;

  ck_assert_int_eq (pipe2 (ends, O_CLOEXEC), 0);
  ck_assert_int_eq (close (ends[1]), 0);
  report.cancel_fd = ends[0];
  ck_assert_fails (dc_container_start (&runner, &start, &report, &pid, &err),
                   DC_ERR_CANCELLED, "cancelled");
  ck_assert_int_eq (world.removes, 1);
  ck_assert (!has_record ());
  ck_assert_int_eq (close (ends[0]), 0);
}
END_TEST

START_TEST (test_two_at_a_time)
{
  DC_AUTO (dc_recordlock) *lock = NULL;

  ck_assert_ok (dc_record_lock ("web", &lock, &err));
  ck_assert_fails (start_named ("web"), DC_ERR_BUSY,
                   "container 'web': another decant starts or stops it");
  ck_assert_fails (
      dc_container_stop ("web", DC_VOLUMES_STAY, &dc_report_silent, &err),
      DC_ERR_BUSY, "another decant starts or stops it");
  dc_recordlock_free (DC_TAKE (lock));
  ck_assert_ok (start_named ("web"));
}
END_TEST

static const struct {
  const char *text, *words;
} damaged[] = {
  { "", "'running/web.json': record" },
  { "{", "'running/web.json': record" },
  { "[]", "'running/web.json': record" },
  { "{\"name\":\"web\",\"id\":\"1\",\"runner\":\"runc\"}", "state" },
  { "{\"name\":\"web\",\"id\":3,\"runner\":\"runc\",\"state\":\"starting\","
    "\"image\":\"x\"}",
    "running/web.json" },
  { "{\"name\":\"web\",\"id\":\"\",\"runner\":\"runc\",\"state\":\"running\","
    "\"image\":\"x\"}",
    "'' is not of our making" },
  { "{\"name\":\"web\",\"id\":\"0123456789012345678901234567890123\","
    "\"runner\":\"runc\",\"state\":\"running\",\"image\":\"x\"}",
    "is not of our making" },
  { "{\"name\":\"db\",\"id\":\"1\",\"runner\":\"runc\",\"state\":\"running\","
    "\"image\":\"x\"}",
    "'running/web.json' is the record of 'db'" },
};

START_TEST (test_damaged_records)
{
  write_record (damaged[_i].text);
  ck_assert_fails (start_named ("web"), DC_ERR_INVALID, damaged[_i].words);
  ck_assert_fails (
      dc_container_stop ("web", DC_VOLUMES_STAY, &dc_report_silent, &err),
      DC_ERR_INVALID, damaged[_i].words);
  ck_assert (has_record ());
}
END_TEST

START_TEST (test_runners_that_are_not_there)
{
  const struct dc_runner *found = NULL;

  ck_assert_fails (dc_runner_find ("docker", &found, &err), DC_ERR_NOTFOUND,
                   "'docker' is none of podman, runc and crun");
  write_record ("{\"name\":\"web\",\"id\":\"1\",\"runner\":\"docker\","
                "\"state\":\"running\",\"image\":\"x\"}");
  ck_assert_fails (
      dc_container_stop ("web", DC_VOLUMES_STAY, &dc_report_silent, &err),
      DC_ERR_NOTFOUND, "'docker' is none of");
  ck_assert (has_record ());
}
END_TEST

/* A killed start is only a record, since runc has made nothing of it. */
START_TEST (test_what_a_killed_start_left)
{
  static const char text[] = "{\"name\":\"web\",\"id\":\"1\",\"runner\":"
                             "\"runc\",\"state\":\"starting\",\"image\":\"x\"}";
  const struct dc_runner *found = NULL;

  if (dc_runner_find ("runc", &found, &err) < 0) {
    fprintf (stderr, "runc is not installed, skipping\n");
    return;
  }
  write_record (text);
  ck_assert_ok (start_named ("web"));
  ck_assert_int_eq (world.removes, 0);
  write_record (text);
  ck_assert_ok (
      dc_container_stop ("web", DC_VOLUMES_STAY, &dc_report_silent, &err));
  ck_assert (!has_record ());
}
END_TEST

START_TEST (test_records_without_memory)
{
  DC_AUTO (dc_recordlock) *lock = NULL;
  struct dc_record record;

  ck_assert_ok (start_named ("web"));
  ck_assert_ok (dc_record_lock ("web", &lock, &err));
  OOM_LOOP (status, dc_record_read (lock, &record, &err))
  {
    ck_assert_int_ne (status, 0);
    if (status == 1)
      ck_assert_str_eq (record.runner, "runc");
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, test_names, 0, DC_COUNT (bad_names));
  tcase_add_test (tcase, test_a_second_start);
  tcase_add_test (tcase, test_a_start_that_fails);
  tcase_add_test (tcase, test_one_that_ends_at_once);
  tcase_add_test (tcase, test_cancelled_while_it_settles);
  tcase_add_test (tcase, test_two_at_a_time);
  tcase_add_loop_test (tcase, test_damaged_records, 0, DC_COUNT (damaged));
  tcase_add_test (tcase, test_runners_that_are_not_there);
  tcase_add_test (tcase, test_what_a_killed_start_left);
  tcase_add_test (tcase, test_records_without_memory);
}

int
main (void)
{
  return unit_run ("runner", add);
}

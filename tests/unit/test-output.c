/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/output.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static char folder[] = "/tmp/decant-test-output-XXXXXX";
static int folder_fd;

static void
setup (void)
{
  (void) snprintf (folder, sizeof folder, "/tmp/decant-test-output-XXXXXX");
  ck_assert_ptr_nonnull (mkdtemp (folder));
  ck_assert_int_eq (chdir (folder), 0);
  folder_fd = open (".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void
teardown (void)
{
  struct dc_error err;

  (void) close (folder_fd);
  ck_assert_int_eq (chdir ("/"), 0);
  ck_assert_ok (dc_file_remove_tree (AT_FDCWD, folder, &err));
}

/* Names in the test's folder. */
static int
count_entries (void)
{
  DIR *dir = opendir (".");
  int count = 0;

  for (const struct dirent *entry = readdir (dir); entry != NULL;
       entry = readdir (dir))
    count +=
        strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0;
  (void) closedir (dir);
  return count;
}

static const char *
content (const char *path)
{
  static char text[64];
  FILE *file = fopen (path, "re");

  ck_assert_ptr_nonnull (file);
  text[fread (text, 1, sizeof text - 1, file)] = '\0';
  (void) fclose (file);
  return text;
}

static void
write_file (const char *path, const char *text)
{
  FILE *file = fopen (path, "we");

  ck_assert_ptr_nonnull (file);
  ck_assert_int_ge (fputs (text, file), 0);
  ck_assert_int_eq (fclose (file), 0);
}

START_TEST (test_invisible_until_published)
{
  struct dc_error err;
  DC_AUTO (dc_output) *output = NULL;

  ck_assert_ok (
      dc_output_begin ("x", DC_OUTPUT_FILE, DC_OUTPUT_NEW, &output, &err));
  ck_assert_ok (dc_file_write (dc_output_fd (output), "new", 3, &err));
  ck_assert_int_ne (access ("x", F_OK), 0);
  ck_assert_ok (dc_output_publish (output, &err));
  ck_assert_str_eq (content ("x"), "new");
  ck_assert_int_eq (count_entries (), 1);
}
END_TEST

START_TEST (test_unpublished_leaves_nothing)
{
  struct dc_error err;
  struct dc_output *output = NULL;

  write_file ("x", "old");
  ck_assert_ok (
      dc_output_begin ("x", DC_OUTPUT_FILE, DC_OUTPUT_REPLACE, &output, &err));
  ck_assert_ok (dc_file_write (dc_output_fd (output), "new", 3, &err));
  ck_assert_int_eq (count_entries (), 2);
  dc_output_free (output);
  ck_assert_str_eq (content ("x"), "old");
  ck_assert_int_eq (count_entries (), 1);
}
END_TEST

START_TEST (test_existing_is_refused)
{
  struct dc_error err;
  struct dc_output *output = NULL;

  write_file ("x", "old");
  ck_assert_fails (
      dc_output_begin ("x", DC_OUTPUT_FILE, DC_OUTPUT_NEW, &output, &err),
      DC_ERR_EXISTS, "cannot write 'x': it exists; --force replaces it");
  ck_assert_fails (
      dc_output_begin ("no/x", DC_OUTPUT_FILE, DC_OUTPUT_NEW, &output, &err),
      DC_ERR_NOTFOUND, "there is no folder 'no'");
  ck_assert_fails (
      dc_output_begin ("..", DC_OUTPUT_FOLDER, DC_OUTPUT_NEW, &output, &err),
      DC_ERR_INVALID, "no name for an output");
  ck_assert_int_eq (count_entries (), 1);
}
END_TEST

/* It was free at begin and is taken at publish. */
START_TEST (test_a_race_for_the_name_is_lost)
{
  struct dc_error err;
  DC_AUTO (dc_output) *output = NULL;

  ck_assert_ok (
      dc_output_begin ("x", DC_OUTPUT_FILE, DC_OUTPUT_NEW, &output, &err));
  write_file ("x", "theirs");
  ck_assert_fails (dc_output_publish (output, &err), DC_ERR_EXISTS,
                   "'x' exists now");
  ck_assert_str_eq (content ("x"), "theirs");
}
END_TEST

START_TEST (test_a_folder_replaces_a_full_folder_and_a_file)
{
  struct dc_error err;

  ck_assert_int_eq (mkdir ("x", 0700), 0);
  write_file ("x/old", "old");
  for (int i = 0; i < 2; i++) {
    DC_AUTO (dc_output) *output = NULL;
    ck_assert_ok (dc_output_begin ("x/", DC_OUTPUT_FOLDER, DC_OUTPUT_REPLACE,
                                   &output, &err));
    ck_assert_ok (
        dc_output_replace (dc_output_fd (output), "new", "new", 3, &err));
    ck_assert_ok (dc_output_publish (output, &err));
    ck_assert_str_eq (content ("x/new"), "new");
    ck_assert_int_ne (access ("x/old", F_OK), 0);
    ck_assert_int_eq (count_entries (), 1);
    ck_assert_ok (dc_file_remove_tree (folder_fd, "x", &err));
    write_file ("x", "a file now");
  }
}
END_TEST

static pid_t
begin_in_child (bool dies)
{
  const pid_t pid = fork ();
  struct dc_error err;
  struct dc_output *output = NULL;

  if (pid != 0)
    return pid;
  if (dc_output_begin ("x", DC_OUTPUT_FOLDER, DC_OUTPUT_NEW, &output, &err) <
          0 ||
      mkdirat (dc_output_fd (output), "sub", 0700) < 0)
    _exit (1);
  if (dies)
    (void) raise (SIGKILL);
  (void) kill (getppid (), SIGUSR1);
  (void) pause ();
  _exit (0);
}

START_TEST (test_the_next_run_removes_a_killed_ones_remains)
{
  struct dc_error err;
  DC_AUTO (dc_output) *output = NULL;
  int status = 0;

  const pid_t pid = begin_in_child (true);
  ck_assert_int_eq (waitpid (pid, &status, 0), pid);
  ck_assert (WIFSIGNALED (status));
  ck_assert_int_eq (count_entries (), 1);
  ck_assert_ok (
      dc_output_begin ("x", DC_OUTPUT_FOLDER, DC_OUTPUT_NEW, &output, &err));
  ck_assert_int_eq (count_entries (), 1); /* only ours */
  ck_assert_ok (dc_output_publish (output, &err));
  ck_assert_int_ne (access ("x/sub", F_OK), 0);
}
END_TEST

START_TEST (test_a_living_ones_output_is_left_alone)
{
  struct dc_error err;
  sigset_t set;
  int number = 0;

  (void) sigemptyset (&set);
  (void) sigaddset (&set, SIGUSR1);
  (void) sigprocmask (SIG_BLOCK, &set, NULL);
  const pid_t pid = begin_in_child (false);
  ck_assert_int_eq (sigwait (&set, &number), 0);
  DC_AUTO (dc_output) *output = NULL;
  ck_assert_ok (
      dc_output_begin ("y", DC_OUTPUT_FILE, DC_OUTPUT_NEW, &output, &err));
  ck_assert_int_eq (count_entries (), 2);
  (void) kill (pid, SIGKILL);
  (void) waitpid (pid, NULL, 0);
}
END_TEST

/* A name that only looks like ours is none of our business. */
START_TEST (test_foreign_names_stay)
{
  write_file (".decant-0.partial", "");
  write_file (".decant-0123456789abcdef.partialx", "");
  write_file (".decant-0123456789abcdeg.partial", "");
  ck_assert_int_eq (symlink ("/etc", ".decant-0123456789abcdef.partial"), 0);
  dc_output_sweep (folder_fd);
  ck_assert_int_eq (count_entries (), 4);
}
END_TEST

/* A file system that knows neither flags of renameat2() nor flock(). */
static bool
enter_poor_file_system (void)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);
  const bool is_done =
      seccomp_rule_add (filter, SCMP_ACT_ERRNO (EINVAL), SCMP_SYS (renameat2),
                        1, SCMP_A4 (SCMP_CMP_NE, 0)) == 0 &&
      seccomp_rule_add (filter, SCMP_ACT_ERRNO (ENOLCK), SCMP_SYS (flock), 0) ==
          0 &&
      seccomp_load (filter) == 0;

  seccomp_release (filter);
  return is_done;
}

/* A new file; the same again, taken meanwhile; a folder over a full one. */
static int
publish_on_poor_file_system (void *arg)
{
  struct dc_error err;
  DC_AUTO (dc_output) *first = NULL;
  DC_AUTO (dc_output) *second = NULL;
  DC_AUTO (dc_output) *third = NULL;

  (void) arg;
  if (!enter_poor_file_system ())
    return 1;
  if (dc_output_begin ("x", DC_OUTPUT_FILE, DC_OUTPUT_NEW, &first, &err) < 0 ||
      dc_output_begin ("x", DC_OUTPUT_FILE, DC_OUTPUT_NEW, &second, &err) < 0)
    return 2;
  if (dc_output_publish (first, &err) < 0)
    return 3;
  if (dc_output_publish (second, &err) == 0 || err.code != DC_ERR_EXISTS)
    return 4;
  if (dc_output_begin ("folder", DC_OUTPUT_FOLDER, DC_OUTPUT_REPLACE, &third,
                       &err) < 0 ||
      dc_output_publish (third, &err) < 0)
    return 5;
  return 0;
}

START_TEST (test_poor_file_system)
{
  ck_assert_int_eq (mkdir ("folder", 0700), 0);
  write_file ("folder/old", "old");
  ck_assert_int_eq (unit_in_child (publish_on_poor_file_system, NULL), 0);
  ck_assert_int_eq (access ("x", F_OK), 0);
  ck_assert_int_eq (rmdir ("folder"), 0); /* it is the new one */
  ck_assert_int_eq (count_entries (), 1);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  struct dc_output *output = NULL;

  OOM_LOOP (status,
            dc_output_begin ("x", DC_OUTPUT_FILE, DC_OUTPUT_NEW, &output, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    dc_output_free (DC_TAKE (output));
    ck_assert_int_eq (count_entries (), 0);
  }
}
END_TEST

/* Not even with --force: root could replace /dev/null. */
START_TEST (test_special)
{
  struct dc_error err = { .code = DC_OK };
  static const char *const paths[] = { "fifo", "link" };
  struct stat about;

  ck_assert_int_eq (mkfifo ("fifo", 0600), 0);
  ck_assert_int_eq (symlink ("/dev/null", "link"), 0);
  for (size_t i = 0; i < DC_COUNT (paths); i++) {
    DC_AUTO (dc_output) *output = NULL;
    ck_assert_fails (dc_output_begin (paths[i], DC_OUTPUT_FILE,
                                      DC_OUTPUT_REPLACE, &output, &err),
                     DC_ERR_INVALID, "neither a file nor a folder");
  }
  ck_assert_int_eq (lstat ("fifo", &about), 0);
  ck_assert (S_ISFIFO (about.st_mode));
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, test_special);
  tcase_add_test (tcase, test_invisible_until_published);
  tcase_add_test (tcase, test_unpublished_leaves_nothing);
  tcase_add_test (tcase, test_existing_is_refused);
  tcase_add_test (tcase, test_a_race_for_the_name_is_lost);
  tcase_add_test (tcase, test_a_folder_replaces_a_full_folder_and_a_file);
  tcase_add_test (tcase, test_the_next_run_removes_a_killed_ones_remains);
  tcase_add_test (tcase, test_a_living_ones_output_is_left_alone);
  tcase_add_test (tcase, test_foreign_names_stay);
  tcase_add_test (tcase, test_poor_file_system);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("output", add);
}

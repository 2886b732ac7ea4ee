/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/file.h"
#include "tests/unit/unit.h"

#define TIMEOUT_S 60 /* valgrind and sanitizers are slow */

int
unit_contains (const char *text, const char *words)
{
  return strstr (text, words) != NULL;
}

int
unit_run (const char *name, void (*add) (TCase *tcase))
{
  Suite *suite = suite_create (name);
  TCase *tcase = tcase_create (name);
  SRunner *runner = srunner_create (suite);

  tcase_set_timeout (tcase, TIMEOUT_S);
  add (tcase);
  suite_add_tcase (suite, tcase);
  srunner_run_all (runner, CK_NORMAL);
  const int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

char *
unit_data (const char *path)
{
  const char *top = getenv ("DECANT_TEST_DATA");
  char *full = NULL;

  if (top == NULL || asprintf (&full, "%s/%s", top, path) < 0 ||
      access (full, R_OK) != 0) {
    fprintf (stderr, "test data '%s' is absent, skipping\n", path);
    free (full);
    return NULL;
  }
  return full;
}

static struct {
  char path[64];
  pid_t owner; /* forks inherit our atexit() */
  unsigned count;
} scratch;

static void
remove_scratch (void)
{
  struct dc_error err;

  if (getpid () == scratch.owner &&
      dc_file_remove_tree (AT_FDCWD, scratch.path, &err) < 0)
    fprintf (stderr, "%s\n", err.text);
}

static void
begin_scratch (void)
{
  (void) snprintf (scratch.path, sizeof scratch.path,
                   "/tmp/decant-unit-XXXXXX");
  ck_assert_ptr_nonnull (mkdtemp (scratch.path));
  scratch.owner = getpid ();
  ck_assert_int_eq (atexit (remove_scratch), 0);
}

char *
unit_scratch (void)
{
  char *path = NULL;

  if (getpid () != scratch.owner)
    begin_scratch ();
  ck_assert_int_gt (asprintf (&path, "%s/%u", scratch.path, scratch.count++),
                    0);
  ck_assert_int_eq (mkdir (path, 0700), 0);
  return path;
}

int
unit_in_child (int (*work) (void *arg), void *arg)
{
  int status = 0;

  fflush (NULL);
  const pid_t pid = fork ();
  ck_assert_int_ge (pid, 0);
  if (pid == 0)
    _exit (work (arg));
  ck_assert_int_eq (waitpid (pid, &status, 0), pid);
  return WIFSIGNALED (status) ? 100 + WTERMSIG (status) : WEXITSTATUS (status);
}

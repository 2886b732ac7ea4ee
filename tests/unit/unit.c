/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

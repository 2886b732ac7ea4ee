/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TESTS_UNIT_UNIT_H
#define DC_TESTS_UNIT_UNIT_H

/* unit: what every unit test needs besides Check itself. */

#include <check.h>

#include "lib/error.h"

/* CALL must succeed; else the test fails with the error's text. */
#define ck_assert_ok(call)                                                     \
  do {                                                                         \
    const int unit_status = (call);                                            \
    ck_assert_msg (unit_status == 0, "%s: %s", #call,                          \
                   unit_status < 0 ? err.text : "returned not 0");             \
  } while (0)

/* CALL must fail with this code and a text that holds these words. */
#define ck_assert_fails(call, expected_code, words)                            \
  do {                                                                         \
    ck_assert_int_eq ((call), -1);                                             \
    ck_assert_int_eq (err.code, (expected_code));                              \
    ck_assert_msg (unit_contains (err.text, (words)),                          \
                   "'%s' does not contain '%s'", err.text, (words));           \
  } while (0)

int unit_contains (const char *text, const char *words);

/* Run a suite of one test case named NAME and return main()'s status. */
int unit_run (const char *name, void (*add) (TCase *tcase));

/* A folder of foreign test data ("os-release/python-distro+distro") below
 * $DECANT_TEST_DATA, or NULL after saying on stderr that it is absent.  The
 * caller frees it.
 */
char *unit_data (const char *path);

/* The path of a new empty folder for the caller to free; the folder goes,
 * with all that is in it, when this process ends.
 */
char *unit_scratch (void);

/* WORK (ARG) in a fork, for what a process cannot take back.  Returns what
 * WORK returned (0..99), or 100 + the signal that killed it.  No ck_assert
 * inside: it would tell Check about the wrong process.
 */
int unit_in_child (int (*work) (void *arg), void *arg);

#endif

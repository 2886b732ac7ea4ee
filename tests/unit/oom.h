/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TESTS_UNIT_OOM_H
#define DC_TESTS_UNIT_OOM_H

/* oom: lets one allocation of our own code fail, the n-th.
 *
 * Unit tests are linked with -Wl,--wrap for malloc and its kin, so calls from
 * our objects (not from libraries) come by here.
 *
 *   OOM_LOOP (status, dc_x_parse (text, size, &x, &err))
 *   {
 *     // after each run; STATUS is what the call returned
 *     if (status == 0) dc_x_free (x);
 *   }
 *
 * runs the call with the first allocation failing, then the second, ... and
 * ends after the run in which none was left to fail.
 */

void oom_fail_at (int n);  /* the n-th from now, counted from 0; -1: none */
int oom_has_failed (void); /* did the failure happen since? */

/* Starts run N; 0 when the run before had no failure left. */
int oom_next (int n);

#define OOM_LOOP(status, call)                                                 \
  for (int oom_n = 0, status = 0;                                              \
       oom_next (oom_n) && (status = (call), oom_fail_at (-1), 1); oom_n++)

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_VERIFY_VERIFY_H
#define DC_RUNTIME_VERIFY_VERIFY_H

/* verify: does a converted system do what it promises?
 *
 *   start, without any network but its own  --->  observe  --->  stop
 *                    ^                                             |
 *                    +------ again, with the same volumes ---------+
 *
 * The container is one of ours like any other (runtime/runner.h), named
 * "verify-" and a random number.  STATE/verify/NAME is locked as long as the
 * verification lives: what a killed one left is removed by the next.
 */

#include <jansson.h>
#include <stdbool.h>

#include "lib/error.h"
#include "lib/report.h"
#include "runtime/runner.h"

#define DC_VERIFY_TIMEOUT_S 60 /* for all to be up and to answer */
#define DC_VERIFY_STOP_S 30    /* a stop that takes longer is not in time */

struct dc_verify_options {
  unsigned timeout_s;
  unsigned stop_s; /* within which it must stop */
  bool restarts;   /* stop it, start it again, look again */
  bool keeps;      /* leave it running */
  bool wants_bodies;
};

/* START says what; its name, network and ports are ours to fill.  0 and *OUT,
 * the report as doc/verify.schema.json has it, for the caller; -1 when it
 * could not be tried, with nothing left of it.
 */
int dc_verify (const struct dc_runner *runner, const struct dc_start *start,
               const struct dc_verify_options *options,
               const struct dc_report *report, json_t **out,
               struct dc_error *err);
/* Remove what killed verifications left. */
void dc_verify_sweep (const struct dc_report *report);

#endif

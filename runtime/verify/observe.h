/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_VERIFY_OBSERVE_H
#define DC_RUNTIME_VERIFY_OBSERVE_H

/* observe: a container held to the promise that it carries, from inside its
 * network and its files, by a confined worker.
 *
 *   wait   until every service is as promised and every endpoint answers, or
 *          what is missing cannot come any more, or the time is over
 *   look   once more at services, users, listeners
 *
 * The observation, a JSON object ("services", "endpoints", "unexpected",
 * "reasons", "ready_ms"), is doc/verify.schema.json; it is foreign to the
 * parent only as far as the container's words in it are.
 */

#include <jansson.h>

#include "lib/error.h"
#include "lib/report.h"

struct dc_observe_options {
  unsigned timeout_ms;
  bool wants_bodies; /* digests of what HTTP gives, for comparisons */
};

/* PID is the container's first process.  0 and *OUT for the caller, or -1:
 * DC_ERR_NOTFOUND (it has ended, or carries no promise), DC_ERR_INVALID (a
 * promise that is none), DC_ERR_CANCELLED, DC_ERR_SYSTEM.
 */
int dc_observe (int pid, const struct dc_observe_options *options,
                const struct dc_report *report, json_t **out,
                struct dc_error *err);

#endif

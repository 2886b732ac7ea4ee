/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_VERIFY_CHECK_H
#define DC_RUNTIME_VERIFY_CHECK_H

/* check: is one promise kept, as far as what was seen tells?
 *
 * Pure: what was seen are the tables of the container (listeners, processes),
 * what its init says (states), and outcomes of probes.
 */

#include "runtime/probe/probe.h"
#include "runtime/verify/listeners.h"
#include "runtime/verify/processes.h"
#include "runtime/verify/promise.h"
#include "runtime/verify/states.h"

enum dc_verdict {
  DC_VERDICT_COMING, /* not yet, but it may still be */
  DC_VERDICT_KEPT,
  DC_VERDICT_BROKEN,
};

struct dc_finding_text {
  char text[400]; /* for people, safe */
};

/* What was seen. */
struct dc_seen {
  struct dc_listeners listeners;
  struct dc_processes processes;
  struct dc_states states;
  bool has_states; /* an init of ours has answered */
};

/* How an endpoint is. */
struct dc_tried {
  struct dc_outcome outcome;
  bool has_outcome;
  bool listens;     /* somebody does, there */
  int64_t first_ms; /* of the first answer that was no good one; 0: none */
  int64_t last_ms;  /* of the last try */
};

/* What is said of it stands in *TEXT. */
enum dc_verdict dc_check_service (const struct dc_promise *promise, size_t i,
                                  const struct dc_seen *seen,
                                  const struct dc_tried *tried,
                                  struct dc_finding_text *text);
/* The process that stands for it, or NULL. */
const struct dc_process *
dc_check_process (const struct dc_promise_service *service,
                  const struct dc_seen *seen);
/* Does it run as the user that was promised?  BROKEN with *TEXT if not. */
enum dc_verdict dc_check_user (const struct dc_promise_service *service,
                               const struct dc_seen *seen,
                               struct dc_finding_text *text);
enum dc_verdict dc_check_endpoint (const struct dc_promise_endpoint *endpoint,
                                   const struct dc_tried *tried,
                                   struct dc_finding_text *text);
/* "tcp 0.0.0.0:80", "unix /run/x.sock". */
void dc_check_name (const struct dc_promise_endpoint *endpoint,
                    struct dc_finding_text *text);

#endif

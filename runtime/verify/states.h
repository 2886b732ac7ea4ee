/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_VERIFY_STATES_H
#define DC_RUNTIME_VERIFY_STATES_H

/* states: how the services of a container are, as its decant-init says.
 *
 * Source: runtime/init/control.h, the request "status"; the numbers of
 * standings: runtime/init/order.h.  A decant-init without that socket, and
 * any other init, says nothing.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/error.h"

#define DC_STATES_PATH "/run/decant/control"
#define DC_STATE_MAX ((size_t) 1024)                  /* services */
#define DC_STATES_SIZE_MAX ((size_t) 4 * 1024 * 1024) /* bytes */

/* What verify needs to know of a standing. */
enum dc_state_kind {
  DC_STATE_COMING, /* it may still come up */
  DC_STATE_UP,
  DC_STATE_IDLE,  /* up, without a process */
  DC_STATE_ENDED, /* by itself, and well */
  DC_STATE_DOWN,  /* nobody has started it */
  DC_STATE_FAILED,
};

struct dc_state {
  char *name; /* of the plan: "nginx" */
  enum dc_state_kind kind;
  int64_t main_pid; /* in the container; 0: none, or not known */
  int64_t restarts;
  char *result;      /* "exit-code" */
  int64_t status;    /* wait status of the main process, -1: none */
  char *text;        /* what it says of itself */
  bool is_on_demand; /* only a trigger starts it */
};

struct dc_states {
  struct dc_state *items;
  size_t count;
};

/* 0, or -1: DC_ERR_INVALID (it is no answer), DC_ERR_LIMIT, DC_ERR_SYSTEM. */
int dc_states_parse (struct dc_states *states, const char *text, size_t size,
                     struct dc_error *err);
/* Ask the init of the mount namespace we are in: 1; 0 when nobody answers; -1
 * as above.
 */
int dc_states_ask (struct dc_states *states, struct dc_error *err);
/* The service of UNIT ("nginx.service"), or NULL. */
const struct dc_state *dc_states_find (const struct dc_states *states,
                                       const char *unit);
void dc_states_release (struct dc_states *states);

#define AUTO_STATES __attribute__ ((__cleanup__ (dc_states_release)))

#endif

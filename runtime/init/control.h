/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_CONTROL_H
#define DC_INIT_CONTROL_H

/* control: the socket at which PID 1 takes orders and says how services are.
 *
 * /run/decant/control, a stream socket; only root may connect, and the kernel
 * is asked who did.  A connection is one request of one line, and its answer:
 *
 *   request = VERB *( SP WORD ) LF        words as in the plan: %20 is a space
 *   answer  = STATUS [ SP TEXT ] LF       0: done; 1: not, TEXT says why
 *             *line                       of status and show-environment
 *
 *   start, stop, restart, try-restart, reload, reload-or-restart,
 *   try-reload-or-restart [--no-block] NAME...
 *                         answered when all are through, or at once
 *   kill SIGNAL WHO NAME...     WHO is main, control or all
 *   reset-failed NAME...        also forgets the starts that were counted
 *   status                      a line for the system, then one a service:
 *       system running|starting|stopping
 *       service NAME STANDING STATE MAINPID SINCE RESTARTS RESULT STATUS FLAGS
 *               TEXT ALIAS...
 *   set-environment NAME=VALUE..., unset-environment NAME..., show-environment
 *                         variables that every command started from then on
 *                         gets, before those of its unit
 *   end                   stop all services
 *
 * SINCE is in milliseconds since 1970; STATUS a wait status or -1; FLAGS "-"
 * or of: o started on demand only, r can be reloaded, k a keeper lives; TEXT
 * what the service says of itself; STANDING and STATE are numbers, of
 * runtime/init/order.h and service.h, because who asks is this very program.
 *
 * Names are those of the plan: "nginx".
 */

#include "runtime/init/fleet.h"

#define DI_CONTROL_PATH "/run/decant/control"
#define DI_CONTROL_VARIABLE "DECANT_CONTROL" /* another path, for tests */
#define DI_REQUEST_SIZE 8192                 /* bytes of a request */
#define DI_CLIENT_MAX 16

/* The verbs, in the order of enum di_order, then the others. */
extern const char *const di_control_verbs[];
enum di_verb {
  DI_VERB_KILL = DI_ORDER_TRY_RELOAD_OR_RESTART + 1,
  DI_VERB_RESET,
  DI_VERB_STATUS,
  DI_VERB_SET,
  DI_VERB_UNSET,
  DI_VERB_SHOW,
  DI_VERB_END,
};
/* In the order of enum di_target. */
extern const char *const di_control_targets[];

struct di_client {
  int fd; /* -1: none */
  enum {
    DI_CLIENT_ASKS,   /* its request is being read */
    DI_CLIENT_WAITS,  /* for WAITED */
    DI_CLIENT_LISTS,  /* the answer is being written, from NEXT on */
    DI_CLIENT_LEAVES, /* the rest of the answer is */
  } phase;
  int64_t deadline_ms; /* of asking and listing */
  int verb;
  size_t next; /* service or variable */
  uint64_t waited[DI_SERVICE_MAX / 64];
  size_t size; /* bytes of TEXT that were read, or are to be written */
  char text[DI_REQUEST_SIZE];
};

struct di_control {
  struct di_fleet *fleet;
  int fd; /* -1: none */
  struct di_client clients[DI_CLIENT_MAX];
};

/* Open the socket: 0, or -1 with ERR; all else works without. */
int di_control_open (struct di_control *control, struct di_fleet *fleet,
                     struct di_error *err);
void di_control_watch (const struct di_control *control,
                       struct di_watch *watch);
/* Take requests. */
void di_control_listen (struct di_control *control,
                        const struct di_watch *watch);
/* Answer those that waited for what has happened. */
void di_control_answer (struct di_control *control);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_PROBE_PROBE_H
#define DC_RUNTIME_PROBE_PROBE_H

/* probe: does somebody listen there, and is it who should?
 *
 *   connect --- refused ----------------------------------> REFUSED
 *      |
 *   TLS first, if that is usual there; the question; its judge
 *      | yes         ANSWERED, or UNWELL if it complains itself
 *      | no          the same again with TLS, or without it, then
 *      |             OTHER, SILENT or CLOSED; OPEN where we only guessed
 *
 * Where nothing is known but the port, that it connects and stays open for a
 * moment is all that is asked.  A datagram without an answer and without a
 * refusal (ICMP) tells nothing.
 *
 * It is meant for a confined worker in the network of whom it asks
 * (lib/confine.h).  Every answer is foreign, bounded in size and time.
 */

#include "runtime/probe/protocol.h"

#define DC_PROBE_TIMEOUT_MS 3000 /* of each of at most three connections */

enum dc_probe_state {
  DC_PROBE_ANSWERED,
  DC_PROBE_UNWELL,
  DC_PROBE_OPEN,    /* connected, and not asked, or not understood */
  DC_PROBE_UNKNOWN, /* a datagram was sent; nothing came back */
  DC_PROBE_OTHER,   /* it speaks another protocol */
  DC_PROBE_SILENT,
  DC_PROBE_CLOSED,
  DC_PROBE_REFUSED,
};

/* All borrowed. */
struct dc_probe {
  enum dc_transport transport;
  const char *address; /* "", "0.0.0.0" and "::" are the own host */
  uint16_t port;
  const char *path;     /* of a Unix socket; "@name": abstract */
  const char *protocol; /* "http"; NULL: nothing is known */
  bool is_guess;        /* from the port alone */
  const char *http_path;
  bool wants_body;
  unsigned timeout_ms; /* 0: DC_PROBE_TIMEOUT_MS */
  unsigned stays_ms;   /* how long a connection must stay open; 0: 200 */
};

struct dc_outcome {
  enum dc_probe_state state;
  char text[512]; /* for people, safe */
  bool is_tls;
  json_t *facts; /* an object; with "tls" if there was any */
};

/* 0 and *OUT, to be released; -1: DC_ERR_NOTFOUND (no such protocol),
 * DC_ERR_INVALID (no such address), DC_ERR_SYSTEM.  What the other side does
 * is an outcome, never an error.
 */
int dc_probe (const struct dc_probe *probe, struct dc_outcome *out,
              struct dc_error *err);
void dc_outcome_release (struct dc_outcome *outcome);
const char *dc_probe_state_name (enum dc_probe_state state);
/* Is what was promised there? */
bool dc_probe_is_kept (enum dc_probe_state state);

#endif

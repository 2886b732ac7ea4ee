/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/number.h"
#include "runtime/probe/probe.h"

/* probe: ask one server, for the functional tests.
 *
 *   probe PROTOCOL tcp|udp ADDRESS PORT      PROTOCOL "-": nothing is known
 *   probe PROTOCOL unix PATH
 */

int
main (int argc, char **argv)
{
  struct dc_probe probe = { .wants_body = true };
  struct dc_outcome outcome;
  struct dc_error err;
  uint64_t port = 0;

  if (argc < 4)
    return 2;
  probe.protocol = strcmp (argv[1], "-") == 0 ? NULL : argv[1];
  probe.transport = strcmp (argv[2], "tcp") == 0   ? DC_OVER_TCP
                    : strcmp (argv[2], "udp") == 0 ? DC_OVER_UDP
                                                   : DC_OVER_UNIX;
  probe.address = argv[3];
  probe.path = argv[3];
  if ((argc > 4 && dc_number_parse (argv[4], 1, 65535, &port, &err) < 0) ||
      (probe.port = (uint16_t) port, dc_probe (&probe, &outcome, &err) < 0)) {
    fprintf (stderr, "%s\n", err.text);
    return 1;
  }
  printf ("%s: %s%s\n", dc_probe_state_name (outcome.state), outcome.text,
          outcome.is_tls ? " (TLS)" : "");
  if (outcome.facts != NULL)
    (void) json_dumpf (outcome.facts, stdout, JSON_COMPACT | JSON_SORT_KEYS);
  dc_outcome_release (&outcome);
  return puts ("") < 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_PORTS_H
#define DC_RUNTIME_PORTS_H

/* ports: which port of the host leads to which of a container, and whether
 * somebody listens there.
 *
 * Source: OCI image-spec 1.1, config.md, "ExposedPorts"; proc(5),
 * /proc/PID/net/tcp.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/oci/layout.h"
#include "lib/report.h"

#define DC_RUN_PORT_MAX 256 /* published ports of one container */

/* One published port. */
struct dc_published {
  char address[46]; /* on the host: "127.0.0.1" */
  uint16_t outside; /* on the host */
  uint16_t inside;  /* in the container */
  bool is_udp;
};

struct dc_ports {
  struct dc_published items[DC_RUN_PORT_MAX];
  size_t count;
};

/* The ports that an image says it listens on, each published on ADDRESS
 * under its own number, or a free one where that is taken or needs root.
 * DC_ERR_INVALID, DC_ERR_LIMIT, DC_ERR_BUSY (no free port).
 */
int dc_ports_of_image (const struct dc_image *image, const char *address,
                       struct dc_ports *out, struct dc_error *err);
/* "[ADDRESS:][OUTSIDE:]INSIDE[/udp]" added to PORTS; DEFAULT_ADDRESS where
 * none is given.  An IPv6 address stands in brackets.  A port that is free
 * is chosen where OUTSIDE is not given; a given one that somebody has is
 * DC_ERR_BUSY.
 */
int dc_ports_parse (const char *text, const char *default_address,
                    struct dc_ports *ports, struct dc_error *err);

/* Could somebody listen on all of them now? */
bool dc_ports_are_free (const struct dc_ports *ports);

/* Wait until every TCP port of PORTS is listened on in the network of
 * process PID, at most TIMEOUT_MS.  1; 0 when the time is over, and in
 * *MISSING the first port that is not; -1: DC_ERR_NOTFOUND (the process is
 * gone), DC_ERR_CANCELLED, DC_ERR_SYSTEM.
 */
int dc_ports_wait (int pid, const struct dc_ports *ports, unsigned timeout_ms,
                   const struct dc_report *report, uint16_t *missing,
                   struct dc_error *err);
/* Does TABLE, the text of a /proc/PID/net/tcp or tcp6, have a socket that
 * listens on PORT?  A line that is not as proc(5) says is skipped.
 */
bool dc_ports_listens (const char *table, uint16_t port);

#endif

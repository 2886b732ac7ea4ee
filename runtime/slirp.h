/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_SLIRP_H
#define DC_RUNTIME_SLIRP_H

/* slirp: a container's network without rights on the host's: slirp4netns.
 *
 * It runs beside the container until that is stopped and forwards the
 * published ports; the container is 10.0.2.100, its name server 10.0.2.3.
 *
 * Source: slirp4netns(1), "API SOCKET".
 */

#include "lib/error.h"
#include "lib/report.h"
#include "runtime/ports.h"

/* Attach to the network namespace of process PID and publish PORTS.  FOLDER
 * is where its socket and its log go.  -1: DC_ERR_NOTFOUND (not installed),
 * DC_ERR_TOOL, DC_ERR_BUSY (a port is taken), DC_ERR_LIMIT (the path of
 * FOLDER), DC_ERR_CANCELLED; dc_slirp_stop() has to follow.
 */
int dc_slirp_start (int pid, const char *folder, const struct dc_ports *ports,
                    const struct dc_report *report, struct dc_error *err);
/* End the slirp4netns whose socket is in FOLDER, whoever started it; it is
 * found by that path in its arguments.
 */
void dc_slirp_stop (const char *folder);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_SLIRP_H
#define DC_RUNTIME_SLIRP_H

/* slirp: a container's network without rights on the host's: slirp4netns.
 *
 * It runs beside the container as long as that lives and forwards the
 * published ports; the container is 10.0.2.100, its name server 10.0.2.3.
 *
 * Source: slirp4netns(1), "API SOCKET".
 */

#include "lib/error.h"
#include "lib/report.h"
#include "runtime/runner.h"

/* Attach to the network namespace of process PID and publish PORTS.  FOLDER
 * is where its socket goes.  *SLIRP_PID is its process.  -1 with nothing left
 * running: DC_ERR_NOTFOUND (not installed), DC_ERR_TOOL, DC_ERR_BUSY (a port is
 * taken).
 */
int dc_slirp_start (int pid, const char *folder, const struct dc_ports *ports,
                    const struct dc_report *report, int *slirp_pid,
                    struct dc_error *err);
/* End the process SLIRP_PID if that still is a slirp4netns. */
void dc_slirp_stop (int slirp_pid);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_CONNECTION_H
#define DC_INIT_CONNECTION_H

/* connection: instances of a service, one for each connection that a socket
 * with Accept=yes takes.  They are none of the fleet's services: they come and
 * go, and nothing waits for them.
 *
 * Source: systemd.socket(5), Accept=, MaxConnections=,
 * MaxConnectionsPerSource=.
 */

#include "runtime/init/address.h"
#include "runtime/init/trigger.h"

#define DI_CONNECTION_MAX 1024 /* of all sockets */

/* Take the connections that wait at FD, a descriptor of ARMED. */
void di_connections_accept (struct di_triggers *triggers,
                            struct di_armed *armed, int fd);
/* Process PID, a child of ours, has ended: was it the keeper of one? */
bool di_connections_child_ended (struct di_triggers *triggers, pid_t pid);
/* Tell all to stop. */
void di_connections_stop (struct di_triggers *triggers);

#endif

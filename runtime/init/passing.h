/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_PASSING_H
#define DC_INIT_PASSING_H

/* passing: descriptors of sockets that a service's main command gets, from 3
 * on, and the variables that say so.
 *
 * Source: sd_listen_fds(3); systemd.exec(5), NonBlocking= and "Environment
 * Variables in Spawned Processes".
 */

#include "runtime/init/child.h"
#include "runtime/init/env.h"
#include "runtime/init/socket.h"

/* Set LISTEN_PID (filled in by di_take_sockets()), LISTEN_FDS and
 * LISTEN_FDNAMES, unless the one socket is the command's input or output.
 * REMOTE_ADDR and REMOTE_PORT of a connection.  0, or -1 with ERR.
 */
int di_passing_env (const struct di_passing *passing,
                    const struct di_service *service, struct di_env *env,
                    struct di_error *err);

/* TRIGGER_UNIT, TRIGGER_PATH, TRIGGER_TIMER_REALTIME_USEC and
 * TRIGGER_TIMER_MONOTONIC_USEC, as far as FIRE has them.  0, or -1 with ERR.
 */
int di_passing_fire_env (const struct di_fire *fire, struct di_env *env,
                         struct di_error *err);

/* Move *FD, which is to stay, above the places of the sockets; returns it. */
int di_passing_make_room (const struct di_passing *passing, int *fd);
/* The one socket, for a stream; -1 with errno when there is not one. */
int di_passing_stream (const struct di_passing *passing);

#endif

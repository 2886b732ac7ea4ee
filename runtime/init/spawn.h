/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_SPAWN_H
#define DC_INIT_SPAWN_H

/* spawn: a command of a service as a process of its own session.
 *
 * The order of the steps is systemd's: limits while we may raise them, then
 * groups and user, then the folder, which that user must be able to enter.
 *
 * Source: systemd.exec(5); credentials(7); setrlimit(2).
 */

#include <sys/types.h>

#include "runtime/init/plan.h"
#include "runtime/init/socket.h"

#define DI_GROUP_MAX 1024 /* supplementary groups */

/* The value of WATCHDOG_PID= and room for that of the process. */
#define DI_PID_ROOM "0000000000"

struct di_spawn {
  const struct di_service *service;
  const struct di_line *line; /* its exec line */
  char *const *argv;
  char *const *env;
  const struct di_passing *passing; /* its sockets; borrowed */
  int output_fd; /* becomes stdout and stderr, if the plan does not say else */
};

/* Start it: the process, once it executes the program; or -1 with ERR, which
 * names the step that failed, and in *STATUS what systemd says of a process
 * that did not get to its program: a wait status with one of the numbers of
 * systemd.exec(5), "Process Exit Codes"; -1 when there was no process.
 */
pid_t di_spawn (const struct di_spawn *spawn, int *status,
                struct di_error *err);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_MAINPID_H
#define DC_INIT_MAINPID_H

/* mainpid: which process of a service that forks is the main one.
 *
 * Source: systemd.service(5), PIDFile=, GuessMainPID=.
 */

#include "runtime/init/service.h"

/* The process that the PID file names, if it lives and is the service's;
 * else 0: the file is not there, not written yet, or wrong.
 */
pid_t di_mainpid_read (const char *path);
/* The only process there is, else 0. */
pid_t di_mainpid_guess (void);
/* PID is the main process from now on. */
void di_mainpid_set (struct di_life *life, pid_t pid);

#endif

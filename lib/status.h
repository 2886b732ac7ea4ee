/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_STATUS_H
#define DC_LIB_STATUS_H

/* status: how a child process ended, in words.
 *
 * Source: wait(2).
 */

#include "lib/error.h"

/* The exit status 0..255, or -1: a signal killed it. */
int dc_status_exit (int wait_status);

/* Set ERR to DC_ERR_TOOL and "NAME exited with status 1" or "NAME was killed
 * by signal 9 (Killed)"; return -1.
 */
int dc_status_fail (int wait_status, const char *name, struct dc_error *err);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_APPLIANCE_LAUNCHWATCH_H
#define DC_ANALYZER_APPLIANCE_LAUNCHWATCH_H

/* launchwatch: a thread of the launcher that stops QEMU when the reader is
 * gone or the start takes too long.
 *
 * libguestfs waits for QEMU without a limit and cannot be interrupted.  When
 * QEMU dies, every call fails at once, and the launcher can clean up after
 * libguestfs, which being killed would prevent.
 */

#include "lib/cleanup.h"
#include "lib/error.h"

struct dc_launchwatch;

/* Watch OUT_FD, the writing end of a pipe whose other end the reader has.  From now on SIGTERM is ignored by
 * this process: it is sent to the whole process group.
 */
int dc_launchwatch_start (int out_fd, struct dc_launchwatch **out,
                          struct dc_error *err);
/* Something begins that may take TIMEOUT_S seconds; 0: it is over, and whatever
 * comes next may take any time.
 */
void dc_launchwatch_allow (struct dc_launchwatch *watch, unsigned timeout_s);
/* Did something so far take too long? */
int dc_launchwatch_has_timed_out (struct dc_launchwatch *watch);
int dc_launchwatch_is_reader_gone (const struct dc_launchwatch *watch);
void dc_launchwatch_free (struct dc_launchwatch *watch);
DC_DEFINE_AUTO (dc_launchwatch)

#endif

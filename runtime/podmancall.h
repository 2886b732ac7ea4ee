/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_PODMANCALL_H
#define DC_RUNTIME_PODMANCALL_H

/* podmancall: podman(1) run with what it needs of our environment. */

#include "lib/buffer.h"
#include "lib/error.h"
#include "lib/report.h"

#define DC_PODMAN_TIMEOUT_MS (10u * 60 * 1000) /* images may be large */

/* Names of variables, for dc_run()'s pass_env: podman's storage and its
 * user's session.
 */
extern const char *const dc_podman_env[];

/* Run ARGV; what it prints is appended to ANSWER, NULL: not wanted.  As
 * dc_run().
 */
int dc_podman (const char *const *argv, struct dc_buffer *answer,
               const struct dc_report *report, struct dc_error *err);
/* The same of a command that lists: podman looks at every container for it,
 * and fails while one of them is being taken apart by somebody else (measured
 * with podman 4.3), so that it is tried for some seconds.
 */
int dc_podman_list (const char *const *argv, struct dc_buffer *answer,
                    const struct dc_report *report, struct dc_error *err);
/* Of an answer keep the first line, without its end. */
void dc_podman_first_line (struct dc_buffer *answer);

#endif

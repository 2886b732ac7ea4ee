/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_GRANT_H
#define DC_RUNTIME_GRANT_H

/* grant: what an image asks for and gets.
 *
 * Artifacts come from a guest, which may be hostile: what reaches beyond the
 * container (a device of the host, CAP_SYS_ADMIN) is granted only to a user
 * who says so.
 *
 * Source: capabilities(7).
 */

#include "lib/words.h"
#include "runtime/runner.h"

/* Does the capability act on the container's own namespaces and processes? */
bool dc_grant_is_contained (const char *capability);
/* The capabilities of START that are granted, as words of its image; WORDS is
 * released by the caller.  What is not granted is said.
 */
int dc_grant_capabilities (const struct dc_start *start,
                           const struct dc_report *report,
                           struct dc_words *words, struct dc_error *err);
/* The same of devices. */
int dc_grant_devices (const struct dc_start *start,
                      const struct dc_report *report, struct dc_words *words,
                      struct dc_error *err);

/* The kernel parameters, "KEY=VALUE", that this host's kernel has; the others
 * are said, as no runtime starts a container with one that is not there.
 */
int dc_grant_sysctls (const struct dc_start *start,
                      const struct dc_report *report, struct dc_words *words,
                      struct dc_error *err);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_CALLSET_H
#define DC_TRANSFORM_CALLSET_H

/* callset: the system calls that SystemCallFilter= allows or denies.
 *
 * Source: systemd.exec(5), "SystemCallFilter="; the groups are those of
 * templates/syscalls.yaml.
 */

#include "transform/init/bpf.h"
#include "transform/init/initcompiler.h"

struct dc_callset;

/* What the settings of SERVICE come to, for the caller.  Calls that nobody
 * knows are findings.
 */
int dc_callset_make (const struct dc_initservice *service,
                     struct dc_callset **out, struct dc_error *err);
void dc_callset_free (struct dc_callset *set);

/* Is there a filter? */
bool dc_callset_is_set (const struct dc_callset *set);
/* What each call of ARCH, by its number, is answered with; returned: those
 * with a number above.
 */
uint32_t dc_callset_actions (const struct dc_callset *set, uint32_t arch,
                             uint32_t actions[DC_BPF_CALL_MAX]);

/* The names in GROUP ("@clock"), which may be groups: 1, 0 there is no such
 * group, -1.  They live as long as SET.
 */
int dc_callset_group (struct dc_callset *set, const char *group,
                      char *const **calls, size_t *count, struct dc_error *err);

#endif

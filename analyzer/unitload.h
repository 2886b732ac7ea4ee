/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_UNITLOAD_H
#define DC_ANALYZER_UNITLOAD_H

/* unitload: which units a guest has and which of them start at boot.
 *
 * - The load path of the system manager, less the folders that only a live
 *   system has (/run, generators): /etc/systemd/system.control,
 *   /etc/systemd/system, /usr/local/lib/systemd/system,
 *   /usr/lib/systemd/system, and /lib/systemd/system where /lib is no link.
 * - Drop-ins of "a-b.service" lie in service.d, a-.service.d, a-b.service.d,
 *   and for an instance also in those of its template; they are sorted by
 *   file name over all folders, and the earlier folder wins.
 * - Aliases are links; a link to /dev/null or an empty file masks.
 * - What starts is the closure of default.target over Wants=, Requires=,
 *   BindsTo=, Upholds=, and
 *   .wants/ and .requires/ links.  Units that sockets and timers trigger
 *   are listed, but not started by that.
 * - A script in /etc/init.d without a native unit but with a start link in
 *   rc2.d to rc5.d is a unit with state GENERATED.
 *
 * Source: systemd.unit(5) "Unit File Load Path", systemd-sysv-generator(8).
 */

#include "analyzer/unit.h"
#include "lib/tree/tree.h"

#define DC_UNIT_COUNT_MAX 20000

struct dc_units {
  struct dc_unit *items; /* sorted by name */
  size_t count;
  char *default_target; /* "multi-user.target"; NULL: no systemd */
};

/* 0 and *OUT (count 0 where the guest has no systemd), or -1: DC_ERR_LIMIT,
 * DC_ERR_SYSTEM.  A unit that cannot be read is there with state BAD.
 */
int dc_units_load (struct dc_tree *tree, struct dc_units **out,
                   struct dc_error *err);
/* By name or alias; NULL when there is none. */
const struct dc_unit *dc_units_find (const struct dc_units *units,
                                     const char *name);
void dc_units_free (struct dc_units *units);
DC_DEFINE_AUTO (dc_units)

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_UNIT_UNITLOAD_H
#define DC_ANALYZER_UNIT_UNITLOAD_H

/* unitload: which units a guest has and which of them start at boot.
 *
 * - The load path of the system manager, less the folders that only a live
 *   system has (/run, generators): /etc/systemd/system.control,
 *   /etc/systemd/system, /usr/local/lib/systemd/system, /lib/systemd/system
 *   where /lib is no link, /usr/lib/systemd/system.
 * - Drop-ins of "a-b.service" lie in a-b.service.d, a-.service.d, service.d,
 *   and for an instance also in those of its template, and in those of all
 *   its aliases; they are sorted by file name over all folders, and of equal
 *   names the earlier folder's counts.
 * - Aliases are links and are listed with their unit; a link to /dev/null or
 *   an empty file masks.  A link that systemd refuses is a unit of state BAD.
 * - Instances are listed when a .wants or .requires link names them, or
 *   another unit that starts.
 * - What starts is the closure of default.target over Wants=, Requires=,
 *   BindsTo=, Upholds=, Sockets=, Slice=, what units of a type always need
 *   (sysinit.target, dbus.socket), and .wants, .requires and .upholds links.
 *   Units that sockets and timers trigger are listed, but not started by
 *   that.  Conditions, conflicts and mounts are not looked at.
 * - Mounts, automounts and swaps of /etc/fstab, and the instances that the
 *   generators of packages start (unitgenerate.h), have state GENERATED or
 *   are started by what made them: "/etc/fstab:3".
 * - A script in /etc/init.d without a native unit is a unit with state
 *   GENERATED; a start link in rc2.d to rc5.d pulls it in.  Likewise
 *   rc-local.service by an executable /etc/rc.local.
 *
 * Source: systemd.unit(5) "Unit File Load Path", systemd-sysv-generator(8);
 * compared with `systemctl --root` and `systemd --test` of systemd 252.
 */

#include "analyzer/unit/unit.h"
#include "lib/tree/tree.h"

#define DC_UNIT_COUNT_MAX 20000
#define DC_LINGER_MAX 16 /* users whose managers start at boot */

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
/* The same for the manager of the user whose home is HOME; no generators. */
int dc_units_load_user (struct dc_tree *tree, const char *home,
                        struct dc_units **out, struct dc_error *err);
/* By name or alias; NULL when there is none. */
const struct dc_unit *dc_units_find (const struct dc_units *units,
                                     const char *name);
/* Move the units of MORE into UNITS, but for those whose names are taken; what
 * stays in MORE is to be freed as before.  0, or -1: DC_ERR_LIMIT,
 * DC_ERR_SYSTEM.
 */
int dc_units_join (struct dc_units *units, struct dc_units *more,
                   struct dc_error *err);
void dc_units_free (struct dc_units *units);
DC_DEFINE_AUTO (dc_units)

#endif

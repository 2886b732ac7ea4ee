/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_UNIT_UNITSCRIPT_H
#define DC_ANALYZER_UNIT_UNITSCRIPT_H

/* unitscript: a sysv init script as the unit that a generator makes of it.
 *
 * Source: systemd-sysv-generator(8); the Linux Standard Base 5.0, Core,
 * section 22.3 "Comment Conventions for Init Scripts"; the settings measured
 * with the generator of systemd 252.
 */

#include "analyzer/unit/unitloader.h"
#include "lib/span.h"

/* The unit that a script ("nginx", "x.sh") or a facility of a header
 * ("$network") is: 1 and *UNIT for the caller; 0 for one that means nothing
 * ($local_fs and $syslog are always there) or no unit's name; -1.
 */
int dc_script_unit_name (struct dc_span name, char **unit,
                         struct dc_error *err);
/* Give UNIT the settings for the script at PATH, and append to PROVIDES the
 * other names that it wants.  A script that cannot be read has no header, but
 * runs nevertheless.
 */
int dc_script_read (struct dc_loader *loader, uint32_t unit, const char *path,
                    struct dc_words *provides, struct dc_error *err);

#endif

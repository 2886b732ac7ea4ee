/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_UNIT_UNITTRIGGER_H
#define DC_ANALYZER_UNIT_UNITTRIGGER_H

/* unittrigger: which unit another one starts, and when.
 *
 * Source: systemd.timer(5), systemd.socket(5), systemd.path(5),
 * systemd.automount(5).
 */

#include "analyzer/unit/unit.h"
#include "lib/buffer.h"

#define DC_TRIGGER_SIZE_MAX ((size_t) 64 * 1024) /* bytes of a schedule */

/* The unit that UNIT, a timer, socket, path or automount, starts: a new
 * string in *OUT, "x@.service" for a socket that starts one instance for each
 * connection; NULL for other units and for names that are none.  0, or -1:
 * DC_ERR_SYSTEM.
 */
int dc_unit_triggered (const struct dc_unit *unit, char **out,
                       struct dc_error *err);

/* Append when the timer UNIT elapses: to WRITTEN its settings as they are
 * written ("OnCalendar=daily; Persistent=true"), to NORMAL what they mean
 * ("*-*-* 00:00:00", "boot + 15min").  *FIRST is the first of them, NULL when
 * there is none.  0, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_unit_schedule (const struct dc_unit *unit, struct dc_buffer *written,
                      struct dc_buffer *normal, const struct dc_setting **first,
                      struct dc_error *err);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_UNIT_UNITCALENDAR_H
#define DC_ANALYZER_UNIT_UNITCALENDAR_H

/* unitcalendar: calendar events in one normal form.
 *
 * Source: systemd.time(7), "Calendar Events"; compared with the "Normalized
 * form" of `systemd-analyze calendar` 252.
 */

#include "lib/buffer.h"

/* Append the normal form of the event TEXT: "Mon *-*-* 00:00:00" of "weekly".
 * What we do not understand (a time in UNIX seconds, parts of seconds) is
 * appended as it is written.  0, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_calendar_print (const char *text, struct dc_buffer *b,
                       struct dc_error *err);

#endif

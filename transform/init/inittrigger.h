/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_INITTRIGGER_H
#define DC_TRANSFORM_INITTRIGGER_H

/* inittrigger: sockets, timers and paths of the guest, compiled into the
 * blocks of the plan that start services.
 *
 *   inittrigger    which of them, and what all have in common
 *   initsocket     the lines of a socket
 *   inittimer      of a timer
 *   initpath       of a path
 *   initcalendar   a calendar event
 *
 * Source: systemd.socket(5), systemd.timer(5), systemd.path(5) of systemd 252
 * to 257.
 */

#include "transform/init/initcompiler.h"

/* Append the line of the calendar event EVENT: 1; 0 when it is not understood;
 * -1.
 */
int dc_init_calendar (const char *event, struct dc_buffer *lines,
                      struct dc_error *err);

#endif

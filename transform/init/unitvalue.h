/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_UNITVALUE_H
#define DC_TRANSFORM_UNITVALUE_H

/* unitvalue: what the values of unit settings mean as numbers.
 *
 * Source: systemd.time(7), "Parsing time spans"; systemd.exec(5), "Process
 * properties" and "Process exit codes"; signal(7).
 *
 * Each returns 0 and the number, or -1 with DC_ERR_INVALID and a text that
 * quotes the value.
 */

#include <stdint.h>

#include "lib/error.h"

#define DC_INFINITE UINT64_MAX

/* A time span in microseconds; a number without a unit counts UNIT_US of
 * them.  "infinity": DC_INFINITE.
 */
int dc_timespan_parse (const char *text, uint64_t unit_us, uint64_t *us,
                       struct dc_error *err);
/* "TERM", "SIGTERM", "15", "RTMIN+3": 1 to 64, as x86 and Arm count them and
 * glibc counts real-time signals.
 */
int dc_signal_parse (const char *text, unsigned *signal, struct dc_error *err);
/* An exit status: "7" or a name that systemd knows, "TEMPFAIL". */
int dc_exit_status_parse (const char *text, unsigned *status,
                          struct dc_error *err);
/* Bytes: "64K". */
int dc_bytes_parse (const char *text, uint64_t *bytes, struct dc_error *err);
/* An octal mode up to 07777. */
int dc_mode_parse (const char *text, unsigned *mode, struct dc_error *err);

/* The soft and hard limit of the setting KEY ("LimitNOFILE"), in the units
 * of setrlimit(2); *NAME is its resource ("nofile").
 */
int dc_rlimit_parse (const char *key, const char *text, const char **name,
                     uint64_t *soft, uint64_t *hard, struct dc_error *err);

#endif

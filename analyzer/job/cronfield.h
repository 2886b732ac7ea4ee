/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_JOB_CRONFIELD_H
#define DC_ANALYZER_JOB_CRONFIELD_H

/* cronfield: when a line of a crontab runs, as sets of minutes, hours, days,
 * months and weekdays.
 *
 * Source: crontab(5); what the manual leaves open measured with `crontab -n`
 * of Debian 12: a single value takes no step, what follows a whole range up
 * to the blank is ignored, a range that runs backwards is empty.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/buffer.h"
#include "lib/span.h"

enum dc_cron_unit {
  DC_CRON_MINUTE,
  DC_CRON_HOUR,
  DC_CRON_DAY,
  DC_CRON_MONTH,
  DC_CRON_WEEKDAY, /* 0 is Sunday; 7 is made 0 */
  DC_CRON_UNIT_COUNT,
};

struct dc_cron_time {
  uint64_t sets[DC_CRON_UNIT_COUNT]; /* bit N: the value N */
  bool is_any_day, is_any_weekday;   /* the field begins with a star: a day
                                        must then fit both, else either */
};

/* Read the field TEXT: true, or false for what cron refuses. */
bool dc_cron_field (struct dc_cron_time *time, enum dc_cron_unit unit,
                    struct dc_span text);
/* The field's name in a message: "hour". */
const char *dc_cron_unit_name (enum dc_cron_unit unit);

/* Append TIME to B as systemd.time(7) writes calendar events ("Mon..Fri
 * *-*-* 06:25:00"), two of them with " or " between where a day may fit
 * either field, or "never".  0, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_cron_time_print (const struct dc_cron_time *time, struct dc_buffer *b,
                        struct dc_error *err);

#endif

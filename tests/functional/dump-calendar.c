/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* dump-calendar COUNT BASE: when the calendar events on stdin, one a line, are
 * next after BASE in seconds since 1970, compiled as for decant-init and read
 * by it: "event" and up to COUNT times in UTC, or "never".
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/init/calendar.h"
#include "transform/init/inittrigger.h"

static void
print_times (const struct di_calendar *calendar, int64_t base, int count)
{
  for (int i = 0; i < count; i++) {
    char text[64];
    base = di_calendar_next (calendar, base);
    const time_t time = (time_t) base;
    struct tm tm;
    if (base < 0) {
      if (i == 0)
        puts ("never");
      return;
    }
    (void) strftime (text, sizeof text, "%a %Y-%m-%d %H:%M:%S UTC",
                     gmtime_r (&time, &tm));
    puts (text);
  }
}

static int
print_event (const char *event, int count, int64_t base)
{
  AUTO_BUFFER struct dc_buffer lines = DC_BUFFER_INIT (4096);
  struct dc_error err;
  struct di_error init_err;
  struct di_plan plan;
  struct di_calendar calendar;
  size_t position = 0;

  if (dc_buffer_print (&lines, &err,
                       "decant-init 1\nservice a\ntype oneshot\ntimer a\n"
                       "starts a\n") < 0 ||
      dc_init_calendar (event, &lines, &err) != 1) {
    printf ("%s: not understood\n", event);
    return 0;
  }
  AUTO_FREE char *text = strdup (dc_buffer_text (&lines));
  if (text == NULL || di_plan_parse (text, lines.size, &plan, &init_err) < 0) {
    printf ("%s: %s\n", event, init_err.text);
    return 1;
  }
  const struct di_line *line =
      di_trigger_next (&plan.triggers[0], DI_CALENDAR, &position);
  if (di_calendar_read (line, &calendar) < 0)
    return 1;
  print_times (&calendar, base, count);
  di_plan_release (&plan);
  return 0;
}

int
main (int argc, char **argv)
{
  char event[1024];

  if (argc != 3)
    return 2;
  while (fgets (event, sizeof event, stdin) != NULL) {
    event[strcspn (event, "\n")] = '\0';
    puts ("event");
    if (print_event (event, (int) strtol (argv[1], NULL, 10),
                     strtoll (argv[2], NULL, 10)) != 0)
      return 1;
  }
  return 0;
}

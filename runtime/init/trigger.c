/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/init/address.h"
#include "runtime/init/calendar.h"
#include "runtime/init/connection.h"
#include "runtime/init/trigger.h"
#include "runtime/init/verdict.h"

static const struct di_trigger_kind *
kind_of (const struct di_armed *armed)
{
  static const struct di_trigger_kind *const kinds[] = {
    [DI_OF_SOCKET] = &di_socket_kind,
    [DI_OF_TIMER] = &di_timer_kind,
    [DI_OF_PATH] = &di_path_kind,
  };

  return kinds[armed->trigger->kind];
}

static bool
is_down (const struct di_triggers *triggers, size_t service)
{
  return triggers->fleet->keepers[service] == 0 &&
         di_order_is_over (triggers->fleet->standings[service]);
}

/* When the clock is to wake us, and how many may still fire. */
static void
settle (struct di_triggers *triggers)
{
  size_t live = 0;

  di_clock_set (triggers);
  for (size_t i = 0; i < triggers->count; i++)
    live += !triggers->items[i].is_over && !triggers->items[i].is_idle;
  triggers->fleet->trigger_count = live;
}

int
di_triggers_begin (struct di_triggers *triggers, struct di_fleet *fleet,
                   struct di_sockets *sockets, struct di_error *err)
{
  const struct di_plan *plan = fleet->plan;

  *triggers = (struct di_triggers){ .fleet = fleet,
                                    .sockets = sockets,
                                    .start_ms = di_now_ms (),
                                    .start_s = time (NULL),
                                    .clock_fd = -1,
                                    .zone_fd = -1 };
  triggers->items = calloc (plan->trigger_count + 1, sizeof *triggers->items);
  if (triggers->items == NULL)
    return di_fail_errno (err, "cannot keep the triggers", NULL);
  triggers->count = plan->trigger_count;
  for (size_t i = 0; i < triggers->count; i++)
    triggers->items[i] = (struct di_armed){ .trigger = &plan->triggers[i],
                                            .index = i,
                                            .was_down = true,
                                            .up_ms = -1,
                                            .down_ms = -1,
                                            .last_ms = -1,
                                            .last_s = -1,
                                            .next_ms = DI_NEVER,
                                            .next_s = DI_NEVER };
  di_clock_open (triggers);
  for (size_t i = 0; i < triggers->count; i++)
    kind_of (&triggers->items[i])->arm (triggers, &triggers->items[i]);
  settle (triggers);
  return 0;
}

void
di_triggers_watch (const struct di_triggers *triggers, struct di_watch *watch)
{
  if (triggers->fleet->is_ending)
    return;
  di_clock_watch (triggers, watch);
  for (size_t i = 0; i < triggers->count; i++) {
    const struct di_armed *armed = &triggers->items[i];
    if (!armed->is_over)
      kind_of (armed)->watch (triggers, armed, watch);
  }
}

/* What became of the service since we last looked. */
static void
look (struct di_triggers *triggers, struct di_armed *armed)
{
  const bool down = is_down (triggers, armed->trigger->service);
  const uint64_t begun = triggers->fleet->begun[armed->trigger->service];
  /* Also one that was too fast to be seen up, whoever started it. */
  const bool has_begun = armed->was_down && (!down || begun != armed->begun);
  const bool has_ended =
      down && (has_begun || !armed->was_down || armed->has_fired);

  if (has_begun)
    armed->up_ms = di_now_ms ();
  armed->begun = begun;
  if (has_ended)
    armed->down_ms = di_now_ms ();
  const bool has_changed = has_ended || down != armed->was_down;
  armed->was_down = down;
  if (has_ended)
    armed->has_fired = false;
  /* Who may not start any more is not asked to; the clock goes on. */
  if (has_ended && armed->trigger->kind != DI_OF_TIMER &&
      triggers->fleet->records[armed->trigger->service].result ==
          DI_TOO_OFTEN) {
    di_trigger_give_up (triggers, armed);
    return;
  }
  if (has_changed && !armed->has_fired && !armed->is_over)
    kind_of (armed)->arm (triggers, armed);
}

void
di_triggers_act (struct di_triggers *triggers, const struct di_watch *watch)
{
  if (triggers->fleet->is_ending) {
    if (!triggers->is_ending)
      di_connections_stop (triggers);
    triggers->is_ending = true;
    return;
  }
  di_clock_act (triggers, watch);
  for (size_t i = 0; i < triggers->count; i++) {
    struct di_armed *armed = &triggers->items[i];
    look (triggers, armed);
    if (!armed->is_over)
      kind_of (armed)->act (triggers, armed, watch);
  }
  settle (triggers);
}

void
di_triggers_end (struct di_triggers *triggers)
{
  for (size_t i = 0; i < triggers->count; i++)
    kind_of (&triggers->items[i])->end (triggers, &triggers->items[i]);
  free (triggers->items);
  triggers->items = NULL;
  triggers->count = 0;
}

void
di_trigger_fire (struct di_triggers *triggers, struct di_armed *armed)
{
  armed->has_fired = true;
  armed->up_ms = di_now_ms ();
  armed->was_down = false;
  triggers->fleet->fires[armed->trigger->service] =
      (struct di_fire){ .trigger = armed->trigger,
                        .path = armed->good_path,
                        .real_us = di_wall_ms () * 1000,
                        .monotonic_us = di_now_ms () * 1000 };
  (void) di_fleet_order (triggers->fleet, armed->trigger->service,
                         DI_ORDER_START);
}

bool
di_trigger_is_too_often (struct di_armed *armed)
{
  const int64_t *limit = armed->trigger->limit;
  const int64_t now_ms = di_now_ms ();

  if (limit[0] == 0 || limit[1] == 0)
    return false;
  if (armed->hits == 0 || now_ms - armed->window_ms >= limit[1]) {
    armed->window_ms = now_ms;
    armed->hits = 0;
  }
  if (++armed->hits <= limit[0])
    return false;
  di_say (armed->trigger->name, "given up: more than ", DI_NUMBER (limit[0]),
          " starts in ", DI_NUMBER (limit[1]), " ms", NULL);
  return true;
}

void
di_trigger_give_up (struct di_triggers *triggers, struct di_armed *armed)
{
  armed->is_over = true;
  kind_of (armed)->end (triggers, armed);
}

static int
check_line (const struct di_line *line, struct di_error *err)
{
  struct di_address address;
  struct di_calendar calendar;

  if (line->keyword == DI_LISTEN &&
      di_address_parse ((enum di_listen) line->choice, line->words[1],
                        &address) < 0)
    return di_fail (err, "listen does not take '", line->words[1], "'", NULL);
  if (line->keyword == DI_OPTION)
    return di_option_check (line, err);
  if (line->keyword == DI_CALENDAR && di_calendar_read (line, &calendar) < 0)
    return di_fail (err, "calendar does not take such words", NULL);
  return 0;
}

static int
check_trigger (const struct di_plan *plan, struct di_trigger *trigger,
               struct di_error *err)
{
  const int service =
      trigger->starts == NULL ? -1 : di_plan_find (plan, trigger->starts);

  if (service < 0)
    return di_fail (err, "'", trigger->name, "' starts no service of the plan",
                    NULL);
  trigger->service = (size_t) service;
  for (size_t i = 0; i < trigger->line_count; i++) {
    const struct di_line *line = &trigger->lines[i];
    if (check_line (line, err) < 0)
      return di_context (err, "line ", DI_NUMBER (line->number), NULL);
  }
  return 0;
}

static bool
has_socket (const struct di_plan *plan, const char *name)
{
  for (size_t i = 0; i < plan->trigger_count; i++) {
    if (plan->triggers[i].kind == DI_OF_SOCKET &&
        strcmp (plan->triggers[i].name, name) == 0)
      return true;
  }
  return false;
}

int
di_triggers_check (struct di_plan *plan, struct di_error *err)
{
  for (size_t i = 0; i < plan->trigger_count; i++) {
    if (check_trigger (plan, &plan->triggers[i], err) < 0)
      return -1;
  }
  for (size_t i = 0; i < plan->line_count; i++) {
    const struct di_line *line = &plan->lines[i];
    for (size_t k = 0; line->keyword == DI_SOCKETS && k < line->count; k++) {
      if (!has_socket (plan, line->words[k]))
        return di_fail (err, "line ", DI_NUMBER (line->number),
                        ": there is no socket '", line->words[k], "'", NULL);
    }
  }
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <unistd.h>

#include "runtime/init/fleet.h"
#include "runtime/init/keeper.h"
#include "runtime/init/service.h"

int
di_fleet_begin (struct di_fleet *fleet, const struct di_plan *plan,
                struct di_error *err)
{
  *fleet = (struct di_fleet){ .plan = plan };
  fleet->records = di_records_make (plan->service_count);
  fleet->manager = di_manager_make ();
  if (fleet->records == NULL || fleet->manager == NULL)
    return di_fail_errno (err, "cannot keep records", NULL);
  for (size_t i = 0; i < plan->service_count; i++) {
    fleet->report_fds[i] = -1;
    fleet->causes[i] = DI_NO_CAUSE;
    fleet->records[i].main_status = -1;
  }
  for (size_t i = 0; i < plan->service_count; i++) {
    if (!plan->services[i].is_on_demand)
      di_tie_start (fleet, i);
  }
  return 0;
}

/* Service INDEX failed for good; what follows from that.  STATUS 0: because
 * another failed, whose status is the one to exit with.
 */
static void
fail (struct di_fleet *fleet, size_t index, int status)
{
  const struct di_service *service = &fleet->plan->services[index];

  fleet->standings[index] = DI_FAILED;
  if (fleet->is_ending)
    return;
  if (status > 0)
    fleet->status = status;
  if (service->is_essential && fleet->aims[index] != DI_AIM_AGAIN) {
    di_say (service->name, "is essential: stopping everything", NULL);
    di_fleet_stop (fleet, 1);
  }
}

/* Service INDEX is down, as its standing says. */
static void
ended (struct di_fleet *fleet, size_t index)
{
  di_tie_ended (fleet, index, fleet->standings[index] == DI_FAILED);
  if (fleet->aims[index] == DI_AIM_AGAIN)
    di_tie_start (fleet, index);
}

static void
start (struct di_fleet *fleet, size_t index)
{
  const struct di_service *services = fleet->plan->services;
  const size_t cause = fleet->causes[index];
  struct di_passing passing = { .count = 0 };

  if (fleet->sockets != NULL)
    di_sockets_pass (fleet->sockets, &services[index], &passing);
  passing.fire = fleet->fires[index];
  fleet->fires[index].trigger = NULL; /* of this start only */
  const struct di_keeping keeping = {
    .service = &services[index],
    .record = &fleet->records[index],
    .manager = fleet->manager,
    .cause = cause == DI_NO_CAUSE ? NULL : services[cause].name,
    .cause_record = cause == DI_NO_CAUSE ? NULL : &fleet->records[cause],
    .passing = &passing,
  };
  const pid_t pid = di_keeper_start (&keeping, &fleet->report_fds[index]);

  if (pid < 0) {
    fail (fleet, index, 1);
    ended (fleet, index);
    return;
  }
  fleet->keepers[index] = pid;
  fleet->begun[index]++;
  fleet->has_spoken[index] = false;
  fleet->reloads[index] = DI_RELOAD_NONE;
  fleet->standings[index] = DI_STARTING;
}

/* Start whose turn it is: true if anything changed. */
static bool
start_some (struct di_fleet *fleet)
{
  const struct di_plan *plan = fleet->plan;
  bool has_change = false;
  size_t needed;

  for (size_t i = 0; i < plan->service_count && !fleet->is_ending; i++) {
    /* The keeper of an earlier life may still be about to leave. */
    if (fleet->standings[i] != DI_WAITING || fleet->keepers[i] != 0)
      continue;
    switch (di_order_start (plan, fleet->standings, i, &needed)) {
    case DI_TURN_WAIT:
      continue;
    case DI_TURN_GO:
      start (fleet, i);
      break;
    case DI_TURN_NEVER:
      di_say (plan->services[i].name, "not started: it needs ",
              plan->services[needed].name, ", which failed", NULL);
      fail (fleet, i, 0);
      break;
    }
    has_change = true;
  }
  return has_change;
}

static void
stop_some (struct di_fleet *fleet)
{
  for (size_t i = 0; i < fleet->plan->service_count; i++) {
    if (fleet->standings[i] != DI_LEAVING ||
        !di_order_may_stop (fleet->plan, fleet->standings, i))
      continue;
    fleet->standings[i] = DI_STOPPING;
    kill (fleet->keepers[i], SIGTERM);
  }
}

void
di_fleet_stop (struct di_fleet *fleet, int status)
{
  if (fleet->is_ending)
    return;
  fleet->is_ending = true;
  fleet->status = status;
  for (size_t i = 0; i < fleet->plan->service_count; i++)
    di_tie_stop (fleet, i, DI_AIM_DOWN);
}

void
di_fleet_go_on (struct di_fleet *fleet)
{
  /* Once: what cannot start would be tried for ever. */
  if (!fleet->is_ending)
    (void) di_tie_uphold (fleet);
  while (!fleet->is_ending && start_some (fleet))
    ;
  if (!fleet->is_ending && fleet->trigger_count == 0 &&
      di_order_is_idle (fleet->plan, fleet->standings)) {
    di_say (NULL, "no service has anything left to do", NULL);
    di_fleet_stop (fleet, fleet->status);
  }
  stop_some (fleet);
}

static void
hear_end (struct di_fleet *fleet, size_t index, const struct di_report *report)
{
  const bool is_held = fleet->aims[index] == DI_AIM_HELD;

  fleet->has_spoken[index] = true;
  if (fleet->reloads[index] == DI_RELOAD_RUNS)
    fleet->reloads[index] = DI_RELOAD_FAILED;
  if (report->news == DI_NEWS_FAILED)
    fail (fleet, index, report->status);
  else
    fleet->standings[index] = is_held ? DI_STOPPED : DI_ENDED;
  ended (fleet, index);
}

static void
hear (struct di_fleet *fleet, size_t index, const struct di_report *report)
{
  static const enum di_standing standings[] = { [DI_NEWS_STARTED] = DI_UP,
                                                [DI_NEWS_TRIED] = DI_TRIED,
                                                [DI_NEWS_IDLE] = DI_IDLE };
  enum di_standing *standing = &fleet->standings[index];

  switch (report->news) {
  case DI_NEWS_STARTED:
  case DI_NEWS_TRIED:
  case DI_NEWS_IDLE:
    if (*standing != DI_LEAVING && *standing != DI_STOPPING)
      *standing = standings[report->news];
    break;
  case DI_NEWS_ENDED:
  case DI_NEWS_FAILED:
    hear_end (fleet, index, report);
    break;
  case DI_NEWS_RELOADED:
    fleet->reloads[index] =
        report->status == 0 ? DI_RELOAD_DONE : DI_RELOAD_FAILED;
    break;
  }
}

static void
listen_to (struct di_fleet *fleet, size_t index)
{
  struct di_report report;

  while (fleet->report_fds[index] >= 0 &&
         read (fleet->report_fds[index], &report, sizeof report) ==
             (ssize_t) sizeof report)
    hear (fleet, index, &report);
}

void
di_fleet_watch (const struct di_fleet *fleet, struct di_watch *watch)
{
  for (size_t i = 0; i < fleet->plan->service_count; i++)
    di_watch_add (watch, fleet->report_fds[i], POLLIN);
}

void
di_fleet_listen (struct di_fleet *fleet)
{
  for (size_t i = 0; i < fleet->plan->service_count; i++)
    listen_to (fleet, i);
}

void
di_fleet_child_ended (struct di_fleet *fleet, pid_t pid, int status)
{
  for (size_t i = 0; i < fleet->plan->service_count; i++) {
    if (fleet->keepers[i] != pid)
      continue;
    listen_to (fleet, i); /* its last words */
    close (fleet->report_fds[i]);
    fleet->report_fds[i] = -1;
    fleet->keepers[i] = 0;
    fleet->records[i].main_pid = 0;
    if (fleet->has_spoken[i])
      return;
    di_say (fleet->plan->services[i].name, "its keeper ",
            di_status_verb (status), DI_NUMBER (di_status_number (status)),
            NULL);
    fail (fleet, i, 1);
    ended (fleet, i);
    return;
  }
}

bool
di_fleet_is_over (const struct di_fleet *fleet)
{
  for (size_t i = 0; i < fleet->plan->service_count; i++) {
    if (fleet->keepers[i] != 0 || !di_order_is_over (fleet->standings[i]))
      return false;
  }
  return fleet->is_ending;
}

bool
di_fleet_can_reload (const struct di_fleet *fleet, size_t service)
{
  size_t position = 0;
  const struct di_line *line;

  if (fleet->plan->services[service].reload_signal > 0)
    return true;
  while ((line = di_next (&fleet->plan->services[service], DI_EXEC,
                          &position)) != NULL) {
    if (line->choice == DI_PHASE_RELOAD)
      return true;
  }
  return false;
}

/* Reload SERVICE alone. */
static bool
reload (struct di_fleet *fleet, size_t service)
{
  if ((fleet->standings[service] != DI_UP &&
       fleet->standings[service] != DI_IDLE) ||
      !di_fleet_can_reload (fleet, service) ||
      !di_keeper_order (fleet->keepers[service], DI_KEEPER_RELOAD, 0))
    return false;
  fleet->reloads[service] = DI_RELOAD_RUNS;
  return true;
}

static bool
reload_with_ties (struct di_fleet *fleet, size_t service)
{
  if (!reload (fleet, service))
    return false;
  for (size_t i = 0; i < fleet->plan->tie_count; i++) {
    const struct di_tie *tie = &fleet->plan->ties[i];
    if (tie->from == service && tie->kind == DI_TIE_RELOADS)
      (void) reload (fleet, tie->to); /* if it can be */
  }
  return true;
}

void
di_fleet_reload (struct di_fleet *fleet)
{
  for (size_t i = 0; i < fleet->plan->service_count && !fleet->is_ending; i++)
    (void) reload (fleet, i);
}

bool
di_fleet_order (struct di_fleet *fleet, size_t service, enum di_order order)
{
  const bool is_down = di_order_is_over (fleet->standings[service]);

  if (fleet->is_ending)
    return false;
  switch (order) {
  case DI_ORDER_START:
    di_tie_start (fleet, service);
    return true;
  case DI_ORDER_STOP:
    di_tie_stop (fleet, service, DI_AIM_HELD);
    return true;
  case DI_ORDER_RELOAD:
    return reload_with_ties (fleet, service);
  case DI_ORDER_RELOAD_OR_RESTART:
  case DI_ORDER_TRY_RELOAD_OR_RESTART:
    if (reload_with_ties (fleet, service))
      return true;
    break;
  case DI_ORDER_RESTART:
  case DI_ORDER_TRY_RESTART:
    break;
  }
  if (!is_down)
    di_tie_stop (fleet, service, DI_AIM_AGAIN);
  else if (order == DI_ORDER_RESTART || order == DI_ORDER_RELOAD_OR_RESTART)
    di_tie_start (fleet, service);
  return true;
}

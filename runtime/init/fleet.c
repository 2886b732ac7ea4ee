/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <unistd.h>

#include "runtime/init/fleet.h"
#include "runtime/init/keeper.h"
#include "runtime/init/service.h"

void
di_fleet_begin (struct di_fleet *fleet, const struct di_plan *plan)
{
  *fleet = (struct di_fleet){ .plan = plan };
  for (size_t i = 0; i < plan->service_count; i++)
    fleet->report_fds[i] = -1;
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
  if (service->is_essential) {
    di_say (service->name, "is essential: stopping everything", NULL);
    di_fleet_stop (fleet, 1);
  }
}

static void
start (struct di_fleet *fleet, size_t index)
{
  const struct di_service *service = &fleet->plan->services[index];
  const pid_t pid = di_keeper_start (service, &fleet->report_fds[index]);

  if (pid < 0) {
    fail (fleet, index, 1);
    return;
  }
  fleet->keepers[index] = pid;
  fleet->standings[index] = DI_STARTING;
}

/* Start whose turn it is: 1 if anything changed. */
static bool
start_some (struct di_fleet *fleet)
{
  const struct di_plan *plan = fleet->plan;
  bool has_change = false;
  size_t needed;

  for (size_t i = 0; i < plan->service_count && !fleet->is_ending; i++) {
    if (fleet->standings[i] != DI_WAITING)
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
    if (di_order_is_over (fleet->standings[i]) || fleet->is_told[i] ||
        !di_order_may_stop (fleet->plan, fleet->standings, i))
      continue;
    fleet->is_told[i] = true;
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
  for (size_t i = 0; i < fleet->plan->service_count; i++) {
    if (fleet->standings[i] == DI_WAITING)
      fleet->standings[i] = DI_ENDED;
  }
}

void
di_fleet_go_on (struct di_fleet *fleet)
{
  while (!fleet->is_ending && start_some (fleet))
    ;
  if (!fleet->is_ending && di_order_is_idle (fleet->plan, fleet->standings)) {
    di_say (NULL, "no service has anything left to do", NULL);
    di_fleet_stop (fleet, fleet->status);
  }
  if (fleet->is_ending)
    stop_some (fleet);
}

static void
hear (struct di_fleet *fleet, size_t index, const struct di_report *report)
{
  switch (report->news) {
  case DI_NEWS_STARTED:
    fleet->standings[index] = DI_UP;
    break;
  case DI_NEWS_TRIED:
    fleet->standings[index] = DI_TRIED;
    break;
  case DI_NEWS_IDLE:
    fleet->standings[index] = DI_IDLE;
    break;
  case DI_NEWS_ENDED:
    fleet->standings[index] = DI_ENDED;
    break;
  case DI_NEWS_FAILED:
    fail (fleet, index, report->status);
    break;
  }
}

void
di_fleet_listen (struct di_fleet *fleet)
{
  struct di_report report;

  for (size_t i = 0; i < fleet->plan->service_count; i++) {
    while (fleet->report_fds[i] >= 0 &&
           read (fleet->report_fds[i], &report, sizeof report) ==
               (ssize_t) sizeof report)
      hear (fleet, i, &report);
  }
}

void
di_fleet_child_ended (struct di_fleet *fleet, pid_t pid, int status)
{
  for (size_t i = 0; i < fleet->plan->service_count; i++) {
    if (fleet->keepers[i] != pid)
      continue;
    di_fleet_listen (fleet); /* its last words */
    close (fleet->report_fds[i]);
    fleet->report_fds[i] = -1;
    fleet->keepers[i] = 0;
    if (di_order_is_over (fleet->standings[i]))
      continue;
    di_say (fleet->plan->services[i].name, "its keeper ",
            di_status_verb (status), DI_NUMBER (di_status_number (status)),
            NULL);
    fail (fleet, i, 1);
  }
}

bool
di_fleet_is_over (const struct di_fleet *fleet)
{
  for (size_t i = 0; i < fleet->plan->service_count; i++) {
    if (fleet->keepers[i] != 0 || !di_order_is_over (fleet->standings[i]))
      return false;
  }
  return true;
}

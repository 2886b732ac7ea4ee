/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "runtime/init/fleet.h"
#include "runtime/init/verdict.h"

#define BIT(kind) (1U << (kind))

/* By kind, from the side of the line's service. */
#define PULLS (BIT (DI_TIE_WANTS) | BIT (DI_TIE_REQUIRES) | BIT (DI_TIE_BINDS))
#define FOLLOWS                                                                \
  (BIT (DI_TIE_REQUIRES) | BIT (DI_TIE_BINDS) | BIT (DI_TIE_PART_OF))

static bool
is_of (const struct di_tie *tie, unsigned kinds)
{
  return (BIT (tie->kind) & kinds) != 0;
}

/* Whom TIE stops when SERVICE stops: its index, or -1. */
static int
follower (const struct di_tie *tie, size_t service)
{
  if (tie->to == service && is_of (tie, FOLLOWS))
    return (int) tie->from;
  if (tie->from == service && tie->kind == DI_TIE_STOPS)
    return (int) tie->to;
  return -1;
}

/* Whom TIE stops when SERVICE starts. */
static int
opponent (const struct di_tie *tie, size_t service)
{
  if (tie->kind != DI_TIE_CONFLICTS || tie->from == tie->to)
    return -1;
  if (tie->from == service)
    return (int) tie->to;
  return tie->to == service ? (int) tie->from : -1;
}

/* The recursion ends because nobody starts who is starting already. */
void
di_tie_start (struct di_fleet *fleet, size_t service)
{
  const struct di_plan *plan = fleet->plan;
  enum di_standing *standing = &fleet->standings[service];

  if (*standing == DI_LEAVING || *standing == DI_STOPPING)
    fleet->aims[service] = DI_AIM_AGAIN;
  if (!di_order_is_over (*standing))
    return;
  *standing = DI_WAITING;
  fleet->aims[service] = DI_AIM_DOWN;
  fleet->causes[service] = DI_NO_CAUSE;
  for (size_t i = 0; i < plan->tie_count; i++) {
    const struct di_tie *tie = &plan->ties[i];
    const int other = opponent (tie, service);
    if (other >= 0)
      di_tie_stop (fleet, (size_t) other, DI_AIM_DOWN);
    if (tie->from == service && is_of (tie, PULLS))
      di_tie_start (fleet, tie->to);
  }
}

/* Likewise: nobody stops who is stopping already. */
void
di_tie_stop (struct di_fleet *fleet, size_t service, enum di_aim aim)
{
  const struct di_plan *plan = fleet->plan;
  enum di_standing *standing = &fleet->standings[service];

  if (di_order_is_over (*standing))
    return;
  if (*standing == DI_WAITING) {
    if (aim != DI_AIM_AGAIN)
      *standing = DI_DOWN;
    return;
  }
  fleet->aims[service] = aim;
  if (*standing == DI_LEAVING || *standing == DI_STOPPING)
    return;
  *standing = DI_LEAVING;
  for (size_t i = 0; i < plan->tie_count; i++) {
    const int other = follower (&plan->ties[i], service);
    if (other >= 0)
      di_tie_stop (fleet, (size_t) other, aim);
  }
}

static void
start_handler (struct di_fleet *fleet, size_t handler, size_t cause)
{
  if (!di_order_is_over (fleet->standings[handler]))
    return;
  di_say (fleet->plan->services[cause].name, "starts ",
          fleet->plan->services[handler].name, NULL);
  di_tie_start (fleet, handler);
  fleet->causes[handler] = cause;
}

void
di_tie_ended (struct di_fleet *fleet, size_t service, bool has_failed)
{
  const struct di_plan *plan = fleet->plan;
  const enum di_tie_kind handlers =
      has_failed ? DI_TIE_FAILURE : DI_TIE_SUCCESS;

  for (size_t i = 0; i < plan->tie_count && !fleet->is_ending; i++) {
    const struct di_tie *tie = &plan->ties[i];
    if (tie->from == service && tie->kind == handlers)
      start_handler (fleet, tie->to, service);
    else if (tie->to == service && tie->kind == DI_TIE_BINDS)
      di_tie_stop (fleet, tie->from, fleet->aims[service]);
  }
}

bool
di_tie_uphold (struct di_fleet *fleet)
{
  const struct di_plan *plan = fleet->plan;
  bool has_change = false;

  for (size_t i = 0; i < plan->tie_count; i++) {
    const struct di_tie *tie = &plan->ties[i];
    const enum di_standing up = fleet->standings[tie->from];
    if (tie->kind != DI_TIE_UPHOLDS || (up != DI_UP && up != DI_IDLE) ||
        !di_order_is_over (fleet->standings[tie->to]) ||
        fleet->records[tie->to].is_limited)
      continue;
    di_tie_start (fleet, tie->to);
    has_change = true;
  }
  return has_change;
}

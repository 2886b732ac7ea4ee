/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "runtime/init/order.h"

/* What a predecessor means for who comes after it, and for who needs it. */
static const struct {
  enum di_turn after, needing;
} turns[] = {
  [DI_DOWN] = { DI_TURN_GO, DI_TURN_NEVER },
  [DI_WAITING] = { DI_TURN_WAIT, DI_TURN_WAIT },
  [DI_STARTING] = { DI_TURN_WAIT, DI_TURN_WAIT },
  [DI_TRIED] = { DI_TURN_GO, DI_TURN_WAIT },
  [DI_UP] = { DI_TURN_GO, DI_TURN_GO },
  [DI_IDLE] = { DI_TURN_GO, DI_TURN_GO },
  [DI_LEAVING] = { DI_TURN_WAIT, DI_TURN_WAIT },
  [DI_STOPPING] = { DI_TURN_WAIT, DI_TURN_WAIT },
  [DI_STOPPED] = { DI_TURN_GO, DI_TURN_NEVER },
  [DI_ENDED] = { DI_TURN_GO, DI_TURN_GO },
  [DI_FAILED] = { DI_TURN_GO, DI_TURN_NEVER },
};

/* One whose conflict with INDEX is not settled yet. */
static bool
is_in_the_way (const struct di_plan *plan, const enum di_standing *standings,
               size_t index)
{
  for (size_t i = 0; i < plan->tie_count; i++) {
    const struct di_tie *tie = &plan->ties[i];
    if (tie->kind != DI_TIE_CONFLICTS ||
        (tie->from != index && tie->to != index))
      continue;
    const size_t other = tie->from == index ? tie->to : tie->from;
    if (standings[other] == DI_LEAVING || standings[other] == DI_STOPPING)
      return true;
  }
  return false;
}

enum di_turn
di_order_start (const struct di_plan *plan, const enum di_standing *standings,
                size_t index, size_t *needed)
{
  enum di_turn turn =
      is_in_the_way (plan, standings, index) ? DI_TURN_WAIT : DI_TURN_GO;

  for (size_t i = 0; i < plan->edge_count; i++) {
    const struct di_edge *edge = &plan->edges[i];
    if (edge->to != index)
      continue;
    const enum di_standing from = standings[edge->from];
    const enum di_turn wanted =
        edge->is_needed ? turns[from].needing : turns[from].after;
    if (wanted == DI_TURN_NEVER) {
      *needed = edge->from;
      return DI_TURN_NEVER;
    }
    if (wanted == DI_TURN_WAIT)
      turn = DI_TURN_WAIT;
  }
  return turn;
}

bool
di_order_may_stop (const struct di_plan *plan,
                   const enum di_standing *standings, size_t index)
{
  for (size_t i = 0; i < plan->edge_count; i++) {
    const struct di_edge *edge = &plan->edges[i];
    const enum di_standing to = standings[edge->to];
    if (edge->from == index && (to == DI_LEAVING || to == DI_STOPPING))
      return false;
  }
  return true;
}

bool
di_order_is_over (enum di_standing standing)
{
  return standing == DI_DOWN || standing >= DI_STOPPED;
}

bool
di_order_is_idle (const struct di_plan *plan, const enum di_standing *standings)
{
  /* What an order stopped is expected to be started by another. */
  for (size_t i = 0; i < plan->service_count; i++) {
    if (standings[i] == DI_STOPPED ||
        (!di_order_is_over (standings[i]) && standings[i] != DI_IDLE))
      return false;
  }
  return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "runtime/init/order.h"

/* What a predecessor means for who comes after it, and for who needs it. */
static const struct {
  enum di_turn after, needing;
} turns[] = {
  [DI_WAITING] = { DI_TURN_WAIT, DI_TURN_WAIT },
  [DI_STARTING] = { DI_TURN_WAIT, DI_TURN_WAIT },
  [DI_TRIED] = { DI_TURN_GO, DI_TURN_WAIT },
  [DI_UP] = { DI_TURN_GO, DI_TURN_GO },
  [DI_IDLE] = { DI_TURN_GO, DI_TURN_GO },
  [DI_ENDED] = { DI_TURN_GO, DI_TURN_GO },
  [DI_FAILED] = { DI_TURN_GO, DI_TURN_NEVER },
};

enum di_turn
di_order_start (const struct di_plan *plan, const enum di_standing *standings,
                size_t index, size_t *needed)
{
  enum di_turn turn = DI_TURN_GO;

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
    if (edge->from == index && !di_order_is_over (standings[edge->to]))
      return false;
  }
  return true;
}

bool
di_order_is_over (enum di_standing standing)
{
  return standing == DI_ENDED || standing == DI_FAILED;
}

bool
di_order_is_idle (const struct di_plan *plan, const enum di_standing *standings)
{
  for (size_t i = 0; i < plan->service_count; i++) {
    if (!di_order_is_over (standings[i]) && standings[i] != DI_IDLE)
      return false;
  }
  return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "lib/cleanup.h"
#include "runtime/init/order.h"
#include "tests/unit/unit.h"

/* 2 comes after 0 and needs 1; 3 is alone. */
static struct di_edge edges[] = {
  { .from = 0, .to = 2, .is_needed = false },
  { .from = 1, .to = 2, .is_needed = true },
};
static const struct di_plan plan = { .service_count = 4,
                                     .edges = edges,
                                     .edge_count = DC_COUNT (edges) };

static const struct {
  enum di_standing after, needed;
  enum di_turn turn;
} starts[] = {
  { DI_WAITING, DI_WAITING, DI_TURN_WAIT },
  { DI_UP, DI_STARTING, DI_TURN_WAIT },
  { DI_STARTING, DI_UP, DI_TURN_WAIT },
  { DI_UP, DI_UP, DI_TURN_GO },
  { DI_TRIED, DI_UP, DI_TURN_GO },   /* who only comes after does not wait */
  { DI_UP, DI_TRIED, DI_TURN_WAIT }, /* it may still come up */
  { DI_FAILED, DI_ENDED, DI_TURN_GO },
  { DI_ENDED, DI_IDLE, DI_TURN_GO },
  { DI_STARTING, DI_FAILED, DI_TURN_NEVER },
  { DI_DOWN, DI_UP, DI_TURN_GO },
  { DI_UP, DI_STOPPED, DI_TURN_NEVER },
  { DI_LEAVING, DI_UP, DI_TURN_WAIT }, /* a restart of both, in order */
  { DI_UP, DI_STOPPING, DI_TURN_WAIT },
};

START_TEST (test_start)
{
  const enum di_standing standings[] = { starts[_i].after, starts[_i].needed,
                                         DI_WAITING, DI_WAITING };
  size_t needed = 99;

  ck_assert_int_eq (di_order_start (&plan, standings, 2, &needed),
                    starts[_i].turn);
  ck_assert_uint_eq (needed, starts[_i].turn == DI_TURN_NEVER ? 1 : 99);
  ck_assert_int_eq (di_order_start (&plan, standings, 3, &needed), DI_TURN_GO);
}
END_TEST

START_TEST (test_stop_is_backwards)
{
  enum di_standing standings[] = { DI_LEAVING, DI_LEAVING, DI_STOPPING,
                                   DI_LEAVING };

  ck_assert (!di_order_may_stop (&plan, standings, 0));
  ck_assert (!di_order_may_stop (&plan, standings, 1));
  ck_assert (di_order_may_stop (&plan, standings, 2));
  ck_assert (di_order_may_stop (&plan, standings, 3));
  standings[2] = DI_ENDED;
  ck_assert (di_order_may_stop (&plan, standings, 0));
  standings[2] = DI_UP; /* an order, which it outlives */
  ck_assert (di_order_may_stop (&plan, standings, 0));
}
END_TEST

START_TEST (test_conflict_is_settled_first)
{
  static struct di_tie ties[] = {
    { .from = 0, .to = 1, .kind = DI_TIE_CONFLICTS }
  };
  const struct di_plan two = { .service_count = 2,
                               .ties = ties,
                               .tie_count = 1 };
  enum di_standing standings[] = { DI_WAITING, DI_STOPPING };
  size_t needed;

  ck_assert_int_eq (di_order_start (&two, standings, 0, &needed), DI_TURN_WAIT);
  standings[1] = DI_STOPPED;
  ck_assert_int_eq (di_order_start (&two, standings, 0, &needed), DI_TURN_GO);
  standings[1] = DI_WAITING;
  standings[0] = DI_LEAVING;
  ck_assert_int_eq (di_order_start (&two, standings, 1, &needed), DI_TURN_WAIT);
}
END_TEST

START_TEST (test_idle)
{
  enum di_standing standings[] = { DI_ENDED, DI_FAILED, DI_IDLE, DI_UP };

  ck_assert (!di_order_is_idle (&plan, standings));
  standings[3] = DI_TRIED;
  ck_assert (!di_order_is_idle (&plan, standings));
  standings[3] = DI_IDLE;
  ck_assert (di_order_is_idle (&plan, standings));
  standings[3] = DI_DOWN;
  ck_assert (di_order_is_idle (&plan, standings));
  standings[3] = DI_STOPPED; /* who stopped it will start it again */
  ck_assert (!di_order_is_idle (&plan, standings));
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_start, 0, DC_COUNT (starts));
  tcase_add_test (tcase, test_stop_is_backwards);
  tcase_add_test (tcase, test_conflict_is_settled_first);
  tcase_add_test (tcase, test_idle);
}

int
main (void)
{
  return unit_run ("init-order", add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_INITFACT_H
#define DC_TRANSFORM_INITFACT_H

/* initfact: what a condition of a unit asks, answered where the answer is known
 * when converting, else as a test of decant-init (plan.h, "condition").
 *
 * A container has no firmware, kernel command line, security module or first
 * boot of its own; the host name, the system's release and its variables are
 * those of the guest.
 *
 * Source: systemd.unit(5), "Conditions and Asserts"; what it leaves open, such
 * as values that make no sense, is measured by tests/contract/cases/facts.
 */

#include "transform/init/initcompiler.h"

enum dc_answer {
  DC_ANSWER_FALSE,
  DC_ANSWER_TRUE,
  DC_ANSWER_ASK,     /* decant-init asks TEST of WORD */
  DC_ANSWER_WRONG,   /* makes no sense: false, even with "!" */
  DC_ANSWER_NO_PATH, /* a path that is none: systemd ignores the line */
  DC_ANSWER_UNKNOWN, /* nobody looks: taken as true */
};

struct dc_fact {
  const char *name;  /* "PathExists" of ConditionPathExists= */
  const char *value; /* without "|" and "!" */
  const char *test;  /* of DC_ANSWER_ASK: the plan's word */
  bool is_opposite;  /* the test is true where the fact is not */
  struct dc_buffer word;
};

/* The answer to FACT, whose name and value are set; -1: DC_ERR_SYSTEM ... */
int dc_init_answer (const struct dc_initservice *service, struct dc_fact *fact,
                    struct dc_error *err);

#endif

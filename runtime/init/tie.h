/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_TIE_H
#define DC_INIT_TIE_H

/* tie: what a service has to do with others, beside the order.
 *
 *   wants, requires   they are started with it; required ones take it with
 *                     them when they are stopped or restarted
 *   binds             the same as requires, and also when they end
 *   part-of           it is stopped and restarted with them
 *   conflicts         they are stopped when it starts, and it when they do
 *   stops, reloads    they are stopped, reloaded with it
 *   upholds           they are started whenever it is up and they are not, but
 *                     for the start limit
 *   failure, success  they are started when it ended so for good
 *
 * Source: systemd.unit(5).
 */

/* In the order of the plan's words. */
enum di_tie_kind {
  DI_TIE_WANTS,
  DI_TIE_REQUIRES,
  DI_TIE_BINDS,
  DI_TIE_PART_OF,
  DI_TIE_CONFLICTS,
  DI_TIE_STOPS,
  DI_TIE_RELOADS,
  DI_TIE_UPHOLDS,
  DI_TIE_FAILURE,
  DI_TIE_SUCCESS
};

/* FROM's line names TO. */
struct di_tie {
  unsigned from, to;
  enum di_tie_kind kind;
};

#endif

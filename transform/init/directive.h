/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_DIRECTIVE_H
#define DC_TRANSFORM_DIRECTIVE_H

/* directive: what becomes of each setting of a unit.
 *
 * One row for every item that `systemd --dump-configuration-items` of systemd
 * 252 prints for [Unit], [Install], [Timer], [Path], [Service] and [Socket],
 * and for those that came up to 257.  tests/functional/test-directives.sh
 * compares the rows with systemd; every row that is DONE has a case in
 * tests/contract/cases, which runs under systemd and under decant-init.
 * decant-units(7) is made from the rows.
 *
 * The rows are in directiveunit.c, directiveservice.c and directivesocket.c.
 */

#include <stddef.h>

enum dc_fate {
  DC_FATE_DONE,     /* decant-init does it, as systemd */
  DC_FATE_MOOT,     /* says nothing about how the service runs in a container */
  DC_FATE_CONFINED, /* moved: the container's own confinement takes its place */
  DC_FATE_LIMITED,  /* moved: the container's own limits take its place */
  DC_FATE_IGNORED,  /* not done, with a finding */
  DC_FATE_REFUSED,  /* the service is left out, with a finding */
};

struct dc_directive {
  const char *key; /* "ExecStart" */
  enum dc_fate fate;
  unsigned since; /* the version of systemd it came with; 0: 252 or before */
  const char *reason; /* why, or what is different; NULL when it is plain */
};

/* The row of KEY in SECTION ("Service"); NULL when systemd has no such item. */
const struct dc_directive *dc_directive_find (const char *section,
                                              const char *key);
/* The rows of SECTION, sorted by key in byte order, and how many; NULL and 0
 * when it has none.
 */
const struct dc_directive *dc_directive_rows (const char *section,
                                              size_t *count);
/* "done", "moot", "confined", "limited", "ignored", "refused". */
const char *dc_fate_name (enum dc_fate fate);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TESTS_UNIT_ENDPOINTS_H
#define DC_TESTS_UNIT_ENDPOINTS_H

/* endpoints: what a small guest listens on, as text. */

#include "analyzer/profile.h"
#include "lib/tree/backends.h"

/* The endpoints of the guest, its connections and its findings, as lines
 *
 *   SERVICE tcp ADDRESS PORT CONFIDENCE FILE:LINE
 *   SERVICE unix PATH CONFIDENCE FILE:LINE
 *   SERVICE -> tcp HOST PORT CONFIDENCE FILE:LINE
 *   SERVICE -> unix PATH CONFIDENCE FILE:LINE
 *   ID FILE:LINE TEXT
 *
 * with * for any address of both families; into B, cleared first.
 */
int print_endpoints (const struct dc_memory_file *files, size_t count,
                     struct dc_buffer *b, struct dc_error *err);
/* They must be EXPECTED. */
void check_endpoints (const struct dc_memory_file *files, size_t count,
                      const char *expected);

/* A guest that starts s.service with the SETTINGS of its [Service] section,
 * and has the file CONF at PATH, and the MORE_COUNT files MORE.
 */
struct small_guest {
  const char *settings, *path, *conf;
  const struct dc_memory_file *more;
  size_t more_count;
};
int print_guest (const struct small_guest *guest, struct dc_buffer *b,
                 struct dc_error *err);
void check_guest (const struct small_guest *guest, const char *expected);
/* With each allocation failing in turn it is refused for that, and says the
 * same as ever once none fails.
 */
void check_guest_no_memory (const struct small_guest *guest);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_CLI_ANALYZEFLEET_H
#define DC_CLI_ANALYZEFLEET_H

/* analyzefleet: `decant analyze` of many sources.
 *
 * As JSON one line a source, in the order given: its profile, or an object
 * with "source" and "error" where it could not be read.  As text one line a
 * source in a table, and the reasons on stderr.
 */

#include "cli/fleet.h"
#include "cli/sourceoptions.h"

struct dc_analyze_fleet {
  const struct dc_source_flags *flags;
  const char *const *sources;
  size_t count;
  unsigned jobs;
  unsigned group_max; /* as struct dc_fleet has it */
  bool is_json;
  int fd; /* results go there */
};

/* 0 and in *HAS_FAILURES whether one could not be read, or -1 as
 * dc_fleet_run().
 */
int dc_analyze_fleet (const struct dc_analyze_fleet *analyze,
                      struct dc_terminal *terminal, bool *has_failures,
                      struct dc_error *err);
/* JSON on a line of its own. */
int dc_analyze_line (int fd, const json_t *json, struct dc_error *err);
/* The line of a SOURCE that could not be read. */
int dc_analyze_failure (int fd, const char *source, const char *reason,
                        struct dc_error *err);

#endif

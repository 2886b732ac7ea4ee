/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_CLI_ANALYZETOGETHER_H
#define DC_CLI_ANALYZETOGETHER_H

/* analyzetogether: several guests analyzed by this process through one start
 * of the appliance.  As JSON, lines as in analyzefleet.h.
 *
 * The fleet (fleet.h) runs this in processes of their own, and reads again
 * alone what could not be read here: reasons given here are short.
 */

#include "cli/sourceoptions.h"

struct dc_analyze_together {
  const struct dc_source_flags *flags;
  const char *const *sources;
  size_t count;
  struct dc_source_work work;
  int fd; /* results go there */
};

/* 0 and in *HAS_FAILURES whether one could not be read, or -1: as
 * dc_source_run_together().
 */
int dc_analyze_together (const struct dc_analyze_together *together,
                         struct dc_terminal *terminal, bool *has_failures,
                         struct dc_error *err);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_CLI_FLEET_H
#define DC_CLI_FLEET_H

/* fleet: many guests analyzed at once, each by a process of its own, so that
 * one that cannot be read, or crashes us, is one failure.
 *
 * The processes are this same program, told to analyze one source as JSON.
 *
 *   ask        reads it without the appliance, or says (DC_EXIT_APPLIANCE)
 *              that only that can
 *   together   those of which this was said, several in one start of the
 *              appliance, which costs much more than reading a guest
 *   alone      those that failed there, and all if none may share
 *
 * When there is nobody left to ask among the next DC_FLEET_PENDING_MAX, those
 * that wait for the appliance are spread over the jobs that are free.  What
 * fails together says nothing: each guest's failure is that of reading it alone.
 *
 * Results are given in the order of the sources, whatever order they come in;
 * those that wait for an earlier one lie in unnamed files.
 */

#include <jansson.h>

#include "analyzer/source/source.h"
#include "cli/terminal.h"
#include "lib/words.h"

#define DC_FLEET_JOBS_MAX 64     /* guests at once */
#define DC_FLEET_GROUP_MAX 26    /* guests in one appliance: appliance.h */
#define DC_FLEET_PENDING_MAX 256 /* results that wait for an earlier one */
#define DC_FLEET_RESULT_MAX ((size_t) 256 * 1024 * 1024) /* bytes of JSON */

struct dc_fleet {
  const char *const *sources;
  size_t count;
  unsigned jobs;           /* 0: as many as there are processors */
  unsigned group_max;      /* guests that share an appliance; 1: none does */
  enum dc_backend backend; /* how the user wants them to be read */
  const struct dc_words *options; /* for each process, before the source */
  struct dc_terminal *terminal;
  /* Called for each source in order: its PROFILE, or NULL and the REASON why
   * there is none.
   */
  int (*take) (void *self, const char *source, const json_t *profile,
               const char *reason, struct dc_error *err);
  void *self;
};

/* 0 and in *FAILED how many could not be read, or -1: DC_ERR_CANCELLED,
 * DC_ERR_SYSTEM, what TAKE fails with; then no process of ours is left.
 */
int dc_fleet_run (const struct dc_fleet *fleet, size_t *failed,
                  struct dc_error *err);

#endif

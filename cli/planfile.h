/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_CLI_PLANFILE_H
#define DC_CLI_PLANFILE_H

/* planfile: a plan on this host's disk, and the source that it names.
 *
 * What a plan names without a leading slash is below the plan's own folder, so
 * that both can be moved together.
 */

#include "cli/sourceoptions.h"
#include "transform/plan.h"

struct dc_plan_file {
  char *path;
  struct dc_buffer text;
  struct dc_plan *plan;
  /* What opens its source; the texts are the file's own. */
  char *source;
  struct dc_source_flags flags;
  struct dc_yaml_texts paths; /* that FLAGS refers to */
};

/* Does the operand name a plan: "x.yaml", "x.yml", "plan:FILE"? */
bool dc_plan_file_is (const char *operand);
/* Read OPERAND into *FILE (release it, also after a failure).  GIVEN are the
 * options of the command line, which go before what the plan says; SOURCE is
 * the source they name, NULL: the plan's.
 */
int dc_plan_file_read (const char *operand, const struct dc_source_flags *given,
                       const char *source, struct dc_plan_file *file,
                       struct dc_error *err);
void dc_plan_file_release (struct dc_plan_file *file);
/* What a plan at OUTPUT (NULL: in this folder) says of the source NAME with
 * FLAGS.  *OUT, zeroed by the caller, is a plan's, which
 * is released with dc_plan_release(), also after a failure.
 */
int dc_plan_file_source (const char *output, const char *name,
                         const struct dc_source_flags *flags,
                         struct dc_plan_source *out, struct dc_error *err);

#endif

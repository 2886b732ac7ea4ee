/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_JOB_JOBSECTION_H
#define DC_ANALYZER_JOB_JOBSECTION_H

/* jobsection: the jobs as a section of the profile (analyzer/section.h). */

#include "analyzer/section.h"

int dc_jobs_read (struct dc_tree *tree, struct dc_profile *profile,
                  struct dc_error *err);
json_t *dc_jobs_json (const struct dc_profile *profile);
int dc_jobs_text (struct dc_page *page, struct dc_error *err);
void dc_jobs_forget (struct dc_profile *profile);

#endif

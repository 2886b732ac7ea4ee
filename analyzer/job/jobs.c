/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/job/jobs.h"
#include "analyzer/profile.h"
#include "lib/array.h"

static void
release (struct dc_job *job)
{
  free (job->evidence.file);
  dc_words_release (&job->environment);
  dc_words_release (&job->variables);
  dc_words_release (&job->texts);
}

/* TEXT may be NULL. */
static int
keep (struct dc_job *job, const char *text, const char **out,
      struct dc_error *err)
{
  if (text == NULL)
    return 0;
  if (dc_words_add (&job->texts, text, err) < 0)
    return -1;
  *out = job->texts.items[job->texts.count - 1];
  return 0;
}

static int
copy_job (const struct dc_job *from, const char *file, struct dc_job *to,
          struct dc_error *err)
{
  if (keep (to, from->name, &to->name, err) < 0 ||
      keep (to, from->schedule, &to->schedule, err) < 0 ||
      keep (to, from->normal, &to->normal, err) < 0 ||
      keep (to, from->user, &to->user, err) < 0 ||
      keep (to, from->command, &to->command, err) < 0 ||
      keep (to, from->input, &to->input, err) < 0)
    return -1;
  to->evidence.file = strdup (file);
  if (to->evidence.file == NULL)
    return dc_fail_errno (err, "cannot keep a job");
  for (size_t i = 0; i < from->environment.count; i++)
    if (dc_words_add (&to->environment, from->environment.items[i], err) < 0)
      return -1;
  for (size_t i = 0; i < from->variables.count; i++)
    if (dc_words_add (&to->variables, from->variables.items[i], err) < 0)
      return -1;
  return 0;
}

int
dc_jobs_add (struct dc_jobs *jobs, const struct dc_job *job, const char *file,
             unsigned line, struct dc_error *err)
{
  struct dc_job added = {
    .kind = job->kind,
    .problem = job->problem,
    .confidence = job->confidence,
    .evidence = { .line = line },
  };

  if (jobs->count >= DC_JOB_MAX) {
    jobs->lost++;
    return 0;
  }
  if (DC_ARRAY_GROW (jobs->items, jobs->count, DC_JOB_MAX, "jobs", err) < 0)
    return -1;
  if (copy_job (job, file, &added, err) < 0) {
    release (&added);
    return -1;
  }
  jobs->items[jobs->count++] = added;
  return 0;
}

void
dc_jobs_release (struct dc_jobs *jobs)
{
  for (size_t i = 0; i < jobs->count; i++)
    release (&jobs->items[i]);
  free (jobs->items);
  *jobs = (struct dc_jobs){ NULL, 0, 0 };
}

bool
dc_jobs_has_daemon (const struct dc_profile *profile, const char *const *names)
{
  for (; *names != NULL; names++) {
    const struct dc_unit *unit = dc_units_find (profile->units, *names);
    if (unit != NULL && unit->is_started)
      return true;
  }
  return false;
}

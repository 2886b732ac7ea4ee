/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/job/jobsection.h"
#include "analyzer/profilejson.h"
#include "lib/json.h"

int
dc_jobs_read (struct dc_tree *tree, struct dc_profile *profile,
              struct dc_error *err)
{
  int (*const readers[]) (struct dc_tree *, struct dc_profile *,
                          struct dc_error *) = {
    dc_cronjobs_read,
    dc_atjobs_read,
    dc_timerjobs_read,
    dc_bootjobs_read,
  };

  for (size_t i = 0; i < DC_COUNT (readers); i++)
    if (readers[i](tree, profile, err) < 0)
      return -1;
  if (dc_cron_units_add (profile, err) < 0)
    return -1;
  return profile->jobs.lost == 0
             ? 0
             : dc_profile_note (profile, "jobs.limit", NULL, 0, err,
                                "%llu further jobs are left out",
                                (unsigned long long) profile->jobs.lost);
}

static json_t *
job_json (const struct dc_job *job)
{
  static const char *const kinds[] = { "cron", "anacron", "script",
                                       "at",   "timer",   "boot" };
  static const char *const confidences[] = { "observed", "declared", "inferred",
                                             "unknown" };
  json_t *json = json_object (), *environment = json_array ();

  for (size_t i = 0; i < job->environment.count; i++)
    dc_json_push (&environment, dc_json_bytes (job->environment.items[i]));
  dc_json_put_text (&json, "kind", kinds[job->kind]);
  dc_json_put_text (&json, "name", job->name);
  dc_json_put_text (&json, "schedule", job->schedule);
  dc_json_put_text (&json, "normal", job->normal);
  dc_json_put_text (&json, "user", job->user);
  dc_json_put_text (&json, "command", job->command);
  dc_json_put (&json, "environment", environment);
  dc_json_put_bool (&json, "enabled", job->problem == NULL);
  dc_json_put_text (&json, "problem", job->problem);
  dc_json_put_text (&json, "confidence", confidences[job->confidence]);
  dc_json_put (&json, "evidence",
               dc_evidence_json (job->evidence.file, job->evidence.line));
  return json;
}

json_t *
dc_jobs_json (const struct dc_profile *profile)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < profile->jobs.count; i++)
    dc_json_push (&json, job_json (&profile->jobs.items[i]));
  return json;
}

/* The lines that only run a folder of scripts are not shown beside them. */
static bool
is_shown (const json_t *item)
{
  const char *command = dc_page_text (item, "command");

  return dc_page_is (item, "enabled") &&
         (command == NULL || strstr (command, "run-parts") == NULL);
}

/* NAME as people say it: a timer without its suffix, a job without a name by
 * its kind.
 */
static int
print_name (const json_t *item, struct dc_buffer *b, struct dc_error *err)
{
  const char *name = dc_page_text (item, "name");
  const char *kind = dc_page_text (item, "kind");
  const char *text = name != NULL ? name : kind;
  size_t size = text != NULL ? strlen (text) : 0;

  if (name != NULL && size > strlen (".timer") &&
      strcmp (name + size - strlen (".timer"), ".timer") == 0)
    size -= strlen (".timer");
  return dc_buffer_append (b, text, size, err);
}

static int
add_row (struct dc_columns *columns, const json_t *item, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer name = DC_BUFFER_INIT (DC_PAGE_SIZE_MAX);
  const char *user = dc_page_text (item, "user");

  if (print_name (item, &name, err) < 0)
    return -1;
  /* Most run as root, and the room is needed for what they run. */
  const char *const cells[] = {
    dc_buffer_text (&name), dc_page_text (item, "normal"),
    user != NULL && strcmp (user, "root") == 0 ? NULL : user,
    dc_page_text (item, "command")
  };
  return dc_columns_add (columns, cells, err);
}

int
dc_jobs_text (struct dc_page *page, struct dc_error *err)
{
  const json_t *items = json_object_get (page->json, "jobs");
  AUTO_COLUMNS struct dc_columns columns = { .count = 4 };
  size_t shown = 0;

  for (size_t i = 0; i < json_array_size (items); i++) {
    const json_t *item = json_array_get (items, i);
    if (is_shown (item) && shown++ < DC_PAGE_LIST_MAX &&
        add_row (&columns, item, err) < 0)
      return -1;
  }
  return dc_page_table (page, "Jobs", &columns, shown, err);
}

void
dc_jobs_forget (struct dc_profile *profile)
{
  dc_jobs_release (&profile->jobs);
}

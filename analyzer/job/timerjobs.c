/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/job/jobs.h"
#include "analyzer/profile.h"
#include "analyzer/unit/unittrigger.h"

/* systemd's timers that start; those that do not are among the units. */

static int
add_timer (struct dc_profile *profile, const struct dc_unit *timer,
           struct dc_error *err)
{
  AUTO_FREE char *triggered = NULL;
  AUTO_BUFFER struct dc_buffer written = DC_BUFFER_INIT (DC_TRIGGER_SIZE_MAX);
  AUTO_BUFFER struct dc_buffer normal = DC_BUFFER_INIT (DC_TRIGGER_SIZE_MAX);
  const struct dc_setting *first = NULL, *command = NULL;
  size_t position = 0;

  if (dc_unit_schedule (timer, &written, &normal, &first, err) < 0 ||
      dc_unit_triggered (timer, &triggered, err) < 0)
    return -1;
  const struct dc_unit *service =
      triggered != NULL ? dc_units_find (profile->units, triggered) : NULL;
  struct dc_job job = {
    .kind = DC_JOB_TIMER,
    .name = timer->name,
    .schedule = dc_buffer_text (&written),
    .normal = dc_buffer_text (&normal),
    .command = triggered,
    .confidence = DC_DECLARED,
  };
  if (service == NULL || service->state == DC_UNIT_MASKED ||
      service->state == DC_UNIT_BAD) {
    job.problem = "the unit that it starts cannot be started";
  } else {
    job.user = dc_unit_value (service, "Service", "User", NULL);
    if (job.user == NULL)
      job.user = "root";
    if (dc_unit_next (service, "Service", "ExecStart", &position, &command) ==
        1)
      job.command = command->value;
  }
  return dc_jobs_add (&profile->jobs, &job,
                      first != NULL ? first->file : timer->file,
                      first != NULL ? first->line : 0, err);
}

int
dc_timerjobs_read (struct dc_tree *tree, struct dc_profile *profile,
                   struct dc_error *err)
{
  (void) tree; /* the units are read */
  for (size_t i = 0; i < profile->units->count; i++) {
    const struct dc_unit *unit = &profile->units->items[i];
    if (unit->is_started && unit->file != NULL &&
        dc_unit_has_type (unit->name, "timer") &&
        add_timer (profile, unit, err) < 0)
      return -1;
  }
  return 0;
}

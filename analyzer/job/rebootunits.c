/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/job/jobs.h"
#include "analyzer/profile.h"
#include "lib/buffer.h"
#include "lib/text.h"

/* What cron starts at boot (@reboot) is a service in all but name, so that it
 * is told as a unit too.  Its command is cron's: a line for the shell.
 */

#define COMMAND_MAX ((size_t) 4 * 1024 * 1024) /* bytes, quoted */

/* "/bin/sh -c "COMMAND"", so that systemd's words are the shell's. */
static int
print_command (const char *command, struct dc_buffer *b, struct dc_error *err)
{
  if (dc_buffer_print (b, err, "/bin/sh -c \"") < 0)
    return -1;
  for (const char *p = command; *p != '\0'; p++) {
    const char *before = "";
    if (*p == '"' || *p == '\\')
      before = "\\";
    else if (*p == '$' || *p == '%')
      before = *p == '$' ? "$" : "%"; /* doubled, it means itself */
    if (dc_buffer_print (b, err, "%s%c", before, *p) < 0)
      return -1;
  }
  return dc_buffer_print (b, err, "\"");
}

/* "cron-etc-crontab-3.service", of the job's file and line. */
static int
make_name (const struct dc_job *job, char **out, struct dc_error *err)
{
  AUTO_FREE char *path = NULL;

  return dc_unit_escape_path (job->evidence.file, &path, err) < 0
             ? -1
             : dc_text_print (out, err, "cron-%s-%u.service", path,
                              job->evidence.line);
}

static int
fill (struct dc_unit *unit, const struct dc_job *job, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer command = DC_BUFFER_INIT (COMMAND_MAX);
  struct dc_setting setting = {
    .file = job->evidence.file,
    .line = job->evidence.line,
  };

  if (make_name (job, &unit->name, err) < 0 ||
      print_command (job->command, &command, err) < 0 ||
      dc_text_print (&unit->started_by, err, "%s:%u", job->evidence.file,
                     job->evidence.line) < 0)
    return -1;
  const char *const settings[][3] = {
    { "Unit", "Description", "cron at boot" },
    { "Service", "User", job->user },
    { "Service", "ExecStart", dc_buffer_text (&command) },
  };
  for (size_t i = 0; i < DC_COUNT (settings); i++) {
    setting.section = settings[i][0];
    setting.key = settings[i][1];
    setting.value = settings[i][2];
    if (setting.value != NULL && dc_unit_set (unit, &setting, err) < 0)
      return -1;
  }
  return 0;
}

static int
add_unit (struct dc_profile *profile, const struct dc_job *job,
          struct dc_error *err)
{
  struct dc_unit unit = {
    .manager = DC_MANAGER_CRON,
    .state = DC_UNIT_GENERATED,
    .is_started = true,
  };
  struct dc_units more = { .items = &unit, .count = 1 };

  int status = fill (&unit, job, err);
  if (status == 0 && dc_unit_kind (unit.name) != DC_NAME_BAD)
    status = dc_units_join (profile->units, &more, err);
  dc_unit_release (&unit);
  if (status < 0 && err->code == DC_ERR_LIMIT)
    return dc_profile_note (profile, "units.limit", job->evidence.file,
                            job->evidence.line, err,
                            "there are too many units for one more");
  return status;
}

int
dc_reboot_units_add (struct dc_profile *profile, struct dc_error *err)
{
  size_t left = DC_REBOOT_UNIT_MAX;

  for (size_t i = 0; i < profile->jobs.count && left > 0; i++) {
    const struct dc_job *job = &profile->jobs.items[i];
    if (job->kind != DC_JOB_CRON || job->problem != NULL ||
        job->normal == NULL || strcmp (job->normal, "boot") != 0)
      continue;
    left--;
    if (add_unit (profile, job, err) < 0)
      return -1;
  }
  return 0;
}

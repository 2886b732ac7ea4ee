/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/job/jobs.h"
#include "analyzer/profile.h"
#include "lib/buffer.h"
#include "lib/text.h"

/* What cron starts is a service in all but name, at boot (@reboot) or by a
 * timer, so that it is told as units too: a converted system runs the jobs
 * without a cron.  The command is cron's: a line for the shell.
 *
 * Source: crontab(5); cron(8) of Debian 12: what a job finds when it starts.
 */

#define COMMAND_MAX ((size_t) 4 * 1024 * 1024) /* bytes, quoted */

/* TEXT in quotes, for systemd's words.  A dollar sign is doubled in commands;
 * a percent sign always is, so that it means itself.
 */
static int
print_quoted (const char *text, bool is_command, struct dc_buffer *b,
              struct dc_error *err)
{
  if (dc_buffer_print (b, err, "\"") < 0)
    return -1;
  for (const char *p = text; *p != '\0'; p++) {
    const char *before = "";
    if (*p == '"' || *p == '\\')
      before = "\\";
    else if (*p == '%' || (*p == '$' && is_command))
      before = *p == '$' ? "$" : "%";
    if (dc_buffer_print (b, err, "%s%c", before, *p) < 0)
      return -1;
  }
  return dc_buffer_print (b, err, "\"");
}

/* The value that VARIABLES have for NAME, or NULL. */
static const char *
find_variable (const struct dc_words *variables, const char *name)
{
  const size_t size = strlen (name);

  for (size_t i = 0; i < variables->count; i++)
    if (strncmp (variables->items[i], name, size) == 0 &&
        variables->items[i][size] == '=')
      return variables->items[i] + size + 1;
  return NULL;
}

/* "/bin/sh -c "COMMAND"", with the job's own shell. */
static int
print_command (const struct dc_job *job, struct dc_buffer *b,
               struct dc_error *err)
{
  const char *shell = find_variable (&job->variables, "SHELL");

  return dc_buffer_print (b, err, "%s -c ",
                          shell != NULL && shell[0] == '/' ? shell
                                                           : "/bin/sh") < 0
             ? -1
             : print_quoted (job->command, true, b, err);
}

/* "cron-etc-crontab-3.service", of the job's file and line. */
static int
make_name (const struct dc_job *job, const char *type, char **out,
           struct dc_error *err)
{
  AUTO_FREE char *path = NULL;

  return dc_unit_escape_path (job->evidence.file, &path, err) < 0
             ? -1
             : dc_text_print (out, err, "cron-%s-%u.%s", path,
                              job->evidence.line, type);
}

/* Append the setting of a unit made of JOB; NULL: there is none. */
static int
set (struct dc_unit *unit, const struct dc_job *job, const char *section,
     const char *key, const char *value, struct dc_error *err)
{
  const struct dc_setting setting = {
    .section = section,
    .key = key,
    .value = value,
    .file = job->evidence.file,
    .line = job->evidence.line,
  };

  return value == NULL ? 0 : dc_unit_set (unit, &setting, err);
}

/* cron's own path, then what the crontab says. */
static int
set_environment (struct dc_unit *unit, const struct dc_job *job,
                 struct dc_error *err)
{
  if (set (unit, job, "Service", "Environment", "PATH=/usr/bin:/bin", err) < 0)
    return -1;
  for (size_t i = 0; i < job->variables.count; i++) {
    AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (COMMAND_MAX);
    if (print_quoted (job->variables.items[i], false, &b, err) < 0 ||
        set (unit, job, "Service", "Environment", dc_buffer_text (&b), err) < 0)
      return -1;
  }
  return 0;
}

/* Its lines, as systemd's escapes have them. */
static int
set_input (struct dc_unit *unit, const struct dc_job *job, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (COMMAND_MAX);

  if (job->input == NULL)
    return 0;
  for (const char *p = job->input; *p != '\0'; p++)
    if (dc_buffer_print (&b, err, "%s%c",
                         *p == '\\'   ? "\\"
                         : *p == '%'  ? "%"
                         : *p == '\n' ? "\\"
                                      : "",
                         *p == '\n' ? 'n' : *p) < 0)
      return -1;
  if (set (unit, job, "Service", "StandardInput", "data", err) < 0)
    return -1;
  return set (unit, job, "Service", "StandardInputText", dc_buffer_text (&b),
              err);
}

static bool
is_at_boot (const struct dc_job *job)
{
  return strcmp (job->normal, "boot") == 0;
}

static int
fill_service (struct dc_unit *unit, const struct dc_job *job,
              struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer command = DC_BUFFER_INIT (COMMAND_MAX);
  const bool is_boot = is_at_boot (job);

  unit->is_started = is_boot;
  return make_name (job, "service", &unit->name, err) < 0 ||
                 print_command (job, &command, err) < 0 ||
                 set (unit, job, "Unit", "Description",
                      is_boot ? "cron at boot" : "job of cron", err) < 0 ||
                 set (unit, job, "Service", "Type", is_boot ? NULL : "oneshot",
                      err) < 0 ||
                 set (unit, job, "Service", "User", job->user, err) < 0 ||
                 set (unit, job, "Service", "WorkingDirectory", "-~", err) <
                     0 ||
                 set_environment (unit, job, err) < 0 ||
                 set_input (unit, job, err) < 0 ||
                 set (unit, job, "Service", "ExecStart",
                      dc_buffer_text (&command), err) < 0
             ? -1
             : 0;
}

/* "every 7 days": anacron looks at dates, so that the begin of a day, a week or
 * a month is when the job is due; what was missed is made up for.
 */
static const char *
find_period (const char *normal)
{
  static const struct {
    const char *normal, *event;
  } periods[] = {
    { "every 1 days", "daily" },    { "every 7 days", "weekly" },
    { "every 28 days", "monthly" }, { "every 30 days", "monthly" },
    { "every 31 days", "monthly" },
  };

  for (size_t i = 0; i < DC_COUNT (periods); i++)
    if (strcmp (periods[i].normal, normal) == 0)
      return periods[i].event;
  return NULL;
}

/* One event, or two with "or" between, where a day may fit either field. */
static int
set_events (struct dc_unit *unit, const struct dc_job *job,
            struct dc_error *err)
{
  static const char between[] = " or ";
  const char *s = job->normal;

  while (s != NULL) {
    const char *end = strstr (s, between);
    AUTO_FREE char *event =
        end != NULL ? strndup (s, (size_t) (end - s)) : strdup (s);
    if (event == NULL)
      return dc_fail_errno (err, "cannot keep a time");
    if (set (unit, job, "Timer", "OnCalendar", event, err) < 0)
      return -1;
    s = end == NULL ? NULL : end + strlen (between);
  }
  return 0;
}

static int
fill_timer (struct dc_unit *unit, const struct dc_job *job,
            struct dc_error *err)
{
  const char *period = find_period (job->normal);

  unit->is_started = true;
  if (make_name (job, "timer", &unit->name, err) < 0)
    return -1;
  if (period == NULL)
    return set_events (unit, job, err);
  return set (unit, job, "Timer", "OnCalendar", period, err) < 0
             ? -1
             : set (unit, job, "Timer", "Persistent", "yes", err);
}

static int
add_unit (struct dc_profile *profile, const struct dc_job *job,
          int (*fill) (struct dc_unit *unit, const struct dc_job *job,
                       struct dc_error *err),
          struct dc_error *err)
{
  struct dc_unit unit = {
    .manager = DC_MANAGER_CRON,
    .state = DC_UNIT_GENERATED,
  };
  struct dc_units more = { .items = &unit, .count = 1 };

  int status = fill (&unit, job, err);
  if (status == 0)
    status = dc_text_print (&unit.started_by, err, "%s:%u", job->evidence.file,
                            job->evidence.line);
  if (status == 0 && dc_unit_kind (unit.name) != DC_NAME_BAD)
    status = dc_units_join (profile->units, &more, err);
  dc_unit_release (&unit);
  if (status < 0 && err->code == DC_ERR_LIMIT)
    return dc_profile_note (profile, "units.limit", job->evidence.file,
                            job->evidence.line, err,
                            "there are too many units for one more");
  return status;
}

/* Does it become units?  A period of anacron that is none of the calendar does
 * not.
 */
static bool
is_for_units (const struct dc_job *job)
{
  if ((job->kind != DC_JOB_CRON && job->kind != DC_JOB_ANACRON) ||
      job->problem != NULL || job->normal == NULL || job->command == NULL)
    return false;
  return strncmp (job->normal, "every ", 6) != 0 ||
         find_period (job->normal) != NULL;
}

int
dc_cron_units_add (struct dc_profile *profile, struct dc_error *err)
{
  size_t left = DC_CRON_UNIT_MAX;

  for (size_t i = 0; i < profile->jobs.count && left > 0; i++) {
    const struct dc_job *job = &profile->jobs.items[i];
    if (!is_for_units (job))
      continue;
    left--;
    if (add_unit (profile, job, fill_service, err) < 0 ||
        (!is_at_boot (job) && add_unit (profile, job, fill_timer, err) < 0))
      return -1;
  }
  return 0;
}

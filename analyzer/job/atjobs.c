/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "analyzer/job/jobs.h"
#include "analyzer/profile.h"
#include "lib/quote.h"
#include "lib/span.h"
#include "lib/text.h"

/* The queue of at(1): one shell script a job.
 *
 *   a 00001 01bf2c3d    queue, number of the job, minutes since 1970; the
 *                       last two hexadecimal
 *
 * Its second line is "# atrun uid=1000 gid=1000"; the environment and the
 * folder follow, then the commands.
 *
 * Source: at 3.2.5, at.c; measured with at of Debian 12.
 */

#define AT_SIZE_MAX ((size_t) 1024 * 1024) /* bytes of a job */
#define AT_NAME_SIZE 14

static const char *const folders[] = {
  "/var/spool/cron/atjobs", /* Debian */
  "/var/spool/at",          /* Red Hat */
  "/var/spool/atjobs",      /* SUSE */
};

/* The minutes in the last eight of NAME's digits. */
static bool
read_name (const char *name, unsigned long *minutes)
{
  if (strlen (name) != AT_NAME_SIZE || !isalpha ((unsigned char) name[0]))
    return false;
  for (size_t i = 1; i < AT_NAME_SIZE; i++)
    if (!isxdigit ((unsigned char) name[i]))
      return false;
  *minutes = strtoul (name + 6, NULL, 16);
  return true;
}

/* "2026-11-20 13:00:00 UTC" */
static int
print_time (unsigned long minutes, char **out, struct dc_error *err)
{
  const time_t seconds = (time_t) minutes * 60;
  struct tm tm;

  if (gmtime_r (&seconds, &tm) == NULL)
    return dc_fail_errno (err, "cannot tell a time");
  return dc_text_print (out, err, "%04d-%02d-%02d %02d:%02d:00 UTC",
                        tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                        tm.tm_hour, tm.tm_min);
}

/* The name of the user of the line "# atrun uid=0 gid=0". */
static const char *
find_user (const struct dc_profile *profile, struct dc_span line)
{
  static const char head[] = "# atrun uid=";
  const struct dc_user *user;
  char *end = NULL;

  if (!dc_span_starts (line, head))
    return NULL;
  const unsigned long uid = strtoul (line.text + strlen (head), &end, 10);
  if (end == line.text + strlen (head) || uid > UINT32_MAX)
    return NULL;
  user = dc_users_find_uid (profile->users, (uint32_t) uid);
  return user != NULL ? user->name : NULL;
}

/* The first command of the script TEXT, and its user.  The commands follow the
 * "}" that ends what is done when the folder is gone; Red Hat's at hands them
 * to another shell first.
 */
static void
read_script (const struct dc_profile *profile, struct dc_span text,
             struct dc_job *job, struct dc_span *command, unsigned *line)
{
  static const char delimiter[] = "marcinDELIMITER";
  struct dc_span rest = text, at;
  bool is_behind = false;

  for (unsigned number = 1; dc_span_line (&rest, &at); number++) {
    const struct dc_span trimmed = dc_span_trim (at);
    if (job->user == NULL)
      job->user = find_user (profile, at);
    if (!is_behind || trimmed.size == 0 ||
        memmem (at.text, at.size, delimiter, strlen (delimiter)) != NULL) {
      is_behind = is_behind || dc_span_is (trimmed, "}");
      continue;
    }
    *command = trimmed;
    *line = number;
    return;
  }
}

static int
read_job (struct dc_tree *tree, struct dc_profile *profile, const char *path,
          const struct dc_job *common, unsigned long minutes,
          struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (AT_SIZE_MAX);
  AUTO_FREE char *when = NULL;
  AUTO_FREE char *command = NULL;
  struct dc_job job = *common;
  struct dc_span first = { "", 0 };
  unsigned line = 0;

  if (dc_tree_read_file (tree, path, &b, err) < 0) {
    if (err->code == DC_ERR_SYSTEM)
      return -1;
    const struct dc_error fault = *err;
    return dc_profile_note (profile, "at.unreadable", path, 0, err, "%s",
                            fault.text);
  }
  read_script (profile, (struct dc_span){ dc_buffer_text (&b), b.size }, &job,
               &first, &line);
  if (memchr (first.text, '\0', first.size) != NULL)
    first.size = 0;
  if (print_time (minutes, &when, err) < 0 ||
      dc_span_copy (first, &command, err) < 0)
    return -1;
  job.schedule = job.normal = when;
  job.command = command;
  return dc_jobs_add (&profile->jobs, &job, path, line, err);
}

int
dc_atjobs_read (struct dc_tree *tree, struct dc_profile *profile,
                struct dc_error *err)
{
  static const char *const daemons[] = { "atd.service", "at.service", NULL };
  struct dc_job job = { .kind = DC_JOB_AT, .confidence = DC_DECLARED };

  if (profile->units->count == 0) {
    job.problem = "nothing tells whether at starts";
    job.confidence = DC_UNKNOWN;
  } else if (!dc_jobs_has_daemon (profile, daemons)) {
    job.problem = "no at is started";
  }
  for (size_t f = 0; f < DC_COUNT (folders); f++) {
    const uint32_t folder = dc_tree_resolve (tree, folders[f]);
    if (folder == DC_TREE_NONE)
      continue;
    for (uint32_t i = tree->entries[folder].first_child; i != DC_TREE_NONE;
         i = tree->entries[i].next_sibling) {
      AUTO_FREE char *path = NULL;
      unsigned long minutes = 0;
      if (!S_ISREG (tree->entries[i].mode) ||
          !read_name (tree->entries[i].name, &minutes))
        continue;
      if (dc_text_print (&path, err, "%s/%s", folders[f],
                         tree->entries[i].name) < 0 ||
          read_job (tree, profile, path, &job, minutes, err) < 0)
        return -1;
    }
  }
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_JOB_JOBS_H
#define DC_ANALYZER_JOB_JOBS_H

/* jobs: what the guest starts by the clock, and what it does once at boot.
 *
 *   cronjobs   crontabs of the system and its users, folders of scripts
 *   atjobs     the queue of at(1)
 *   timerjobs  systemd's timers
 *   bootjobs   commands of rc.local and cloud-init
 */

#include "analyzer/evidence.h"
#include "lib/tree/tree.h"
#include "lib/words.h"

#define DC_JOB_MAX ((size_t) 20000) /* further ones are not kept */

#define DC_CRON_UNIT_MAX 200 /* jobs that become units */

struct dc_profile;

enum dc_job_kind {
  DC_JOB_CRON,
  DC_JOB_ANACRON,
  DC_JOB_SCRIPT, /* in a folder that a line of cron or anacron runs */
  DC_JOB_AT,
  DC_JOB_TIMER,
  DC_JOB_BOOT,
};

/* The job owns its texts; NULL: there is none. */
struct dc_job {
  enum dc_job_kind kind;
  const char *name;     /* "apt-daily.timer", "logrotate", anacron's name */
  const char *schedule; /* as it is written */
  const char *normal;   /* as systemd.time(7) has it where it can be said so */
  const char *user;     /* NULL: unknown */
  const char *command;
  const char *input;             /* its stdin */
  struct dc_words environment;   /* of interest: "MAILTO=x" */
  struct dc_words variables;     /* all: not for the profile */
  const char *problem;           /* why it does not run; NULL: it runs */
  enum dc_confidence confidence; /* that it runs, or does not */
  struct dc_evidence evidence;
  struct dc_words texts; /* those above */
};

struct dc_jobs {
  struct dc_job *items; /* by kind, file and line */
  size_t count;
  uint64_t lost; /* beyond DC_JOB_MAX */
};

/* Add JOB, whose texts are copied, with FILE and LINE as its evidence.  0, or
 * -1: DC_ERR_SYSTEM.
 */
int dc_jobs_add (struct dc_jobs *jobs, const struct dc_job *job,
                 const char *file, unsigned line, struct dc_error *err);
void dc_jobs_release (struct dc_jobs *jobs);

/* The readers of this room; each adds to the jobs of PROFILE, whose units and
 * users are read already.  What is broken becomes a finding.  0 or -1.
 */
int dc_cronjobs_read (struct dc_tree *tree, struct dc_profile *profile,
                      struct dc_error *err);
int dc_atjobs_read (struct dc_tree *tree, struct dc_profile *profile,
                    struct dc_error *err);
int dc_timerjobs_read (struct dc_tree *tree, struct dc_profile *profile,
                       struct dc_error *err);
int dc_bootjobs_read (struct dc_tree *tree, struct dc_profile *profile,
                      struct dc_error *err);

/* Add units of DC_MANAGER_CRON for each job of cron and anacron: a service, and
 * a timer unless it runs at boot.  0, or -1: DC_ERR_SYSTEM.
 */
int dc_cron_units_add (struct dc_profile *profile, struct dc_error *err);

/* Does one of these units start?  NAMES ends with NULL. */
bool dc_jobs_has_daemon (const struct dc_profile *profile,
                         const char *const *names);

#endif

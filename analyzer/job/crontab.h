/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_JOB_CRONTAB_H
#define DC_ANALYZER_JOB_CRONTAB_H

/* crontab: the lines of a crontab, and of an anacrontab.
 *
 * Source: crontab(5), anacrontab(5); measured with `crontab -n` of Debian 12.
 */

#include "lib/error.h"
#include "lib/words.h"

#define DC_CRONTAB_SIZE_MAX ((size_t) 1024 * 1024) /* bytes */
#define DC_CRONTAB_ENTRY_MAX ((size_t) 10000) /* lines: Debian's own limit */
#define DC_CRONTAB_FAULT_MAX ((size_t) 100)   /* further ones are not kept */

enum dc_crontab_form {
  DC_CRONTAB_OF_USER,
  DC_CRONTAB_OF_SYSTEM, /* a user's name before the command */
  DC_CRONTAB_OF_ANACRON,
};

struct dc_cron_entry {
  char *schedule;              /* "25 6 * * *", "@daily", as written */
  char *normal;                /* "*-*-* 06:25:00"; "boot"; "every 7 days" */
  char *name;                  /* anacron's name of the job; else NULL */
  char *user;                  /* NULL where the form has none */
  char *command;               /* up to the first % that is not escaped */
  char *input;                 /* its stdin, what follows that %; NULL */
  struct dc_words variables;   /* all before it: they may hold secrets */
  struct dc_words environment; /* "MAILTO=x": those of interest before it */
  unsigned line;
};

/* A line that cron refuses. */
struct dc_cron_fault {
  unsigned line;
  const char *what; /* "hour"; not owned */
};

struct dc_crontab {
  struct dc_cron_entry *entries; /* in file order */
  size_t entry_count;
  struct dc_cron_fault *faults;
  size_t fault_count;
  bool is_cut; /* the last line does not end: cron refuses the file */
};

/* 0 and *OUT for the caller (release it), or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_crontab_parse (const char *text, size_t size, enum dc_crontab_form form,
                      struct dc_crontab *out, struct dc_error *err);
void dc_crontab_release (struct dc_crontab *crontab);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/job/crontab.h"
#include "analyzer/job/jobs.h"
#include "analyzer/profile.h"
#include "lib/quote.h"
#include "lib/text.h"

/* Source: cron(8), crontab(5), run-parts(8) of Debian 12; cron(8) of cronie
 * 1.6; anacron(8); BusyBox's crond.
 */

/* In Debian's lines for guests without anacron. */
#define ANACRON_OR "/usr/sbin/anacron ||"

/* The cron that the guest has, as far as its rules differ. */
struct cron {
  struct dc_tree *tree;
  struct dc_profile *profile;
  const char *problem; /* why no job of cron runs; NULL */
  enum dc_confidence confidence;
  bool is_strict; /* a bad line spoils its file: Debian's cron */
  bool has_anacron;
};

static bool
is_program (const struct dc_tree *tree, const char *path)
{
  const uint32_t index = dc_tree_resolve (tree, path);
  return index != DC_TREE_NONE && S_ISREG (tree->entries[index].mode) &&
         (tree->entries[index].mode & 0111) != 0;
}

static struct cron
find_cron (struct dc_tree *tree, struct dc_profile *profile)
{
  static const char *const daemons[] = {
    "cron.service",          "crond.service", "cronie.service",
    "busybox-crond.service", "dcron.service", "vixie-cron.service",
    "fcron.service",         "cron.target",   NULL,
  };
  struct cron cron = {
    .tree = tree,
    .profile = profile,
    .confidence = DC_DECLARED,
    .is_strict = is_program (tree, "/usr/sbin/cron"),
    .has_anacron = is_program (tree, "/usr/sbin/anacron"),
  };

  if (profile->units->count == 0) {
    cron.problem = "nothing tells whether cron starts";
    cron.confidence = DC_UNKNOWN;
  } else if (!dc_jobs_has_daemon (profile, daemons)) {
    cron.problem = "no cron is started";
  }
  return cron;
}

/* A name that run-parts(8) and Debian's cron take: no dot, so that nothing
 * which a packager leaves counts.
 */
static bool
is_plain_name (const char *name)
{
  for (const char *p = name; *p != '\0'; p++)
    if (!isalnum ((unsigned char) *p) && *p != '_' && *p != '-')
      return false;
  return *name != '\0';
}

/* cronie's rule, and that of Red Hat's run-parts script. */
static bool
is_name (const struct cron *cron, const char *name)
{
  static const char *const leftovers[] = { ".rpmsave", ".rpmorig", ".rpmnew",
                                           ".cfsaved", ".swp",     ",v",
                                           "~",        "," };
  const size_t size = strlen (name);

  if (cron->is_strict)
    return is_plain_name (name);
  for (size_t i = 0; i < DC_COUNT (leftovers); i++) {
    const size_t n = strlen (leftovers[i]);
    if (size >= n && strcmp (name + size - n, leftovers[i]) == 0)
      return false;
  }
  return name[0] != '.' && name[0] != '#';
}

/* The folder of scripts that COMMAND runs ("/etc/cron.daily"), or NULL. */
static const char *
find_folder (const char *command)
{
  static const char *const folders[] = {
    "/etc/cron.hourly",      "/etc/cron.daily",     "/etc/cron.weekly",
    "/etc/cron.monthly",     "/etc/cron.yearly",    "/etc/periodic/15min",
    "/etc/periodic/hourly",  "/etc/periodic/daily", "/etc/periodic/weekly",
    "/etc/periodic/monthly",
  };

  if (strstr (command, "run-parts") == NULL)
    return NULL;
  for (size_t i = 0; i < DC_COUNT (folders); i++)
    if (strstr (command, folders[i]) != NULL)
      return folders[i];
  return NULL;
}

/* The scripts of FOLDER, with the schedule of the line that runs them. */
static int
add_scripts (const struct cron *cron, const struct dc_job *line,
             const char *folder, struct dc_error *err)
{
  const struct dc_tree *tree = cron->tree;
  const uint32_t index = dc_tree_resolve (tree, folder);

  if (index == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[index].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling) {
    AUTO_FREE char *path = NULL;
    struct dc_job job = *line;
    if (!is_name (cron, tree->entries[i].name))
      continue;
    if (dc_text_print (&path, err, "%s/%s", folder, tree->entries[i].name) < 0)
      return -1;
    if (!is_program (tree, path))
      continue;
    job.kind = DC_JOB_SCRIPT;
    job.name = tree->entries[i].name;
    job.command = path;
    if (dc_jobs_add (&cron->profile->jobs, &job, path, 0, err) < 0)
      return -1;
  }
  return 0;
}

/* Debian's packages have lines for guests without anacron or systemd, which do
 * nothing elsewhere.
 */
static const char *
find_other (const struct cron *cron, const char *command)
{
  static const char *const tests[] = { "! -d /run/systemd/system",
                                       "-e /run/systemd/system ||",
                                       "-d /run/systemd/system ||",
                                       "-d /run/systemd/system ] ||" };

  if (cron->has_anacron && strstr (command, ANACRON_OR) != NULL)
    return "it leaves the work to anacron";
  for (size_t i = 0; i < DC_COUNT (tests); i++)
    if (cron->profile->units->default_target != NULL &&
        strstr (command, tests[i]) != NULL)
      return "it leaves the work to systemd";
  return NULL;
}

/* What is said of a crontab as a whole. */
struct place {
  const char *path;
  const char *user;    /* whose it is; NULL: its lines say so */
  const char *problem; /* why none of its lines runs; NULL */
  enum dc_crontab_form form;
};

static int
add_entry (const struct cron *cron, const struct place *place,
           const struct dc_cron_entry *entry, struct dc_error *err)
{
  const struct dc_users *users = cron->profile->users;
  const char *user = entry->user != NULL ? entry->user : place->user;
  struct dc_job job = {
    .kind = place->form == DC_CRONTAB_OF_ANACRON ? DC_JOB_ANACRON : DC_JOB_CRON,
    .name = entry->name,
    .schedule = entry->schedule,
    .normal = entry->normal,
    .user = user,
    .command = entry->command,
    .input = entry->input,
    .environment = entry->environment,
    .variables = entry->variables,
    .problem = place->problem != NULL ? place->problem : cron->problem,
    .confidence = place->problem != NULL ? DC_DECLARED : cron->confidence,
  };

  if (job.problem == NULL)
    job.problem = find_other (cron, entry->command);
  if (job.problem == NULL && dc_users_find (users, user) == NULL)
    job.problem = "there is no such user";
  if (job.problem == NULL && strcmp (entry->normal, "never") == 0)
    job.problem = "no time fits its schedule";
  if (dc_jobs_add (&cron->profile->jobs, &job, place->path, entry->line, err) <
      0)
    return -1;
  const char *folder = find_folder (entry->command);
  return folder != NULL && find_other (cron, entry->command) == NULL
             ? add_scripts (cron, &job, folder, err)
             : 0;
}

static int
note_faults (const struct cron *cron, const struct place *place,
             const struct dc_crontab *crontab, struct dc_error *err)
{
  const bool is_spoilt =
      cron->is_strict && place->form != DC_CRONTAB_OF_ANACRON;

  for (size_t i = 0; i < crontab->fault_count; i++)
    if (dc_profile_note (cron->profile, "cron.invalid", place->path,
                         crontab->faults[i].line, err,
                         "cron does not understand the %s, so it ignores %s",
                         crontab->faults[i].what,
                         is_spoilt ? "the whole file" : "the line") < 0)
      return -1;
  return crontab->is_cut && is_spoilt
             ? dc_profile_note (cron->profile, "cron.invalid", place->path, 0,
                                err,
                                "the last line does not end, so cron ignores "
                                "the whole file")
             : 0;
}

static int
read_crontab (const struct cron *cron, const struct place *written,
              struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_CRONTAB_SIZE_MAX);
  struct dc_crontab crontab = { .entries = NULL };
  struct place place = *written;
  int status = dc_tree_read_file (cron->tree, place.path, &b, err);

  if (status == 1)
    status = dc_crontab_parse (dc_buffer_text (&b), b.size, place.form,
                               &crontab, err) < 0
                 ? -1
                 : 1;
  if (status < 0 && err->code != DC_ERR_SYSTEM) {
    const struct dc_error fault = *err;
    return dc_profile_note (cron->profile, "cron.unreadable", place.path, 0,
                            err, "%s", fault.text);
  }
  if (status <= 0)
    return status;
  if (cron->is_strict && place.form != DC_CRONTAB_OF_ANACRON &&
      (crontab.fault_count > 0 || crontab.is_cut))
    place.problem = "cron ignores its file";
  status = note_faults (cron, &place, &crontab, err);
  for (size_t i = 0; i < crontab.entry_count && status == 0; i++)
    status = add_entry (cron, &place, &crontab.entries[i], err);
  dc_crontab_release (&crontab);
  return status;
}

/* A crontab for each user, named after him. */
static int
read_spool (const struct cron *cron, uint32_t folder, const char *path,
            struct dc_error *err)
{
  const struct dc_tree *tree = cron->tree;

  for (uint32_t i = tree->entries[folder].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling) {
    const char *user = tree->entries[i].name;
    AUTO_FREE char *file = NULL;
    if (!S_ISREG (tree->entries[i].mode) || user[0] == '.' ||
        strchr (user, '~') != NULL || strcmp (user, "cron.update") == 0)
      continue;
    if (dc_text_print (&file, err, "%s/%s", path, user) < 0)
      return -1;
    const struct place place = {
      .path = file,
      .user = user,
      .form = DC_CRONTAB_OF_USER,
    };
    if (read_crontab (cron, &place, err) < 0)
      return -1;
  }
  return 0;
}

static int
read_spools (const struct cron *cron, struct dc_error *err)
{
  static const char *const folders[] = {
    "/var/spool/cron/crontabs", /* Debian, BusyBox */
    "/var/spool/cron/tabs",     /* SUSE */
    "/var/spool/cron",          /* Red Hat, Arch */
    "/etc/crontabs",            /* Alpine, if the first is no link to it */
  };
  uint32_t seen[DC_COUNT (folders)];

  for (size_t i = 0; i < DC_COUNT (folders); i++) {
    seen[i] = dc_tree_resolve (cron->tree, folders[i]);
    bool is_new = seen[i] != DC_TREE_NONE;
    for (size_t k = 0; k < i; k++)
      is_new = is_new && seen[k] != seen[i];
    if (is_new && read_spool (cron, seen[i], folders[i], err) < 0)
      return -1;
  }
  return 0;
}

static int
read_cron_d (const struct cron *cron, struct dc_error *err)
{
  const struct dc_tree *tree = cron->tree;
  const uint32_t folder = dc_tree_resolve (tree, "/etc/cron.d");

  if (folder == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[folder].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling) {
    AUTO_FREE char *path = NULL;
    if (!is_name (cron, tree->entries[i].name))
      continue;
    if (dc_text_print (&path, err, "/etc/cron.d/%s", tree->entries[i].name) < 0)
      return -1;
    const uint32_t file = dc_tree_resolve (tree, path);
    if (file == DC_TREE_NONE)
      continue;
    const bool is_open =
        (tree->entries[file].mode & 022) != 0 || tree->entries[file].uid != 0;
    const struct place place = {
      .path = path,
      .problem = is_open ? "others than root may write its file" : NULL,
      .form = DC_CRONTAB_OF_SYSTEM,
    };
    if (read_crontab (cron, &place, err) < 0)
      return -1;
  }
  return 0;
}

static int
read_anacrontab (const struct cron *cron, struct dc_error *err)
{
  static const char *const starters[] = { "anacron.service", "anacron.timer",
                                          NULL };
  const struct place place = {
    .path = "/etc/anacrontab",
    .user = "root",
    .form = DC_CRONTAB_OF_ANACRON,
  };
  struct cron anacron = *cron;

  if (!cron->has_anacron) {
    anacron.problem = "there is no anacron";
    anacron.confidence = DC_DECLARED;
  } else if (dc_jobs_has_daemon (cron->profile, starters)) {
    anacron.problem = NULL;
  } else if (cron->profile->units->default_target != NULL &&
             !is_program (cron->tree, "/etc/cron.hourly/0anacron")) {
    anacron.problem = "anacron is not started"; /* Debian's cron leaves it */
  }
  return read_crontab (&anacron, &place, err);
}

int
dc_cronjobs_read (struct dc_tree *tree, struct dc_profile *profile,
                  struct dc_error *err)
{
  const struct cron cron = find_cron (tree, profile);
  const struct place place = {
    .path = "/etc/crontab",
    .form = DC_CRONTAB_OF_SYSTEM,
  };

  if (read_crontab (&cron, &place, err) < 0 || read_cron_d (&cron, err) < 0 ||
      read_spools (&cron, err) < 0)
    return -1;
  return read_anacrontab (&cron, err);
}

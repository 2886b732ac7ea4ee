/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/init/initload.h"
#include "analyzer/init/upstartevent.h"
#include "lib/array.h"
#include "lib/quote.h"
#include "lib/text.h"

/* Source: init(5) of upstart 1.12; the Upstart Cookbook, "Stanzas by
 * Category".  A job's file may be followed by NAME.override.
 */

#define FOLDER "/etc/init"
#define ROUND_MAX 64 /* jobs that start each other, one after another */

struct job {
  uint32_t unit;
  char *name;    /* "mysql", "network/interface" is not read */
  char *start;   /* of "start on"; NULL: none */
  unsigned line; /* of it */
  bool is_manual;
};

struct jobs {
  struct dc_initload *load;
  struct job *items;
  size_t count;
};

/* A file while it is read. */
struct reader {
  struct jobs *jobs;
  size_t job;
  const char *path;
  struct dc_span rest;
  unsigned line;  /* of the stanza */
  unsigned lines; /* read so far */
};

static int
set (struct reader *reader, const char *section, const char *key,
     const char *value, struct dc_error *err)
{
  const struct dc_proof proof = { reader->path, reader->line };

  return dc_initload_set (reader->jobs->load,
                          reader->jobs->items[reader->job].unit, section, key,
                          value, proof, err);
}

/* The next line with those that a backslash joins to it, without a comment. */
static int
next_line (struct reader *reader, struct dc_buffer *line, struct dc_error *err)
{
  struct dc_span part;

  dc_buffer_clear (line);
  reader->line = reader->lines + 1;
  while (dc_span_line (&reader->rest, &part)) {
    reader->lines++;
    part = dc_span_trim (part);
    const bool goes_on = part.size > 0 && part.text[part.size - 1] == '\\';
    part.size -= goes_on;
    if (dc_buffer_print (line, err, "%.*s ", (int) part.size, part.text) < 0)
      return -1;
    if (!goes_on)
      return 1;
  }
  return line->size > 0;
}

/* The text of a script block, up to its "end script". */
static int
read_block (struct reader *reader, struct dc_buffer *text, struct dc_error *err)
{
  struct dc_span line;

  while (dc_span_line (&reader->rest, &line)) {
    reader->lines++;
    if (dc_span_is (dc_span_trim (line), "end script"))
      return 0;
    if (dc_buffer_append (text, line.text, line.size, err) < 0 ||
        dc_buffer_append (text, "\n", 1, err) < 0)
      return -1;
  }
  return 0;
}

/* KEY=/bin/sh -e -c "TEXT", as upstart runs what needs a shell. */
static int
set_shell (struct reader *reader, const char *key, const char *text,
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer line = DC_BUFFER_INIT (2 * DC_UNIT_SIZE_MAX);

  return dc_initload_quote (&line, "/bin/sh", err) < 0 ||
                 dc_initload_quote (&line, "-e", err) < 0 ||
                 dc_initload_quote (&line, "-c", err) < 0 ||
                 dc_initload_quote (&line, text, err) < 0
             ? -1
             : set (reader, "Service", key, dc_buffer_text (&line), err);
}

static int
set_exec (struct reader *reader, const char *key, const char *command,
          struct dc_error *err)
{
  AUTO_FREE char *text = NULL;
  AUTO_BUFFER struct dc_buffer line = DC_BUFFER_INIT (DC_UNIT_SIZE_MAX);
  struct dc_span rest = dc_span_of (command), word;

  if (strpbrk (command, "~`!$^&*()=|\\{}[];\"'<>?") != NULL)
    return dc_text_print (&text, err, "exec %s", command) < 0
               ? -1
               : set_shell (reader, key, text, err);
  while (dc_span_word (&rest, &word)) {
    AUTO_FREE char *copy = NULL;
    if (dc_span_copy (word, &copy, err) < 0 ||
        dc_initload_quote (&line, copy, err) < 0)
      return -1;
  }
  return set (reader, "Service", key, dc_buffer_text (&line), err);
}

/* "exec COMMAND" or "script", with KEY for what it is. */
static int
read_process (struct reader *reader, const char *key, struct dc_span rest,
              struct dc_error *err)
{
  struct dc_span word;
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (DC_UNIT_SIZE_MAX);
  AUTO_FREE char *command = NULL;

  if (!dc_span_word (&rest, &word))
    return 0;
  if (dc_span_is (word, "script"))
    return read_block (reader, &text, err) < 0
               ? -1
               : set_shell (reader, key, dc_buffer_text (&text), err);
  if (!dc_span_is (word, "exec"))
    return 0;
  return dc_span_copy (dc_span_trim (rest), &command, err) < 0
             ? -1
             : set_exec (reader, key, command, err);
}

/* VALUE of a stanza without its quotes. */
static int
unquote (struct dc_span value, char **out, struct dc_error *err)
{
  value = dc_span_trim (value);
  if (value.size >= 2 && strchr ("\"'", *value.text) != NULL &&
      value.text[value.size - 1] == *value.text)
    value = (struct dc_span){ value.text + 1, value.size - 2 };
  return dc_span_copy (value, out, err);
}

static int
read_env (struct reader *reader, struct dc_span rest, struct dc_error *err)
{
  AUTO_FREE char *value = NULL;
  AUTO_BUFFER struct dc_buffer quoted = DC_BUFFER_INIT (DC_UNIT_SIZE_MAX);
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  if (dc_span_copy (dc_span_trim (rest), &value, err) < 0)
    return -1;
  if (dc_unit_words (value, &words, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0;
  if (words.count == 0 || strchr (words.items[0], '=') == NULL)
    return 0;
  return dc_initload_quote (&quoted, words.items[0], err) < 0
             ? -1
             : set (reader, "Service", "Environment", dc_buffer_text (&quoted),
                    err);
}

/* "fork" and "daemon" both leave a process behind; "stop" is one that runs. */
static int
read_expect (struct reader *reader, struct dc_span rest, struct dc_error *err)
{
  rest = dc_span_trim (rest);
  return dc_span_is (rest, "fork") || dc_span_is (rest, "daemon")
             ? set (reader, "Service", "Type", "forking", err)
             : 0;
}

static int
read_respawn (struct reader *reader, struct dc_span rest, struct dc_error *err)
{
  return dc_span_trim (rest).size == 0
             ? set (reader, "Service", "Restart", "always", err)
             : 0;
}

/* "limit nofile 1024 2048". */
static int
read_limit (struct reader *reader, struct dc_span rest, struct dc_error *err)
{
  struct dc_span name, soft, hard;
  char key[32] = "Limit";
  AUTO_FREE char *value = NULL;

  if (!dc_span_word (&rest, &name) || !dc_span_word (&rest, &soft) ||
      !dc_span_word (&rest, &hard) || name.size > 16)
    return 0;
  for (size_t i = 0; i < name.size; i++)
    key[5 + i] = name.text[i] >= 'a' && name.text[i] <= 'z'
                     ? (char) (name.text[i] - 'a' + 'A')
                     : name.text[i];
  const bool is_soft = dc_span_is (soft, "unlimited");
  const bool is_hard = dc_span_is (hard, "unlimited");
  if (dc_text_print (&value, err, "%.*s:%.*s", is_soft ? 8 : (int) soft.size,
                     is_soft ? "infinity" : soft.text,
                     is_hard ? 8 : (int) hard.size,
                     is_hard ? "infinity" : hard.text) < 0)
    return -1;
  return set (reader, "Service", key, value, err);
}

static int
read_kill (struct reader *reader, struct dc_span rest, struct dc_error *err)
{
  struct dc_span word;
  AUTO_FREE char *value = NULL;

  if (!dc_span_word (&rest, &word))
    return 0;
  if (unquote (rest, &value, err) < 0)
    return -1;
  if (dc_span_is (word, "timeout"))
    return set (reader, "Service", "TimeoutStopSec", value, err);
  return dc_span_is (word, "signal")
             ? set (reader, "Service", "KillSignal", value, err)
             : 0;
}

/* How many brackets of TEXT are open. */
static int
open_brackets (const char *text)
{
  int open = 0;

  for (; *text != '\0'; text++)
    open += (*text == '(') - (*text == ')');
  return open;
}

/* "on EXPRESSION", over lines until its brackets are closed. */
static int
read_start (struct reader *reader, struct dc_span rest, struct dc_error *err)
{
  struct job *job = &reader->jobs->items[reader->job];
  AUTO_BUFFER struct dc_buffer all = DC_BUFFER_INIT (DC_UPSTART_START_MAX);
  AUTO_BUFFER struct dc_buffer line = DC_BUFFER_INIT (DC_UPSTART_START_MAX);
  const unsigned first = reader->line;
  struct dc_span on;

  if (!dc_span_word (&rest, &on) || !dc_span_is (on, "on"))
    return 0;
  if (dc_buffer_append (&all, rest.text, rest.size, err) < 0)
    return -1;
  while (open_brackets (dc_buffer_text (&all)) > 0) {
    const int status = next_line (reader, &line, err);
    if (status < 0)
      return -1;
    if (status == 0)
      break;
    if (dc_buffer_print (&all, err, " %s", dc_buffer_text (&line)) < 0)
      return -1;
  }
  free (job->start);
  job->start = dc_buffer_take (&all);
  job->line = first;
  reader->line = first;
  return job->start != NULL ? 0 : dc_fail_errno (err, "cannot keep a job");
}

static int
read_manual (struct reader *reader, struct dc_span rest, struct dc_error *err)
{
  (void) rest;
  reader->jobs->items[reader->job].is_manual = true;
  return set (reader, "X-Init", "Manual", "yes", err);
}

static int
read_task (struct reader *reader, struct dc_span rest, struct dc_error *err)
{
  (void) rest;
  return set (reader, "Service", "Type", "oneshot", err);
}

/* Stanzas that say a setting, and those that have a reader. */
static const struct {
  const char *name, *section, *key;
  int (*read) (struct reader *reader, struct dc_span rest,
               struct dc_error *err);
} stanzas[] = {
  { "description", "Unit", "Description", NULL },
  { "setuid", "Service", "User", NULL },
  { "setgid", "Service", "Group", NULL },
  { "chdir", "Service", "WorkingDirectory", NULL },
  { "chroot", "Service", "RootDirectory", NULL },
  { "umask", "Service", "UMask", NULL },
  { "nice", "Service", "Nice", NULL },
  { "env", NULL, NULL, read_env },
  { "expect", NULL, NULL, read_expect },
  { "respawn", NULL, NULL, read_respawn },
  { "limit", NULL, NULL, read_limit },
  { "kill", NULL, NULL, read_kill },
  { "start", NULL, NULL, read_start },
  { "manual", NULL, NULL, read_manual },
  { "task", NULL, NULL, read_task },
};
static const struct {
  const char *name, *key;
} processes[] = {
  { "pre-start", "ExecStartPre" },
  { "post-start", "ExecStartPost" },
  { "pre-stop", "ExecStop" },
  { "post-stop", "ExecStopPost" },
};

static int
read_stanza (struct reader *reader, struct dc_span line, struct dc_error *err)
{
  struct dc_span rest = line, word;

  if (!dc_span_word (&rest, &word) || *word.text == '#')
    return 0;
  if (dc_span_is (word, "exec") || dc_span_is (word, "script"))
    return read_process (reader, "ExecStart", line, err);
  for (size_t i = 0; i < DC_COUNT (processes); i++)
    if (dc_span_is (word, processes[i].name))
      return read_process (reader, processes[i].key, rest, err);
  for (size_t i = 0; i < DC_COUNT (stanzas); i++) {
    AUTO_FREE char *value = NULL;
    if (!dc_span_is (word, stanzas[i].name))
      continue;
    if (stanzas[i].read != NULL)
      return stanzas[i].read (reader, rest, err);
    if (unquote (rest, &value, err) < 0)
      return -1;
    return value[0] == '\0'
               ? 0
               : set (reader, stanzas[i].section, stanzas[i].key, value, err);
  }
  return 0;
}

static int
read_file (struct jobs *jobs, size_t job, const char *path,
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_UNIT_SIZE_MAX);
  AUTO_BUFFER struct dc_buffer line = DC_BUFFER_INIT (DC_UNIT_SIZE_MAX);
  const int found = dc_initload_read (jobs->load, path, &b, err);

  if (found <= 0)
    return found;
  struct reader reader = {
    .jobs = jobs,
    .job = job,
    .path = path,
    .rest = { dc_buffer_text (&b), b.size },
  };
  for (;;) {
    const int status = next_line (&reader, &line, err);
    if (status <= 0)
      return status;
    const struct dc_span text = { dc_buffer_text (&line), line.size };
    if (read_stanza (&reader, dc_span_trim (text), err) < 0)
      return -1;
  }
}

/* The job in the file NAME ("mysql.conf"). */
static int
add_job (struct jobs *jobs, const char *name, struct dc_error *err)
{
  const size_t size = strlen (name), tail = strlen (".conf");
  AUTO_FREE char *path = NULL;
  AUTO_FREE char *override = NULL;
  AUTO_FREE char *own = NULL;
  uint32_t unit;

  if (size <= tail || strcmp (name + size - tail, ".conf") != 0)
    return 0;
  if (dc_text_print (&path, err, FOLDER "/%s", name) < 0 ||
      dc_text_print (&own, err, "%.*s", (int) (size - tail), name) < 0 ||
      dc_text_print (&override, err, FOLDER "/%s.override", own) < 0)
    return -1;
  const int added =
      dc_initload_add (jobs->load, own, DC_MANAGER_UPSTART, path, &unit, err);
  if (added <= 0)
    return added;
  if (DC_ARRAY_GROW (jobs->items, jobs->count, DC_UNIT_COUNT_MAX, "jobs", err) <
      0)
    return -1;
  const size_t job = jobs->count++;
  jobs->items[job].unit = unit;
  jobs->items[job].name = DC_TAKE (own);
  if (read_file (jobs, job, path, err) < 0)
    return -1;
  return read_file (jobs, job, override, err);
}

/* Start JOB when what it waits for has happened: 1, 0, -1. */
static int
start_job (struct jobs *jobs, const struct job *job,
           struct dc_upstart_events *events, struct dc_error *err)
{
  AUTO_FREE char *why = NULL;

  if (job->is_manual || job->start == NULL ||
      dc_initload_unit (jobs->load, job->unit)->is_started ||
      !dc_upstart_happens (events, job->start))
    return 0;
  const struct dc_unit *unit = dc_initload_unit (jobs->load, job->unit);
  if (dc_text_print (&why, err, "%s:%u", unit->file, job->line) < 0 ||
      dc_initload_start (jobs->load, job->unit, why, err) < 0 ||
      dc_words_add (&events->started, job->name, err) < 0)
    return -1;
  return 1;
}

static int
start_jobs (struct jobs *jobs, struct dc_error *err)
{
  struct dc_upstart_events events = {
    .runlevel = jobs->load->profile->init.runlevel,
  };
  int status = 1;

  for (unsigned round = 0; round < ROUND_MAX && status > 0; round++) {
    int changes = 0;
    for (size_t i = 0; i < jobs->count && status >= 0; i++) {
      status = start_job (jobs, &jobs->items[i], &events, err);
      changes += status > 0;
    }
    if (status >= 0)
      status = changes > 0;
  }
  dc_words_release (&events.started);
  return status < 0 ? -1 : 0;
}

static int
load_jobs (struct jobs *jobs, struct dc_error *err)
{
  const struct dc_tree *tree = jobs->load->tree;
  const uint32_t folder = dc_tree_resolve (tree, FOLDER);

  if (folder == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[folder].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling)
    if (add_job (jobs, tree->entries[i].name, err) < 0)
      return -1;
  return start_jobs (jobs, err);
}

/* The jobs, and the scripts that the job "rc" runs in the run level. */
int
dc_upstart_load (struct dc_initload *load, struct dc_error *err)
{
  struct jobs jobs = { .load = load };
  AUTO_FREE char *links = NULL;

  int status = load_jobs (&jobs, err);
  for (size_t i = 0; i < jobs.count; i++) {
    free (jobs.items[i].name);
    free (jobs.items[i].start);
  }
  free (jobs.items);
  if (status < 0 || dc_sysvinit_scripts (load, DC_MANAGER_SYSVINIT, err) < 0 ||
      dc_text_print (&links, err, "/etc/rc%s.d", load->profile->init.runlevel) <
          0)
    return -1;
  return dc_sysvinit_links (load, links, err) < 0 ||
                 dc_sysvinit_rc_local (load, err) < 0
             ? -1
             : 0;
}

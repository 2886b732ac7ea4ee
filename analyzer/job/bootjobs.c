/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "analyzer/job/jobs.h"
#include "analyzer/profile.h"
#include "lib/buffer.h"
#include "lib/quote.h"
#include "lib/span.h"

/* What a guest with systemd does at boot outside its units: the commands of
 * rc.local, and those that the administrator gave to cloud-init.  What
 * /etc/profile.d does belongs to logins, not to the boot.
 *
 * Source: systemd-rc-local-generator(8); cloud-init 22.4, "Module reference":
 * bootcmd at every boot, runcmd once for an instance.
 */

#define BOOT_FILE_MAX ((size_t) 1024 * 1024) /* bytes */

/* A file of commands being read. */
struct source {
  struct dc_profile *profile;
  const char *path;
  struct dc_job job; /* what its commands have in common */
};

/* Does COMMAND leave a process behind that no service manager knows? */
static bool
is_detached (struct dc_span command)
{
  static const char *const programs[] = { "nohup", "screen", "tmux", "setsid",
                                          "daemonize" };
  struct dc_span rest = command, word, last = { NULL, 0 };

  while (dc_span_word (&rest, &word)) {
    last = word;
    const char *slash = memrchr (word.text, '/', word.size);
    if (slash != NULL)
      word = dc_span_skip (word, (size_t) (slash + 1 - word.text));
    for (size_t i = 0; i < DC_COUNT (programs); i++)
      if (dc_span_is (word, programs[i]))
        return true;
  }
  return last.size > 0 && last.text[last.size - 1] == '&' &&
         !(last.size > 1 && last.text[last.size - 2] == '&');
}

static int
add (const struct source *source, struct dc_span command, unsigned line,
     struct dc_error *err)
{
  AUTO_FREE char *text = NULL;
  struct dc_job job = source->job;

  if (dc_span_has (command, '\0'))
    return 0;
  if (dc_span_copy (command, &text, err) < 0)
    return -1;
  job.command = text;
  if (dc_jobs_add (&source->profile->jobs, &job, source->path, line, err) < 0)
    return -1;
  if (job.problem != NULL || !is_detached (command))
    return 0;
  return dc_profile_note (source->profile, "job.detached", source->path, line,
                          err,
                          "'%s' starts a process that no service manager "
                          "watches",
                          dc_quote (text).text);
}

/* Lines of a script that are no command of their own. */
static bool
is_structure (struct dc_span line)
{
  static const char *const words[] = { "case",  "do",    "done", "elif", "else",
                                       "esac",  "fi",    "for",  "if",   "then",
                                       "until", "while", "{",    "}",    ";;",
                                       "exit",  "return" };
  struct dc_span word;

  if (line.size == 0 || *line.text == '#' || !dc_span_word (&line, &word))
    return true;
  for (size_t i = 0; i < DC_COUNT (words); i++)
    if (dc_span_is (word, words[i]) ||
        (word.size == strlen (words[i]) + 1 &&
         word.text[word.size - 1] == ';' &&
         memcmp (word.text, words[i], word.size - 1) == 0))
      return true;
  return false;
}

static int
read_script (const struct source *source, struct dc_span text,
             struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer joined = DC_BUFFER_INIT (BOOT_FILE_MAX + 1);
  struct dc_span line;
  unsigned first = 0;

  for (unsigned number = 1; dc_span_line (&text, &line); number++) {
    const bool goes_on = line.size > 0 && line.text[line.size - 1] == '\\';
    if (joined.size == 0)
      first = number;
    if (dc_buffer_append (&joined, line.text, line.size - goes_on, err) < 0)
      return -1;
    if (goes_on)
      continue;
    const struct dc_span command = dc_span_trim (
        (struct dc_span){ dc_buffer_text (&joined), joined.size });
    if (!is_structure (command) && add (source, command, first, err) < 0)
      return -1;
    dc_buffer_clear (&joined);
  }
  return 0;
}

/* 1 and the file's content in B; 0 when there is none or it is too large,
 * which is said.
 */
static int
read_file (struct dc_tree *tree, const struct source *source,
           struct dc_buffer *b, struct dc_error *err)
{
  const int found = dc_tree_read_file (tree, source->path, b, err);

  if (found >= 0 || err->code == DC_ERR_SYSTEM)
    return found;
  const struct dc_error fault = *err;
  return dc_profile_note (source->profile, "boot.unreadable", source->path, 0,
                          err, "%s", fault.text);
}

static int
read_rc_local (struct dc_tree *tree, struct dc_profile *profile,
               struct dc_error *err)
{
  static const char *const paths[] = { "/etc/rc.local", "/etc/rc.d/rc.local" };
  static const char *const units[] = { "rc-local.service", NULL };
  uint32_t seen = DC_TREE_NONE;

  for (size_t i = 0; i < DC_COUNT (paths); i++) {
    AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (BOOT_FILE_MAX);
    const uint32_t index = dc_tree_resolve (tree, paths[i]);
    struct source source = {
      .profile = profile,
      .path = paths[i],
      .job = { .kind = DC_JOB_BOOT,
               .name = "rc.local",
               .schedule = "boot",
               .normal = "boot",
               .user = "root",
               .confidence = DC_DECLARED },
    };
    if (index == DC_TREE_NONE || index == seen)
      continue;
    seen = index;
    if ((tree->entries[index].mode & S_IXUSR) == 0)
      source.job.problem = "its file is not executable";
    else if (!dc_jobs_has_daemon (profile, units))
      source.job.problem = "rc-local.service is not started";
    const int found = read_file (tree, &source, &b, err);
    if (found < 0 ||
        (found == 1 &&
         read_script (&source, (struct dc_span){ dc_buffer_text (&b), b.size },
                      err) < 0))
      return -1;
  }
  return 0;
}

/* The item of a list in YAML as it is written, without its dash; the first
 * line of one that goes over several.
 */
static struct dc_span
item_text (struct dc_span line, struct dc_span rest)
{
  line = dc_span_trim (dc_span_skip (line, 1));
  if (line.size > 0 && (*line.text == '|' || *line.text == '>') &&
      dc_span_line (&rest, &line))
    line = dc_span_trim (line);
  return line;
}

/* The commands of the lists bootcmd and runcmd, which stand at the left edge
 * of a file that begins with "#cloud-config".
 */
static int
read_cloud_config (struct source *source, struct dc_span text, bool has_run,
                   struct dc_error *err)
{
  const char *stopped = source->job.problem;
  struct dc_span line;
  size_t indent = 0; /* of the list's first dash */
  bool is_in = false, has_indent = false;

  for (unsigned number = 1; dc_span_line (&text, &line); number++) {
    const struct dc_span trimmed = dc_span_trim (line);
    const size_t depth = (size_t) (trimmed.text - line.text);
    if (trimmed.size == 0 || *trimmed.text == '#')
      continue;
    if (depth == 0 && *trimmed.text != '-') {
      const bool is_run = dc_span_is (trimmed, "runcmd:");
      is_in = is_run || dc_span_is (trimmed, "bootcmd:");
      has_indent = false;
      source->job.name = is_run ? "cloud-init runcmd" : "cloud-init bootcmd";
      source->job.schedule = source->job.normal =
          is_run ? "first boot" : "boot";
      source->job.problem = stopped == NULL && is_run && has_run
                                ? "it has run for this instance"
                                : stopped;
      continue;
    }
    if (!is_in || *trimmed.text != '-' || (has_indent && depth != indent))
      continue;
    has_indent = true;
    indent = depth;
    if (add (source, item_text (trimmed, text), number, err) < 0)
      return -1;
  }
  return 0;
}

static int
read_cloud (struct dc_tree *tree, struct dc_profile *profile,
            struct dc_error *err)
{
  static const char *const units[] = { "cloud-init.target", NULL };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (BOOT_FILE_MAX);
  struct source source = {
    .profile = profile,
    .path = "/var/lib/cloud/instance/user-data.txt",
    .job = { .kind = DC_JOB_BOOT,
             .name = "cloud-init user data",
             .schedule = "first boot",
             .normal = "first boot",
             .user = "root",
             .confidence = DC_DECLARED },
  };
  const int found = read_file (tree, &source, &b, err);
  const struct dc_span text = { dc_buffer_text (&b), b.size };

  if (found <= 0 || dc_span_trim (text).size == 0)
    return found < 0 ? -1 : 0;
  if (!dc_jobs_has_daemon (profile, units))
    source.job.problem = "cloud-init is not started";
  if (dc_span_starts (text, "#cloud-config")) {
    static const char done[] = "/var/lib/cloud/instance/sem/config_runcmd";
    return read_cloud_config (
        &source, text, dc_tree_resolve (tree, done) != DC_TREE_NONE, err);
  }
  if (dc_span_starts (text, "#!"))
    return add (&source, dc_span_of (source.path), 1, err);
  return dc_profile_note (profile, "cloud.unknown", source.path, 0, err,
                          "the user data of cloud-init has a form that is "
                          "not read");
}

int
dc_bootjobs_read (struct dc_tree *tree, struct dc_profile *profile,
                  struct dc_error *err)
{
  if (profile->units->default_target == NULL)
    return 0; /* other init systems have their own places */
  return read_rc_local (tree, profile, err) < 0
             ? -1
             : read_cloud (tree, profile, err);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/package/packagesection.h"
#include "analyzer/profile.h"
#include "analyzer/program/keptlist.h"
#include "cli/analyzefleet.h"
#include "cli/analyzetogether.h"
#include "cli/command.h"
#include "cli/secretkey.h"
#include "cli/sourceoptions.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/output.h"
#include "lib/quote.h"

#define TEXT_SIZE_MAX ((size_t) 256 * 1024 * 1024)

struct analyze_options {
  struct dc_source_flags source; /* first: its table's offsets are its own */
  bool is_json;
  bool verifies_packages;
  const char *needs; /* a service */
  const char *observed;
  const char *output;
  bool is_forced;
  unsigned jobs;
  unsigned appliance_guests;
  bool is_together;
  /* Not from the command line. */
  struct dc_profile_options profile;
};

static const struct dc_option options[] = {
  { .name = "json",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct analyze_options, is_json),
    .help = "a JSON object a guest" },
  { .name = "needs",
    .kind = DC_OPTION_TEXT,
    .target = offsetof (struct analyze_options, needs),
    .argument = "SERVICE",
    .help = "instead: the files that SERVICE needs, and why" },
  { .name = "observed",
    .kind = DC_OPTION_TEXT,
    .target = offsetof (struct analyze_options, observed),
    .argument = "FILE",
    .help = "merge what 'decant collect' saw on the live host" },
  { .name = "verify-packages",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct analyze_options, verifies_packages),
    .help = "compare every packaged file with its checksum" },
  { .name = "output",
    .letter = 'o',
    .kind = DC_OPTION_TEXT,
    .target = offsetof (struct analyze_options, output),
    .argument = "FILE",
    .help = "write to FILE" },
  { .name = "force",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct analyze_options, is_forced),
    .help = "replace FILE if it exists" },
  { .name = "jobs",
    .letter = 'j',
    .kind = DC_OPTION_NUMBER,
    .target = offsetof (struct analyze_options, jobs),
    .argument = "N",
    .min = 1,
    .max = DC_FLEET_JOBS_MAX,
    .help = "read N guests at once (default: a processor each)" },
  { .name = "appliance-guests",
    .kind = DC_OPTION_NUMBER,
    .target = offsetof (struct analyze_options, appliance_guests),
    .argument = "N",
    .min = 1,
    .max = DC_FLEET_GROUP_MAX,
    .help = "let up to N guests share an appliance (10)" },
  { .name = "together",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct analyze_options, is_together),
    .help = "read all SOURCEs by one start of the appliance" },
  DC_SOURCE_OPTIONS,
  DC_OPTION_END,
};

static int
make_profile (void *arg, struct dc_tree *tree, struct dc_guest *guest,
              const struct dc_report *report, json_t **result,
              struct dc_error *err)
{
  const struct analyze_options *opts = arg;
  DC_AUTO (dc_profile) *profile = NULL;

  if (dc_profile_make (tree, guest, &opts->profile, report, &profile, err) < 0)
    return -1;
  if (opts->verifies_packages &&
      dc_packages_verify_profile (tree, profile, report, err) < 0)
    return -1;
  return opts->needs != NULL
             ? dc_kept_list (tree, profile, opts->needs, result, err)
             : dc_profile_json (profile, result, err);
}

static int
render (const struct analyze_options *opts, const json_t *profile,
        struct dc_buffer *text, struct dc_error *err)
{
  AUTO_FREE char *json = NULL;
  size_t size = 0;

  if (!opts->is_json)
    return opts->needs != NULL
               ? dc_kept_list_text (profile, text, err)
               : dc_profile_text (profile, dc_terminal_columns (), text, err);
  if (dc_json_pretty (profile, &json, &size, err) < 0)
    return -1;
  return dc_buffer_append (text, json, size, err);
}

/* The record into B, which the options then refer to. */
static int
load_observed (struct analyze_options *opts, struct dc_buffer *b,
               struct dc_error *err)
{
  const char *name = opts->observed;
  if (name == NULL)
    return 0;
  AUTO_CLOSE int fd = dc_file_open (AT_FDCWD, name, err);

  if (fd < 0)
    return -1;
  if (dc_file_read_all (fd, b, err) < 0 ||
      dc_observed_check (dc_buffer_text (b), b->size, err) < 0)
    return dc_context (err, "cannot use '%s'", dc_quote (name).text);
  opts->profile.observed = dc_buffer_text (b);
  opts->profile.observed_size = b->size;
  opts->profile.observed_name = name;
  return 0;
}

static int
analyze_one (struct analyze_options *opts, const char *name, int fd,
             struct dc_terminal *terminal, struct dc_error *err)
{
  const struct dc_source_work work = { .run = make_profile,
                                       .arg = opts,
                                       .name = "reading the guest" };
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (TEXT_SIZE_MAX);
  AUTO_BUFFER struct dc_buffer observed = DC_BUFFER_INIT (DC_OBSERVED_SIZE_MAX);
  DC_AUTO (dc_source) *source = NULL;
  json_auto_t *profile = NULL;
  json_t *parts = NULL;
  unsigned char key[DC_SECRET_KEY_SIZE];

  if (dc_secret_key_load (key, &terminal->report))
    opts->profile.secret_key = key;
  if (load_observed (opts, &observed, err) < 0)
    return -1;
  if (dc_source_flags_open (&opts->source, name, terminal, &source, err) < 0 ||
      dc_source_run (source, &work, &terminal->report, &profile, err) < 0)
    return dc_source_flags_fail (name, err);
  if (dc_source_json (source, &parts, err) < 0)
    return -1;
  if (opts->needs != NULL)
    json_decref (parts); /* the list is of one guest, and no profile */
  else if (json_object_set_new (profile, "source", parts) < 0)
    return dc_json_no_memory (err);
  if (render (opts, profile, &text, err) < 0)
    return -1;
  dc_terminal_clear (terminal);
  return dc_file_write (fd, text.data, text.size, err);
}

static int
analyze_many (const struct analyze_options *opts, const char *const *names,
              size_t count, int fd, struct dc_terminal *terminal,
              enum dc_exit *status, struct dc_error *err)
{
  const struct dc_analyze_fleet fleet = {
    .flags = &opts->source,
    .sources = names,
    .count = count,
    .jobs = opts->jobs,
    .group_max = opts->appliance_guests,
    .is_json = opts->is_json,
    .fd = fd,
  };
  unsigned char key[DC_SECRET_KEY_SIZE];
  bool has_failures = false;

  /* Here once, or several processes would each make one. */
  (void) dc_secret_key_load (key, &terminal->report);
  terminal->is_verbose = opts->source.is_verbose;
  terminal->is_quiet = opts->source.is_quiet;
  if (dc_analyze_fleet (&fleet, terminal, &has_failures, err) < 0)
    return -1;
  if (has_failures)
    *status = DC_EXIT_FAILED;
  return 0;
}

static int
analyze_together (struct analyze_options *opts, const char *const *names,
                  size_t count, int fd, struct dc_terminal *terminal,
                  enum dc_exit *status, struct dc_error *err)
{
  const struct dc_analyze_together together = {
    .flags = &opts->source,
    .sources = names,
    .count = count,
    .work = { .run = make_profile, .arg = opts, .name = "reading the guest" },
    .fd = fd,
  };
  unsigned char key[DC_SECRET_KEY_SIZE];
  bool has_failures = false;

  if (dc_secret_key_load (key, &terminal->report))
    opts->profile.secret_key = key;
  if (dc_analyze_together (&together, terminal, &has_failures, err) < 0)
    return -1;
  if (has_failures)
    *status = DC_EXIT_FAILED;
  return 0;
}

/* What can only be printed one a line, and what must not be shared. */
static int
check_together (const struct analyze_options *opts, enum dc_exit *status,
                struct dc_error *err)
{
  if (!opts->is_json)
    return dc_usage (status, err, "--together needs --json");
  if (opts->source.key != NULL)
    return dc_usage (status, err,
                     "a passphrase is not used while guests share a start of "
                     "the appliance");
  return 0;
}

/* What makes sense for one guest only. */
static int
check_many (const struct analyze_options *opts, enum dc_exit *status,
            struct dc_error *err)
{
  if (opts->source.add.count > 0)
    return dc_usage (status, err,
                     "--add is for one guest, and here are several sources");
  if (opts->needs != NULL)
    return dc_usage (status, err,
                     "--needs is for one guest, and here are several sources");
  if (opts->observed != NULL)
    return dc_usage (status, err,
                     "--observed is for one guest, and here are several "
                     "sources");
  if (opts->verifies_packages)
    return dc_usage (status, err,
                     "--verify-packages is for one guest, and here are several "
                     "sources");
  if (opts->source.key != NULL && strcmp (opts->source.key, "-") == 0)
    return dc_usage (status, err,
                     "a passphrase from standard input is for one guest, and "
                     "here are several sources");
  return 0;
}

/* The output is opened before the work, so that a mistake costs nothing. */
static int
run (int argc, char **argv, struct dc_terminal *terminal, enum dc_exit *status,
     struct dc_error *err)
{
  struct analyze_options opts = { .appliance_guests = 10 };
  int first = 0, fd = STDOUT_FILENO;

  if (dc_command_options (&dc_command_analyze, argc, argv, &opts, &first,
                          status, err) < 0)
    return -1;
  const char *const *names = (const char *const *) argv + first;
  const size_t count = (size_t) (argc - first);
  if (count == 0)
    return dc_usage (status, err,
                     "analyze needs a source; decant(1) says which there are");
  if ((count > 1 && check_many (&opts, status, err) < 0) ||
      (opts.is_together && check_together (&opts, status, err) < 0))
    return -1;
  DC_AUTO (dc_output) *output = NULL;
  if (opts.output != NULL &&
      dc_output_begin (opts.output, DC_OUTPUT_FILE,
                       opts.is_forced ? DC_OUTPUT_REPLACE : DC_OUTPUT_NEW,
                       &output, err) < 0)
    return -1;
  if (output != NULL)
    fd = dc_output_fd (output);
  const int done =
      count == 1 ? analyze_one (&opts, names[0], fd, terminal, err)
      : opts.is_together
          ? analyze_together (&opts, names, count, fd, terminal, status, err)
          : analyze_many (&opts, names, count, fd, terminal, status, err);
  if (done < 0)
    return -1;
  return output != NULL ? dc_output_publish (output, err) : 0;
}

const struct dc_command dc_command_analyze = {
  .name = "analyze",
  .operands = "SOURCE...",
  .summary = "Say what is on a virtual machine's disk",
  .options = options,
  .run = run,
};

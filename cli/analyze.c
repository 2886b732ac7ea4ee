/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>

#include "analyzer/profile.h"
#include "analyzer/program/keptlist.h"
#include "cli/command.h"
#include "cli/sourceoptions.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/output.h"

#define TEXT_SIZE_MAX ((size_t) 256 * 1024 * 1024)

struct analyze_options {
  struct dc_source_flags source; /* first: its table's offsets are its own */
  bool is_json;
  const char *needs; /* a service */
  const char *output;
  bool is_forced;
};

static const struct dc_option options[] = {
  { .name = "json",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct analyze_options, is_json),
    .help = "the profile as one JSON object" },
  { .name = "needs",
    .kind = DC_OPTION_TEXT,
    .target = offsetof (struct analyze_options, needs),
    .argument = "SERVICE",
    .help = "instead: the files that SERVICE needs, and why" },
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

  if (dc_profile_make (tree, guest, report, &profile, err) < 0)
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

/* The output is opened before the work, so that a mistake costs nothing. */
static int
analyze (struct analyze_options *opts, struct dc_source *source,
         struct dc_output *output, struct dc_terminal *terminal,
         struct dc_error *err)
{
  const struct dc_source_work work = { .run = make_profile,
                                       .arg = opts,
                                       .name = "reading the guest" };
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (TEXT_SIZE_MAX);
  json_auto_t *profile = NULL;
  json_t *parts = NULL;

  if (dc_source_run (source, &work, &terminal->report, &profile, err) < 0 ||
      dc_source_json (source, &parts, err) < 0)
    return -1;
  if (opts->needs != NULL)
    json_decref (parts); /* the list is of one guest, and no profile */
  else if (json_object_set_new (profile, "source", parts) < 0)
    return dc_json_no_memory (err);
  if (render (opts, profile, &text, err) < 0)
    return -1;
  dc_terminal_clear (terminal);
  if (output == NULL)
    return fwrite (text.data, 1, text.size, stdout) == text.size
               ? 0
               : dc_fail_errno (err, "cannot write the profile");
  if (dc_file_write (dc_output_fd (output), text.data, text.size, err) < 0)
    return -1;
  return dc_output_publish (output, err);
}

static int
run (int argc, char **argv, struct dc_terminal *terminal, enum dc_exit *status,
     struct dc_error *err)
{
  struct analyze_options opts = { .is_json = false };
  int first = 0;

  if (dc_command_options (&dc_command_analyze, argc, argv, &opts, &first,
                          status, err) < 0)
    return -1;
  if (first == argc)
    return dc_usage (status, err,
                     "analyze needs a disk, dir:FOLDER or tar:FILE");
  DC_AUTO (dc_output) *output = NULL;
  DC_AUTO (dc_source) *source = NULL;
  if (opts.output != NULL &&
      dc_output_begin (opts.output, DC_OUTPUT_FILE,
                       opts.is_forced ? DC_OUTPUT_REPLACE : DC_OUTPUT_NEW,
                       &output, err) < 0)
    return -1;
  if (dc_source_flags_open (&opts.source, (const char *const *) argv + first,
                            (size_t) (argc - first), terminal, &source,
                            err) < 0)
    return -1;
  return analyze (&opts, source, output, terminal, err);
}

const struct dc_command dc_command_analyze = {
  .name = "analyze",
  .operands = "SOURCE...",
  .summary = "Say what is on a virtual machine's disk",
  .options = options,
  .run = run,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/planfile.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/output.h"
#include "lib/quote.h"

struct plan_options {
  struct dc_source_flags source; /* first: its table's offsets are its own */
  const char *output;
  bool is_forced;
  bool has_groups;
  struct dc_option_texts services;
  int init, files, data;
  const char *name;
};

static const struct dc_option options[] = {
  { .name = "output",
    .letter = 'o',
    .kind = DC_OPTION_TEXT,
    .target = offsetof (struct plan_options, output),
    .argument = "PLAN",
    .help = "write to the file PLAN, such as web.yaml" },
  { .name = "force",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct plan_options, is_forced),
    .help = "replace PLAN if it exists" },
  { .name = "groups",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct plan_options, has_groups),
    .help = "an image for each group of services that share files" },
  { .name = "service",
    .kind = DC_OPTION_TEXTS,
    .target = offsetof (struct plan_options, services),
    .argument = "UNIT",
    .help = "only UNIT and what it requires; may be repeated" },
  { .name = "init",
    .kind = DC_OPTION_CHOICE,
    .target = offsetof (struct plan_options, init),
    .argument = "MODE",
    .help = "decant-init (default), service, systemd or none",
    .choices = { "decant-init", "service", "systemd", "none" } },
  { .name = "files",
    .kind = DC_OPTION_CHOICE,
    .target = offsetof (struct plan_options, files),
    .argument = "WHICH",
    .help = "needed: what the services need; default: system",
    .choices = { "system", "needed" } },
  { .name = "data",
    .kind = DC_OPTION_CHOICE,
    .target = offsetof (struct plan_options, data),
    .argument = "WHERE",
    .help = "of volumes: export (default), image or empty",
    .choices = { "export", "image", "empty" } },
  { .name = "name",
    .kind = DC_OPTION_TEXT,
    .target = offsetof (struct plan_options, name),
    .argument = "NAME",
    .help = "of the image, or what the names of several begin with" },
  DC_SOURCE_OPTIONS,
  DC_OPTION_END,
};

static int
make_plan (void *arg, struct dc_tree *tree, struct dc_guest *guest,
           const struct dc_report *report, json_t **result,
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer yaml = DC_BUFFER_INIT (DC_PLAN_SIZE_MAX);
  DC_AUTO (dc_profile) *profile = NULL;
  DC_AUTO (dc_plan) *plan = NULL;

  if (dc_profile_make (tree, guest, NULL, report, &profile, err) < 0 ||
      dc_plan_make (tree, profile, arg, &plan, err) < 0 ||
      dc_plan_write (plan, profile, &yaml, err) < 0)
    return -1;
  *result = json_pack ("{s:s%}", "plan", dc_buffer_text (&yaml), yaml.size);
  return *result != NULL ? 0 : dc_json_no_memory (err);
}

static int
plan_source (const struct plan_options *opts, const char *name,
             const struct dc_plan_options *making, int fd,
             struct dc_terminal *terminal, struct dc_error *err)
{
  struct dc_plan_options copy = *making;
  const struct dc_source_work work = { .run = make_plan,
                                       .arg = &copy,
                                       .name = "planning the conversion" };
  DC_AUTO (dc_source) *source = NULL;
  json_auto_t *result = NULL;
  const char *text = NULL;

  if (dc_source_flags_open (&opts->source, name, terminal, &source, err) < 0 ||
      dc_source_run (source, &work, &terminal->report, &result, err) < 0)
    return dc_source_flags_fail (name, err);
  if (dc_json_unpack (result, "the worker's answer", err, "{s:s}", "plan",
                      &text) < 0)
    return -1;
  dc_terminal_clear (terminal);
  return dc_file_write (fd, text, strlen (text), err);
}

static int
open_and_plan (const struct plan_options *opts, const char *name, int fd,
               struct dc_terminal *terminal, struct dc_error *err)
{
  struct dc_plan head = { .version = DC_PLAN_VERSION }; /* owns the source */
  AUTO_WORDS struct dc_words units = { NULL, 0 };
  int status = dc_plan_file_source (opts->output, name, &opts->source,
                                    &head.source, err);

  for (size_t i = 0; status == 0 && i < opts->services.count; i++)
    status = dc_words_add (&units, opts->services.items[i], err);
  const struct dc_plan_options making = {
    .source = &head.source,
    .grouping = opts->has_groups ? DC_PLAN_GROUPS : DC_PLAN_WHOLE,
    .name = opts->name,
    .units = units.count > 0 ? &units : NULL,
    .init = (enum dc_plan_init) opts->init,
    .files = (enum dc_plan_files) opts->files,
    .data = (enum dc_plan_data) opts->data,
  };
  if (status == 0)
    status = plan_source (opts, name, &making, fd, terminal, err);
  dc_plan_release (&head);
  return status;
}

/* The output is opened before the work, so that a mistake costs nothing. */
static int
run (int argc, char **argv, struct dc_terminal *terminal, enum dc_exit *status,
     struct dc_error *err)
{
  struct plan_options opts = { .output = NULL };
  DC_AUTO (dc_output) *output = NULL;
  int first = 0, fd = STDOUT_FILENO;

  if (dc_command_options (&dc_command_plan, argc, argv, &opts, &first, status,
                          err) < 0)
    return -1;
  if (first == argc)
    return dc_usage (status, err,
                     "plan needs a source; decant(1) says which there are");
  if (argc - first > 1)
    return dc_usage (status, err,
                     "plan is for one guest; its further disks are given with "
                     "--add");
  if (opts.output != NULL && !dc_plan_file_is (opts.output))
    return dc_usage (status, err,
                     "a plan's name ends in .yaml or .yml, so that 'decant "
                     "image' knows it");
  if (opts.output != NULL &&
      dc_output_begin (opts.output, DC_OUTPUT_FILE,
                       opts.is_forced ? DC_OUTPUT_REPLACE : DC_OUTPUT_NEW,
                       &output, err) < 0)
    return -1;
  if (output != NULL)
    fd = dc_output_fd (output);
  if (open_and_plan (&opts, argv[first], fd, terminal, err) < 0)
    return -1;
  return output != NULL ? dc_output_publish (output, err) : 0;
}

const struct dc_command dc_command_plan = {
  .name = "plan",
  .operands = "SOURCE",
  .summary = "Decide what becomes which image, in a file made to be edited",
  .options = options,
  .run = run,
};

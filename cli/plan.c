/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/forecast.h"
#include "cli/planfile.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/output.h"
#include "transform/image.h"

struct plan_options {
  struct dc_source_flags source; /* first: its table's offsets are its own */
  const char *output;
  bool is_forced;
  bool has_groups;
  bool is_estimated;
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
  { .name = "estimate",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct plan_options, is_estimated),
    .help = "say how large the images will be; plan only with -o" },
  { .name = "groups",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct plan_options, has_groups),
    .help = "an image for each group of coupled services" },
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
    .help = "of the image; of several what names begin with" },
  DC_SOURCE_OPTIONS,
  DC_OPTION_END,
};

struct planning {
  struct dc_plan_options options;
  bool is_estimated;
  uint64_t rate; /* for the forecast */
};

/* {"plan": YAML, "images": [...]}, these only where a forecast is wanted. */
static int
make_plan (void *arg, struct dc_tree *tree, struct dc_guest *guest,
           const struct dc_report *report, json_t **result,
           struct dc_error *err)
{
  const struct planning *planning = arg;
  AUTO_BUFFER struct dc_buffer yaml = DC_BUFFER_INIT (DC_PLAN_SIZE_MAX);
  DC_AUTO (dc_profile) *profile = NULL;
  DC_AUTO (dc_plan) *plan = NULL;
  json_auto_t *json = NULL;

  if (dc_profile_make (tree, guest, NULL, report, &profile, err) < 0 ||
      dc_plan_make (tree, profile, &planning->options, &plan, err) < 0 ||
      dc_plan_write (plan, profile, &yaml, err) < 0)
    return -1;
  const struct dc_init_program none = { .arch = profile->arch };
  const struct dc_image_options forecast = {
    .plan = plan,
    .init = &none,
    .created = -1,
    .compression = { .kind = DC_COMPRESSION_ZSTD },
    .rate = planning->rate,
  };
  if (planning->is_estimated &&
      dc_image_estimate (tree, profile, &forecast, &json, err) < 0)
    return -1;
  if (json == NULL)
    json = json_object ();
  if (json_object_set_new (
          json, "plan", json_stringn (dc_buffer_text (&yaml), yaml.size)) < 0)
    return dc_json_no_memory (err);
  *result = DC_TAKE (json);
  return 0;
}

/* FD: where the plan goes; -1: nowhere. */
static int
plan_source (const struct plan_options *opts, const char *name,
             struct planning *planning, int fd, struct dc_terminal *terminal,
             struct dc_error *err)
{
  const struct dc_source_work work = { .run = make_plan,
                                       .arg = planning,
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
  if (fd >= 0 && dc_file_write (fd, text, strlen (text), err) < 0)
    return -1;
  return opts->is_estimated ? dc_forecast_print (result, false, err) : 0;
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
  struct planning planning = { .is_estimated = opts->is_estimated,
                               .rate = dc_forecast_rate () };
  planning.options = (struct dc_plan_options){
    .source = &head.source,
    .grouping = opts->has_groups ? DC_PLAN_GROUPS : DC_PLAN_WHOLE,
    .name = opts->name,
    .units = units.count > 0 ? &units : NULL,
    .init = (enum dc_plan_init) opts->init,
    .files = (enum dc_plan_files) opts->files,
    .data = (enum dc_plan_data) opts->data,
  };
  if (status == 0)
    status = plan_source (opts, name, &planning, fd, terminal, err);
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
  int first = 0;

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
  const int fd = output != NULL      ? dc_output_fd (output)
                 : opts.is_estimated ? -1
                                     : STDOUT_FILENO;
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

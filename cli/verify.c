/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>

#include "cli/command.h"
#include "lib/buffer.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/oci/ref.h"
#include "lib/output.h"
#include "runtime/runner.h"
#include "runtime/verify/verify.h"
#include "runtime/verify/verifytext.h"

#define TEXT_SIZE_MAX ((size_t) 16 * 1024 * 1024)

struct verify_options {
  unsigned timeout_s;
  const char *runner;
  const char *report;
  bool restarts;
  bool keeps;
  bool is_json;
};

static const struct dc_option options[] = {
  { .name = "timeout",
    .kind = DC_OPTION_NUMBER,
    .target = offsetof (struct verify_options, timeout_s),
    .argument = "SECONDS",
    .help = "for all to be up and to answer (60)",
    .min = 1,
    .max = 3600 },
  { .name = "restart",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct verify_options, restarts),
    .help = "stop it, start it again, look again" },
  { .name = "runner",
    .kind = DC_OPTION_TEXT,
    .target = offsetof (struct verify_options, runner),
    .argument = "PROGRAM",
    .help = "podman, runc or crun (default: the first there is)" },
  { .name = "keep",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct verify_options, keeps),
    .help = "leave it running, for a look inside" },
  { .name = "report",
    .kind = DC_OPTION_TEXT,
    .target = offsetof (struct verify_options, report),
    .argument = "FILE",
    .help = "write the JSON object there, too" },
  { .name = "json",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct verify_options, is_json),
    .help = "one JSON object" },
  DC_OPTION_END,
};

static int
write_report (const char *path, const char *text, size_t size,
              struct dc_error *err)
{
  DC_AUTO (dc_output) *output = NULL;

  if (dc_output_begin (path, DC_OUTPUT_FILE, DC_OUTPUT_REPLACE, &output, err) <
          0 ||
      dc_file_write (dc_output_fd (output), text, size, err) < 0)
    return -1;
  return dc_output_publish (output, err);
}

static int
tell (const struct verify_options *opts, json_t *result,
      struct dc_terminal *terminal, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (TEXT_SIZE_MAX);
  AUTO_FREE char *json = NULL;
  size_t size = 0;

  if (dc_json_pretty (result, &json, &size, err) < 0 ||
      (opts->report != NULL &&
       write_report (opts->report, json, size, err) < 0) ||
      dc_verify_text (result, dc_terminal_columns (), &text, err) < 0)
    return -1;
  dc_terminal_clear (terminal);
  const char *shown = opts->is_json ? json : dc_buffer_text (&text);
  return fputs (shown, stdout) == EOF ? dc_fail_errno (err, "cannot write") : 0;
}

static int
verify_image (const struct verify_options *opts, const struct dc_ref *ref,
              struct dc_layout *layout, const struct dc_image *image,
              struct dc_terminal *terminal, enum dc_exit *status,
              struct dc_error *err)
{
  const struct dc_verify_options how = { .timeout_s = opts->timeout_s,
                                         .restarts = opts->restarts,
                                         .keeps = opts->keeps };
  const struct dc_start start = {
    .layout_path = ref->path, .tag = ref->tag, .layout = layout, .image = image
  };
  const struct dc_runner *runner = NULL;
  json_auto_t *result = NULL;

  if (dc_runner_find (opts->runner, &runner, err) < 0 ||
      dc_verify (runner, &start, &how, &terminal->report, &result, err) < 0)
    return -1;
  if (json_array_size (json_object_get (result, "reasons")) > 0)
    *status = DC_EXIT_BELOW;
  return tell (opts, result, terminal, err);
}

static int
run (int argc, char **argv, struct dc_terminal *terminal, enum dc_exit *status,
     struct dc_error *err)
{
  struct verify_options opts = { .timeout_s = DC_VERIFY_TIMEOUT_S };
  DC_AUTO (dc_ref) *ref = NULL;
  DC_AUTO (dc_layout) *layout = NULL;
  struct dc_image image = { .manifest = NULL };
  int first = 0;

  if (dc_command_options (&dc_command_verify, argc, argv, &opts, &first, status,
                          err) < 0)
    return -1;
  if (argc - first != 1)
    return dc_usage (status, err, "verify needs one image, such as oci:FOLDER");
  if (dc_ref_parse (argv[first], &ref, err) < 0) {
    *status = DC_EXIT_USAGE;
    return -1;
  }
  if (ref->kind != DC_REF_OCI)
    return dc_fail (
        err, DC_ERR_UNSUPPORTED,
        "verify takes oci: references, not %s:", dc_ref_kind_name (ref->kind));
  if (dc_layout_open (ref->path, &layout, err) < 0 ||
      dc_layout_image (layout, ref->tag, &image, err) < 0)
    return -1;
  const int result =
      verify_image (&opts, ref, layout, &image, terminal, status, err);
  dc_image_release (&image);
  return result;
}

const struct dc_command dc_command_verify = {
  .name = "verify",
  .operands = "IMAGE",
  .summary = "Start an image confined and see that it does what it promises",
  .options = options,
  .run = run,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/source/source.h"
#include "cli/command.h"
#include "cli/sourceoptions.h"
#include "lib/buffer.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/oci/ref.h"
#include "lib/output.h"
#include "lib/quote.h"
#include "runtime/artifacts.h"
#include "runtime/runner.h"
#include "runtime/verify/equivalence.h"
#include "runtime/verify/verify.h"
#include "runtime/verify/verifytext.h"

#define TEXT_SIZE_MAX ((size_t) 16 * 1024 * 1024)

struct verify_options {
  unsigned timeout_s;
  unsigned stop_timeout_s;
  const char *runner;
  const char *report;
  const char *against; /* a source */
  const char *format;  /* of its disk */
  unsigned boot_timeout_s;
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
  { .name = "stop-timeout",
    .kind = DC_OPTION_NUMBER,
    .target = offsetof (struct verify_options, stop_timeout_s),
    .argument = "SECONDS",
    .help = "within which it must stop (30)",
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
  { .name = "against",
    .kind = DC_OPTION_TEXT,
    .target = offsetof (struct verify_options, against),
    .argument = "SOURCE",
    .help = "boot a throw-away copy of SOURCE, compare answers" },
  { .name = "format",
    .kind = DC_OPTION_TEXT,
    .target = offsetof (struct verify_options, format),
    .argument = "FORMAT",
    .help = "of SOURCE: raw, qcow2, vmdk, vdi, vhdx, vpc" },
  { .name = "boot-timeout",
    .kind = DC_OPTION_NUMBER,
    .target = offsetof (struct verify_options, boot_timeout_s),
    .argument = "SECONDS",
    .help = "for SOURCE to boot and to answer (300)",
    .min = 1,
    .max = 3600 },
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

/* Beside the image: in the folder of its artifacts, if there is one. */
static int
write_equivalence (const struct dc_ref *ref, json_t *equivalence,
                   struct dc_error *err)
{
  AUTO_FREE char *json = NULL, *artifacts = NULL, *path = NULL;
  size_t size = 0;

  if (dc_json_pretty (equivalence, &json, &size, err) < 0 ||
      dc_artifacts_path (ref->path, ref->tag, &artifacts, err) < 0)
    return -1;
  const int printed =
      access (artifacts, W_OK) == 0
          ? asprintf (&path, "%s/equivalence.json", artifacts)
          : asprintf (&path, "%.*s.equivalence.json",
                      (int) (strlen (ref->path) -
                             (ref->path[strlen (ref->path) - 1] == '/')),
                      ref->path);
  return printed < 0 ? dc_fail_errno (err, "cannot keep a path")
                     : write_report (path, json, size, err);
}

/* Each difference is a reason, too. */
static int
compare (const struct verify_options *opts, const struct dc_ref *ref,
         struct dc_source *source, json_t *result, struct dc_terminal *terminal,
         struct dc_error *err)
{
  struct dc_equivalence_options how = { .source = opts->against,
                                        .timeout_s = opts->boot_timeout_s };
  json_auto_t *equivalence = NULL;
  json_t *difference = NULL;
  size_t i = 0;

  if (dc_source_disks (source, &how.disks, &how.disk_count, err) < 0 ||
      dc_equivalence (result, &how, &terminal->report, &equivalence, err) < 0)
    return dc_context (err, "cannot compare with '%s'",
                       dc_quote (opts->against).text);
  json_array_foreach (json_object_get (equivalence, "differences"), i,
                      difference)
  {
    if (json_array_append_new (json_object_get (result, "reasons"),
                               json_sprintf ("differs from the source: %s",
                                             json_string_value (difference))) <
        0)
      return dc_json_no_memory (err);
  }
  if (json_object_set (result, "equivalence", equivalence) < 0 ||
      (json_array_size (json_object_get (result, "reasons")) > 0 &&
       json_object_set_new (result, "verdict", json_string ("short")) < 0))
    return dc_json_no_memory (err);
  return write_equivalence (ref, equivalence, err);
}

/* Opened before anything is started, so that a mistake costs nothing. */
static int
open_source (const struct verify_options *opts, struct dc_terminal *terminal,
             struct dc_source **out, struct dc_error *err)
{
  const struct dc_source_options how = { .format = opts->format };
  struct dc_disk_source *const *disks = NULL;
  size_t count = 0;
  DC_AUTO (dc_source) *source = NULL;

  if (opts->against == NULL)
    return 0;
  if (dc_source_open (&opts->against, 1, &how, &terminal->report, &source,
                      err) < 0 ||
      dc_source_disks (source, &disks, &count, err) < 0)
    return dc_source_flags_fail (opts->against, err);
  *out = DC_TAKE (source);
  return 0;
}

static int
verify_image (const struct verify_options *opts, const struct dc_ref *ref,
              struct dc_layout *layout, const struct dc_image *image,
              struct dc_terminal *terminal, enum dc_exit *status,
              struct dc_error *err)
{
  const struct dc_verify_options how = { .timeout_s = opts->timeout_s,
                                         .stop_s = opts->stop_timeout_s,
                                         .restarts = opts->restarts,
                                         .keeps = opts->keeps,
                                         .wants_bodies =
                                             opts->against != NULL };
  struct dc_start start = {
    .layout_path = ref->path, .tag = ref->tag, .layout = layout, .image = image
  };
  const struct dc_runner *runner = NULL;
  DC_AUTO (dc_artifacts) *artifacts = NULL;
  DC_AUTO (dc_source) *source = NULL;
  json_auto_t *result = NULL;

  if (dc_artifacts_beside (ref->path, ref->tag, image->target.digest,
                           &artifacts, err) < 0)
    return -1;
  if (artifacts != NULL) {
    start.artifacts = artifacts;
    start.wants = dc_artifacts_image (artifacts, image->target.digest);
  }
  if (open_source (opts, terminal, &source, err) < 0 ||
      dc_runner_find (opts->runner, &runner, err) < 0 ||
      dc_verify (runner, &start, &how, &terminal->report, &result, err) < 0 ||
      (source != NULL &&
       compare (opts, ref, source, result, terminal, err) < 0))
    return -1;
  if (json_array_size (json_object_get (result, "reasons")) > 0)
    *status = DC_EXIT_BELOW;
  return tell (opts, result, terminal, err);
}

static int
run (int argc, char **argv, struct dc_terminal *terminal, enum dc_exit *status,
     struct dc_error *err)
{
  struct verify_options opts = { .timeout_s = DC_VERIFY_TIMEOUT_S,
                                 .stop_timeout_s = DC_VERIFY_STOP_S,
                                 .boot_timeout_s = DC_EQUIVALENCE_TIMEOUT_S };
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

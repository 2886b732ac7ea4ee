/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>

#include "cli/command.h"
#include "cli/forecast.h"
#include "cli/imageartifacts.h"
#include "cli/initprogram.h"
#include "cli/planfile.h"
#include "cli/sourceoptions.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/number.h"
#include "lib/oci/ref.h"
#include "lib/quote.h"
#include "transform/image.h"

#define THREADS_MAX 256
#define LEVEL_MAX 19
#define SIZE_UNIT 1000000.0 /* as registries count: MB */

struct image_options {
  struct dc_source_flags source; /* first: its table's offsets are its own */
  const char *output;
  const char *other_source; /* than the plan's */
  const char *artifacts;
  int data, secrets; /* -1: not given */
  int compression;
  unsigned level;
  unsigned threads;
  bool is_explained;
  bool is_estimated;
  bool is_forced;
  bool is_json;
};

static const struct dc_option options[] = {
  { .name = "output",
    .letter = 'o',
    .kind = DC_OPTION_TEXT,
    .target = offsetof (struct image_options, output),
    .argument = "IMAGE",
    .help = "where to: oci:FOLDER[:TAG]" },
  { .name = "artifacts",
    .kind = DC_OPTION_TEXT,
    .target = offsetof (struct image_options, artifacts),
    .argument = "FOLDER",
    .help = "for data and secrets (default: IMAGE.artifacts)" },
  { .name = "data",
    .kind = DC_OPTION_CHOICE,
    .target = offsetof (struct image_options, data),
    .argument = "WAY",
    .help = "of volumes: export (default), image or empty",
    .choices = { "export", "image", "empty" } },
  { .name = "secrets",
    .kind = DC_OPTION_CHOICE,
    .target = offsetof (struct image_options, secrets),
    .argument = "WAY",
    .help = "export (default), image or drop",
    .choices = { "export", "image", "drop" } },
  { .name = "compression",
    .kind = DC_OPTION_CHOICE,
    .target = offsetof (struct image_options, compression),
    .argument = "KIND",
    .help = "zstd (default) or gzip",
    .choices = { "zstd", "gzip" } },
  { .name = "level",
    .kind = DC_OPTION_NUMBER,
    .target = offsetof (struct image_options, level),
    .argument = "N",
    .help = "of compression (zstd 3, gzip 6)",
    .min = 1,
    .max = LEVEL_MAX },
  { .name = "estimate",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct image_options, is_estimated),
    .help = "only say how large it becomes, and the time" },
  { .name = "explain",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct image_options, is_explained),
    .help = "say for every path where it went and why" },
  { .name = "source",
    .kind = DC_OPTION_TEXT,
    .target = offsetof (struct image_options, other_source),
    .argument = "SOURCE",
    .help = "convert SOURCE instead of the one the PLAN names" },
  { .name = "threads",
    .kind = DC_OPTION_NUMBER,
    .target = offsetof (struct image_options, threads),
    .argument = "N",
    .help = "to compress with (all cores)",
    .min = 1,
    .max = THREADS_MAX },
  { .name = "force",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct image_options, is_forced),
    .help = "replace an output that is no OCI layout" },
  { .name = "json",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct image_options, is_json),
    .help = "the result as one JSON object" },
  DC_SOURCE_OPTIONS,
  DC_OPTION_END,
};

/* What is done with the plan. */
struct making {
  struct dc_image_options options;
  struct dc_plan_options planning; /* where nobody wrote a plan */
  bool is_estimated;
};

/* A plan that somebody wrote, or one with the defaults. */
static int
make_images (void *arg, struct dc_tree *tree, struct dc_guest *guest,
             const struct dc_report *report, json_t **result,
             struct dc_error *err)
{
  const struct making *making = arg;
  struct dc_image_options work = making->options;
  DC_AUTO (dc_profile) *profile = NULL;
  DC_AUTO (dc_plan) *plan = NULL;

  if (dc_profile_make (tree, guest, NULL, report, &profile, err) < 0)
    return -1;
  const int status =
      work.plan != NULL
          ? dc_plan_check (work.plan, tree, profile, err)
          : dc_plan_make (tree, profile, &making->planning, &plan, err);
  if (status < 0)
    return -1;
  if (work.plan == NULL)
    work.plan = plan;
  return making->is_estimated
             ? dc_image_estimate (tree, profile, &work, result, err)
             : dc_image_make (tree, profile, &work, report, result, err);
}

/* SOURCE_DATE_EPOCH, or -1 where it is not set.
 * Source: reproducible-builds.org, "SOURCE_DATE_EPOCH specification" 1.1.
 */
static int
read_epoch (int64_t *created, struct dc_error *err)
{
  const char *text = getenv ("SOURCE_DATE_EPOCH");
  uint64_t seconds = 0;

  *created = -1;
  if (text == NULL || text[0] == '\0')
    return 0;
  if (dc_number_parse (text, 0, INT64_MAX, &seconds, err) < 0)
    return dc_context (err, "SOURCE_DATE_EPOCH");
  *created = (int64_t) seconds;
  return 0;
}

static int
print_explanation (int fd, struct dc_error *err)
{
  char bytes[64 * 1024];
  uint64_t size = 0;

  if (dc_file_size (fd, &size, err) < 0)
    return -1;
  for (uint64_t offset = 0; offset < size;) {
    const size_t part =
        size - offset < sizeof bytes ? (size_t) (size - offset) : sizeof bytes;
    if (dc_file_read_at (fd, offset, bytes, part, err) < 0)
      return -1;
    if (fwrite (bytes, 1, part, stdout) != part)
      return dc_fail_errno (err, "cannot write");
    offset += part;
  }
  return 0;
}

static int
print_text (const struct dc_ref *ref, json_t *image,
            const struct dc_image_tag *tag)
{
  json_t *layers = json_object_get (image, "layers"), *layer = NULL;
  double total = 0;
  size_t i = 0;
  int status = printf ("oci:%s:%s\n", ref->path, tag->name);

  json_array_foreach (layers, i, layer)
  {
    const double size =
        (double) json_integer_value (json_object_get (layer, "size")) /
        SIZE_UNIT;
    status |= printf (
        "  %-13s %8.1f MB\n",
        dc_quote (json_string_value (json_object_get (layer, "title"))).text,
        size);
    total += size;
  }
  const double kept =
      (double) json_integer_value (json_object_get (image, "kept_bytes")) /
      SIZE_UNIT;
  return status | printf ("  %-13s %8.1f MB of %.1f MB of files\n  %s\n",
                          "together", total, kept, tag->digest);
}

/* Services and what cannot be done as in the guest, as messages. */
static void
tell (const struct dc_report *report, json_t *image,
      const struct dc_image_tag *tag)
{
  json_t *list = json_object_get (image, "services"), *item = NULL;
  size_t i = 0;

  json_array_foreach (list, i, item)
  {
    const char *name = json_string_value (json_object_get (item, "name"));
    const char *reason = json_string_value (json_object_get (item, "reason"));
    if (reason != NULL)
      dc_debug (report, "%s is not started: %s", dc_quote (name).text,
                dc_quote (reason).text);
    else
      dc_info (report, "%s is started", dc_quote (name).text);
  }
  json_array_foreach (json_object_get (image, "findings"), i, item)
  {
    dc_warn (report, "%s", dc_quote (json_string_value (item)).text);
  }
  if (tag->old[0] != '\0')
    dc_info (report, "the tag named %s before", tag->old);
}

static int
add_tag (json_t *image, const struct dc_image_tag *tag, struct dc_error *err)
{
  return json_object_set_new (image, "digest", json_string (tag->digest)) < 0 ||
                 (tag->old[0] != '\0' &&
                  json_object_set_new (image, "replaced",
                                       json_string (tag->old)) < 0) ||
                 json_object_set_new (image, "tag", json_string (tag->name)) < 0
             ? dc_json_no_memory (err)
             : 0;
}

static int
print_json (const json_t *json, struct dc_error *err)
{
  return json_dumpf (json, stdout, JSON_INDENT (2)) < 0 || puts ("") < 0
             ? dc_fail_errno (err, "cannot write")
             : 0;
}

/* One image is told alone, those of a plan with several as a list. */
static int
print_result (const struct image_options *opts, const struct dc_ref *ref,
              json_t *result, const struct dc_image_tag *tags,
              struct dc_terminal *terminal, struct dc_error *err)
{
  json_t *list = json_object_get (result, "images"), *image = NULL;
  size_t i = 0;

  json_array_foreach (list, i, image)
  {
    tell (&terminal->report, image, &tags[i]);
    if (add_tag (image, &tags[i], err) < 0)
      return -1;
  }
  dc_terminal_clear (terminal);
  if (opts->is_json)
    return print_json (
        json_array_size (list) == 1 ? json_array_get (list, 0) : result, err);
  json_array_foreach (list, i, image)
  {
    if (print_text (ref, image, &tags[i]) < 0)
      return dc_fail_errno (err, "cannot write");
  }
  return dc_image_artifacts_print (result) < 0
             ? dc_fail_errno (err, "cannot write")
             : 0;
}

/* Did the user name a tag?  Else REF has the usual one. */
static bool
has_tag (const struct image_options *opts, const struct dc_ref *ref)
{
  return strlen (opts->output) > strlen ("oci:") + strlen (ref->path);
}

/* What is made: image I goes to files[i] and gets tags[i]. */
struct batch {
  struct dc_image_files *files;
  struct dc_image_tag *tags;
  int *keep; /* all descriptors of the worker */
  size_t count, keep_count;
  struct dc_image_artifacts artifacts;
};

static void
release_batch (struct batch *batch)
{
  for (size_t i = 0; i < batch->count && batch->files != NULL; i++)
    for (int j = 0; j < DC_IMAGE_LAYER_MAX; j++)
      dc_close_auto (&batch->files[i].layers[j]);
  free (batch->files);
  free (batch->tags);
  free (batch->keep);
  dc_image_artifacts_release (&batch->artifacts);
}
#define AUTO_BATCH __attribute__ ((__cleanup__ (release_batch)))

static int
new_batch (struct batch *batch, size_t count, struct dc_error *err)
{
  batch->files = calloc (count + 1, sizeof *batch->files);
  batch->tags = calloc (count + 1, sizeof *batch->tags);
  batch->keep = calloc (count * DC_IMAGE_LAYER_MAX + DC_PLAN_VOLUME_MAX + 2,
                        sizeof *batch->keep);
  if (batch->files == NULL || batch->tags == NULL || batch->keep == NULL)
    return dc_fail_errno (err, "cannot keep %zu images", count);
  for (size_t i = 0; i < count; i++)
    for (int j = 0; j < DC_IMAGE_LAYER_MAX; j++)
      batch->files[i].layers[j] = -1;
  batch->count = count;
  return 0;
}

/* Tags are the names of the plan's images, or the user's where there is one. */
static void
name_tags (struct batch *batch, const struct dc_plan *plan,
           const struct dc_ref *ref, bool has_tag)
{
  for (size_t i = 0; i < batch->count; i++)
    batch->tags[i].name =
        plan == NULL || has_tag ? ref->tag : dc_plan_image (plan, i)->name;
}

static int
open_files (struct dc_layout *layout, struct batch *batch, struct dc_error *err)
{
  for (size_t i = 0; i < batch->count; i++)
    for (int j = 0; j < DC_IMAGE_LAYER_MAX; j++) {
      int *fd = &batch->files[i].layers[j];
      *fd = dc_layout_blob_new (layout, err);
      if (*fd < 0)
        return -1;
      batch->keep[batch->keep_count++] = *fd;
    }
  return 0;
}

/* Bytes that are free where the layers will be. */
static int
read_room (const struct batch *batch, uint64_t *room, struct dc_error *err)
{
  struct statvfs fs;

  if (fstatvfs (batch->files[0].layers[0], &fs) < 0)
    return dc_fail_errno (err, "cannot tell how much room there is");
  *room = (uint64_t) fs.f_bavail * fs.f_frsize;
  return 0;
}

static double
now (void)
{
  struct timespec time;

  (void) clock_gettime (CLOCK_MONOTONIC, &time); /* cannot fail */
  return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static int
convert (const struct image_options *opts, const struct dc_ref *ref,
         struct dc_source *source, struct dc_layout *layout,
         struct making *making, struct batch *batch,
         struct dc_terminal *terminal, struct dc_error *err)
{
  AUTO_CLOSE int explain = -1;
  json_auto_t *result = NULL;
  const double begin = now ();

  if (read_room (batch, &making->options.room, err) < 0)
    return dc_context (err, "OCI layout '%s'", dc_quote (ref->path).text);
  if (opts->is_explained) {
    explain = dc_file_spool (err);
    if (explain < 0)
      return -1;
    batch->keep[batch->keep_count++] = explain;
  }
  const struct dc_state_files *state =
      dc_state_output_files (batch->artifacts.output);
  for (size_t i = 0; i < DC_PLAN_VOLUME_MAX; i++)
    batch->keep[batch->keep_count++] = state->volumes[i];
  batch->keep[batch->keep_count++] = state->secrets;
  making->options.state = state;
  making->options.files = batch->files;
  making->options.explain = explain;
  const struct dc_source_work work = { .run = make_images,
                                       .arg = making,
                                       .name = "converting the guest",
                                       .keep_fds = batch->keep,
                                       .keep_fd_count = batch->keep_count };
  if (dc_source_run (source, &work, &terminal->report, &result, err) < 0 ||
      dc_image_artifacts_publish (&batch->artifacts, layout, result,
                                  batch->files, batch->tags, batch->count,
                                  err) < 0)
    return -1;
  dc_forecast_learn (result, now () - begin);
  if (opts->is_explained)
    return print_explanation (explain, err);
  return print_result (opts, ref, result, batch->tags, terminal, err);
}

static int
estimate (const struct image_options *opts, struct dc_source *source,
          struct making *making, struct dc_terminal *terminal,
          struct dc_error *err)
{
  const struct dc_source_work work = { .run = make_images,
                                       .arg = making,
                                       .name = "reading the guest" };
  json_auto_t *result = NULL;

  making->is_estimated = true;
  making->options.rate = dc_forecast_rate ();
  if (dc_source_run (source, &work, &terminal->report, &result, err) < 0)
    return -1;
  dc_terminal_clear (terminal);
  return dc_forecast_print (result, opts->is_json, err);
}

static int
write_images (const struct image_options *opts, const struct dc_ref *ref,
              struct dc_source *source, struct making *making,
              struct dc_terminal *terminal, struct dc_error *err)
{
  const struct dc_plan *plan = making->options.plan;
  DC_AUTO (dc_layout) *layout = NULL;
  AUTO_BATCH struct batch batch = { .files = NULL };

  if (dc_layout_begin (ref->path,
                       opts->is_forced ? DC_OUTPUT_REPLACE : DC_OUTPUT_NEW,
                       &layout, err) < 0 ||
      new_batch (&batch, plan != NULL ? plan->images.count : 1, err) < 0 ||
      open_files (layout, &batch, err) < 0 ||
      dc_image_artifacts_begin (opts->artifacts, ref,
                                has_tag (opts, ref) ? ref->tag : NULL,
                                opts->is_forced, &batch.artifacts, err) < 0)
    return -1;
  name_tags (&batch, plan, ref, has_tag (opts, ref));
  return convert (opts, ref, source, layout, making, &batch, terminal, err);
}

/* OPERAND is what the user named: a source, or a plan, which is in FILE.  REF
 * NULL: only a forecast is wanted.
 */
static int
open_and_convert (const struct image_options *opts, const struct dc_ref *ref,
                  const char *operand, const struct dc_plan_file *file,
                  struct dc_terminal *terminal, struct dc_error *err)
{
  const struct dc_plan *plan = file->plan;
  AUTO_BUFFER struct dc_buffer program = DC_BUFFER_INIT (DC_INIT_SIZE_MAX);
  DC_AUTO (dc_source) *source = NULL;
  struct making making = { .options = { .plan = plan } };

  if (read_epoch (&making.options.created, err) < 0 ||
      dc_init_program_read (&program, err) < 0 ||
      dc_source_flags_open (plan != NULL ? &file->flags : &opts->source,
                            plan != NULL ? file->source : operand, terminal,
                            &source, err) < 0)
    return -1;
  const struct dc_init_program init = { dc_init_program_arch (), program.data,
                                        program.size };
  making.planning.data = (enum dc_plan_data) (opts->data > 0 ? opts->data : 0);
  making.planning.secrets =
      (enum dc_plan_secret_way) (opts->secrets > 0 ? opts->secrets : 0);
  making.options.lets_secrets_stay =
      opts->secrets == (int) DC_PLAN_SECRET_IMAGE;
  making.options.init = &init;
  making.options.compression = (struct dc_compress_options){
    .kind = opts->compression == 0 ? DC_COMPRESSION_ZSTD : DC_COMPRESSION_GZIP,
    .level = (int) opts->level,
    .threads = opts->threads,
  };
  return ref == NULL ? estimate (opts, source, &making, terminal, err)
                     : write_images (opts, ref, source, &making, terminal, err);
}

static int
run_plan (const struct image_options *opts, const struct dc_ref *ref,
          const char *operand, struct dc_terminal *terminal,
          enum dc_exit *status, struct dc_error *err)
{
  struct dc_plan_file file = { .path = NULL };
  int done = dc_plan_file_read (operand, &opts->source, opts->other_source,
                                &file, err);

  if (done == 0 && ref != NULL && has_tag (opts, ref) &&
      file.plan->images.count > 1)
    done = dc_usage (status, err,
                     "the plan makes %zu images, whose tags are their names: "
                     "give -o without a tag",
                     file.plan->images.count);
  if (done == 0)
    done = open_and_convert (opts, ref, operand, &file, terminal, err);
  dc_plan_file_release (&file);
  return done;
}

static int
read_output (const struct image_options *opts, struct dc_ref **ref,
             enum dc_exit *status, struct dc_error *err)
{
  if (dc_ref_parse (opts->output, ref, err) < 0) {
    *status = DC_EXIT_USAGE;
    return -1;
  }
  return (*ref)->kind == DC_REF_OCI
             ? 0
             : dc_fail (err, DC_ERR_UNSUPPORTED,
                        "image writes oci: references, not %s:",
                        dc_ref_kind_name ((*ref)->kind));
}

static int
run (int argc, char **argv, struct dc_terminal *terminal, enum dc_exit *status,
     struct dc_error *err)
{
  struct image_options opts = { .data = -1, .secrets = -1 };
  DC_AUTO (dc_ref) *ref = NULL;
  int first = 0;

  if (dc_command_options (&dc_command_image, argc, argv, &opts, &first, status,
                          err) < 0)
    return -1;
  if (first == argc)
    return dc_usage (status, err,
                     "image needs a source; decant(1) says which there are");
  if (argc - first > 1)
    return dc_usage (status, err,
                     "image makes one image of one guest; its further disks "
                     "are given with --add");
  if (opts.output == NULL && !opts.is_estimated)
    return dc_usage (status, err, "image needs -o IMAGE, such as oci:FOLDER");
  if (!opts.is_estimated && read_output (&opts, &ref, status, err) < 0)
    return -1;
  if (dc_plan_file_is (argv[first]) && (opts.data >= 0 || opts.secrets >= 0))
    return dc_usage (status, err,
                     "--data and --secrets are for a source; of a plan its "
                     "text says them");
  if (dc_plan_file_is (argv[first]))
    return run_plan (&opts, ref, argv[first], terminal, status, err);
  if (opts.other_source != NULL)
    return dc_usage (status, err, "--source is for a PLAN");
  const struct dc_plan_file none = { .plan = NULL };
  return open_and_convert (&opts, ref, argv[first], &none, terminal, err);
}

const struct dc_command dc_command_image = {
  .name = "image",
  .operands = "-o IMAGE SOURCE|PLAN",
  .summary = "Turn a virtual machine's disk into an OCI image",
  .options = options,
  .run = run,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/initprogram.h"
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
  int compression;
  unsigned level;
  unsigned threads;
  bool is_explained;
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
  { .name = "explain",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct image_options, is_explained),
    .help = "say for every path where it went and why" },
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

static int
make_image (void *arg, struct dc_tree *tree, struct dc_guest *guest,
            const struct dc_report *report, json_t **result,
            struct dc_error *err)
{
  const struct dc_plan_options defaults = { .name = NULL };
  struct dc_image_options work = *(const struct dc_image_options *) arg;
  DC_AUTO (dc_profile) *profile = NULL;
  DC_AUTO (dc_plan) *plan = NULL;

  if (dc_profile_make (tree, guest, NULL, report, &profile, err) < 0 ||
      dc_plan_make (tree, profile, &defaults, &plan, err) < 0)
    return -1;
  work.plan = plan;
  return dc_image_make (tree, profile, &work, report, result, err);
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
print_text (const struct dc_ref *ref, json_t *result, const char *digest)
{
  json_t *layers = json_object_get (result, "layers"), *layer = NULL;
  double total = 0;
  size_t i = 0;
  int status = printf ("oci:%s:%s\n", ref->path, ref->tag);

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
      (double) json_integer_value (json_object_get (result, "kept_bytes")) /
      SIZE_UNIT;
  return status | printf ("  %-13s %8.1f MB of %.1f MB of files\n  %s\n",
                          "together", total, kept, digest);
}

/* Services and what cannot be done as in the guest, as messages. */
static void
tell (const struct dc_report *report, json_t *result, const char *old)
{
  json_t *list = json_object_get (result, "services"), *item = NULL;
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
  json_array_foreach (json_object_get (result, "findings"), i, item)
  {
    dc_warn (report, "%s", dc_quote (json_string_value (item)).text);
  }
  if (old[0] != '\0')
    dc_info (report, "the tag named %s before", old);
}

static int
print_result (const struct image_options *opts, const struct dc_ref *ref,
              json_t *result, const char *digest, const char *old,
              struct dc_terminal *terminal, struct dc_error *err)
{
  tell (&terminal->report, result, old);
  dc_terminal_clear (terminal);
  if (!opts->is_json)
    return print_text (ref, result, digest) < 0
               ? dc_fail_errno (err, "cannot write")
               : 0;
  if (json_object_set_new (result, "digest", json_string (digest)) < 0 ||
      (old[0] != '\0' &&
       json_object_set_new (result, "replaced", json_string (old)) < 0) ||
      json_object_set_new (result, "tag", json_string (ref->tag)) < 0)
    return dc_json_no_memory (err);
  return json_dumpf (result, stdout, JSON_INDENT (2)) < 0 || puts ("") < 0
             ? dc_fail_errno (err, "cannot write")
             : 0;
}

static int
open_files (struct dc_layout *layout, struct dc_image_files *files,
            struct dc_error *err)
{
  for (int i = 0; i < DC_IMAGE_LAYER_MAX; i++) {
    files->layers[i] = dc_layout_blob_new (layout, err);
    if (files->layers[i] < 0)
      return -1;
  }
  return 0;
}

static void
close_files (struct dc_image_files *files)
{
  for (int i = 0; i < DC_IMAGE_LAYER_MAX; i++)
    dc_close_auto (&files->layers[i]);
}

static int
convert (const struct image_options *opts, const struct dc_ref *ref,
         struct dc_source *source, struct dc_layout *layout,
         struct dc_image_options *making, struct dc_terminal *terminal,
         struct dc_error *err)
{
  struct dc_image_tag tag = { .name = ref->tag };
  int fds[DC_IMAGE_LAYER_MAX + 1];
  size_t count = 0;
  json_auto_t *result = NULL;

  for (; count < DC_IMAGE_LAYER_MAX; count++)
    fds[count] = making->files[0].layers[count];
  if (making->explain >= 0)
    fds[count++] = making->explain;
  const struct dc_source_work work = { .run = make_image,
                                       .arg = making,
                                       .name = "converting the guest",
                                       .keep_fds = fds,
                                       .keep_fd_count = count };
  if (dc_source_run (source, &work, &terminal->report, &result, err) < 0 ||
      dc_image_publish (layout, result, making->files, &tag, 1, err) < 0)
    return -1;
  if (opts->is_explained)
    return print_explanation (making->explain, err);
  return print_result (opts, ref,
                       json_array_get (json_object_get (result, "images"), 0),
                       tag.digest, tag.old, terminal, err);
}

static int
open_and_convert (const struct image_options *opts, const struct dc_ref *ref,
                  const char *name, struct dc_terminal *terminal,
                  struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer program = DC_BUFFER_INIT (DC_INIT_SIZE_MAX);
  DC_AUTO (dc_source) *source = NULL;
  DC_AUTO (dc_layout) *layout = NULL;
  AUTO_CLOSE int explain = -1;
  struct dc_image_files files = { { -1, -1, -1, -1 } };
  struct dc_image_options making = { .files = &files };

  if (read_epoch (&making.created, err) < 0 ||
      dc_init_program_read (&program, err) < 0 ||
      dc_source_flags_open (&opts->source, name, terminal, &source, err) < 0 ||
      dc_layout_begin (ref->path,
                       opts->is_forced ? DC_OUTPUT_REPLACE : DC_OUTPUT_NEW,
                       &layout, err) < 0)
    return -1;
  if (opts->is_explained) {
    explain = dc_file_spool (err);
    if (explain < 0)
      return -1;
  }
  const struct dc_init_program init = { dc_init_program_arch (), program.data,
                                        program.size };
  making.explain = explain;
  making.init = &init;
  making.compression = (struct dc_compress_options){
    .kind = opts->compression == 0 ? DC_COMPRESSION_ZSTD : DC_COMPRESSION_GZIP,
    .level = (int) opts->level,
    .threads = opts->threads,
  };
  int status = open_files (layout, &files, err);
  if (status == 0)
    status = convert (opts, ref, source, layout, &making, terminal, err);
  close_files (&files);
  return status;
}

static int
run (int argc, char **argv, struct dc_terminal *terminal, enum dc_exit *status,
     struct dc_error *err)
{
  struct image_options opts = { .level = 0 };
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
  if (opts.output == NULL)
    return dc_usage (status, err, "image needs -o IMAGE, such as oci:FOLDER");
  if (dc_ref_parse (opts.output, &ref, err) < 0) {
    *status = DC_EXIT_USAGE;
    return -1;
  }
  if (ref->kind != DC_REF_OCI)
    return dc_fail (
        err, DC_ERR_UNSUPPORTED,
        "image writes oci: references, not %s:", dc_ref_kind_name (ref->kind));
  return open_and_convert (&opts, ref, argv[first], terminal, err);
}

const struct dc_command dc_command_image = {
  .name = "image",
  .operands = "-o IMAGE SOURCE",
  .summary = "Turn a virtual machine's disk into an OCI image",
  .options = options,
  .run = run,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "lib/json.h"
#include "lib/quote.h"
#include "lib/tree/tarwriter.h"
#include "transform/estimate.h"
#include "transform/explain.h"
#include "transform/image.h"
#include "transform/imageconfig.h"
#include "transform/imageinit.h"
#include "transform/layer.h"
#include "transform/ownaddress.h"
#include "transform/state/scan.h"
#include "transform/state/unclean.h"
#include "transform/needed.h"

/* What all images of a run share. */
struct making {
  struct dc_tree *tree;
  const struct dc_profile *profile;
  const struct dc_image_options *options;
  uint32_t *owners;       /* of each entry: a package, or DC_TREE_NONE */
  struct dc_state *state; /* what goes beside the images */
  const struct dc_report *report; /* NULL: only a forecast */
  struct dc_progress progress;
};

/* Everything that is decided before the first byte of an image is written. */
struct decision {
  struct dc_selection *selection;
  uint8_t *layers;
  struct dc_services *services;
  struct dc_image_init *init;
  struct dc_estimate estimate;
};

static void
release_decision (struct decision *decision)
{
  free (decision->layers);
  dc_selection_free (decision->selection);
  dc_image_init_free (decision->init);
  dc_services_free (decision->services);
}

/* What the plan leaves out besides. */
static int
leave_paths (const struct making *making, struct dc_selection *selection,
             struct dc_error *err)
{
  const struct dc_yaml_list *list = &making->options->plan->paths_left;
  const struct dc_plan_left *left = list->items;

  for (size_t i = 0; i < list->count; i++)
    for (size_t j = 0; j < left[i].names.count; j++)
      if (dc_selection_leave_pattern (selection, making->tree,
                                      left[i].names.items[j], left[i].reason,
                                      err) < 0)
        return -1;
  return 0;
}

static int
decide (const struct making *making, size_t index, struct decision *decision,
        struct dc_error *err)
{
  const struct dc_plan *plan = making->options->plan;
  const struct dc_plan_image *image = dc_plan_image (plan, index);
  const struct dc_profile *profile = making->profile;
  const struct dc_packages *packages = profile->packages;

  if (dc_select (making->tree, packages, making->owners, &decision->selection,
                 err) < 0 ||
      leave_paths (making, decision->selection, err) < 0 ||
      dc_state_take_out (making->state, index, decision->selection, err) < 0 ||
      (image->files == DC_PLAN_FILES_NEEDED &&
       dc_needed_select (making->tree, profile, image, decision->selection,
                         err) < 0) ||
      dc_split (making->tree, packages, making->owners, decision->selection,
                &decision->layers, err) < 0 ||
      dc_services_planned (profile->units, plan, image, &decision->services,
                           err) < 0)
    return -1;
  dc_state_split (making->state, index, decision->layers);
  const struct dc_image_own own = { making->options->init,
                                    dc_state_shadow (making->state, index),
                                    making->options->lets_secrets_stay };
  if (dc_image_init_make (making->tree, profile, image, decision->services,
                          &own, &decision->init, err) < 0)
    return -1;
  const struct dc_initplan *secret = dc_image_init_secret (decision->init);
  return secret != NULL ? dc_state_add_plan (making->state, index, secret, err)
                        : 0;
}

/* A layer on its way: one is written while the one before may still be
 * compressed.
 */
struct writing {
  const struct dc_image_options *options;
  struct dc_scan *scan; /* NULL: secrets may stay */
  const struct dc_report *report;
  struct dc_progress *progress;
  struct dc_layer_writer *open; /* closed, but not finished; NULL: none */
  json_t *done;                 /* a JSON array of finished layers */
  const char *open_name;
  int open_file; /* index of its descriptor in struct dc_image_files */
};

static int
finish_open (struct writing *writing, struct dc_error *err)
{
  DC_AUTO (dc_layer_writer) *writer = DC_TAKE (writing->open);
  struct dc_oci_layer layer;

  if (writer == NULL)
    return 0;
  if (dc_layer_finish (writer, &layer, err) < 0)
    return dc_context (err, "layer '%s'", writing->open_name);
  if (json_array_append_new (
          writing->done,
          json_pack ("{s:s, s:s, s:s, s:I, s:s, s:i}", "title",
                     writing->open_name, "digest", layer.digest, "diff_id",
                     layer.diff_id, "size", (json_int_t) layer.size,
                     "compression", dc_compression_name (layer.compression),
                     "file", writing->open_file)) < 0)
    return dc_json_no_memory (err);
  return 0;
}

static int
write_layer (struct writing *writing, const char *name, int file, int fd,
             struct dc_tree *tree, const uint32_t *indexes, size_t count,
             struct dc_error *err)
{
  DC_AUTO (dc_layer_writer) *writer = NULL;

  if (count == 0)
    return 0;
  const struct dc_tar_options options = {
    .tap = writing->scan != NULL ? dc_scan_tap (writing->scan, tree) : NULL
  };
  if (dc_layer_begin (fd, &writing->options->compression, writing->progress,
                      &writer, err) < 0 ||
      dc_tar_write_as (tree, indexes, count, &options,
                       dc_layer_pipeline (writer), err) < 0 ||
      dc_layer_close (writer, err) < 0 ||
      (writing->scan != NULL &&
       dc_scan_check (writing->scan, writing->report, err) < 0))
    return dc_context (err, "layer '%s'", name);
  if (finish_open (writing, err) < 0)
    return -1;
  writing->open = DC_TAKE (writer);
  writing->open_name = name;
  writing->open_file = file;
  return 0;
}

static size_t
gather (const struct dc_tree *tree, const uint8_t *layers, uint8_t layer,
        uint32_t *indexes)
{
  size_t count = 0;

  for (uint32_t i = 0; i < tree->count; i++)
    if (layers[i] == layer)
      indexes[count++] = i;
  return count;
}

static int
write_layers (struct writing *writing, struct dc_tree *tree,
              const struct decision *decision,
              const struct dc_image_files *files, struct dc_error *err)
{
  AUTO_FREE uint32_t *indexes = calloc (tree->count, sizeof *indexes);
  size_t count = 0;

  if (indexes == NULL)
    return dc_fail_errno (err, "cannot keep %u indexes", tree->count);
  for (int layer = 0; layer < DC_LAYER_COUNT; layer++) {
    count = gather (tree, decision->layers, (uint8_t) layer, indexes);
    if (write_layer (writing, dc_layer_name ((enum dc_layer) layer), layer,
                     files->layers[layer], tree, indexes, count, err) < 0)
      return -1;
  }
  const uint32_t *own = dc_image_init_entries (decision->init, &count);
  if (write_layer (writing, "decant", DC_LAYER_COUNT,
                   files->layers[DC_LAYER_COUNT],
                   dc_image_init_tree (decision->init), own, count, err) < 0)
    return -1;
  return finish_open (writing, err);
}

/* The newest kept file tells when the guest was last changed. */
static int64_t
newest (const struct dc_tree *tree, const uint8_t *layers)
{
  int64_t time = 0;

  for (uint32_t i = 0; i < tree->count; i++)
    if (layers[i] != DC_LAYER_NONE && tree->entries[i].mtime > time)
      time = tree->entries[i].mtime;
  return time;
}

static json_t *
services_json (const struct dc_services *services)
{
  json_auto_t *list = json_array ();
  for (size_t i = 0; i < services->count; i++) {
    const struct dc_service_choice *choice = &services->items[i];
    if (json_array_append_new (list,
                               json_pack ("{s:o, s:b, s:s?}", "name",
                                          dc_json_bytes (choice->unit->name),
                                          "started", choice->reason == NULL,
                                          "reason", choice->reason)) < 0)
      return NULL;
  }
  return json_incref (list);
}

static int
describe (const struct making *making, size_t index,
          const struct decision *decision, const char *created, json_t *layers,
          json_t **result, struct dc_error *err)
{
  const struct dc_plan_image *image =
      dc_plan_image (making->options->plan, index);
  json_auto_t *config = NULL, *left_out = NULL;

  if (dc_image_config (making->profile, image, decision->services,
                       dc_image_init_is_used (decision->init), created, &config,
                       err) < 0 ||
      dc_explain_summary (making->tree, decision->selection, &left_out, err) <
          0)
    return -1;
  json_t *json =
      json_pack ("{s:o, s:s, s:O, s:O, s:O, s:o, s:o, s:O, s:I, s:I}", "name",
                 dc_json_bytes (image->name), "created", created, "config",
                 config, "layers", layers, "left_out", left_out, "services",
                 services_json (decision->services), "state",
                 dc_state_json (making->state, index), "findings",
                 dc_image_init_findings (decision->init), "kept_bytes",
                 (json_int_t) decision->estimate.files_bytes, "archive_bytes",
                 (json_int_t) decision->estimate.archive_bytes);
  if (json == NULL)
    return dc_json_no_memory (err);
  *result = json;
  return 0;
}

/* Containers share the host's kernel, so it must be the guest's, too. */
static int
check_kernel (const struct dc_profile *profile, struct dc_error *err)
{
  const struct dc_osrel *os = profile->os;

  if (dc_osrel_is_linux (os))
    return 0;
  return dc_fail (
      err, DC_ERR_UNSUPPORTED,
      "the guest is %s, and only a Linux system can become an image",
      dc_quote (os->pretty_name != NULL ? os->pretty_name
                : os->name != NULL      ? os->name
                                        : os->id)
          .text);
}

static int
write_image (struct making *making, size_t index,
             const struct decision *decision, json_t *layers,
             struct dc_error *err)
{
  const struct dc_image_options *options = making->options;
  DC_AUTO (dc_scan) *scan = NULL;

  if (!options->lets_secrets_stay &&
      dc_scan_new (making->tree, making->profile, making->owners, options->plan,
                   index, &scan, err) < 0)
    return -1;
  struct writing writing = { .options = options,
                             .scan = scan,
                             .report = making->report,
                             .progress = &making->progress,
                             .done = layers };
  const int status = write_layers (&writing, making->tree, decision,
                                   &options->files[index], err);

  dc_layer_writer_free (writing.open);
  return status;
}

static int
make_image (struct making *making, size_t index,
            const struct decision *decision, json_t **result,
            struct dc_error *err)
{
  const struct dc_image_options *options = making->options;
  json_auto_t *layers = json_array ();
  char created[32];
  const int64_t time = options->created >= 0
                           ? options->created
                           : newest (making->tree, decision->layers);

  if (dc_oci_time (time, created, err) < 0 ||
      write_image (making, index, decision, layers, err) < 0)
    return -1;
  if (options->explain >= 0 &&
      dc_explain (making->tree, making->profile->packages, making->owners,
                  decision->selection, decision->layers, options->explain,
                  err) < 0)
    return -1;
  return describe (making, index, decision, created, layers, result, err);
}

/* What of the machine's own addresses is in the first image. */
static int
note_addresses (const struct making *making, const struct decision *decision,
                struct dc_error *err)
{
  AUTO_WORDS struct dc_words findings = { NULL, 0 };

  if (dc_ownaddress_find (making->tree, making->profile, making->owners,
                          decision->selection, &findings, err) < 0)
    return -1;
  for (size_t i = 0; i < findings.count; i++)
    if (json_array_append_new (dc_image_init_findings (decision->init),
                               dc_json_bytes (findings.items[i])) < 0)
      return dc_json_no_memory (err);
  return 0;
}

/* Databases of each image that the disk has in the middle of their work. */
static int
note_unclean (const struct making *making, const struct decision *decisions,
              struct dc_error *err)
{
  const struct dc_plan *plan = making->options->plan;

  for (size_t i = 0; i < plan->images.count; i++) {
    AUTO_WORDS struct dc_words findings = { NULL, 0 };
    if (dc_unclean_find (making->tree, dc_plan_image (plan, i), &findings,
                         err) < 0)
      return -1;
    for (size_t j = 0; j < findings.count; j++)
      if (json_array_append_new (dc_image_init_findings (decisions[i].init),
                                 dc_json_bytes (findings.items[j])) < 0)
        return dc_json_no_memory (err);
  }
  return 0;
}

/* Decide about all images, and add up what they will take. */
static int
decide_all (const struct making *making, struct decision *decisions,
            struct dc_estimate *sum, json_t *list, struct dc_error *err)
{
  const struct dc_image_options *options = making->options;

  for (size_t i = 0; i < options->plan->images.count; i++) {
    const struct dc_plan_image *image = dc_plan_image (options->plan, i);
    struct dc_estimate *estimate = &decisions[i].estimate;
    if (decide (making, i, &decisions[i], err) < 0)
      return -1;
    dc_estimate_image (making->tree, decisions[i].layers, image,
                       options->compression.kind, estimate);
    sum->archive_bytes += estimate->archive_bytes;
    sum->image_bytes += estimate->image_bytes;
    if (list != NULL &&
        json_array_append_new (
            list, dc_estimate_json (estimate, image->name, options->rate)) < 0)
      return dc_json_no_memory (err);
  }
  return 0;
}

static int
make_images (struct making *making, struct decision *decisions,
             const struct dc_report *report, json_t *images,
             struct dc_error *err)
{
  const struct dc_plan *plan = making->options->plan;
  struct dc_estimate sum = { .entries = 0 };

  if (decide_all (making, decisions, &sum, NULL, err) < 0 ||
      (plan->images.count > 0 &&
       note_addresses (making, &decisions[0], err) < 0) ||
      note_unclean (making, decisions, err) < 0 ||
      dc_estimate_check (sum.image_bytes, making->options->room, err) < 0 ||
      dc_state_write (making->state, making->options->state, err) < 0)
    return -1;
  dc_progress_begin (&making->progress, report, "writing layers",
                     sum.archive_bytes);
  for (size_t i = 0; i < plan->images.count; i++) {
    json_t *image = NULL;
    if (make_image (making, i, &decisions[i], &image, err) < 0)
      return -1;
    if (json_array_append_new (images, image) < 0)
      return dc_json_no_memory (err);
  }
  dc_progress_end (&making->progress);
  return 0;
}

static void
release_decisions (struct decision *decisions, size_t count)
{
  for (size_t i = 0; i < count; i++)
    release_decision (&decisions[i]);
  free (decisions);
}

/* REPORT NULL: only the forecast. */
static int
begin (struct dc_tree *tree, const struct dc_profile *profile,
       const struct dc_image_options *options, const struct dc_report *report,
       json_t **result, struct dc_error *err)
{
  const size_t count = options->plan->images.count;
  AUTO_FREE uint32_t *owners = NULL;
  DC_AUTO (dc_state) *state = NULL;
  json_auto_t *images = json_array ();

  if (check_kernel (profile, err) < 0 ||
      dc_packages_owners (profile->packages, tree, &owners, err) < 0 ||
      dc_state_new (tree, options->plan, &state, err) < 0)
    return -1;
  struct making making = { tree,  profile, options, owners,
                           state, report,  { NULL } };
  struct decision *decisions = calloc (count + 1, sizeof *decisions);
  struct dc_estimate sum = { .entries = 0 };
  if (decisions == NULL)
    return dc_fail_errno (err, "cannot keep %zu images", count);
  const int status = report != NULL
                         ? make_images (&making, decisions, report, images, err)
                         : decide_all (&making, decisions, &sum, images, err);
  release_decisions (decisions, count);
  if (status < 0)
    return -1;
  *result = json_pack ("{s:O}", "images", images);
  return *result != NULL ? 0 : dc_json_no_memory (err);
}

int
dc_image_estimate (struct dc_tree *tree, const struct dc_profile *profile,
                   const struct dc_image_options *options, json_t **result,
                   struct dc_error *err)
{
  return begin (tree, profile, options, NULL, result, err);
}

int
dc_image_make (struct dc_tree *tree, const struct dc_profile *profile,
               const struct dc_image_options *options,
               const struct dc_report *report, json_t **result,
               struct dc_error *err)
{
  return begin (tree, profile, options, report, result, err);
}

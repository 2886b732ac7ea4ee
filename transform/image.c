/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "lib/json.h"
#include "lib/quote.h"
#include "lib/tree/tarwriter.h"
#include "transform/explain.h"
#include "transform/image.h"
#include "transform/imageconfig.h"
#include "transform/imageinit.h"
#include "transform/layer.h"

/* Everything that is decided before the first byte is written. */
struct decision {
  uint32_t *owners;
  struct dc_selection *selection;
  uint8_t *layers;
  struct dc_services *services;
  struct dc_image_init *init;
};

static void
release_decision (struct decision *decision)
{
  free (decision->owners);
  free (decision->layers);
  dc_selection_free (decision->selection);
  dc_image_init_free (decision->init);
  dc_services_free (decision->services);
}
#define AUTO_DECISION __attribute__ ((__cleanup__ (release_decision)))

static int
decide (struct dc_tree *tree, const struct dc_profile *profile,
        const struct dc_image_options *options, struct decision *decision,
        struct dc_error *err)
{
  const struct dc_packages *packages = profile->packages;

  if (dc_packages_owners (packages, tree, &decision->owners, err) < 0 ||
      dc_select (tree, packages, decision->owners, &decision->selection, err) <
          0 ||
      dc_split (tree, packages, decision->owners, decision->selection,
                &decision->layers, err) < 0 ||
      dc_services_choose (profile->units, &decision->services, err) < 0)
    return -1;
  return dc_image_init_make (tree, profile, decision->services, options->init,
                             &decision->init, err);
}

/* A layer on its way: one is written while the one before may still be
 * compressed.
 */
struct writing {
  const struct dc_image_options *options;
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
  if (dc_layer_begin (fd, &writing->options->compression, writing->progress,
                      &writer, err) < 0 ||
      dc_tar_write (tree, indexes, count, dc_layer_pipeline (writer), err) <
          0 ||
      dc_layer_close (writer, err) < 0)
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

/* What the layers' archives hold, less the few extended headers; for the
 * progress.
 */
static uint64_t
archive_bytes (const struct dc_tree *tree, const uint8_t *layers)
{
  const uint64_t block = 512; /* a header, and what contents are padded to */
  uint64_t bytes = 0;

  for (uint32_t i = 0; i < tree->count; i++) {
    const struct dc_entry *entry = &tree->entries[i];
    if (layers[i] == DC_LAYER_NONE)
      continue;
    bytes += block;
    if (entry->hardlink == i)
      bytes += (entry->size + block - 1) / block * block;
  }
  return bytes;
}

static uint64_t
kept_bytes (const struct dc_tree *tree, const uint8_t *layers)
{
  uint64_t bytes = 0;

  for (uint32_t i = 0; i < tree->count; i++)
    if (layers[i] != DC_LAYER_NONE && tree->entries[i].hardlink == i)
      bytes += tree->entries[i].size;
  return bytes;
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
answer (const struct dc_tree *tree, const struct dc_profile *profile,
        const struct decision *decision, const char *created, json_t *layers,
        json_t **result, struct dc_error *err)
{
  json_auto_t *config = NULL, *left_out = NULL;

  if (dc_image_config (profile, decision->services,
                       dc_image_init_is_used (decision->init), created, &config,
                       err) < 0 ||
      dc_explain_summary (tree, decision->selection, &left_out, err) < 0)
    return -1;
  json_t *json =
      json_pack ("{s:s, s:O, s:O, s:O, s:o, s:O, s:I}", "created", created,
                 "config", config, "layers", layers, "left_out", left_out,
                 "services", services_json (decision->services), "findings",
                 dc_image_init_findings (decision->init), "kept_bytes",
                 (json_int_t) kept_bytes (tree, decision->layers));
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

int
dc_image_make (struct dc_tree *tree, const struct dc_profile *profile,
               const struct dc_image_options *options,
               const struct dc_image_files *files,
               const struct dc_report *report, json_t **result,
               struct dc_error *err)
{
  AUTO_DECISION struct decision decision = { .owners = NULL };
  struct dc_progress progress;
  char created[32];

  if (check_kernel (profile, err) < 0 ||
      decide (tree, profile, options, &decision, err) < 0)
    return -1;
  const int64_t time =
      options->created >= 0 ? options->created : newest (tree, decision.layers);
  if (dc_oci_time (time, created, err) < 0)
    return -1;
  dc_progress_begin (&progress, report, "writing layers",
                     archive_bytes (tree, decision.layers));
  json_auto_t *layers = json_array ();
  struct writing writing = { .options = options,
                             .progress = &progress,
                             .done = layers };
  const int status = write_layers (&writing, tree, &decision, files, err);
  dc_layer_writer_free (writing.open);
  if (status < 0)
    return -1;
  dc_progress_end (&progress);
  if (files->explain >= 0 &&
      dc_explain (tree, profile->packages, decision.owners, decision.selection,
                  decision.layers, files->explain, err) < 0)
    return -1;
  return answer (tree, profile, &decision, created, layers, result, err);
}

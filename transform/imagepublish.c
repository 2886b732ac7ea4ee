/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/json.h"
#include "lib/quote.h"
#include "transform/image.h"

/* One layer of the worker's answer; *FILE is which of its files. */
static int
read_layer (json_t *json, struct dc_oci_layer *layer, int *file,
            struct dc_error *err)
{
  const char *title = NULL, *digest = NULL, *diff_id = NULL,
             *compression = NULL;
  json_int_t size = 0;

  if (dc_json_unpack (json, "layer", err, "{s:s, s:s, s:s, s:I, s:s, s:i !}",
                      "title", &title, "digest", &digest, "diff_id", &diff_id,
                      "size", &size, "compression", &compression, "file",
                      file) < 0)
    return -1;
  if (!dc_digest_is_valid (digest) || !dc_digest_is_valid (diff_id) ||
      size < 0 || *file < 0 || *file >= DC_IMAGE_LAYER_MAX)
    return dc_fail (err, DC_ERR_INVALID, "layer '%s' is described wrongly",
                    dc_quote (title).text);
  *layer = (struct dc_oci_layer){ .size = (uint64_t) size, .title = title };
  memcpy (layer->digest, digest, DC_DIGEST_TEXT_SIZE);
  memcpy (layer->diff_id, diff_id, DC_DIGEST_TEXT_SIZE);
  return dc_compression_parse (compression, &layer->compression, err);
}

/* The layers and documents of one image; *MANIFEST is its descriptor. */
static int
put_image (struct dc_layout *layout, json_t *json,
           const struct dc_image_files *files, json_t **manifest,
           struct dc_error *err)
{
  struct dc_oci_layer layers[DC_IMAGE_LAYER_MAX];
  const char *created = NULL;
  json_t *config = NULL, *list = NULL;
  json_auto_t *at_config = NULL, *document = NULL;

  if (dc_json_unpack (json, "the worker's answer", err, "{s:s, s:o, s:o}",
                      "created", &created, "config", &config, "layers",
                      &list) < 0)
    return -1;
  const size_t count = json_array_size (list);
  if (count > DC_IMAGE_LAYER_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "%zu layers", count);
  for (size_t i = 0; i < count; i++) {
    int file = 0;
    if (read_layer (json_array_get (list, i), &layers[i], &file, err) < 0 ||
        dc_layout_blob_keep (layout, files->layers[file], layers[i].digest,
                             err) < 0)
      return -1;
  }
  if (dc_oci_config_layers (config, layers, count, created, err) < 0 ||
      dc_layout_put (layout, DC_OCI_CONFIG, config, &at_config, err) < 0 ||
      dc_oci_manifest (at_config, layers, count, &document, err) < 0)
    return -1;
  return dc_layout_put (layout, DC_OCI_MANIFEST, document, manifest, err);
}

static void
release_tags (struct dc_layout_tag *tags, size_t count)
{
  for (size_t i = 0; tags != NULL && i < count; i++)
    json_decref (tags[i].descriptor);
  free (tags);
}

static int
put_images (struct dc_layout *layout, const json_t *list,
            const struct dc_image_files *files, struct dc_image_tag *tags,
            struct dc_layout_tag *named, struct dc_error *err)
{
  for (size_t i = 0; i < json_array_size (list); i++) {
    struct dc_oci_target target;
    named[i].name = tags[i].name;
    if (put_image (layout, json_array_get (list, i), &files[i],
                   &named[i].descriptor, err) < 0 ||
        dc_oci_read_descriptor (named[i].descriptor, &target, err) < 0)
      return -1;
    memcpy (tags[i].digest, target.digest, DC_DIGEST_TEXT_SIZE);
  }
  return 0;
}

int
dc_image_publish (struct dc_layout *layout, json_t *result,
                  const struct dc_image_files *files, struct dc_image_tag *tags,
                  size_t count, const struct dc_image_before *before,
                  struct dc_error *err)
{
  json_t *list = NULL;

  if (dc_json_unpack (result, "the worker's answer", err, "{s:o}", "images",
                      &list) < 0)
    return -1;
  if (json_array_size (list) != count)
    return dc_fail (err, DC_ERR_INVALID, "the worker made %zu images, not %zu",
                    json_array_size (list), count);
  struct dc_layout_tag *named = calloc (count + 1, sizeof *named);
  if (named == NULL)
    return dc_fail_errno (err, "cannot keep %zu tags", count);
  int status = put_images (layout, list, files, tags, named, err);
  if (status == 0 && before->run != NULL)
    status = before->run (before->self, tags, count, err);
  if (status == 0)
    status = dc_layout_publish (layout, named, count, err);
  for (size_t i = 0; status == 0 && i < count; i++)
    memcpy (tags[i].old, named[i].old, DC_DIGEST_TEXT_SIZE);
  release_tags (named, count);
  return status;
}

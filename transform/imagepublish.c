/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

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

int
dc_image_publish (struct dc_layout *layout, const char *tag, json_t *result,
                  const struct dc_image_files *files,
                  char digest[DC_DIGEST_TEXT_SIZE],
                  char old[DC_DIGEST_TEXT_SIZE], struct dc_error *err)
{
  struct dc_oci_layer layers[DC_IMAGE_LAYER_MAX];
  struct dc_oci_target target;
  const char *created = NULL;
  json_t *config = NULL, *list = NULL;
  json_auto_t *config_descriptor = NULL, *manifest = NULL, *descriptor = NULL;

  if (dc_json_unpack (result, "the worker's answer", err, "{s:s, s:o, s:o}",
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
      dc_layout_put (layout, DC_OCI_CONFIG, config, &config_descriptor, err) <
          0 ||
      dc_oci_manifest (config_descriptor, layers, count, &manifest, err) < 0 ||
      dc_layout_put (layout, DC_OCI_MANIFEST, manifest, &descriptor, err) < 0 ||
      dc_oci_read_descriptor (descriptor, &target, err) < 0)
    return -1;
  memcpy (digest, target.digest, DC_DIGEST_TEXT_SIZE);
  return dc_layout_publish (layout, tag, descriptor, old, err);
}

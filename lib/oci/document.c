/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <time.h>

#include "lib/cleanup.h"
#include "lib/json.h"
#include "lib/oci/document.h"
#include "lib/quote.h"

/* Docker's own names for the same bytes are read, never written. */
static const struct {
  const char *media_type;
  enum dc_compression compression;
} layer_types[] = {
  { "application/vnd.oci.image.layer.v1.tar", DC_COMPRESSION_NONE },
  { "application/vnd.oci.image.layer.v1.tar+gzip", DC_COMPRESSION_GZIP },
  { "application/vnd.oci.image.layer.v1.tar+zstd", DC_COMPRESSION_ZSTD },
  { "application/vnd.docker.image.rootfs.diff.tar", DC_COMPRESSION_NONE },
  { "application/vnd.docker.image.rootfs.diff.tar.gzip", DC_COMPRESSION_GZIP },
  { "application/vnd.docker.image.rootfs.diff.tar.zstd", DC_COMPRESSION_ZSTD },
};

static const char *
layer_type (enum dc_compression compression)
{
  size_t i = 0;

  while (layer_types[i].compression != compression)
    i++;
  return layer_types[i].media_type;
}

int
dc_oci_descriptor (const char *media_type, const char *digest, uint64_t size,
                   json_t **out, struct dc_error *err)
{
  json_t *json = json_pack ("{s:s, s:s, s:I}", "mediaType", media_type,
                            "digest", digest, "size", (json_int_t) size);
  if (json == NULL)
    return dc_json_no_memory (err);
  *out = json;
  return 0;
}

int
dc_oci_manifest (json_t *config, const struct dc_oci_layer *layers,
                 size_t count, json_t **out, struct dc_error *err)
{
  json_auto_t *list = json_array ();
  for (size_t i = 0; i < count; i++) {
    json_t *layer = NULL;
    if (dc_oci_descriptor (layer_type (layers[i].compression), layers[i].digest,
                           layers[i].size, &layer, err) < 0)
      return -1;
    if (json_array_append_new (list, layer) < 0)
      return dc_json_no_memory (err);
    if (layers[i].title != NULL &&
        json_object_set_new (layer, "annotations",
                             json_pack ("{s:s}",
                                        "org.opencontainers.image.title",
                                        layers[i].title)) < 0)
      return dc_json_no_memory (err);
  }
  json_t *json =
      json_pack ("{s:i, s:s, s:O, s:O}", "schemaVersion", 2, "mediaType",
                 DC_OCI_MANIFEST, "config", config, "layers", list);
  if (json == NULL)
    return dc_json_no_memory (err);
  *out = json;
  return 0;
}

int
dc_oci_config_layers (json_t *config, const struct dc_oci_layer *layers,
                      size_t count, const char *created, struct dc_error *err)
{
  json_auto_t *diff_ids = json_array ();
  json_auto_t *history = json_array ();
  for (size_t i = 0; i < count; i++) {
    json_t *step =
        json_pack ("{s:s, s:s, s:s*}", "created", created, "created_by",
                   "decant", "comment", layers[i].title);
    if (json_array_append_new (history, step) < 0 ||
        json_array_append_new (diff_ids, json_string (layers[i].diff_id)) < 0)
      return dc_json_no_memory (err);
  }
  if (json_object_set_new (config, "rootfs",
                           json_pack ("{s:s, s:O}", "type", "layers",
                                      "diff_ids", diff_ids)) < 0 ||
      json_object_set (config, "history", history) < 0)
    return dc_json_no_memory (err);
  return 0;
}

int
dc_oci_read_descriptor (json_t *json, struct dc_oci_target *out,
                        struct dc_error *err)
{
  const char *media_type = "", *digest = NULL;
  json_int_t size = 0;

  if (dc_json_unpack (json, "descriptor", err, "{s?s, s:s, s:I}", "mediaType",
                      &media_type, "digest", &digest, "size", &size) < 0)
    return -1;
  if (!dc_digest_is_valid (digest))
    return dc_fail (err, DC_ERR_INVALID,
                    "descriptor: digest '%s' is not sha256",
                    dc_quote (digest).text);
  if (size < 0)
    return dc_fail (err, DC_ERR_INVALID, "descriptor: negative size");
  *out = (struct dc_oci_target){ media_type, digest, (uint64_t) size };
  return 0;
}

static int
read_layer (json_t *descriptor, json_t *diff_id, struct dc_oci_layer *layer,
            struct dc_error *err)
{
  struct dc_oci_target target;
  const char *text = json_string_value (diff_id);

  if (dc_oci_read_descriptor (descriptor, &target, err) < 0)
    return -1;
  if (text == NULL || !dc_digest_is_valid (text))
    return dc_fail (err, DC_ERR_INVALID, "diff_id is no sha256 digest");
  for (size_t i = 0; i < DC_COUNT (layer_types); i++) {
    if (strcmp (layer_types[i].media_type, target.media_type) != 0)
      continue;
    *layer = (struct dc_oci_layer){ .size = target.size,
                                    .compression = layer_types[i].compression };
    memcpy (layer->digest, target.digest, DC_DIGEST_TEXT_SIZE);
    memcpy (layer->diff_id, text, DC_DIGEST_TEXT_SIZE);
    return 0;
  }
  return dc_fail (err, DC_ERR_UNSUPPORTED, "media type '%s' is no layer",
                  dc_quote (target.media_type).text);
}

int
dc_oci_read_layers (json_t *manifest, json_t *config,
                    struct dc_oci_layer *layers, size_t *count,
                    struct dc_error *err)
{
  json_t *list = NULL, *diff_ids = NULL;

  if (dc_json_unpack (manifest, "manifest", err, "{s:o}", "layers", &list) <
          0 ||
      dc_json_unpack (config, "config", err, "{s:{s:o}}", "rootfs", "diff_ids",
                      &diff_ids) < 0)
    return -1;
  if (!json_is_array (list) || !json_is_array (diff_ids) ||
      json_array_size (list) != json_array_size (diff_ids))
    return dc_fail (err, DC_ERR_INVALID,
                    "manifest and config do not list the same layers");
  if (json_array_size (list) > DC_OCI_LAYER_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "%zu layers, limit %d",
                    json_array_size (list), DC_OCI_LAYER_MAX);
  for (size_t i = 0; i < json_array_size (list); i++)
    if (read_layer (json_array_get (list, i), json_array_get (diff_ids, i),
                    &layers[i], err) < 0)
      return dc_context (err, "layer %zu", i + 1);
  *count = json_array_size (list);
  return 0;
}

int
dc_oci_time (int64_t seconds, char text[32], struct dc_error *err)
{
  const time_t when = (time_t) seconds;
  struct tm parts;

  if (gmtime_r (&when, &parts) == NULL || parts.tm_year < -1900 ||
      parts.tm_year > 9999 - 1900 ||
      strftime (text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
    return dc_fail (err, DC_ERR_INVALID, "no such time: %lld seconds",
                    (long long) seconds);
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_OCI_DOCUMENT_H
#define DC_LIB_OCI_DOCUMENT_H

/* document: the JSON documents of an image: descriptor, config, manifest.
 *
 *   index.json -> descriptor of a manifest (with the tag as annotation)
 *   manifest   -> descriptor of the config, descriptors of the layers
 *   config     -> architecture, what to start, diff_ids in the layers' order
 *
 * Ours are written with sorted keys and without white space, so that equal
 * images have equal digests.  Foreign ones: unknown keys are ignored, as the
 * specification demands.
 *
 * Source: OCI image-spec 1.1: descriptor.md, manifest.md, config.md,
 * image-index.md, image-layout.md.
 */

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/compress.h"
#include "lib/digest.h"
#include "lib/error.h"

#define DC_OCI_INDEX "application/vnd.oci.image.index.v1+json"
#define DC_OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define DC_OCI_CONFIG "application/vnd.oci.image.config.v1+json"
#define DC_OCI_REF_NAME "org.opencontainers.image.ref.name"

#define DC_OCI_DOCUMENT_MAX ((size_t) 4 * 1024 * 1024) /* bytes */
#define DC_OCI_LAYER_MAX 500                           /* of one image */

struct dc_oci_layer {
  char digest[DC_DIGEST_TEXT_SIZE];  /* of the blob */
  char diff_id[DC_DIGEST_TEXT_SIZE]; /* of the tar inside; "" unknown */
  uint64_t size;                     /* bytes of the blob */
  enum dc_compression compression;
  const char *title; /* for history and annotation; borrowed; NULL */
};

/* A descriptor; the caller releases *OUT. */
int dc_oci_descriptor (const char *media_type, const char *digest,
                       uint64_t size, json_t **out, struct dc_error *err);
/* The manifest of CONFIG (a descriptor, borrowed) and LAYERS. */
int dc_oci_manifest (json_t *config, const struct dc_oci_layer *layers,
                     size_t count, json_t **out, struct dc_error *err);
/* Put "rootfs" and "history" of LAYERS into CONFIG; CREATED is the time for
 * each step of the history, RFC 3339.
 */
int dc_oci_config_layers (json_t *config, const struct dc_oci_layer *layers,
                          size_t count, const char *created,
                          struct dc_error *err);

/* Read a descriptor: its fields are borrowed from JSON.  DC_ERR_INVALID for
 * another digest than sha256, a negative size.
 */
struct dc_oci_target {
  const char *media_type, *digest;
  uint64_t size;
};
int dc_oci_read_descriptor (json_t *json, struct dc_oci_target *out,
                            struct dc_error *err);
/* Read manifest and config into LAYERS (room for DC_OCI_LAYER_MAX) in order.
 * DC_ERR_UNSUPPORTED for a media type we cannot read, DC_ERR_INVALID when
 * the two do not fit together, DC_ERR_LIMIT.
 */
int dc_oci_read_layers (json_t *manifest, json_t *config,
                        struct dc_oci_layer *layers, size_t *count,
                        struct dc_error *err);

/* Seconds since 1970 as RFC 3339 in UTC: "2026-11-20T10:06:00Z". */
int dc_oci_time (int64_t seconds, char text[32], struct dc_error *err);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_OCI_LAYOUT_H
#define DC_LIB_OCI_LAYOUT_H

/* layout: an OCI image layout in a folder, read and written.
 *
 *   DIR/oci-layout            {"imageLayoutVersion":"1.0.0"}
 *   DIR/index.json            descriptors of manifests, tags as annotations
 *   DIR/blobs/sha256/<hex>    every document and layer, by digest
 *
 * A new layout appears by rename as a whole.  Into an existing one blobs are
 * linked by digest once they are complete (unnamed files until then, so that
 * a killed run leaves nothing), then index.json is replaced: a reader sees
 * the old tag or the new one.  Writers of one layout take turns (flock).
 *
 * Source: OCI image-spec 1.1, image-layout.md.
 */

#include <jansson.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/digest.h"
#include "lib/error.h"
#include "lib/oci/document.h"
#include "lib/output.h"

struct dc_layout;

/* Open for reading.  DC_ERR_NOTFOUND, DC_ERR_INVALID (no layout). */
int dc_layout_open (const char *path, struct dc_layout **out,
                    struct dc_error *err);
/* Begin to write: a new layout, or more images for the one that is there.
 * Anything else at PATH is DC_ERR_EXISTS unless POLICY replaces it.
 */
int dc_layout_begin (const char *path, enum dc_output_policy policy,
                     struct dc_layout **out, struct dc_error *err);
/* An empty unnamed file in the layout; return its descriptor, the caller's to
 * close, or -1.
 */
int dc_layout_blob_new (struct dc_layout *layout, struct dc_error *err);
/* FD's content is complete and has this digest: give it its name.  A blob
 * that is there already stays.
 */
int dc_layout_blob_keep (struct dc_layout *layout, int fd, const char *digest,
                         struct dc_error *err);
/* A document as blob; *DESCRIPTOR is for the caller to release. */
int dc_layout_put (struct dc_layout *layout, const char *media_type,
                   const json_t *json, json_t **descriptor,
                   struct dc_error *err);
/* A tag that shall name the manifest DESCRIPTOR; both borrowed. */
struct dc_layout_tag {
  const char *name;
  json_t *descriptor;
  char old[DC_DIGEST_TEXT_SIZE]; /* what it named before; "": it is new */
};
/* Let COUNT tags name their manifests and make everything visible at once;
 * each learns what it named before.
 */
int dc_layout_publish (struct dc_layout *layout, struct dc_layout_tag *tags,
                       size_t count, struct dc_error *err);

/* The manifest that TAG names: its descriptor (borrowed from LAYOUT) and
 * document, and the config's document, both for the caller to release.
 * DC_ERR_NOTFOUND names the tags that are there.
 */
struct dc_image {
  struct dc_oci_target target;
  json_t *manifest, *config;
};
int dc_layout_image (struct dc_layout *layout, const char *tag,
                     struct dc_image *out, struct dc_error *err);
void dc_image_release (struct dc_image *image);
/* A blob, open for reading, or -1.  The caller checks the digest as it
 * reads; the size is checked here.
 */
int dc_layout_blob (const struct dc_layout *layout, const char *digest,
                    uint64_t size, struct dc_error *err);
/* Close; what was not published is removed. */
void dc_layout_free (struct dc_layout *layout);
DC_DEFINE_AUTO (dc_layout)

#endif

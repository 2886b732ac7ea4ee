/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_IMAGE_H
#define DC_TRANSFORM_IMAGE_H

/* image: a guest's tree and profile become the layers and config of an image.
 *
 *   worker (confined)                       parent
 *   dc_image_make(), for each image of      dc_image_publish():
 *   the plan:                                 config and manifest from the
 *     select, split, compile the init plan    worker's answer
 *     write each layer into the file given
 *     answer with a JSON result               blobs named, tag set
 *
 * A fourth layer holds what decant adds: /.decant/init (decant-init),
 * /.decant/init.plan, and empty files in place of those that must not
 * travel.  A guest whose services cannot be told gets no init and starts a
 * shell.
 */

#include "analyzer/profile.h"
#include "lib/compress.h"
#include "lib/oci/layout.h"
#include "lib/report.h"
#include "transform/plan.h"
#include "transform/state/export.h"

#define DC_IMAGE_LAYER_MAX 5

/* decant-init for one architecture. */
struct dc_init_program {
  const char *arch; /* OCI's word; borrowed */
  const char *bytes;
  size_t size;
};

/* Where a worker writes an image.  Empty files; borrowed. */
struct dc_image_files {
  int layers[DC_IMAGE_LAYER_MAX];
};

/* What is made, and how; all of it borrowed. */
struct dc_image_options {
  const struct dc_plan *plan;
  const struct dc_image_files *files; /* one an image of the plan */
  const struct dc_state_files *state; /* for what goes beside the images */
  bool lets_secrets_stay;             /* no layer is looked through for them */
  int explain; /* a line for every entry: layer or "left out", path, reason;
                  -1: not wanted */
  struct dc_compress_options compression;
  const struct dc_init_program *init;
  int64_t created; /* seconds since 1970; -1: the newest file's time */
  uint64_t room;   /* bytes that are free where FILES are */
  uint64_t rate;   /* bytes of an archive that a second makes */
};

/* In the worker: {"images": [...]} with a dc_estimate_json() for each image of
 * the plan.  Nothing is written.
 */
int dc_image_estimate (struct dc_tree *tree, const struct dc_profile *profile,
                       const struct dc_image_options *options, json_t **result,
                       struct dc_error *err);

/* In the worker: all images of the plan.  *RESULT, {"images": [...]}, is for
 * the caller to release.  DC_ERR_UNSUPPORTED: an architecture without an init;
 * DC_ERR_INVALID: a secret would be in a layer (transform/state/scan.h);
 * DC_ERR_LIMIT: there is no room; otherwise what reading and writing can say.
 */
int dc_image_make (struct dc_tree *tree, const struct dc_profile *profile,
                   const struct dc_image_options *options,
                   const struct dc_report *report, json_t **result,
                   struct dc_error *err);

/* An image that was published. */
struct dc_image_tag {
  const char *name;                 /* its tag; borrowed */
  char digest[DC_DIGEST_TEXT_SIZE]; /* of its manifest */
  char old[DC_DIGEST_TEXT_SIZE];    /* what the tag named before; "" */
};
/* Called with the tags, whose digests are known by then, before anybody sees
 * them; -1: they never will.  NULL: nothing to do.
 */
struct dc_image_before {
  int (*run) (void *self, const struct dc_image_tag *tags, size_t count,
              struct dc_error *err);
  void *self;
};
/* In the parent: give the blobs their names and tag COUNT images, all or none.
 * RESULT is the worker's answer, which is not trusted to be well-formed.
 */
int dc_image_publish (struct dc_layout *layout, json_t *result,
                      const struct dc_image_files *files,
                      struct dc_image_tag *tags, size_t count,
                      const struct dc_image_before *before,
                      struct dc_error *err);

#endif

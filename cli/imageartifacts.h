/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_CLI_IMAGEARTIFACTS_H
#define DC_CLI_IMAGEARTIFACTS_H

/* imageartifacts: what `decant image` writes beside the images. */

#include "lib/oci/ref.h"
#include "transform/image.h"
#include "transform/state/output.h"

struct dc_image_artifacts {
  char *path;
  struct dc_state_output *output;
  const char *layout_path; /* borrowed */
  bool is_wanted;          /* also when there is nothing to write */
  json_t *result;          /* borrowed, while images are published */
};

/* Begin the folder PATH, NULL: that of REF with TAG (NULL: none was given). */
int dc_image_artifacts_begin (const char *path, const struct dc_ref *ref,
                              const char *tag, bool is_forced,
                              struct dc_image_artifacts *out,
                              struct dc_error *err);
/* dc_image_publish(), and the artifacts with the images: everything is written
 * before the first tag is seen.  RESULT gets "artifacts", the path.
 */
int dc_image_artifacts_publish (struct dc_image_artifacts *artifacts,
                                struct dc_layout *layout, json_t *result,
                                const struct dc_image_files *files,
                                struct dc_image_tag *tags, size_t count,
                                struct dc_error *err);
/* Below 0: stdout failed. */
int dc_image_artifacts_print (const json_t *result);
void dc_image_artifacts_release (struct dc_image_artifacts *artifacts);

#endif

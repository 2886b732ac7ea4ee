/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_STATE_OUTPUT_H
#define DC_TRANSFORM_STATE_OUTPUT_H

/* output: the folder of artifacts (runtime/artifacts.h) on its way.
 *
 * It appears by rename, complete, in the place of an older one.  Another
 * folder at its path is refused unless forced.
 */

#include <jansson.h>

#include "lib/oci/layout.h"
#include "transform/image.h"
#include "transform/state/export.h"

struct dc_state_output;

/* Begin the folder PATH and open files for a worker.  IS_FORCED: whatever is
 * there is replaced.  DC_ERR_EXISTS: PATH is there and no folder of artifacts;
 * what dc_output_begin() says.
 */
int dc_state_output_begin (const char *path, bool is_forced,
                           struct dc_state_output **out, struct dc_error *err);
/* Borrowed; for the worker to write. */
const struct dc_state_files *
dc_state_output_files (const struct dc_state_output *output);
/* Is there anything in the worker's answer RESULT that an image needs beside
 * itself?
 */
bool dc_state_is_needed (const json_t *result);
/* Write all of it from the worker's answer RESULT, which is not trusted, for
 * COUNT images that were published as TAGS from the layout LAYOUT_PATH.
 */
int dc_state_output_finish (struct dc_state_output *output,
                            const json_t *result, const char *layout_path,
                            const struct dc_image_tag *tags, size_t count,
                            struct dc_error *err);
/* Let it appear. */
int dc_state_output_publish (struct dc_state_output *output,
                             struct dc_error *err);
/* What was not published is removed. */
void dc_state_output_free (struct dc_state_output *output);
DC_DEFINE_AUTO (dc_state_output)

#endif

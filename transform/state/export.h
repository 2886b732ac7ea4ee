/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_STATE_EXPORT_H
#define DC_TRANSFORM_STATE_EXPORT_H

/* export: what of an image's files goes beside the image instead of into it.
 *
 *   worker (confined)                       parent
 *   dc_state_new(): which entries           open unnamed files
 *   dc_state_take_out(): not selected
 *   dc_state_write(): one archive a volume, the secrets one behind another
 *   dc_state_json() ----- answer ---------> dc_artifacts_finish()
 *                                           (transform/state/output.h)
 *
 * A volume's folder stays in its layer, empty, with its mode and owner: what
 * is mounted there begins with both.  A secret inside of a volume goes with
 * that.  A volume that several images of a plan mount is written once.
 */

#include <jansson.h>

#include "lib/report.h"
#include "transform/init/initplan.h"
#include "transform/plan.h"
#include "transform/select.h"

/* Where a worker writes: empty files, borrowed; one a volume of the whole
 * plan, and one for all secrets.  -1: there is none, and nothing is exported.
 */
struct dc_state_files {
  int volumes[DC_PLAN_VOLUME_MAX];
  int secrets;
};

struct dc_state;

/* What PLAN exports of TREE; all borrowed.  0 and *OUT, or -1: DC_ERR_LIMIT
 * (more than DC_PLAN_VOLUME_MAX volumes in all), DC_ERR_SYSTEM.
 */
int dc_state_new (struct dc_tree *tree, const struct dc_plan *plan,
                  struct dc_state **out, struct dc_error *err);
/* Take what image INDEX exports out of what SELECTION keeps. */
int dc_state_take_out (struct dc_state *state, size_t index,
                       struct dc_selection *selection, struct dc_error *err);
/* Data of image INDEX that stays in it goes to DC_LAYER_DATA, in LAYERS as
 * dc_split() gives them.
 */
void dc_state_split (const struct dc_state *state, size_t index,
                     uint8_t *layers);
/* /etc/shadow with its hashes locked, where image INDEX has it exported: a row
 * for a memory tree; borrowed.  NULL: it stays as it is.
 */
const struct dc_memory_file *dc_state_shadow (const struct dc_state *state,
                                              size_t index);
/* Image INDEX also needs this plan of decant-init (which has to live as long)
 * beside it: a secret, root's alone.
 */
int dc_state_add_plan (struct dc_state *state, size_t index,
                       const struct dc_initplan *plan, struct dc_error *err);
/* Write it all.  -1: what the tree says, DC_ERR_LIMIT (a secret that is too
 * large; the text names it), DC_ERR_SYSTEM.
 */
int dc_state_write (struct dc_state *state, const struct dc_state_files *files,
                    struct dc_error *err);
/* What decant.json says of image INDEX, less its digest, and in "file" and
 * "offset" where the content is.  NULL: no memory.
 */
json_t *dc_state_json (const struct dc_state *state, size_t index);
void dc_state_free (struct dc_state *state);
DC_DEFINE_AUTO (dc_state)

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_STATE_SECRET_H
#define DC_TRANSFORM_STATE_SECRET_H

/* secret: which files of a guest hold secrets, and what becomes of them.
 *
 * A file that is a secret, and a file with a line that is one, leave the
 * layers as a whole: they are written beside the image and mounted at their
 * old place when it runs.  Files as a package brought them hold no secrets:
 * everybody can download them.  /etc/shadow is left in the image without its
 * hashes.  SSH host keys are made anew.
 */

#include "analyzer/profile.h"
#include "transform/plan.h"

#define DC_PLAN_SECRET_MAX 1000 /* of one image */

/* Append the secrets to SECRETS (of struct dc_plan_secret, by path), each with
 * WAY, but SSH host keys as new ones.  OWNERS as dc_packages_owners() gives
 * them.  0, or -1: DC_ERR_LIMIT (more than DC_PLAN_SECRET_MAX), DC_ERR_SYSTEM;
 * then SECRETS may have some.
 */
int dc_secrets_choose (const struct dc_tree *tree,
                       const struct dc_profile *profile, const uint32_t *owners,
                       enum dc_plan_secret_way way,
                       struct dc_yaml_list *secrets, struct dc_error *err);

#endif

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

#include <stdbool.h>

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

/* Would it be no chance to find VALUE somewhere else?  "postgres" is a password
 * and a name that stands everywhere.
 */
bool dc_secret_is_distinctive (const char *value);

/* secretplan.c: the plan TEXT of decant-init (runtime/init/plan.h) has the
 * variables of units, and perhaps secrets of IMAGE in them.  1: it has one that
 * is exported, so that the plan is a secret itself; 0: none; -1:
 * DC_ERR_UNSUPPORTED (it has one that was to be dropped), DC_ERR_SYSTEM.
 */
int dc_secret_in_plan (const struct dc_profile *profile,
                       const struct dc_plan_image *image, const char *text,
                       size_t size, struct dc_error *err);
/* The secret that ASSIGNMENT ("NAME=VALUE") of an environment gives away;
 * borrowed; NULL: none.
 */
const struct dc_secret *dc_secret_assigned (const struct dc_profile *profile,
                                            const char *assignment);

#endif

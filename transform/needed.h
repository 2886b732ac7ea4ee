/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_NEEDED_H
#define DC_TRANSFORM_NEEDED_H

/* needed: what an image of DC_PLAN_FILES_NEEDED has: the files that its
 * services need (analyzer/program/kept.h), and the empty folders that every
 * system has.
 */

#include "transform/plan.h"
#include "transform/select.h"

/* Leave out of SELECTION all else.  0, or -1: DC_ERR_NOTFOUND (a service that
 * there is not), DC_ERR_LIMIT, DC_ERR_SYSTEM, what the tree says.
 */
int dc_needed_select (struct dc_tree *tree, const struct dc_profile *profile,
                      const struct dc_plan_image *image,
                      struct dc_selection *selection, struct dc_error *err);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_PLANMAKE_H
#define DC_TRANSFORM_PLANMAKE_H

/* planmake: what the parts of a decision share (transform/plan.h). */

#include "transform/plan.h"

/* A new image with what OPTIONS say of it.  *OUT is borrowed until the next
 * one.  DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_plan_add_image (struct dc_plan *plan, const char *name,
                       const struct dc_plan_options *options,
                       struct dc_plan_image **out, struct dc_error *err);
int dc_plan_add_service (struct dc_plan_image *image, const char *unit,
                         struct dc_error *err);
/* planstate.c: the volumes and secrets of all images, whose services are known.
 */
int dc_plan_choose_state (const struct dc_plan_making *making,
                          struct dc_error *err);
/* planprivilege.c: the capabilities and kernel parameters that they need. */
int dc_plan_choose_privileges (const struct dc_plan_making *making,
                               struct dc_error *err);
/* LEFT, of struct dc_plan_left, gets NAME below REASON. */
int dc_plan_leave (struct dc_yaml_list *left, const char *name,
                   const char *reason, struct dc_error *err);

#endif

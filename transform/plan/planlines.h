/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_PLANLINES_H
#define DC_TRANSFORM_PLANLINES_H

/* planlines: the plan of decant-init for one service, read again on our side,
 * for images in which it is done without decant-init.
 *
 * The format: runtime/init/plan.h.  Our own compiler wrote it
 * (transform/init/initplan.h), so that nothing in it is a mistake.
 */

#include "transform/init/initplan.h"
#include "transform/plan.h"

/* The plan of UNIT alone, as dc_initplan_make(). */
int dc_plan_lines_make (struct dc_tree *tree, const struct dc_profile *profile,
                        const char *unit, struct dc_initplan **out,
                        struct dc_error *err);
/* Call TAKE for each line of TEXT, which is taken apart in place: the keyword,
 * and the rest for dc_plan_lines_word().  Ends with the first that returns -1,
 * and returns that.
 */
int dc_plan_lines_each (char *text,
                        int (*take) (void *self, const char *keyword,
                                     char *rest, struct dc_error *err),
                        void *self, struct dc_error *err);
/* The next word of *REST, as the bytes that it stands for; NULL: there is none.
 */
char *dc_plan_lines_word (char **rest);

#endif

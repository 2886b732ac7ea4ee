/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_PLANSERVICE_H
#define DC_TRANSFORM_PLANSERVICE_H

/* planservice: init modes without decant-init: the program of a service as
 * process 1, and the guest's own systemd.
 *
 * What a service asks of its manager is what the compiler of units
 * (transform/init/initplan.h) makes of it; a table says of each keyword of that
 * plan whether it goes into the image's config, makes no difference, is lost
 * (and said), or needs decant-init, as does every keyword that the table does
 * not have.  A service that goes into the background needs what keeps it in the
 * foreground: templates/apps/.
 */

#include "transform/plan.h"

/* A chooser (struct dc_plan_chooser): what process 1 of each image is.  In an
 * image of a group that cannot be what was asked for, decant-init is, and
 * `reason` says why.  DC_ERR_UNSUPPORTED: so for an image that was not grouped.
 */
int dc_plan_choose_inits (const struct dc_plan_making *making,
                          struct dc_error *err);

#endif

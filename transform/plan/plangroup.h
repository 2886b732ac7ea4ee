/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_PLANGROUP_H
#define DC_TRANSFORM_PLANGROUP_H

/* plangroup: services that belong together become an image, images that talk
 * to each other over the local host a pod.
 *
 * One image: services that require each other, that are of one application
 * (postgresql.service and postgresql@15-main.service), or whose applications
 * have the same data.  One pod: images one of which connects to another over
 * the loopback interface or a Unix socket; the socket's folder becomes a volume
 * that they share.
 */

#include "lib/words.h"
#include "transform/plan.h"

/* Images and pods for UNITS, which are sorted.  0, or -1: DC_ERR_LIMIT (too
 * many images), DC_ERR_SYSTEM.
 */
int dc_plan_group (const struct dc_plan_making *making,
                   const struct dc_words *units, struct dc_error *err);
/* Add to UNITS the services that they require; the result is sorted.  0, or -1:
 * DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_plan_require (const struct dc_profile *profile, struct dc_words *units,
                     struct dc_error *err);

#endif

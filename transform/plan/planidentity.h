/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_PLANIDENTITY_H
#define DC_TRANSFORM_PLANIDENTITY_H

/* planidentity: who the containers are: host name, time zone, and the lines of
 * the guest's /etc/hosts that a runtime would put its own file over.
 */

#include "analyzer/profile.h"
#include "transform/plan.h"

#define DC_PLAN_HOST_MAX 1000 /* lines of a hosts file */

/* Fill OUT, all bytes of which are zero: 0; -1 with DC_ERR_SYSTEM, and OUT to
 * be released with its plan.  A name or an address that is none is passed over.
 */
int dc_plan_identity_make (const struct dc_profile *profile,
                           struct dc_plan_identity *out, struct dc_error *err);

#endif

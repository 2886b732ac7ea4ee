/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_PLANMADE_H
#define DC_TRANSFORM_PLANMADE_H

/* planmade: what the manager of a service makes before its start: folders,
 * links and files.  Where the service itself is process 1 the image has them.
 */

#include "transform/plan.h"

/* A folder, link or file that the manager of a service makes before it starts;
 * what is below /run is there at no start of a container.
 */
struct dc_plan_made {
  char *path;    /* with a leading slash */
  uint16_t mode; /* with type bits */
  uint32_t uid, gid;
  char *text; /* of a file; target of a link; NULL */
};
struct dc_plan_mades {
  struct dc_plan_made *items;
  size_t count;
};
#define DC_PLAN_MADE_MAX ((size_t) 1000)
/* Those of the services of IMAGE.  0 and *OUT filled (release it, also after a
 * failure), or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_plan_service_made (struct dc_tree *tree,
                          const struct dc_profile *profile,
                          const struct dc_plan_image *image,
                          struct dc_plan_mades *out, struct dc_error *err);
void dc_plan_mades_release (struct dc_plan_mades *made);

#endif

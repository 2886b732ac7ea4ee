/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_IMAGECONFIG_H
#define DC_TRANSFORM_IMAGECONFIG_H

/* imageconfig: the config document of a converted system, less its layers.
 *
 * Source: OCI image-spec 1.1, config.md.
 */

#include "analyzer/profile.h"
#include "transform/services.h"

#define DC_IMAGE_INIT_PATH "/.decant/init"

/* HAS_INIT: decant-init starts the services, else a shell.  CREATED is RFC
 * 3339.  *OUT is for the caller to release.
 */
int dc_image_config (const struct dc_profile *profile,
                     const struct dc_plan_image *image,
                     const struct dc_services *services, bool has_init,
                     const char *created, json_t **out, struct dc_error *err);

/* Can a container's neighbour reach an endpoint with this address? */
bool dc_endpoint_is_public (const struct dc_endpoint *endpoint);

#endif

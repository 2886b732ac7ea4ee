/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_STATE_COMPOSE_H
#define DC_TRANSFORM_STATE_COMPOSE_H

/* compose: the artifacts told to docker compose and podman-compose.
 *
 * A volume with content is filled once, before the services start, by a
 * container of the same image with the guest's own sh and tar; a mark in a
 * volume of its own says that it is complete.  Texts are written as JSON
 * strings, which YAML reads as they are; "$" is doubled, as compose would put
 * variables in its place.
 *
 * Source: compose-spec, 05-services.md, 07-volumes.md, 09-secrets.md.
 */

#include "runtime/artifacts.h"

/* Write compose.yaml and README into the folder DIR_FD. */
int dc_compose_write (const struct dc_artifacts *artifacts,
                      const char *layout_path, int dir_fd,
                      struct dc_error *err);

#endif

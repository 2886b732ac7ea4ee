/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_SPEC_H
#define DC_RUNTIME_SPEC_H

/* spec: the OCI runtime's config.json of a container.
 *
 * Capabilities, masked and read-only paths are those that podman and docker
 * give by default: what runs under one runs the same under the other.
 *
 * Source: OCI runtime-spec 1.1, config.md and config-linux.md.
 */

#include <jansson.h>

#include "lib/error.h"
#include "runtime/runner.h"

/* CONFIG is an image's config document.  STARTED names the host and its
 * control group.  The container's root is the folder
 * "rootfs" beside config.json, the files "hosts", "hostname" and
 * "resolv.conf" there are mounted over those in /etc.  *OUT is for the caller
 * to release.  DC_ERR_UNSUPPORTED: a user by name, nothing to start;
 * DC_ERR_INVALID: a value of the wrong kind.
 */
int dc_spec_make (json_t *config, const char *bundle,
                  const struct dc_started *started, json_t **out,
                  struct dc_error *err);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_VOLUMES_H
#define DC_RUNTIME_VOLUMES_H

/* volumes: folders that outlive the containers that decant starts.
 *
 *   STATE/volumes/CONTAINER/NAME.json   what decant knows of a volume
 *   STATE/volumes/CONTAINER/NAME.data/  its content, where the runner keeps
 *                                       none itself (runc, crun)
 *
 *   none ---- record "filling" ----> filling ---- record "ready" ----> ready
 *     ^                                 |                                |
 *     +---- drop(), at the next start --+      stop --volumes: drop() ---+
 *
 * A volume is filled once, from the artifacts; what is in one that is ready is
 * never touched again.  One that a killed run was filling is made anew.  Its
 * random id is also the label of podman's volume: what decant did not make it
 * does not remove.  The caller holds the container's lock (runtime/record.h).
 */

#include "runtime/runner.h"

/* See that all volumes START wants are there and filled.  DC_ERR_INVALID: an
 * archive is damaged; DC_ERR_EXISTS: podman has a volume of that name that is
 * not ours; what the runner says.
 */
int dc_volumes_prepare (const struct dc_runner *runner,
                        const struct dc_start *start,
                        const struct dc_report *report, struct dc_error *err);
/* Remove all volumes of the container NAME: how many there were, or -1; then
 * some may be left, and are known.
 */
int dc_volumes_remove (const char *name, const struct dc_report *report,
                       struct dc_error *err);

/* The name of a volume among those of podman: "web_var-lib-redis". */
#define DC_VOLUME_NAME_SIZE (DC_RUN_NAME_MAX + DC_ARTIFACTS_NAME_MAX + 2)
void dc_volume_name (const char *container, const char *volume,
                     char name[DC_VOLUME_NAME_SIZE]);
/* STATE/volumes/CONTAINER/VOLUME.data, appended to B. */
int dc_volume_folder (const char *container, const char *volume,
                      struct dc_buffer *b, struct dc_error *err);

#endif

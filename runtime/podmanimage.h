/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_PODMANIMAGE_H
#define DC_RUNTIME_PODMANIMAGE_H

/* podmanimage: podman's copies of the images that we run.
 *
 * podman keeps a copy of each in its storage, known by the digest of the
 * image's config.  Before we let it make one, an empty file
 * STATE/podman-images/HEX says so; it stays locked (flock(2), shared) until
 * the container is made.  A copy with such a file goes with the last
 * container that uses it, also when a run was killed between the two; a copy
 * that was there before is not ours and stays.
 */

#include "lib/error.h"
#include "lib/report.h"
#include "runtime/runner.h"

/* podman's id of the image of STARTED; borrowed. */
const char *dc_podmanimage_id (const struct dc_started *started);
/* See that podman has START's image.  *FD keeps the copy from
 * dc_podmanimage_sweep() until the caller closes it; -1 for one that is not
 * ours.
 */
int dc_podmanimage_pull (const struct dc_start *start,
                         const struct dc_started *started,
                         const struct dc_report *report, int *fd,
                         struct dc_error *err);
/* Remove our copies that no container uses. */
int dc_podmanimage_sweep (const struct dc_report *report, struct dc_error *err);

#endif

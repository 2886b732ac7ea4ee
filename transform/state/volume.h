/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_STATE_VOLUME_H
#define DC_TRANSFORM_STATE_VOLUME_H

/* volume: which folders of a guest are data, so that they outlive a container
 * and their content is no part of an image.
 *
 * - what applications say is their data (templates/apps/), of services that
 *   are started
 * - StateDirectory= of services that are started
 * - what fstab mounts from a disk of its own
 *
 * A folder inside of another one goes with that.  Not: folders that hold what
 * was installed (/usr, /etc, /bin, ...), the large ones that hold everything
 * (/var, /var/lib, /home), and /var/www and /srv: what is served is deployed
 * like a program and travels with the image, unless it is mounted or an
 * application says that a folder inside of it is its data.
 */

#include "analyzer/profile.h"
#include "lib/words.h"
#include "transform/plan.h"

/* Append the volumes to VOLUMES (of struct dc_plan_volume, by path), each with
 * WAY.  UNITS are the services that are started; NULL: all of the guest.
 * 0, or -1: DC_ERR_LIMIT (more than DC_PLAN_VOLUME_MAX), DC_ERR_INVALID (a
 * mistake in a template), DC_ERR_SYSTEM; then VOLUMES may have some.
 */
int dc_volumes_choose (struct dc_tree *tree, const struct dc_profile *profile,
                       const struct dc_words *units, enum dc_plan_data way,
                       struct dc_yaml_list *volumes, struct dc_error *err);

/* The name of a volume or a secret for a path: "var-lib-redis".  What a name
 * cannot hold becomes '-'; one that is too long ends in a part of its digest.
 * 0 and *OUT for the caller, or -1: DC_ERR_SYSTEM.
 */
int dc_state_name (const char *path, char **out, struct dc_error *err);
/* The same, always with that part: where another path has the short name. */
int dc_state_long_name (const char *path, char **out, struct dc_error *err);
#define DC_STATE_NAME_MAX 100 /* bytes */

#endif

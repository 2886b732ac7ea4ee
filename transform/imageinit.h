/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_IMAGEINIT_H
#define DC_TRANSFORM_IMAGEINIT_H

/* imageinit: what decant adds to a guest, by the init mode of the image: its
 * init and the plan for it; the folders that the manager of a service makes,
 * where there is no manager; links that mask what the guest's own systemd shall
 * not start.  Always: passwd and group with the users of sysusers.d, and empty files in
 * place of those that must not travel.
 */

#include <jansson.h>
#include <stdbool.h>

#include "lib/tree/backends.h"
#include "transform/init/initplan.h"
#include "transform/image.h"
#include "transform/services.h"

struct dc_image_init;

/* What is added besides; borrowed. */
struct dc_image_own {
  const struct dc_init_program *program;
  const struct dc_memory_file *shadow; /* NULL: the guest's own stays */
  bool lets_secrets_stay;              /* also in decant-init's plan */
};

/* Compile the plan of the services that are started.  TREE, PROFILE and
 * what OWN points at must outlive the result.  DC_ERR_UNSUPPORTED: services are to be
 * started, but the program is for another architecture than the guest.
 */
int dc_image_init_make (struct dc_tree *tree, const struct dc_profile *profile,
                        const struct dc_plan_image *image,
                        const struct dc_services *services,
                        const struct dc_image_own *own,
                        struct dc_image_init **out, struct dc_error *err);
/* Does the image start decant-init, or are there no services? */
bool dc_image_init_is_used (const struct dc_image_init *init);
/* The plan of decant-init where it holds secrets: then it is not among the
 * files to add, and is mounted when the image runs.  Borrowed; NULL: it holds
 * none.
 */
const struct dc_initplan *
dc_image_init_secret (const struct dc_image_init *init);
/* The files to add, and which entries of the tree they are; borrowed. */
struct dc_tree *dc_image_init_tree (const struct dc_image_init *init);
const uint32_t *dc_image_init_entries (const struct dc_image_init *init,
                                       size_t *count);
/* What cannot be done as the guest does it: a JSON array of texts; borrowed. */
json_t *dc_image_init_findings (const struct dc_image_init *init);
void dc_image_init_free (struct dc_image_init *init);
DC_DEFINE_AUTO (dc_image_init)

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_OCISTATE_H
#define DC_RUNTIME_OCISTATE_H

/* ocistate: volumes and secrets for runc and crun, which keep neither.
 *
 *   STATE/volumes/CONTAINER/VOLUME.data/   content of a volume
 *   BUNDLE/secrets/NAME                    a secret with its owner and mode,
 *                                          mounted read-only
 */

#include <jansson.h>

#include "runtime/runner.h"

/* As in struct dc_runner. */
int dc_ocistate_fill (const struct dc_runner *runner,
                      const struct dc_kept_volume *volume, int fd,
                      const char *digest, const struct dc_report *report,
                      struct dc_error *err);
int dc_ocistate_find (const struct dc_runner *runner,
                      const struct dc_kept_volume *volume,
                      const struct dc_report *report, struct dc_error *err);
int dc_ocistate_drop (const struct dc_runner *runner,
                      const struct dc_kept_volume *volume,
                      const struct dc_report *report, struct dc_error *err);

/* Write the secrets into the bundle's folder BUNDLE_FD. */
int dc_ocistate_secrets (const struct dc_start *start, int bundle_fd,
                         struct dc_error *err);
/* Volumes that begin as the image has them get the owner and mode that their
 * folder has below ROOT_FD.
 */
int dc_ocistate_adopt (const struct dc_start *start, int root_fd,
                       struct dc_error *err);
/* What START wants, added to a document of dc_spec_make(). */
int dc_ocistate_extend (const struct dc_start *start, const char *bundle,
                        const struct dc_report *report, json_t *spec,
                        struct dc_error *err);

#endif

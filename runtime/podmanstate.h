/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_PODMANSTATE_H
#define DC_RUNTIME_PODMANSTATE_H

/* podmanstate: volumes and secrets kept by podman, and what else an image
 * wants of it.
 *
 * A volume carries its id as a label.  Secrets are podman's own (podman-
 * secret(1)), named "decant-ID-N" by the id of the run: it mounts them with an
 * owner and a mode, also for a user without root.
 */

#include "lib/words.h"
#include "runtime/runner.h"

/* As in struct dc_runner. */
int dc_podmanstate_fill (const struct dc_runner *runner,
                         const struct dc_kept_volume *volume, int fd,
                         const char *digest, const struct dc_report *report,
                         struct dc_error *err);
int dc_podmanstate_find (const struct dc_runner *runner,
                         const struct dc_kept_volume *volume,
                         const struct dc_report *report, struct dc_error *err);
int dc_podmanstate_drop (const struct dc_runner *runner,
                         const struct dc_kept_volume *volume,
                         const struct dc_report *report, struct dc_error *err);

/* Make the secrets that START wants. */
int dc_podmanstate_secrets (const struct dc_start *start,
                            const struct dc_started *started,
                            const struct dc_report *report,
                            struct dc_error *err);
/* Append the options of "podman create" for all that START wants. */
int dc_podmanstate_options (const struct dc_start *start,
                            const struct dc_started *started,
                            const struct dc_report *report,
                            struct dc_words *words, struct dc_error *err);
/* Remove the secrets of a run. */
int dc_podmanstate_forget (const struct dc_started *started,
                           const struct dc_report *report,
                           struct dc_error *err);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_EXPLAIN_H
#define DC_TRANSFORM_EXPLAIN_H

/* explain: for every entry of a guest, where it went and why.
 *
 * One line each, in the order of paths, fields separated by tabs:
 *   distribution    usr/bin/bash      package bash 5.2.15-2+b7
 *   left out        boot/vmlinuz-6.1  the kernel and its modules; ...
 * What lies below a folder that is left out is not listed again.
 */

#include <jansson.h>

#include "transform/split.h"

int dc_explain (const struct dc_tree *tree, const struct dc_packages *packages,
                const uint32_t *owners, const struct dc_selection *selection,
                const uint8_t *layers, int fd, struct dc_error *err);

/* {"reason", "entries", "bytes"} for every rule that left something out. */
int dc_explain_summary (const struct dc_tree *tree,
                        const struct dc_selection *selection, json_t **out,
                        struct dc_error *err);

#endif

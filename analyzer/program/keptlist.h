/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PROGRAM_KEPTLIST_H
#define DC_ANALYZER_PROGRAM_KEPTLIST_H

/* keptlist: what a service needs, file by file, for `decant analyze --needs`.
 *
 *   {"service": NAME, "missing": [...],
 *    "files": [{"path", "reason", "because", "size"}, ...]}
 */

#include <jansson.h>

#include "analyzer/program/kept.h"

/* NAME with or without ".service".  0 and *OUT for the caller, or -1:
 * DC_ERR_NOTFOUND (no such service), as dc_keeper_service().
 */
int dc_kept_list (struct dc_tree *tree, const struct dc_profile *profile,
                  const char *name, json_t **out, struct dc_error *err);
/* That as lines of a path, a tab, and why it is kept. */
int dc_kept_list_text (const json_t *json, struct dc_buffer *out,
                       struct dc_error *err);

#endif

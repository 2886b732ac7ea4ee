/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_CONNECTIONSECTION_H
#define DC_ANALYZER_ENDPOINT_CONNECTIONSECTION_H

/* connectionsection: the connections as a section of the profile.  They were
 * found with the endpoints, by the same readers.
 */

#include "analyzer/section.h"

int dc_connections_read (struct dc_tree *tree, struct dc_profile *profile,
                         struct dc_error *err);
json_t *dc_connections_json (const struct dc_profile *profile);
void dc_connections_forget (struct dc_profile *profile);

#endif

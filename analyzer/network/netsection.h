/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_NETWORK_NETSECTION_H
#define DC_ANALYZER_NETWORK_NETSECTION_H

/* netsection: the network as a section of the profile. */

#include "analyzer/section.h"

int dc_network_read (struct dc_tree *tree, struct dc_profile *profile,
                     struct dc_error *err);
json_t *dc_network_json (const struct dc_profile *profile); /* netjson.c */
int dc_network_text (struct dc_page *page,
                     struct dc_error *err); /* nettext.c */
void dc_network_forget (struct dc_profile *profile);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_NETWORK_IFUPDOWN_H
#define DC_ANALYZER_NETWORK_IFUPDOWN_H

/* ifupdown: /etc/network/interfaces and what it takes in.
 *
 * Source: interfaces(5) of ifupdown 0.8, bridge-utils-interfaces(5),
 * vlan-interfaces(5), README of ifenslave.
 */

#include "analyzer/configfile.h"
#include "analyzer/network/network.h"

#define DC_IFUPDOWN_DEPTH_MAX 8 /* files taken in by each other */
#define DC_IFUPDOWN_FILE_MAX 200

/* Names of files that FILE takes in, patterns included, appended to SOURCES
 * with "file " or "folder " in front; the rest into NETWORK.
 */
int dc_ifupdown_parse (const struct dc_configfile *file,
                       struct dc_network *network, struct dc_words *sources,
                       struct dc_error *err);
/* All of the guest.  0, or -1: DC_ERR_SYSTEM, the tree's medium. */
int dc_ifupdown_load (struct dc_tree *tree, struct dc_profile *profile,
                      struct dc_network *network, struct dc_error *err);

#endif
